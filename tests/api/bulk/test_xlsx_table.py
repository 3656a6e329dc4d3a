"""Workbooks: openpyxl writes what we read; and what no honest program writes is refused."""

import zipfile
from datetime import time
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from api.bulk.table import MAX_COLUMNS, Unreadable
from api.bulk.xlsx_archive import MAX_PARTS
from api.bulk.xlsx_table import read_xlsx
from keys.errors import RefusedError
from tests.api.bulk.files import MAIN, cells_of, rows_of, saved, wall, with_part, with_sheet, xlsx_of


def refusal_of(data: bytes) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        list(read_xlsx(data).rows)
    return refused.value


def test_text_numbers_and_times_are_read_as_they_are_shown():
    at = wall(2026, 1, 5, 14, 30)
    assert cells_of(xlsx_of(["批号", 500, 500.1, at, " x ", True])) == [
        "批号",
        Decimal(500),
        Decimal("500.1"),
        at,
        "x",
        "1",
    ]


def test_a_number_with_noise_is_the_shortest_that_gives_it():
    assert cells_of(with_sheet('<row r="1"><c r="A1"><v>500.10000000000002</v></c></row>')) == [Decimal("500.1")]


def test_the_first_sheet_that_is_not_hidden_is_read_and_named():
    book = Workbook()
    book.worksheets[0].sheet_state = "hidden"
    book.create_sheet("清单").append(["one"])
    book.create_sheet("others").append(["two"])
    table = read_xlsx(saved(book))
    assert (table.sheet, list(table.rows)) == ("清单", [(1, ["one"])])


@pytest.mark.parametrize("form", ["yyyy-mm-dd", "m/d/yy h:mm", '[$-804]yyyy"年"m"月"d"日";@', "dd.mm.yyyy"])
def test_a_number_is_a_time_by_its_format(form):
    assert cells_of(xlsx_of([46027.5], formats={"A1": form})) == [wall(2026, 1, 5, 12)]


@pytest.mark.parametrize("form", ["0.00", '0 "days"', "[Red]0", "General", "@"])
def test_and_else_a_number(form):
    assert cells_of(xlsx_of([46027.5], formats={"A1": form})) == [Decimal("46027.5")]


def test_workbooks_that_count_from_1904():
    book = Workbook()
    book.epoch = wall(1904, 1, 1)
    book.worksheets[0].append([wall(2026, 1, 5, 12)])
    assert cells_of(saved(book)) == [wall(2026, 1, 5, 12)]


def test_a_time_without_a_day_is_none():
    assert cells_of(xlsx_of([time(9, 30)])) == [Unreadable("time_expected")]


def test_formulas_and_errors_are_no_values():
    rows = '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="e"><v>#REF!</v></c></row>'
    assert cells_of(with_sheet(rows)) == [Unreadable("formula"), Unreadable("cell_error")]
    assert cells_of(xlsx_of(["=A2"])) == [Unreadable("formula")]


def test_gaps_and_cells_that_do_not_say_where_they_are():
    rows = '<row r="3"><c r="B3" t="inlineStr"><is><t>b</t></is></c><c><v>1</v></c></row><row><c><v>2</v></c></row>'
    assert rows_of(with_sheet(rows)) == [(3, ["", "b", Decimal(1)]), (4, [Decimal(2)])]


def test_rich_text_is_read_without_how_it_is_pronounced():
    rich = "<is><r><t>电</t></r><r><t>缆</t></r><rPh><t>dian</t></rPh></is>"
    assert cells_of(with_sheet(f'<row r="1"><c r="A1" t="inlineStr">{rich}</c></row>')) == ["电缆"]


