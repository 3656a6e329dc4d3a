"""L16: what was measured with was calibrated on the days of the test."""

from dataclasses import replace
from datetime import date

import pytest

from labs.instruments.register import Retirement
from labs.rules.instruments import instrument_out_of_calibration
from tests.facts import CALIBRATION, HONEST, LAB, OTHER_LAB, REPORT, ROW, but, find_one, found, unlooked
from trace.findings import Severity

STARTED, ENDED = ROW.started_on, ROW.ended_on


def may(day):
    return date(2015, 5, day)


def calibrated(*periods):
    return but(
        calibrations=tuple(
            replace(CALIBRATION, entry=60 + number, calibrated_on=first, due_on=last)
            for number, (first, last) in enumerate(periods)
        )
    )


def test_calibrated_on_the_days_of_the_test_is_enough():
    assert found(instrument_out_of_calibration, HONEST) == ()
    assert found(instrument_out_of_calibration, calibrated((STARTED, ENDED))) == ()


@pytest.mark.parametrize(
    ("first", "last", "case", "tested_on"),
    [
        (may(1), may(8), "overdue", STARTED),
        (may(1), may(9), "overdue", ENDED),
        (may(10), may(30), "before", STARTED),
        (may(11), may(30), "before", STARTED),
    ],
)
def test_a_day_outside_the_interval_is_found(first, last, case, tested_on):
    finding = find_one(instrument_out_of_calibration, calibrated((first, last)))
    assert (finding.case, finding.severity) == (case, Severity.MAJOR)
    assert (finding.facts["tested_on"], finding.facts["due_on"]) == (tested_on, last)
    assert finding.entries == (REPORT.entry, 60)


def test_the_next_calibration_may_begin_on_the_day_after():
    assert found(instrument_out_of_calibration, calibrated((may(1), may(9)), (may(10), may(30)))) == ()
    row = replace(ROW, started_on=may(8), ended_on=may(10))
    gap = but(calibrated((may(1), may(8)), (may(10), may(30))), reports=(replace(REPORT, rows=(row,)),))
    assert find_one(instrument_out_of_calibration, gap).facts["tested_on"] == may(9)


@pytest.mark.parametrize(("retired_on", "is_found"), [(may(8), True), (may(9), True), (may(10), False)])
def test_an_instrument_out_of_use_measures_no_more(retired_on, is_found):
    dossier = but(retirements=(Retirement(70, LAB, "B-7", retired_on),))
    findings = found(instrument_out_of_calibration, dossier)
    assert [finding.case for finding in findings] == ["retired"] * is_found
    assert all(finding.entries == (REPORT.entry, CALIBRATION.entry, 70) for finding in findings)


def test_a_calibration_after_it_was_taken_out_of_use_brings_it_back():
    again = replace(CALIBRATION, entry=71, calibrated_on=may(9))
    dossier = but(calibrations=(CALIBRATION, again), retirements=(Retirement(70, LAB, "B-7", may(8)),))
    assert found(instrument_out_of_calibration, dossier) == ()


def test_an_instrument_that_the_lab_does_not_have_is_found():
    rows = (replace(ROW, instrument="B-8"), replace(ROW, instrument="B-8"))
    finding = find_one(instrument_out_of_calibration, but(reports=(replace(REPORT, rows=rows),)))
    assert (finding.case, finding.facts["instrument"]) == ("unknown", "B-8")


def test_what_is_not_on_record_or_not_named_could_not_be_looked_at():
    assert unlooked(instrument_out_of_calibration, but(reports=())) == ("no_report",)
    assert unlooked(instrument_out_of_calibration, but(calibrations=())) == ("no_calibrations",)
    others = (replace(CALIBRATION, lab=OTHER_LAB),)
    assert unlooked(instrument_out_of_calibration, but(calibrations=others)) == ("no_calibrations",)
    bare = replace(REPORT, rows=(replace(ROW, instrument=None),))
    assert unlooked(instrument_out_of_calibration, but(reports=(bare,))) == ("not_named",)
