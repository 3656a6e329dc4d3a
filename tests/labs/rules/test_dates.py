"""L08: the steps of a report in the only order in which they can happen."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from labs.rules.dates import impossible_dates
from tests.facts import LOT, RECEPTION, REPORT, ROW, SAMPLE, but, cst, find_one, found, unlooked
from trace.findings import Severity

UNTIMED = replace(ROW, started_at=None, ended_at=None)


def may(day):
    return date(2015, 5, day)


def report(**changes):
    row = {name: changes.pop(name) for name in ("started_on", "ended_on") if name in changes}
    return replace(REPORT, rows=(replace(UNTIMED, **row),), **changes)


@pytest.mark.parametrize(
    ("changes", "earlier", "later"),
    [
        ({"received_on": may(7)}, "sampled", "received"),
        ({"started_on": may(7)}, "received", "started"),
        ({"ended_on": may(8)}, "started", "ended"),
        ({"approved_on": may(9)}, "ended", "approved"),
        ({"issued_on": may(10)}, "approved", "issued"),
        ({"issued_on": may(13)}, "issued", "recorded"),
    ],
)
def test_each_step_before_the_one_that_it_follows_is_found(changes, earlier, later):
    finding = find_one(impossible_dates, but(reports=(report(**changes),)))
    assert (finding.case, finding.severity) == ("order", Severity.CRITICAL)
    assert (finding.facts["earlier"], finding.facts["later"]) == (earlier, later)
    earlier_on, later_on = finding.facts["earlier_on"], finding.facts["later_on"]
    assert isinstance(earlier_on, date)
    assert isinstance(later_on, date)
    assert later_on < earlier_on
    assert finding.entries == (REPORT.entry, SAMPLE.entry)


def test_lot_made_after_its_sample_was_drawn_is_found():
    finding = find_one(impossible_dates, but(lot=replace(LOT, made_at=cst(5, 9))))
    assert (finding.facts["earlier"], finding.facts["later"]) == ("made", "sampled")


def test_steps_without_a_date_are_passed_over():
    """Without the days of sampling and receipt, the test is held against the day of making."""
    undated = report(sampled_on=None, received_on=None)
    dossier = but(reports=(undated,), samples=(), receptions=(), lot=replace(LOT, made_at=cst(5, 10)))
    finding = find_one(impossible_dates, dossier)
    assert (finding.facts["earlier"], finding.facts["later"]) == ("made", "started")


def test_all_on_one_day_is_possible():
    days = dict.fromkeys(("sampled_on", "received_on", "started_on", "ended_on", "approved_on", "issued_on"), may(12))
    dossier = but(
        reports=(report(**days),),
        samples=(replace(SAMPLE, drawn_at=cst(5, 12, 7)),),
        receptions=(replace(RECEPTION, received_at=cst(5, 12, 8)),),
        lot=replace(LOT, made_at=cst(5, 12, 6)),
    )
    assert found(impossible_dates, dossier) == ()


def test_day_of_making_is_that_of_china():
    """One in the morning of the 8th in China is the 7th in UTC, and the 8th is no day too late; nor is it too early."""
    assert found(impossible_dates, but(lot=replace(LOT, made_at=cst(5, 8, 1)))) == ()
    assert found(impossible_dates, but(lot=replace(LOT, made_at=cst(5, 9, 1)))) != ()


def test_registered_receipt_counts_though_the_report_prints_another_day():
    finding = find_one(impossible_dates, but(receptions=(replace(RECEPTION, received_at=cst(5, 10)),)))
    assert (finding.facts["earlier"], finding.facts["later"]) == ("received", "started")


def test_report_that_prints_another_day_than_the_sampler_signed_is_found():
    finding = find_one(impossible_dates, but(reports=(report(sampled_on=may(7)),)))
    assert finding.case == "other_day"
    assert (finding.facts["sampled_on"], finding.facts["drawn_on"]) == (may(7), may(8))


def test_every_row_is_looked_at():
    second = replace(UNTIMED, parameter="insulation", ended_on=may(1))
    assert len(found(impossible_dates, but(reports=(replace(REPORT, rows=(ROW, second)),)))) == 1


def test_without_a_report_nothing_was_looked_at():
    assert unlooked(impossible_dates, but(reports=())) == ("no_report",)


# --- hours and durations ---


def timed(started_at, ended_at, **changes):
    return but(reports=(replace(REPORT, rows=(replace(ROW, started_at=started_at, ended_at=ended_at, **changes),)),))


@pytest.mark.parametrize(("minutes", "is_found"), [(-1, True), (0, False), (1, False)])
def test_a_test_that_ends_before_it_begins_is_found_by_the_minute(minutes, is_found):
    start = cst(5, 10, 9)
    dossier = timed(start, start + timedelta(minutes=minutes), started_on=may(10), ended_on=may(10))
    assert [finding.case for finding in found(impossible_dates, dossier)] == ["hours"] * is_found


@pytest.mark.parametrize(
    ("started_at", "is_found"),
    [(cst(5, 9, 0), False), (cst(5, 8, 23), True), (cst(5, 9, 23), False), (cst(5, 10, 0), True)],
)
def test_an_hour_lies_on_the_day_that_the_row_gives(started_at, is_found):
    findings = found(impossible_dates, timed(started_at, cst(5, 10, 10)))
    assert [finding.case for finding in findings] == ["other_day_of_test"] * is_found


def cement(days, hours=None):
    """A 28-day strength, by days alone or by hours too; with nothing else to contradict it."""
    lot = replace(LOT, family="cement", attributes={}, made_at=cst(1, 2))
    started_on, ended_on = date(2015, 2, 1), date(2015, 2, 1) + timedelta(days=days)
    row = replace(UNTIMED, parameter="compressive_strength_28d", started_on=started_on, ended_on=ended_on)
    if hours is not None:
        start = cst(2, 1, 9)
        row = replace(row, started_at=start, ended_at=start + timedelta(hours=hours))
    report = replace(REPORT, sampled_on=None, received_on=None, sample=None, rows=(row,))
    return but(lot=lot, reports=(report,), samples=(), receptions=())


@pytest.mark.parametrize(
    ("dossier", "is_found"),
    [
        (cement(28), False),
        (cement(27), False),
        (cement(26), True),
        (cement(0), True),
        (cement(28, 672), False),
        (cement(28, 664), False),
        (cement(28, 663.5), True),
    ],
)
def test_strength_at_28_days_takes_28_days_but_for_eight_hours(dossier, is_found):
    findings = found(impossible_dates, dossier)
    assert [finding.case for finding in findings] == ["too_short"] * is_found
    assert all(finding.facts["minimum_h"] == 664 for finding in findings)


@pytest.mark.parametrize(("ended_on", "is_found"), [(may(15), True), (may(16), False)])
def test_ageing_takes_seven_days(ended_on, is_found):
    row = replace(UNTIMED, parameter="elongation_aged", started_on=may(10), ended_on=ended_on)
    dossier = but(
        reports=(replace(REPORT, rows=(row,), approved_on=may(20), issued_on=may(20), recorded_at=cst(5, 21)),)
    )
    assert len(found(impossible_dates, dossier)) == is_found
