"""L08: the steps of a report in the only order in which they can happen."""

from dataclasses import replace
from datetime import date

import pytest

from labs.rules.dates import impossible_dates
from tests.facts import LOT, RECEPTION, REPORT, ROW, SAMPLE, but, cst, find_one, found, unlooked
from trace.findings import Severity


def may(day):
    return date(2015, 5, day)


def report(**changes):
    row = {name: changes.pop(name) for name in ("started_on", "ended_on") if name in changes}
    return replace(REPORT, rows=(replace(ROW, **row),), **changes)


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
    second = replace(ROW, parameter="insulation", ended_on=may(1))
    assert len(found(impossible_dates, but(reports=(replace(REPORT, rows=(ROW, second)),)))) == 1


def test_without_a_report_nothing_was_looked_at():
    assert unlooked(impossible_dates, but(reports=())) == ("no_report",)
