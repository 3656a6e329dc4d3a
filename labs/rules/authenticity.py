"""Is the paper what the lab named on it has said itself? L01 L02 L03.

A paper proves nothing by what is printed on it: it is held against what the named lab or body has signed here.
"""

from collections.abc import Iterator
from decimal import Decimal

from labs.dossier import Dossier
from labs.papers.register import ExaminedPaper
from labs.reports.register import Denial, Paper, PrintedRow, Report, TestRow
from labs.rules.concern import current_reports, doubted_reports, doubted_versions, examined, presented, versions
from labs.rules.days import DAYS_TO_ANSWER, working_days
from labs.standards.conductor import is_same_unit
from trace.days import civil_day
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule


@rule("L01", Severity.CRITICAL)
def not_signed_by_the_lab(dossier: Dossier) -> Judgement:
    """A report signed with a key that isn't believed for its time, or a paper whose lab has signed nothing like it."""
    reports, papers = (*current_reports(dossier), *doubted_reports(dossier)), presented(dossier, "report")
    if not reports and not papers:
        yield Unchecked("L01", "no_report")
    for report in reports:
        yield from _judge_key(dossier, report)
    for paper in papers:
        if not versions(dossier, paper) and not doubted_versions(dossier, paper):
            denial = _denial(dossier, paper)
            facts = _named(paper) | {"seal": paper.seal}
            if denial is not None:
                facts["denied_on"] = denial.denied_on
                yield Finding("L01", Severity.CRITICAL, facts, (paper.entry, denial.entry), "denied")
                continue
            facts["waited_days"] = _waited(dossier, paper)
            is_late = _waited(dossier, paper) > DAYS_TO_ANSWER
            severity = Severity.CRITICAL if is_late else Severity.MAJOR
            yield Finding("L01", severity, facts, (paper.entry,), "unsigned")
    for examination in examined(dossier):
        yield from _judge_seal(dossier, examination)


@rule("L02", Severity.CRITICAL)
def altered(dossier: Dossier) -> Judgement:
    """A paper that says something else than its lab has on record under the number.

    A paper that agrees with any version of the report was not altered, it is at most out of date: that is not asked
    here.
    """
    for paper in presented(dossier, "report"):
        known = versions(dossier, paper)
        differences = [difference for report in known for difference in [*_differences(paper, report)][:1]]
        if known and len(differences) == len(known):
            case, field, printed, registered = differences[-1]
            facts = _named(paper) | {"field": field, "printed": printed, "registered": registered}
            yield Finding("L02", Severity.CRITICAL, facts, (paper.entry, known[-1].entry), case)
    for examination in examined(dossier):
        for difference in examination.differences[:1]:
            facts = _examined(examination) | {
                "field": difference.field,
                "printed": difference.printed,
                "registered": difference.registered,
            }
            # Of a file that the lab itself put on record nothing was altered: the lab says two things.
            if _is_of_lab(dossier, examination):
                yield Finding("L02", Severity.MAJOR, facts, (examination.entry,), "own_text")
            else:
                yield Finding("L02", Severity.CRITICAL, facts, (examination.entry,), "text")


@rule("L03", Severity.CRITICAL)
def number_unknown(dossier: Dossier) -> Judgement:
    """A number that the named lab denies, or has not registered within three working days of its presentation.

    Working days are Monday to Friday; public holidays are not counted off.
    """
    for paper in presented(dossier, "report"):
        denial, waited = _denial(dossier, paper), _waited(dossier, paper)
        if denial is not None:
            facts = _named(paper) | {"denied_on": denial.denied_on}
            yield Finding("L03", Severity.CRITICAL, facts, (paper.entry, denial.entry), "denied")
        elif not versions(dossier, paper) and not doubted_versions(dossier, paper):
            facts = _named(paper) | {"waited_days": waited}
            if waited > DAYS_TO_ANSWER:
                yield Finding("L03", Severity.MAJOR, facts, (paper.entry,), "unregistered")
            else:
                yield Unchecked("L03", "lab_has_time", facts)


def is_awaited(dossier: Dossier) -> bool:
    """Is there a report on which L03 still counts the days until its lab says something?"""
    return any(
        _denial(dossier, paper) is None and not versions(dossier, paper) and not doubted_versions(dossier, paper)
        for paper in presented(dossier, "report")
    )


def find_difference(paper: Paper, report: Report) -> str | None:
    """The first field in which a paper says something else than a version of the report; None where they agree."""
    return next((field for _, field, _, _ in _differences(paper, report)), None)


def _judge_key(dossier: Dossier, report: Report) -> Iterator[Finding]:
    facts: dict[str, Fact] = {"lab": report.lab, "number": report.number, "signed_at": report.signed_at}
    key = next((key for key in dossier.lab_keys if (key.party, key.kid) == (report.lab, report.kid)), None)
    if key is None:
        yield Finding("L01", Severity.CRITICAL, facts, (report.entry,), "unknown_key")
        return
    # Whoever stole a key may date a signature as he likes. What he can't choose is when it was recorded.
    known_at = max(report.signed_at, report.recorded_at)
    ends = [
        at for at in (key.doubted_since, key.compromised_since, key.revoked_at) if at is not None and at <= known_at
    ]
    if ends:
        ended_by = key.doubt_entry if key.doubt_entry is not None else key.revocation_entry
        proof = (report.entry,) if ended_by is None else (report.entry, ended_by)
        facts |= {"recorded_at": report.recorded_at, "since": min(ends)}
        yield Finding("L01", Severity.CRITICAL, facts, proof, "vouched" if key.is_inherited else "revoked")


