"""A lab's report: all that it says, what the registry works out again, and the papers that were shown under its number.

A number that the lab never issued has a page too: with the papers shown under it, or 404 where there are none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from api import blobs
from api.access import Callers, open_to
from api.pages.copies import lay_beside
from api.pages.doubts import Recorded, doubt_of, note_doubts
from api.pages.people import names_in
from api.shell import current_shell
from keys.envelope import parse_statement
from keys.errors import RefusedError
from keys.payload import read_json
from labs.casework.register import read_words
from labs.copies.register import read_copies
from labs.reports.recheck import recheck
from labs.reports.register import Paper, Report, read_denials, read_papers, read_reports
from labs.sampling.register import read_receptions, read_samples, read_witnessings
from labs.standards.conductor import is_same_unit
from trace.ledger.store import read_entries
from trace.parties.register import find_party
from trace.production.register import read_lots_by_id

blueprint = Blueprint("reports", __name__)


@dataclass(frozen=True, slots=True)
class Side:
    """One thing as the lab's report has it and as a paper has it. `kind` says how to write both: day, conclusion,
    value or hash; `name` is the parameter where it is a value.
    """

    kind: str
    name: str
    issued: object
    shown: object
    issued_unit: str = ""
    shown_unit: str = ""

    @property
    def is_different(self) -> bool:
        """Do they differ? What a paper does not show differs from nothing."""
        if self.shown is None:
            return False
        if isinstance(self.issued, Decimal) and not is_same_unit(self.issued_unit, self.shown_unit):
            return True
        return self.issued != self.shown


@blueprint.get("/reports/<lab>/<path:number>")
@open_to(Callers.ANYONE)
def show_report(lab: str, number: str) -> tuple[str, int]:
    """A report in its present version, or in the one that `version` (an entry) asks for; 404 where nobody named it."""
    shell = current_shell()
    with shell.database.reading() as session:
        versions = [report for report in read_reports(session, numbers={number}) if report.lab == lab]
        papers = [
            paper
            for paper in read_papers(session, numbers={number})
            if (paper.claimed_body, paper.type) == (lab, "report")
        ]
        denials = [denial for denial in read_denials(session, {number}) if denial.lab == lab]
        is_lab_known, is_named = find_party(session, lab) is not None, bool(versions or papers or denials)
        if not is_lab_known and not is_named:
            raise RefusedError("not-found", where="reports", expected="a number that somebody named", got=number[:60])
        told: tuple[Recorded, ...] = (*versions, *papers, *denials)
        note_doubts(session, {one.entry for one in told})
        report = _choose(versions, request.args.get("version", ""))
        samples = read_samples(session, (), {report.sample}) if report and report.sample else ()
        marks = {sample.sample for sample in samples}
        witnessings, receptions = read_witnessings(session, marks), read_receptions(session, marks)
        beside = lay_beside(report, read_copies(session, {number}))
        lots = report.lots if report else tuple(dict.fromkeys(lot for paper in papers for lot in paper.lots))
        known = read_lots_by_id(session, lots)
        first = next((known[lot] for lot in lots if lot in known), None)
        page = render_template(
            "report.html" if report else "report_unknown.html",
            lab=lab,
            is_lab_known=is_lab_known,
            number=number,
            report=report,
            versions=versions,
            rows=[(row, recheck(row, first, shell.house.pack)) for row in report.rows] if report else [],
            papers=[(paper, list(_compare(report, paper)) if report else []) for paper in papers],
            beside=beside,
            denials=denials,
            reasons=_read_reasons(session, versions, [denial.entry for denial in denials]),
            samples=samples,
            witnessings=witnessings,
            receptions=receptions,
            lots=lots,
            known=known,
            words=read_words(session, lots),
            has_pdf=bool(report and report.pdf_sha256 and blobs.has_blob(shell.settings, report.pdf_sha256)),
            names=names_in(session, lab, versions, papers, samples, witnessings, receptions, beside),
        )
        return page, 200 if is_named else 404


def _choose(versions: list[Report], asked: str) -> Report | None:
    """The version asked for, else the one in force that is believed, else the one in force, else the last."""
    if asked:
        chosen = [report for report in versions if str(report.entry) == asked]
        if not chosen:
            raise RefusedError("not-found", where="version", expected="an entry of this report", got=asked[:20])
        return chosen[0]
    current = [report for report in reversed(versions) if report.is_current]
    believed = (report for report in current if doubt_of(report.entry) is None)
    return next(believed, current[0] if current else versions[-1] if versions else None)


def _read_reasons(session: Session, versions: list[Report], denials: list[int]) -> dict[int, str]:
    """Why a report was amended or withdrawn and a number denied, by entry; the registers do not keep these words."""
    acts = {report.withdrawn_by for report in versions} | {report.entry for report in versions} | set(denials)
    entries = read_entries(session, sorted(entry for entry in acts if entry is not None))
    bodies = ((entry.position, read_json(parse_statement(entry.statement).payload)) for entry in entries)
    return {position: body["reason"] for position, body in bodies if "reason" in body}


def _compare(report: Report, paper: Paper) -> Iterator[Side]:
    """The paper against the report, thing by thing."""
    yield Side("day", "", report.issued_on, paper.issued_on)
    yield Side("conclusion", "", report.conclusion, paper.conclusion)
    tested = {row.parameter: row for row in report.rows}
    for printed in paper.rows:
        row = tested.get(printed.parameter)
        if row is None:
            yield Side("value", printed.parameter, None, printed.value or printed.verdict, "", printed.unit)
        elif row.value is not None or printed.value is None:
            yield Side("value", printed.parameter, row.value, printed.value, row.unit, printed.unit)
    yield Side("lots", "", tuple(report.lots), tuple(paper.lots))
    yield Side("hash", "", report.pdf_sha256, paper.pdf_sha256)