def test_the_strict_edition_of_the_namespace_is_read_too():
    strict = '<worksheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"><sheetData><row r="1"><c r="A1"><v>7</v>'
    data = with_part(xlsx_of(["x"]), "xl/worksheets/sheet1.xml", f"{strict}</c></row></sheetData></worksheet>".encode())
    assert cells_of(data) == [Decimal(7)]


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="2"/><row r="1"/>',
        '<row r="1048577"/>',
        '<row r="1"><c r="A2"><v>1</v></c></row>',
        '<row r="1"><c r="ZZZ1"><v>1</v></c></row>',
        f'<row r="1">{"<c><v>1</v></c>" * (MAX_COLUMNS + 1)}</row>',
        '<row r="1"><c r="A1" t="s"><v>9</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>',
        '<row r="1"><c r="A1"><v>NaN</v></c></row>',
        '<row r="1"><c r="A1"><v>1e999</v></c></row>',
        '<row r="1"><c r="A1"><v>one</v></c></row>',
        '<row r="1">',
        "<row>&lots;</row>",
    ],
)
def test_a_sheet_that_no_program_writes_is_refused(rows):
    assert refusal_of(with_sheet(rows)).code == "table-malformed"


def test_a_document_type_is_refused_so_that_no_entity_can_grow():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    refused = refusal_of(with_sheet('<row r="1"><c t="inlineStr"><is><t>&b;</t></is></c></row>', bomb))
    assert refused.facts["expected"] == "XML without a document type"


def test_an_archive_that_grows_beyond_all_measure_is_refused_before_it_is_inflated():
    data = with_part(xlsx_of(["x"]), "xl/media/zeros", bytes(97 * 1024 * 1024))
    assert len(data) < 200_000
    assert refusal_of(data).code == "too-large"


def test_a_small_part_that_is_large_is_refused():
    styles = f'<styleSheet xmlns="{MAIN}">{" " * (4 * 1024 * 1024)}</styleSheet>'.encode()
    assert refusal_of(with_part(xlsx_of(["x"]), "xl/styles.xml", styles)).code == "too-large"


def test_a_part_that_is_larger_than_it_says_is_refused():
    data = bytearray(xlsx_of(["x" * 100]))
    with zipfile.ZipFile(BytesIO(bytes(data))) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    # The size in the directory at the archive's end, which is the one that is believed.
    at = data.rindex(b"xl/worksheets/sheet1.xml") - 46 + 24
    assert int.from_bytes(data[at : at + 4], "little") == info.file_size
    data[at : at + 4] = (10).to_bytes(4, "little")
    assert refusal_of(bytes(data)).code == "table-malformed"


@pytest.mark.parametrize(
    "name", ["xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/macrosheets/sheet1.xml"]
)
def test_macros_and_links_to_other_workbooks_are_refused(name):
    refused = refusal_of(with_part(xlsx_of(["x"]), name, b"<x/>"))
    assert (refused.code, refused.facts["where"]) == ("table-malformed", name)


def test_an_old_or_encrypted_workbook_is_refused_by_name():
    refused = refusal_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    assert refused.facts["got"] == "an .xls file, or a password"


def test_more_parts_than_a_workbook_has_are_refused():
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(MAX_PARTS + 1):
            archive.writestr(f"part{number}", b"")
    assert refusal_of(file.getvalue()).code == "table-malformed"


@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"])
def test_a_workbook_without_a_part_that_it_needs_is_refused(name):
    assert refusal_of(with_part(xlsx_of(["x"]), name, None)).code == "table-malformed"


TEXTS = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=30)
VALUES = st.one_of(
    TEXTS.filter(lambda text: not text.startswith("=") and "_x" not in text).map(str.strip).filter(bool),
    st.integers(-(10**14), 10**14),
    st.floats(-1e9, 1e9).map(lambda value: round(value, 4) + 0.0),
)


@settings(max_examples=30)
@given(st.lists(VALUES, min_size=1, max_size=8))
def test_what_openpyxl_writes_is_read_back(values):
    expected = [value if isinstance(value, str) else Decimal(repr(value)) for value in values]
    assert cells_of(xlsx_of(values)) == expected
