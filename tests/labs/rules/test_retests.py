"""L22: two labs, or a lab and a regulator, on the same goods."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from labs.rules.retests import disagrees_with_retest
from tests.facts import BATCH, DRUM, LAB, MAKER, OTHER_LAB, REGULATOR, REPORT, ROW, SISTER, but, find_one, found
from trace.findings import Severity
from trace.oversight.register import SpotCheck

D = Decimal
AGAIN = replace(REPORT, entry=60, lab=OTHER_LAB, number="X-1", issued_on=date(2015, 5, 20))
CHECK = SpotCheck(70, DRUM, "CC-1", REGULATOR, False, date(2015, 5, 25), MAKER, "BV 2.5")


def retested(*, report=None, **row):
    return but(reports=(REPORT, replace(AGAIN, rows=(replace(ROW, **row),), **(report or {}))))


@pytest.mark.parametrize(
    ("value", "is_found"), [("7.320", False), ("7.3201", True), ("7.260", False), ("7.2599", True), ("7.290", False)]
)
def test_en_above_one_is_a_disagreement(value, is_found):
    """7.290 ± 0.018 and ± 0.024: 0.030 apart is En = 1."""
    one = replace(REPORT, rows=(replace(ROW, uncertainty=D("0.018")),))
    two = replace(AGAIN, rows=(replace(ROW, value=D(value), uncertainty=D("0.024")),))
    findings = found(disagrees_with_retest, but(reports=(one, two)))
    assert [(finding.case, finding.severity) for finding in findings] == [("en", Severity.MAJOR)] * is_found
    for finding in findings:
        assert (finding.facts["en"], finding.entries) == (D("1.00"), (REPORT.entry, 60))


def test_the_coverage_factor_is_brought_to_two():
    """± 0.027 at k = 3 is ± 0.018 at k = 2."""
    one = replace(REPORT, rows=(replace(ROW, uncertainty=D("0.027"), k=D(3)),))
    two = replace(AGAIN, rows=(replace(ROW, value=D("7.3201"), uncertainty=D("0.024")),))
    assert find_one(disagrees_with_retest, but(reports=(one, two))).case == "en"


@pytest.mark.parametrize(
    "row", [{"uncertainty": None}, {"unit": "ohm"}, {"parameter": "insulation"}, {"object": "rod"}, {"value": None}]
)
def test_what_cannot_be_compared_is_no_disagreement(row):
    assert found(disagrees_with_retest, retested(**{"value": D("7.9")} | row)) == ()


def test_readings_are_compared_as_what_they_give():
    readings = {"resistance_ohm": D("0.8065"), "length_m": D(100), "temperature_c": D("27.4")}
    finding = find_one(disagrees_with_retest, retested(value=D("7.290"), **readings))
    assert (finding.facts["value"], finding.facts["other_value"]) == (D("7.290"), D("7.8371"))


def test_a_fail_after_a_pass_is_said_as_that_whatever_the_values():
    finding = find_one(disagrees_with_retest, retested(value=D("7.9"), verdict="fail"))
    assert finding.case == "reversed"
    assert (finding.facts["lab"], finding.facts["other_lab"]) == (LAB, OTHER_LAB)


@pytest.mark.parametrize("report", [{"lab": LAB}, {"replaced_by": 61}, {"lots": (SISTER,)}])
def test_a_labs_own_second_report_an_ended_one_and_another_lots_are_no_retest(report):
    assert found(disagrees_with_retest, retested(value=D("7.9"), verdict="fail", report=report)) == ()


@pytest.mark.parametrize(
    ("changes", "is_found"),
    [({}, True), ({"lot": BATCH}, True), ({"lot": SISTER}, False), ({"is_passed": True}, False)],
)
def test_a_failed_check_contradicts_a_report_that_passes(changes, is_found):
    findings = found(disagrees_with_retest, but(spot_checks=(replace(CHECK, **changes),)))
    assert [(one.case, one.entries) for one in findings] == [("spot_check", (REPORT.entry, 70))] * is_found
    failing = but(spot_checks=(CHECK,), reports=(replace(REPORT, conclusion="fail"),))
    assert found(disagrees_with_retest, failing) == ()
