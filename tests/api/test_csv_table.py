"""Tables say what the values say, and no spreadsheet runs a cell of theirs."""

import csv
from dataclasses import replace
from decimal import Decimal
from io import StringIO

import pytest

from api.csv_table import STEP_COLUMNS, WHERE_COLUMNS, step_rows, where_rows, write_table
from tests.facts import BATCH, CONTRACTOR, CUTTING, DRUM, HISTORY, SHIPPED, metres
from tests.trace.test_whereabouts import fresh_drum
from trace.production.register import Portion
from trace.whereabouts import whereabouts


def read(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_a_formula(cell: str) -> None:
    (row,) = read(write_table(["a", "b"], [[cell, None]]))
    assert row == {"a": f"'{cell}", "b": ""}


def test_parts_and_what_is_over_stand_in_a_row_each() -> None:
    told = whereabouts(replace(fresh_drum(), movements=(replace(SHIPPED, quantity=metres(520)),)))
    rows = read(write_table(WHERE_COLUMNS, where_rows(told)))
    assert [(row["state"], row["quantity"], row["unit_code"], row["to"]) for row in rows] == [
        ("on_way", "520", "MTR", CONTRACTOR),
        ("over", "20", "MTR", ""),
    ]
    assert rows[0]["entries"] == str(SHIPPED.entry)


def test_steps_tell_what_was_lost() -> None:
    cutting = replace(CUTTING, outputs=(Portion(DRUM, metres("499.5")), *CUTTING.outputs[1:]))
    first, *_ = read(write_table(STEP_COLUMNS, step_rows([cutting], HISTORY.lots, HISTORY.holders)))
    assert (first["side"], first["lot"], first["lost"], first["left"]) == ("in", BATCH, "0.5", "0")
    assert Decimal(first["made"]) == 1000
