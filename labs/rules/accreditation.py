"""Was the lab entitled to test this, then, and the person to sign for it? L05 L06 L07.

What is compared with the scope is the row as the lab itself wrote it: object, parameter and method with its edition,
letter by letter. A method that is spelled otherwise than in the scope is none that was assessed.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from labs.accreditation.register import Accreditation, AuthorisationEnding, ScopeRow, Signatory, Tested
from labs.accreditation.standing import Rest, may_on, rests_of
from labs.dossier import Dossier
from labs.reports.register import Report, TestRow
from labs.rules.concern import current_reports
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule


@rule("L05", Severity.CRITICAL)
def not_accredited_on_test_date(dossier: Dossier) -> Judgement:
    """A test on a day on which the lab had no accreditation in force, or on which it, or this test, was suspended."""
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
    """A test that is in no row of the lab's scope on the days on which it was made: by that edition of the method, for
    values of that range.
    """
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
            nearest, case = _nearest(scope, missing[0])
            facts = _named(report) | _tested(missing[0]) | nearest | {"missing_rows": len(missing)}
            yield Finding("L06", Severity.CRITICAL, facts, _proof(report, held), case)
        blind = next((row for row in report.rows if _is_beyond_telling(scope, row)), None)
        if blind is not None:
            yield Unchecked("L06", "other_unit", _named(report) | {"parameter": blind.parameter, "unit": blind.unit})


@rule("L07", Severity.CRITICAL)
def signatory_not_authorised(dossier: Dossier) -> Judgement:
    """A report that nobody was authorised to sign: the person, the parameter, the day or the key is another."""
    reports = current_reports(dossier)
    if not reports:
        yield Unchecked("L07", "no_report")
    for report in reports:
        known = [line for line in dossier.signatories if (line.lab, line.person) == (report.lab, report.signatory)]
        then = [line for line in known if may_on(line, dossier.authorisation_endings, report.issued_on)]
        facts = _named(report) | {"signatory": report.signatory, "issued_on": report.issued_on}
        ends = [end for end in dossier.authorisation_endings if _is_end_of(end, report)]
        proof = (report.entry, *(line.entry for line in known), *(end.entry for end in ends))
        other = [row for row in report.rows if not _may_sign(then, row)]
        keys = _with_predecessors(dossier, report.kid)
        if not then:
            yield Finding("L07", Severity.CRITICAL, facts, proof, "not_authorised")
        elif other:
            facts |= {"parameter": other[0].parameter, "object": other[0].object}
            is_field = any(_is_for(line, other[0].parameter) for line in then)
            yield Finding("L07", Severity.CRITICAL, facts, proof, "other_object" if is_field else "other_parameter")
        elif not all(_may_sign([line for line in then if line.kid in keys], row) for row in report.rows):
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


def _judge_days(dossier: Dossier, report: Report, row: TestRow, held: list[Accreditation]) -> Finding | None:
    # In whatever order the report gives them: that an end lies before its start is for L08 to say.
    first, last = sorted((row.started_on, row.ended_on))
    facts = _named(report) | {"parameter": row.parameter}
    uncovered = _first_uncovered(held, first, last)
    if uncovered is not None:
        newest = max(held, key=lambda accreditation: (accreditation.valid_to, accreditation.entry))
        facts |= {"tested_on": uncovered, "valid_from": newest.valid_from, "valid_to": newest.valid_to}
        return Finding("L05", Severity.CRITICAL, facts, _proof(report, held), "outside")
    if (rest := _rest_of(dossier, report.lab, row, held, first, last)) is not None:
        facts |= {"tested_on": max(first, rest.first), "suspended_from": rest.first}
        proof = (report.entry, rest.suspension.entry)
        case = "suspended" if rest.suspension.scope is None else "partly_suspended"
        return Finding("L05", Severity.CRITICAL, facts, proof, case)
    return None


def _rest_of(
    dossier: Dossier, lab: str, row: TestRow, held: list[Accreditation], first: date, last: date
) -> Rest | None:
    """The suspension of a test on one of these days. Where several lines of the scope are for it, one at another site
    or by another body, all have to be suspended.
    """
    pauses = [pause for pause in dossier.suspensions if pause.lab == lab]
    lifted = [one for one in dossier.reinstatements if one.lab == lab]
    lines: list[Tested] = [line for one in held for line in one.scope if _is_same_test(line, row)]
    rests = [
        next((rest for rest in rests_of(line, pauses, lifted) if rest.meets(first, last)), None)
        for line in (lines or [row])
    ]
    return rests[0] if all(rests) else None


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


def _is_same_test(line: ScopeRow, row: TestRow) -> bool:
    return (line.object, line.parameter, line.method) == (row.object, row.parameter, row.method)


def _is_valid_for(line: ScopeRow, row: TestRow) -> bool:
    return all(line.valid_from <= day <= line.valid_to for day in (row.started_on, row.ended_on))


def _fits(line: ScopeRow, row: TestRow) -> bool:
    return _is_same_test(line, row) and _is_valid_for(line, row) and _is_in_range(line, row) is not False


def _is_in_range(line: ScopeRow, row: TestRow) -> bool | None:
    """Is what was measured within the line's range, both ends included? None where it is in another unit."""
    if line.range_unit is None:
        return True
    value = _value_in(row, line.range_unit)
    if value is None:
        return None
    return (line.range_from is None or line.range_from <= value) and (line.range_to is None or value <= line.range_to)


