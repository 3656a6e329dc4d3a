"""Could the dates of a report have happened in the order that they are given in? L08.

Days are compared, not hours: a report prints days. Registered instants count on the calendar day of China.
"""

from datetime import date
from itertools import pairwise

from labs.dossier import Dossier
from labs.reports.register import Report
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
