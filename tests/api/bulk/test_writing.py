"""Empty templates: each column with its explanation, and the reader takes them back with every example filled in."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from flask import Flask

from api.bulk.faults import Faults, Wrong
from api.bulk.lines import read_lines
from api.bulk.templates import TEMPLATES
from api.bulk.vocabulary import vocabulary_of, word_of
from api.bulk.writing import write_template
from api.words import LANGUAGES, say
from tests.api.bulk.files import saved

NOW = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(params=LANGUAGES)
def tongue(request):
    with Flask("words").test_request_context(query_string={"lang": request.param}):
        yield request.param


def read(data, template):
    faults = Faults()
    return read_lines(data, template, vocabulary_of(template), NOW, faults), faults


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_workbook_with_each_column_and_its_explanation(name, tongue):
    template = TEMPLATES[name]
    book = openpyxl.load_workbook(BytesIO(write_template(template, "xlsx")))
    data, notes = book.worksheets
    assert [cell.value for cell in data[1]] == [say(f"column.{one.code}", "title") for one in template.columns]
    assert data.freeze_panes == "A2"
    assert notes.max_row == len(template.columns) + 1
    # Identifiers are typed as text.
    at = [column.code for column in template.columns].index("lot")
    form: Any = data.column_dimensions[chr(65 + at)]
    assert form.number_format == "@"
    offered = {str(one.sqref).split(":")[0] for one in data.data_validations.dataValidation}
    kinds = [column.kind for column in template.columns]
    assert offered == {f"{chr(65 + place)}2" for place, kind in enumerate(kinds) if kind in ("unit", "step")}


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_empty_template_has_no_rows_and_no_faults(name, form, tongue):
    lines, faults = read(write_template(TEMPLATES[name], form), TEMPLATES[name])
    assert (lines.count, faults.count) == (0, 0)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_example_is_a_good_value(name, tongue):
    template = TEMPLATES[name]
    book = openpyxl.load_workbook(BytesIO(write_template(template, "xlsx")))
    for at, column in enumerate(template.columns, start=1):
        if column.example:
            book.worksheets[0].cell(2, at, word_of(column.kind, column.example))
    lines, faults = read(saved(book), template)
    assert (len(lines.good), faults.shown) == (1, [])


def test_every_way_in_which_a_row_is_bad_can_be_said(tongue):
    assert [wrong for wrong in Wrong if say(f"wrong.{wrong}", "title") == "title"] == []
