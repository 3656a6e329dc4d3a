"""Workbooks as programs write them are read cell by cell; and what no honest program writes is refused."""

import re
import zipfile
from datetime import datetime, time
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from api.bulk import xlsx_table
from api.bulk.table import MAX_COLUMNS, Unreadable
from api.bulk.xlsx_archive import MAX_PARTS
from api.bulk.xlsx_table import read_xlsx
from keys.errors import RefusedError
from tests.api.bulk.files import MAIN, cells_of, part_of, rows_of, saved, wall, with_part, with_sheet, xlsx_of


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


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("500.1", "500.1"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("1E15", "1000000000000000"),
        ("1.0000000000000000E-2", "0.01"),
        ("12345678901234", "12345678901234"),
        ("1.2345678901234E13", "12345678901234"),
        ("6901234567892.0", "6901234567892"),
        ("-0.5", "-0.5"),
    ],
)
def test_a_number_is_read_without_an_exponent(stored, read):
    (cell,) = cells_of(with_sheet(f'<row r="1"><c r="A1"><v>{stored}</v></c></row>'))
    assert format(cell, "f") == read


def test_a_time_as_text_of_its_own_kind():
    told = '<c r="A1" t="d"><v>2026-01-05T14:30:00</v></c><c r="B1" t="d"><v>2026-01-05</v></c>'
    assert cells_of(with_sheet(f'<row r="1">{told}</row>')) == [wall(2026, 1, 5, 14, 30), wall(2026, 1, 5)]


@pytest.mark.parametrize(("number", "read"), [(31, wall(2026, 1, 5, 12)), (57, wall(2026, 1, 5, 12)), (37, "46027.5")])
def test_the_date_formats_of_chinese_excel_have_a_number_and_no_code(number, read):
    data = xlsx_of([46027.5], formats={"A1": "0.000"})
    styles = re.sub(rb"<numFmts.*?</numFmts>", b"", part_of(data, "xl/styles.xml"))
    styles = styles.replace(b'numFmtId="164"', b'numFmtId="%d"' % number)
    expected = read if isinstance(read, datetime) else Decimal(read)
    assert cells_of(with_part(data, "xl/styles.xml", styles)) == [expected]


@pytest.mark.filterwarnings("ignore:Cell A1 is marked as a date")
@pytest.mark.parametrize(("number", "fault"), [(0.5, "time_expected"), (2_958_466, "cell_error")])
def test_a_date_that_no_calendar_has_is_no_time(number, fault):
    assert cells_of(xlsx_of([number], formats={"A1": "yyyy-mm-dd"})) == [Unreadable(fault)]


def test_shared_strings_are_read_without_space_around_them():
    strings = f'<sst xmlns="{MAIN}"><si><t xml:space="preserve"> 盘 1 </t></si><si><t/></si></sst>'
    cells = '<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="str"><v>x</v></c>'
    data = with_part(with_sheet(f'<row r="1">{cells}</row>'), "xl/sharedStrings.xml", strings.encode())
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    types = part_of(data, "[Content_Types].xml").replace(
        b"</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()
    )
    assert cells_of(with_part(data, "[Content_Types].xml", types)) == ["盘 1", "", "x"]


def test_of_merged_cells_the_first_has_the_value():
    book = Workbook()
    book.worksheets[0].append(["a", "", "c"])
    book.worksheets[0].merge_cells("A1:B2")
    assert rows_of(saved(book)) == [(1, ["a", "", "c"])]


def test_a_sheet_with_a_chart_alone_is_passed_over():
    book = Workbook()
    book.worksheets[0].append(["one"])
    book.create_chartsheet("picture", 0)
    assert read_xlsx(saved(book)).sheet == "Sheet"


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


def test_what_a_sheet_says_of_its_size_is_not_believed():
    data = xlsx_of(["a", "b"], ["c"])
    sheet = part_of(data, "xl/worksheets/sheet1.xml")
    for told in (b"A1:A1", b"A1:XFD1048576"):
        lying = sheet.replace(b'ref="A1:B2"', b'ref="%s"' % told)
        assert lying != sheet
        assert rows_of(with_part(data, "xl/worksheets/sheet1.xml", lying)) == [(1, ["a", "b"]), (2, ["c"])]