def _value_in(row: TestRow, unit: str) -> Decimal | None:
    """What was read in this unit: the value of the row, or the resistance as it was read."""
    if row.value is not None and row.unit == unit:
        return row.value
    return row.resistance_ohm if unit == "ohm" else None


def _is_beyond_telling(scope: list[ScopeRow], row: TestRow) -> bool:
    """Is the row in the scope only by lines whose range is in a unit that it doesn't give?"""
    fitting = [line for line in scope if _fits(line, row)]
    return bool(fitting) and all(_is_in_range(line, row) is None for line in fitting)


def _nearest(scope: list[ScopeRow], row: TestRow) -> tuple[dict[str, Fact], str]:
    """What comes nearest to a row that is in no line: the same test at other days or of other values, or by another
    edition of its method; with the rule's case.
    """
    same = [line for line in scope if _is_same_test(line, row)]
    if (valid := next((line for line in same if _is_valid_for(line, row)), None)) is not None:
        return {"value": _value_in(row, valid.range_unit or "") or "", "range": _range(valid)}, "out_of_range"
    if same:
        last = max(same, key=lambda line: line.valid_to)
        return {"valid_from": last.valid_from, "valid_to": last.valid_to}, "not_then"
    standard = standard_of(row.method)
    for line in scope:
        if (line.object, line.parameter, standard_of(line.method)) == (row.object, row.parameter, standard):
            return {"in_scope": line.method}, "other_edition"
    return {}, ""


def _range(line: ScopeRow) -> str:
    ends = ("" if end is None else format(end, "f") for end in (line.range_from, line.range_to))
    return f"{'–'.join(ends)} {line.range_unit}"


def standard_of(method: str) -> str:
    """A method's standard without its edition: "GB/T 3048.4" of "GB/T 3048.4-2007", "IEC 60228" of "IEC 60228:2004"."""
    return re.sub(r"\s*[-–—:]\s*(?:19|20)[0-9]{2}\Z", "", method)


def _may_sign(lines: list[Signatory], row: TestRow) -> bool:
    return any(_is_for(line, row.parameter) and (line.objects is None or row.object in line.objects) for line in lines)


def _is_for(line: Signatory, parameter: str) -> bool:
    return "*" in line.parameters or parameter in line.parameters


def _is_end_of(end: AuthorisationEnding, report: Report) -> bool:
    return (end.lab, end.person, end.duty) == (report.lab, report.signatory, "signatory")
