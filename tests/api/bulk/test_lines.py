"""Headings in either language, however they are typed; and what is wrong with them, by name."""

from datetime import UTC, datetime

import pytest

from api.bulk.faults import MAX_SHOWN, Faults, Wrong, letter_of
from api.bulk.lines import read_lines
from api.bulk.templates import DELIVERIES, DRUMS, INSTALLATIONS, TEMPLATES
from api.bulk.vocabulary import vocabulary_of
from keys.errors import RefusedError
from tests.api.bulk.files import csv_of, dicts_to_csv, wall, xlsx_of
from trace.epcis.identifiers import parse_lot

NOW = datetime(2026, 1, 5, tzinfo=UTC)
ROW = {"product": "06901234567892", "lot": "B1", "serial": "D1", "length": "500", "made_at": "2026-01-04"}
LAID = {"station": "S", "from_m": "0", "to_m": "1", "time": "2026-01-04"}
UNIT = "01/06901234567892/10/B1/21/D1"


def read(data, template=DRUMS, most=100):
    faults = Faults()
    return read_lines(data, template, vocabulary_of(template), NOW, faults, most), faults


def told(faults):
    return [(fault.row, fault.letter, fault.wrong) for fault in faults.shown]


@pytest.mark.parametrize(
    "headings",
    [
        ["product", "lot", "serial", "length", "made_at"],
        ["产品编码（GTIN）", "批号", "盘号", "长度", "制造时间"],
        ["PRODUCT(gtin)", " Batch ", "ＤＲＵＭ", "Length*", "Made At"],
        ["产品编码(gtin)", "批 号", "Drum", "LENGTH", "制造时间＊"],
    ],
)
def test_headings_are_read_in_both_languages_however_they_are_typed(headings):
    lines, faults = read(csv_of(headings, list(ROW.values())))
    assert faults.count == 0
    assert [str(line.lot) for line in lines.good] == [UNIT]


@pytest.mark.parametrize(
    ("headings", "code", "told"),
    [
        ([*ROW, "colour"], "heading-unknown", {"where": "F", "got": "colour"}),
        ([*ROW, "批号"], "heading-twice", {"where": "F", "got": "批号"}),
        (["product", "lot", "length"], "heading-missing", {"expected": ["serial", "made_at"]}),
    ],
)
def test_a_heading_that_is_wrong_is_named(headings, code, told):
    with pytest.raises(RefusedError) as refused:
        read(csv_of(headings, ["x"] * len(headings)))
    assert refused.value.code == code
    assert told.items() <= refused.value.facts.items()


@pytest.mark.parametrize("data", [b"", b"\n\n,,\n"])
def test_an_empty_sheet_is_refused(data):
    with pytest.raises(RefusedError) as refused:
        read(data)
    assert refused.value.code == "table-malformed"


def test_every_fault_of_every_row_is_named():
    bad = {"product": "1", "lot": "", "serial": "D 1", "length": "x", "made_at": "2027-01-01"}
    lines, faults = read(dicts_to_csv([ROW, bad, ROW]))
    assert [line.number for line in lines.good] == [2, 4]
    assert lines.count == 3
    assert told(faults) == [
        (3, "A", Wrong.GTIN_INVALID),
        (3, "D", Wrong.NUMBER_EXPECTED),
        (3, "E", Wrong.IN_FUTURE),
        (3, "B", Wrong.EMPTY),
    ]


def test_a_serial_with_a_space_is_named():
    _, faults = read(dicts_to_csv([ROW | {"serial": "D 1"}]))
    assert told(faults) == [(2, "C", Wrong.IDENTIFIER_INVALID)]


def test_a_cell_under_no_heading_is_named_and_empty_rows_are_passed_over():
    _, faults = read(csv_of([*ROW], [*ROW.values(), "more"], [], [""] * 5))
    assert told(faults) == [(2, "F", Wrong.NO_HEADING)]


def test_a_thousand_are_kept_and_all_are_counted():
    _, faults = read(dicts_to_csv([ROW | {"length": "x"}] * (MAX_SHOWN + 7)), most=2 * MAX_SHOWN)
    assert (len(faults.shown), faults.count, len(faults.rows)) == (MAX_SHOWN, MAX_SHOWN + 7, MAX_SHOWN + 7)


def test_more_rows_than_are_wanted_are_refused():
    with pytest.raises(RefusedError) as refused:
        read(dicts_to_csv([ROW] * 3), most=2)
    assert refused.value.code == "too-large"


def test_a_workbook_reads_as_a_csv_file_does():
    lines, faults = read(xlsx_of(list(ROW), ["06901234567892", "B1", "D1", 500, wall(2026, 1, 4)]))
    assert (faults.count, lines.sheet, lines.good[0].values["length"]) == (0, "第1页", 500)


def test_a_drum_is_named_by_its_link_or_by_its_parts():
    link = parse_lot(UNIT).uri("https://registry.example")
    for row in (LAID | {"link": link}, LAID | ROW | {"made_at": None, "length": None}):
        row = {name: value for name, value in row.items() if value is not None}
        lines, faults = read(dicts_to_csv([row]), INSTALLATIONS)
        assert (faults.count, str(lines.good[0].lot)) == (0, UNIT)


def test_a_link_and_parts_have_to_agree():
    row = LAID | {"link": UNIT, "product": "06901234567892", "lot": "B1", "serial": "D2"}
    _, faults = read(dicts_to_csv([row]), INSTALLATIONS)
    assert told(faults) == [(2, "E", Wrong.NAMES_DIFFER)]


def test_a_whole_batch_is_delivered_but_not_installed():
    whole = {"product": "06901234567892", "lot": "B1", "serial": ""}
    _, faults = read(dicts_to_csv([LAID | whole]), INSTALLATIONS)
    assert [fault.wrong for fault in faults.shown] == [Wrong.UNIT_NEEDED]
    lines, faults = read(dicts_to_csv([{"step": "shipped", "time": "2026-01-04"} | whole]), DELIVERIES)
    assert (faults.count, lines.good[0].lot.serial) == (0, None)


def test_a_row_that_names_no_lot_is_bad():
    rows = [{"step": "shipped", "time": "2026-01-04", "link": UNIT}, {"step": "shipped", "time": "2026-01-04"}]
    _, faults = read(dicts_to_csv(rows), DELIVERIES)
    assert told(faults) == [(3, "C", Wrong.EMPTY)]


def test_columns_have_the_names_that_spreadsheets_give_them():
    assert [letter_of(place) for place in (0, 25, 26, 51, 52, 63)] == ["A", "Z", "AA", "AZ", "BA", "BL"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_word_of_a_template_means_two_things(name):
    words = vocabulary_of(TEMPLATES[name])
    assert set(words.headings.values()) == {column.code for column in TEMPLATES[name].columns}


def test_which_columns_are_needed_is_said_as_it_is_asked():
    needed = {column.code: INSTALLATIONS.needed(column) for column in INSTALLATIONS.columns}
    assert {code for code, word in needed.items() if word == "either"} == {"link", "product", "lot", "serial"}
    assert (needed["station"], needed["circuit"]) == ("yes", "no")
    assert [column.code for column in DRUMS.columns if DRUMS.needed(column) == "new"] == ["type", "name_zh"]