def test_a_gap_down_to_the_last_row_is_passed_over():
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>2</v></c></row>'
    assert rows_of(with_sheet(rows)) == [(1, [Decimal(1)]), (1_048_576, [Decimal(2)])]


def test_rows_and_columns_beyond_what_a_table_may_have_are_refused(monkeypatch):
    refused = refusal_of(with_sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))
    assert refused.facts["expected"] == f"at most {MAX_COLUMNS} columns"
    monkeypatch.setattr(xlsx_table, "MAX_ROWS", 2)
    assert len(rows_of(xlsx_of(["h"], [1], [2]))) == 3
    assert refusal_of(xlsx_of(["h"], [1], [2], [3])).code == "too-large"


def test_rich_text_is_read_without_how_it_is_pronounced():
    rich = "<is><r><t>电</t></r><r><t>缆</t></r><rPh sb='0' eb='1'><t>dian</t></rPh></is>"
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
        '<row r="1"><c r=""><v>1</v></c></row>',
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


def test_nor_does_another_encoding_hide_one():
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'
    data = with_part(xlsx_of(["x"]), "xl/worksheets/sheet1.xml", text.encode("utf-16"))
    assert refusal_of(data).facts["expected"] == "XML without a document type"


def test_an_archive_that_grows_beyond_all_measure_is_refused_before_it_is_inflated():
    data = with_part(xlsx_of(["x"]), "xl/media/zeros", bytes(97 * 1024 * 1024))
    assert len(data) < 200_000
    assert refusal_of(data).code == "too-large"


@pytest.mark.parametrize(
    ("part", "xml"),
    [
        ("styles", f"<cellXfs>{'<xf/>' * 50_001}</cellXfs>"),
        ("styles", f"<fonts>{' ' * 32_768}</fonts>"),
        ("styles", f'<numFmt numFmtId="164" formatCode="{"[" * 256}"/>'),
        ("workbook", f"<definedName>{'A' * 1_001}</definedName>"),
        ("workbook", "<sheet/>" * 201),
        ("styles", f"<fonts x='{'9' * 1_200_000}'/>"),
        ("worksheets/sheet1", f"<row><c><is>{'<r/>' * 1_000}</is></c></row>"),
        ("worksheets/sheet1", "<row " + " ".join(f"a{number}='1'" for number in range(201)) + "/>"),
        # Each formula is moved to its cell, each sheet that is named is looked at.
        (
            "worksheets/sheet1",
            f'<f t="shared" si="0">{"A" * 1_000}</f>' + '<f t="shared" si="0"/>' * 2_001 + "<f>1</f>",
        ),
        ("workbook", f"<sheets>{'<sheet/>' * 200}</sheets><x>{'<c/>' * 60_000}</x>"),
    ],
)
def test_what_would_cost_too_much_to_read_is_refused_before_it_is_read(part, xml):
    data = with_part(xlsx_of(["x"]), f"xl/{part}.xml", f'<x xmlns="{MAIN}">{xml}</x>'.encode())
    assert refusal_of(data).code == "too-large"


def test_a_part_that_no_limit_holds_while_it_is_inflated_is_refused():
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("xl/workbook.xml", bytes(1_000))
    assert refusal_of(file.getvalue()).facts["expected"] == "deflate (RFC 1951)"


def test_an_encrypted_part_is_refused():
    data = bytearray(xlsx_of(["x"]))
    at = data.rindex(b"xl/workbook.xml") - 46 + 8
    data[at] |= 1
    assert refusal_of(bytes(data)).facts["got"] == "an encrypted part"


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
def test_values_are_read_as_they_were_written(values):
    expected = [value if isinstance(value, str) else Decimal(repr(value)) for value in values]
    assert cells_of(xlsx_of(values)) == expected
