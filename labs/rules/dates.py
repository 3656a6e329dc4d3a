"""Could the dates of a report have happened in the order that they are given in? L08.

Days are compared, not hours: a report prints days. Registered instants count on the calendar day of China. A test that
gives its hours has to keep to them too, and no test may be shorter than its method; where only days are given, as long
as they can have been.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise

from labs.dossier import Dossier
from labs.reports.register import Report, TestRow
from labs.rules.concern import current_reports, samples_behind
from trace.days import civil_day
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule


@rule("L08", Severity.CRITICAL)
def impossible_dates(dossier: Dossier) -> Judgement:
    """made ≤ sampled ≤ received ≤ started ≤ ended ≤ approved ≤ issued ≤ recorded, as far as the days are known.

    Asked twice: with the days that the report prints, and with those that sampler and lab signed at the time.
    """
    reports = current_reports(dossier)
    if not reports:
        yield Unchecked("L08", "no_report")
    for report in reports:
        samples = samples_behind(dossier, report)[:1]
        drawn = civil_day(samples[0].drawn_at) if samples else None
        entries = (report.entry, *(sample.entry for sample in samples))
        facts: dict[str, Fact] = {"lab": report.lab, "number": report.number}
        if drawn is not None and report.sampled_on is not None and drawn != report.sampled_on:
            facts |= {"sampled_on": report.sampled_on, "drawn_on": drawn, "sample": samples[0].sample}
            yield Finding("L08", Severity.CRITICAL, facts, entries, "other_day")
        elif (wrong := _first_reversal(dossier, report, drawn)) is not None:
            names = ("earlier", "earlier_on", "later", "later_on")
            yield Finding("L08", Severity.CRITICAL, facts | dict(zip(names, wrong, strict=True)), entries, "order")
        yield from _judge_hours(dossier, report)


def _judge_hours(dossier: Dossier, report: Report) -> Iterator[Finding]:
    """At most one contradiction a row: backwards, on another day than the row says, or too short."""
    for row in report.rows:
        facts: dict[str, Fact] = {"lab": report.lab, "number": report.number, "parameter": row.parameter}
        if row.started_at is not None and row.ended_at is not None and row.ended_at < row.started_at:
            facts |= {"started_at": row.started_at, "ended_at": row.ended_at}
            yield Finding("L08", Severity.CRITICAL, facts, (report.entry,), "hours")
            continue
        for at, day in ((row.started_at, row.started_on), (row.ended_at, row.ended_on)):
            if at is not None and civil_day(at) != day:
                facts |= {"at": at, "day": day}
                yield Finding("L08", Severity.CRITICAL, facts, (report.entry,), "other_day_of_test")
                break
        else:
            yield from _judge_duration(dossier, report, row, facts)


def _judge_duration(dossier: Dossier, report: Report, row: TestRow, facts: dict[str, Fact]) -> Iterator[Finding]:
    lot = dossier.history.lot
    duration = dossier.pack.find_duration(lot.family, row.parameter, row.started_on) if lot is not None else None
    # That it ended before it began is said already.
    if duration is None or row.ended_on < row.started_on:
        return
    longest = row.ended_on - row.started_on + timedelta(days=1)
    if row.started_at is not None and row.ended_at is not None:
        longest = row.ended_at - row.started_at
    longest_h = Decimal(longest // timedelta(minutes=1)) / 60
    if longest_h < duration.minimum_h:
        facts |= {
            "longest_h": longest_h.quantize(Decimal("0.1"), ROUND_DOWN),
            "minimum_h": duration.minimum_h,
            "citation": duration.citation,
            "is_confirmed": duration.is_confirmed,
        }
        yield Finding("L08", Severity.CRITICAL, facts, (report.entry,), "too_short")


def _first_reversal(dossier: Dossier, report: Report, drawn: date | None) -> tuple[str, date, str, date] | None:
    """The first step dated before the one that it follows: name and day of both, the earlier step first."""
    lot = dossier.history.lot
    received = [
        civil_day(reception.received_at)
        for reception in dossier.receptions
        if (reception.sample, reception.lab) == (report.sample, report.lab)
    ]
    made = civil_day(lot.made_at) if lot is not None else None
    for row in report.rows:
        for sampled, taken_in in ((report.sampled_on, report.received_on), (drawn, received[0] if received else None)):
            days = {
                "made": made,
                "sampled": sampled,
                "received": taken_in,
                "started": row.started_on,
                "ended": row.ended_on,
                "approved": report.approved_on,
                "issued": report.issued_on,
                "recorded": civil_day(report.recorded_at),
            }
            known = [(name, day) for name, day in days.items() if day is not None]
            for (earlier, earlier_on), (later, later_on) in pairwise(known):
                if later_on < earlier_on:
                    return earlier, earlier_on, later, later_on
    return None
