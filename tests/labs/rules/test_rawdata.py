"""L18: no raw file, an empty one, or another report's."""

from dataclasses import replace

import pytest

from labs.bench.register import RawFile
from labs.rules.rawdata import raw_data_missing
from tests.facts import LAB, OTHER_LAB, REPORT, ROW, but, find_one, found, unlooked
from trace.findings import Severity

OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
OTHER = RawFile(60, "e" * 64, LAB, "R-2015-002", "S-2")


def with_rows(*rows, **changes):
    return but(reports=(replace(REPORT, rows=tuple(replace(ROW, **row) for row in rows)),), **changes)


def test_an_instrument_without_a_raw_file_is_found():
    finding = find_one(raw_data_missing, with_rows({}, {"raw_sha256": ()}))
    assert (finding.case, finding.severity, finding.entries) == ("missing", Severity.MAJOR, (REPORT.entry,))


def test_an_empty_raw_file_is_found():
    assert find_one(raw_data_missing, with_rows({"raw_sha256": (OF_NOTHING,)})).case == "empty"


def test_one_file_may_stand_behind_several_rows_of_a_report():
    assert found(raw_data_missing, with_rows({}, {"parameter": "elongation"})) == ()


@pytest.mark.parametrize(
    ("changes", "is_found"),
    [
        ({}, True),
        ({"sample": None}, True),
        ({"lab": OTHER_LAB}, True),
        ({"sample": "S-1"}, False),
        ({"number": REPORT.number}, False),
        ({"lab": OTHER_LAB, "number": REPORT.number}, True),
        ({"sha256": "f" * 64}, False),
    ],
)
def test_a_file_of_another_sample_is_found(changes, is_found):
    findings = found(raw_data_missing, with_rows({}, same_raw_files=(replace(OTHER, **changes),)))
    assert [(one.case, one.entries) for one in findings] == [("reused", (REPORT.entry, 60))] * is_found


def test_a_report_that_names_neither_instrument_nor_file_says_nothing():
    assert unlooked(raw_data_missing, with_rows({"instrument": None, "raw_sha256": ()})) == ("no_raw_data",)
    assert unlooked(raw_data_missing, but(reports=())) == ("no_report",)
