"""L15: one instrument at two specimens, one analyst at two places."""

from dataclasses import replace
from datetime import timedelta

import pytest

from labs.bench.register import Work
from labs.rules.throughput import impossible_throughput
from tests.facts import LAB, OTHER_LAB, REPORT, ROW, but, cst, find_one, found, unlooked
from trace.findings import Severity

OTHER = Work(
    60,
    0,
    LAB,
    "R-2015-002",
    "S-2",
    "conductor_resistance",
    "B-7",
    "analyst-2",
    None,
    "No. 1 Test Road, hall 2",
    cst(5, 9, 16),
    cst(5, 9, 17),
)
"""In the middle of ROW's hours, on its instrument, by somebody else."""


def beside(*others, **row):
    return but(others_at_bench=others, reports=(replace(REPORT, rows=(replace(ROW, **row),)),))


def test_one_bridge_at_two_specimens_is_found_once_a_report():
    finding = find_one(impossible_throughput, beside(OTHER, replace(OTHER, line=1)))
    assert (finding.case, finding.severity) == ("instrument", Severity.CRITICAL)
    assert (finding.facts["instrument"], finding.facts["other_number"]) == ("B-7", "R-2015-002")
    assert finding.entries == (REPORT.entry, 60)
    again = replace(OTHER, entry=61, number="R-2015-003")
    assert len(found(impossible_throughput, beside(OTHER, again))) == 2


@pytest.mark.parametrize(
    ("started_at", "minutes", "is_found"),
    [
        (cst(5, 9, 13), 60, False),
        (cst(5, 9, 13), 61, True),
        (cst(5, 10, 10), 60, False),
        (cst(5, 10, 9), 60, True),
        (cst(5, 9, 13), 24 * 60, True),
    ],
)
def test_one_may_begin_as_the_other_ends(started_at, minutes, is_found):
    """ROW's hours are from 14:00 on the 9th to 10:00 on the 10th."""
    other = replace(OTHER, started_at=started_at, ended_at=started_at + timedelta(minutes=minutes))
    assert len(found(impossible_throughput, beside(other))) == is_found


@pytest.mark.parametrize(
    "changes",
    [
        {"instrument": "bridge-2"},
        {"instrument": None},
        {"lab": OTHER_LAB},
        {"sample": "S-1"},
        {"number": REPORT.number},
    ],
)
def test_another_instrument_lab_or_report_and_one_sample_are_no_contradiction(changes):
    assert found(impossible_throughput, beside(replace(OTHER, **changes))) == ()


def test_an_oven_holds_many_specimens():
    other = replace(OTHER, parameter="elongation_aged")
    assert found(impossible_throughput, beside(other, parameter="elongation_aged")) == ()
    assert found(impossible_throughput, beside(other, parameter="a test that nobody knows")) == ()


@pytest.mark.parametrize(
    ("site", "other_site", "location", "is_found"),
    [
        (None, None, "No. 1 Test Road, hall 2", False),
        (None, None, "No. 1 Test Road,  Hall 2 ", False),
        (None, None, "hall 3", True),
        ("A", "A", "hall 3", False),
        ("A", "B", "No. 1 Test Road, hall 2", True),
        ("A", None, "hall 3", False),
    ],
)
def test_a_person_is_at_one_place_at_a_time(site, other_site, location, is_found):
    other = replace(OTHER, instrument="bridge-2", analyst="analyst-1", site=other_site, location=location)
    findings = found(impossible_throughput, beside(other, site=site))
    assert [(one.case, one.severity) for one in findings] == [("analyst", Severity.MAJOR)] * is_found


@pytest.mark.parametrize(
    "row", [{"started_at": None}, {"instrument": None, "analyst": None}, {"ended_at": cst(5, 10, 15)}]
)
def test_a_row_without_hours_or_of_more_than_a_day_was_not_looked_at(row):
    assert unlooked(impossible_throughput, beside(OTHER, **row)) == ("no_times",)


def test_without_a_report_nothing_was_looked_at():
    assert unlooked(impossible_throughput, but(reports=())) == ("no_report",)
