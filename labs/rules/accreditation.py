"""Was the lab entitled to test this, then, and the person to sign for it? L05 L06 L07.

What is compared with the scope is the row as the lab itself wrote it: object, parameter and method, letter by letter.
A method that is spelled otherwise than in the scope is none that was assessed.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from labs.accreditation.register import Accreditation, ScopeRow, Signatory
from labs.dossier import Dossier
from labs.reports.register import Report, TestRow
from labs.rules.concern import current_reports
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule


@rule("L05", Severity.CRITICAL)
def not_accredited_on_test_date(dossier: Dossier) -> Judgement:
    """A test on a day on which the lab had no accreditation in force, or on which it rested."""
    reports = current_reports(dossier)
    if not reports:
        yield Unchecked("L05", "no_report")
    for report in reports:
        held = _accreditations(dossier, report)
        facts = _named(report)
        if not held:
            yield Finding("L05", Severity.CRITICAL, facts, (report.entry,), "none")
            continue
        for row in report.rows:
            if (finding := _judge_days(dossier, report, row, held)) is not None:
                yield finding
                # One is enough to say that the lab wasn't entitled, and rows of a report share their days.
                break


@rule("L06", Severity.CRITICAL)
def out_of_scope(dossier: Dossier) -> Judgement:
    """A test that is in no row of the lab's scope on the days on which it was made."""
    reports = current_reports(dossier)
    if not reports:
        yield Unchecked("L06", "no_report")
    for report in reports:
        held = _accreditations(dossier, report)
        if not held:
            # L05 says so already; here there is no scope to look in.
            yield Unchecked("L06", "no_accreditation", _named(report))
            continue
        scope = [line for accreditation in held for line in accreditation.scope]
        missing = [row for row in report.rows if not any(_fits(line, row) for line in scope)]
        if missing:
            facts = _named(report) | _tested(missing[0]) | {"missing_rows": len(missing)}
            yield Finding("L06", Severity.CRITICAL, facts, _proof(report, held))


@rule("L07", Severity.CRITICAL)
def signatory_not_authorised(dossier: Dossier) -> Judgement:
    """A report that nobody was authorised to sign: the person, the parameter, the day or the key is another."""
    reports = current_reports(dossier)
    if not reports:
        yield Unchecked("L07", "no_report")
    for report in reports:
        known = [line for line in dossier.signatories if (line.lab, line.person) == (report.lab, report.signatory)]
        then = [line for line in known if _covers(line.authorised_from, line.authorised_to, report.issued_on)]
        facts = _named(report) | {"signatory": report.signatory, "issued_on": report.issued_on}
        proof = (report.entry, *(line.entry for line in known))
        other = [row.parameter for row in report.rows if not _may_sign(then, row.parameter)]
        keys = _with_predecessors(dossier, report.kid)
        if not then:
            yield Finding("L07", Severity.CRITICAL, facts, proof, "not_authorised")
        elif other:
            yield Finding("L07", Severity.CRITICAL, facts | {"parameter": other[0]}, proof, "other_parameter")
        elif not all(_may_sign([line for line in then if line.kid in keys], row.parameter) for row in report.rows):
            yield Finding("L07", Severity.CRITICAL, facts, proof, "other_key")


def _with_predecessors(dossier: Dossier, kid: bytes) -> set[bytes]:
    """A key and those that it took the place of: a rotated key is the same hand's."""
    line, fresh = {kid}, {kid}
    while fresh:
        fresh = {key.kid for key in dossier.lab_keys if key.replaced_by in fresh} - line
        line |= fresh
    return line


def _accreditations(dossier: Dossier, report: Report) -> list[Accreditation]:
    return [accreditation for accreditation in dossier.accreditations if accreditation.lab == report.lab]


def _named(report: Report) -> dict[str, Fact]:
    return {"lab": report.lab, "number": report.number}


def _tested(row: TestRow) -> dict[str, Fact]:
    return {
        "object": row.object,
        "parameter": row.parameter,
        "method": row.method,
        "started_on": row.started_on,
        "ended_on": row.ended_on,
    }


def _proof(report: Report, held: Iterable[Accreditation]) -> tuple[int, ...]:
    return (report.entry, *(accreditation.entry for accreditation in held))


def _covers(first: date, last: date | None, day: date) -> bool:
    return first <= day and (last is None or day <= last)


def _judge_days(dossier: Dossier, report: Report, row: TestRow, held: list[Accreditation]) -> Finding | None:
    # In whatever order the report gives them: that an end lies before its start is for L08 to say.
    first, last = sorted((row.started_on, row.ended_on))
    facts = _named(report) | {"parameter": row.parameter}
    uncovered = _first_uncovered(held, first, last)
    if uncovered is not None:
        newest = max(held, key=lambda accreditation: (accreditation.valid_to, accreditation.entry))
        facts |= {"tested_on": uncovered, "valid_from": newest.valid_from, "valid_to": newest.valid_to}
        return Finding("L05", Severity.CRITICAL, facts, _proof(report, held), "outside")
    for pause in dossier.suspensions:
        is_over = pause.suspended_to is not None and pause.suspended_to < first
        if pause.lab == report.lab and pause.suspended_from <= last and not is_over:
            facts |= {"tested_on": max(first, pause.suspended_from), "suspended_from": pause.suspended_from}
            return Finding("L05", Severity.CRITICAL, facts, (report.entry, pause.entry), "suspended")
    return None


def _first_uncovered(held: list[Accreditation], first: date, last: date) -> date | None:
    """The first day from `first` to `last` on which none is valid. A renewal may follow on the day after."""
    day = first
    while True:
        ends = [one.valid_to for one in held if one.valid_from <= day <= one.valid_to]
        if not ends:
            return day
        if max(ends) >= last:
            return None
        day = max(ends) + timedelta(days=1)


def _fits(line: ScopeRow, row: TestRow) -> bool:
    is_same = (line.object, line.parameter, line.method) == (row.object, row.parameter, row.method)
    return is_same and all(line.valid_from <= day <= line.valid_to for day in (row.started_on, row.ended_on))


def _may_sign(lines: list[Signatory], parameter: str) -> bool:
    return any("*" in line.parameters or parameter in line.parameters for line in lines)