def _judge_seal(dossier: Dossier, examination: ExaminedPaper) -> Judgement:
    """The seals in the file of a paper. A file that the lab put on record under its own key needs no other."""
    if _is_of_lab(dossier, examination):
        return
    state, facts = examination.seal_state, _examined(examination)
    # That no authority on record stands behind it, or that its time was over, may be the register's gap or an office's
    # slowness: it holds and doesn't stop.
    for known, severity, case in [
        ("broken", Severity.CRITICAL, "seal_broken"),
        ("changed", Severity.CRITICAL, "seal_changed"),
        ("revoked", Severity.CRITICAL, "seal_revoked"),
        ("untrusted", Severity.MAJOR, "seal_untrusted"),
        ("expired", Severity.MAJOR, "seal_expired"),
    ]:
        if state == known:
            yield Finding("L01", severity, facts, (examination.entry,), case)
    if state == "unsupported":
        yield Unchecked("L01", "seal_unsupported", facts)
    elif state == "none":
        paper = next((one for one in dossier.papers if one.pdf_sha256 == examination.pdf_sha256), None)
        if paper is not None and paper.seal == "pdf":
            yield Finding("L01", Severity.CRITICAL, facts, (paper.entry, examination.entry), "seal_missing")
    if examination.sealed_by is not None and examination.sealed_by != examination.lab:
        facts["sealed_by"] = examination.sealed_by
        yield Finding("L01", Severity.CRITICAL, facts, (examination.entry,), "seal_foreign")


def _is_of_lab(dossier: Dossier, examination: ExaminedPaper) -> bool:
    return any(
        (report.lab, report.number, report.pdf_sha256) == (examination.lab, examination.number, examination.pdf_sha256)
        for report in dossier.reports
    )


def _examined(examination: ExaminedPaper) -> dict[str, Fact]:
    return {"lab": examination.lab, "number": examination.number, "examiner": examination.examiner}


def _named(paper: Paper) -> dict[str, Fact]:
    return {
        "lab": paper.claimed_body,
        "number": paper.number,
        "presenter": paper.presenter,
        "presented_at": paper.presented_at,
    }


def _waited(dossier: Dossier, paper: Paper) -> int:
    return working_days(civil_day(paper.presented_at), civil_day(dossier.history.at))


def _denial(dossier: Dossier, paper: Paper) -> Denial | None:
    """The lab's last word on the number, if it is a denial: a report signed after it takes it back."""
    last = max((report.entry for report in versions(dossier, paper)), default=-1)
    return next(
        (
            denial
            for denial in reversed(dossier.denials)
            if (denial.lab, denial.number) == (paper.claimed_body, paper.number) and denial.entry > last
        ),
        None,
    )


def _differences(paper: Paper, report: Report) -> Iterator[tuple[str, str, Fact, Fact]]:
    """Case, field, what is printed, what is registered; what people read first, the file's hash last."""
    if paper.conclusion is not None and paper.conclusion != report.conclusion:
        yield "conclusion", "conclusion", paper.conclusion, report.conclusion
    for printed in paper.rows:
        rows = [row for row in report.rows if row.parameter == printed.parameter]
        if not rows:
            yield "row", printed.parameter, "" if printed.value is None else printed.value, ""
        elif not any(_says_same(printed, row) for row in rows):
            yield from _row_difference(printed, rows[0])
    if paper.issued_on is not None and paper.issued_on != report.issued_on:
        yield "issued_on", "issued_on", paper.issued_on, report.issued_on
    if paper.pdf_sha256 and report.pdf_sha256 and paper.pdf_sha256 != report.pdf_sha256:
        yield "file", "pdf_sha256", paper.pdf_sha256, report.pdf_sha256


def _says_same(printed: PrintedRow, row: TestRow) -> bool:
    return _same_value(printed, row) and printed.verdict in ("none", row.verdict)


def _same_value(printed: PrintedRow, row: TestRow) -> bool:
    # A row that gives readings only has no value of the lab's to compare with.
    if printed.value is None or row.value is None:
        return True
    return printed.value == row.value and is_same_unit(printed.unit, row.unit)


def _row_difference(printed: PrintedRow, row: TestRow) -> Iterator[tuple[str, str, Fact, Fact]]:
    if _same_value(printed, row):
        yield "verdict", printed.parameter, printed.verdict, row.verdict
    else:
        yield "value", printed.parameter, _with_unit(printed.value, printed.unit), _with_unit(row.value, row.unit)


def _with_unit(value: Decimal | None, unit: str) -> str:
    return f"{value:f} {unit}" if value is not None else ""
