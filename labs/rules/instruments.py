"""Was what the lab measured with calibrated on the days of the test? L16.

Basis: China's 2021 rules on supervising labs, article 13(2), as the catalogue has it (equipment not calibrated), and
ISO/IEC 17025:2017 6.4.6. Who calibrated, and until when, is the lab's own signed word.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from labs.dossier import Dossier
from labs.instruments.register import Calibration, intervals_of
from labs.reports.register import Report, TestRow
from labs.rules.concern import current_reports
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule


@rule("L16", Severity.MAJOR)
def instrument_out_of_calibration(dossier: Dossier) -> Judgement:
    """A test on a day on which its instrument was not calibrated, or with one that the lab has not on record."""
    reports = current_reports(dossier)
    if not reports:
        yield Unchecked("L16", "no_report")
    for report in reports:
        facts: dict[str, Fact] = {"lab": report.lab, "number": report.number}
        used = [row for row in report.rows if row.instrument is not None]
        if not any(one.lab == report.lab for one in dossier.calibrations):
            yield Unchecked("L16", "no_calibrations", facts)
        elif not used:
            yield Unchecked("L16", "not_named", facts)
        else:
            yield from _judge(dossier, report, used)


def _judge(dossier: Dossier, report: Report, used: list[TestRow]) -> Iterator[Finding]:
    """The first row of each instrument at which something is wrong says it."""
    told: set[str] = set()
    for row in used:
        number = row.instrument or ""
        facts: dict[str, Fact] = {"lab": report.lab, "number": report.number, "instrument": number}
        facts["parameter"] = row.parameter
        known = intervals_of(dossier.calibrations, dossier.retirements, report.lab, number)
        first, last = sorted((row.started_on, row.ended_on))
        day = _first_uncovered(known, first, last)
        if day is None or number in told:
            continue
        told.add(number)
        facts["tested_on"] = day
        if not known:
            yield Finding("L16", Severity.MAJOR, facts, (report.entry,), "unknown")
            continue
        start, end, calibration = _nearest(known, day)
        facts |= {"certificate": calibration.certificate, "calibrated_on": start, "due_on": end}
        case = "before" if day < start else "retired" if end < calibration.due_on else "overdue"
        proof = (report.entry, calibration.entry, *_retirements(dossier, calibration, case))
        yield Finding("L16", Severity.MAJOR, facts, proof, case)


def _first_uncovered(known: tuple[tuple[date, date, Calibration], ...], first: date, last: date) -> date | None:
    """The first day from `first` to `last` on which no calibration held."""
    day = first
    while True:
        ends = [end for start, end, _ in known if start <= day <= end]
        if not ends:
            return day
        if max(ends) >= last:
            return None
        day = max(ends) + timedelta(days=1)


def _nearest(known: tuple[tuple[date, date, Calibration], ...], day: date) -> tuple[date, date, Calibration]:
    """The last calibration before the day; where there is none, the first after it."""
    before = [one for one in known if one[0] <= day]
    return max(before, key=lambda one: one[1]) if before else min(known, key=lambda one: one[0])


def _retirements(dossier: Dossier, calibration: Calibration, case: str) -> tuple[int, ...]:
    if case != "retired":
        return ()
    own = (calibration.lab, calibration.instrument)
    return tuple(one.entry for one in dossier.retirements if (one.lab, one.instrument) == own)
