"""Reports: every version that a lab signed, what it denied, what others presented under its name; and reports coming
in together with their PDF.

A statement names the SHA-256 of its PDF under its signature. So the PDF may come from anybody, and is kept only where
it is that very file and its statement stands in the ledger (`api/submission.py`).
"""

from typing import Any

from flask import Blueprint, request
from marshmallow import fields

from api import blobs
from api.access import Callers, open_to
from api.cursor import PageQuery, cut_page, read_cursor
from api.operations import Reply, operation
from api.shell import current_shell
from api.submission import submit_report
from api.v1.report_schemas import ReportPageSchema, ReportRecordSchema, UploadSchema
from api.v1.schemas import AcceptedSchema
from api.v1.statements import DOOR_REFUSALS, judge_afterwards, write_outcomes
from keys.envelope import MAX_STATEMENT_BYTES
from keys.errors import RefusedError
from labs.reports.register import Paper, Report, read_denials, read_papers, read_reports, read_reports_of_lab
from trace.fields import Uscc

blueprint = Blueprint("api_reports", __name__)
PDF, FORM = "application/pdf", "multipart/form-data"


class ReportsQuery(PageQuery):
    """A lab's reports, or those of a number, or both; one of the two must be given."""

    number = fields.String(load_default=None)
    lab = Uscc(load_default=None)


@blueprint.get("/reports")
@open_to(Callers.ANYONE)
@operation("Versions of reports by lab or number", tag="reports", returns={200: ReportPageSchema}, query=ReportsQuery)
def list_reports(query: dict[str, Any]) -> Reply:
    """Newest first."""
    place = read_cursor(query["cursor"], int)
    before = int(place[0]) if place else None
    with current_shell().database.reading() as session:
        if query["number"] is not None:
            found = [
                report
                for report in reversed(read_reports(session, numbers=[query["number"]]))
                if query["lab"] in (None, report.lab) and (before is None or report.entry < before)
            ]
        elif query["lab"] is not None:
            found = list(read_reports_of_lab(session, query["lab"], before, query["limit"] + 1))
        else:
            raise RefusedError("request-malformed", where="the query", expected="lab or number", got="neither")
    return Reply(cut_page(found[: query["limit"] + 1], query["limit"], _place_of))


@blueprint.get("/reports/<lab>/<path:number>")
@open_to(Callers.ANYONE)
@operation(
    "All on record under one number of one lab",
    tag="reports",
    returns={200: ReportRecordSchema},
    refuses=("not-found",),
)
def show_report(lab: str, number: str) -> Reply:
    """A number that the lab never issued is answered too, where somebody presented a paper that bears it."""
    shell = current_shell()
    with shell.database.reading() as session:
        versions = [report for report in read_reports(session, numbers=[number]) if report.lab == lab]
        denials = [denial for denial in read_denials(session, [number]) if denial.lab == lab]
        papers = [paper for paper in read_papers(session, numbers=[number]) if paper.claimed_body == lab]
    if not versions and not denials and not papers:
        raise RefusedError("not-found", where="report", got=f"{lab} {number}"[:80])
    bearers: list[Report | Paper] = [*versions, *papers]
    named = dict.fromkeys(record.pdf_sha256 for record in bearers if record.pdf_sha256)
    kept = [f"/api/v1/documents/{sha256}" for sha256 in named if blobs.has_blob(shell.settings, sha256)]
    return Reply(
        {
            "lab": lab,
            "number": number,
            "versions": versions,
            "denials": denials,
            "papers": papers,
            "documents": kept,
        }
    )


@blueprint.get("/documents/<sha256>")
@open_to(Callers.ANYONE)
@operation("A document by its SHA-256", tag="reports", returns={200: None}, media=(PDF,), refuses=("not-found",))
def show_document(sha256: str) -> Reply:
    """A PDF that some statement names. It is downloaded, never shown as part of a page of ours."""
    with blobs.open_blob(current_shell().settings, sha256) as file:
        headers = {"Content-Disposition": f'attachment; filename="{sha256[:16]}.pdf"'}
        return Reply(file.read(), media=PDF, headers=headers, tag=sha256)


@blueprint.post("/reports")
@open_to(Callers.ANYONE)
@operation(
    "Send a signed report with its PDF",
    tag="reports",
    returns={201: AcceptedSchema, 200: AcceptedSchema},
    takes={FORM: UploadSchema},
    refuses=(*DOOR_REFUSALS, "document-refused", "document-unreadable", "document-unsafe"),
)
def receive_report() -> Reply:
    """Whoever lost the connection sends both again: the same statement gets the same receipt."""
    outcome = submit_report(*_read_upload())
    accepted = write_outcomes([outcome])[0]["accepted"]
    headers = {"Location": accepted["url"]}
    return Reply(accepted, accepted["status"], headers=headers, afterwards=judge_afterwards(accepted))


def _read_upload() -> tuple[bytes, Any]:
    if request.mimetype != FORM:
        raise RefusedError("media-type-unknown", expected=FORM, got=request.mimetype[:80])
    # A part may come without a name.
    parts = sorted(map(str, (*request.files, *request.form)))
    if parts != ["pdf", "statement"] or len(request.files) != 2:
        raise RefusedError("request-malformed", where="the form", expected="the files statement and pdf", got=parts)
    # One byte more than is allowed is enough to see that it is too much.
    return request.files["statement"].stream.read(MAX_STATEMENT_BYTES + 1), request.files["pdf"].stream


def _place_of(report: Report) -> tuple[int]:
    return (report.entry,)
