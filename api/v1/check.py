"""Is this paper true? For anybody, without login, by number, by SHA-256, by QR text or by the file itself.

A file's SHA-256 is enough to tell whether a lab has signed that very file, and tells nobody else what is in it. A file
that is sent is examined and forgotten.
"""

from typing import Any

from flask import Blueprint, request
from marshmallow import fields

from api.access import Callers, open_to
from api.operations import Query, Reply, operation
from api.papers.asked import Answer
from api.papers.questions import QUESTIONS, UPLOADS, ask, ask_about_file, is_asked, read_question
from api.security import at_most
from api.shell import current_shell
from api.v1.check_schemas import AnswerSchema, PaperUploadSchema
from keys.errors import RefusedError

blueprint = Blueprint("api_check", __name__)
FORM = "multipart/form-data"


class CheckQuery(Query):
    """`number` (with `lab` where labs share it), `sha256` or `code`; at least one of these three."""

    lab = fields.String(load_default="")
    number = fields.String(load_default="")
    sha256 = fields.String(load_default="")
    code = fields.String(load_default="")


@blueprint.get("/check")
@open_to(Callers.ANYONE)
@at_most(QUESTIONS)
@operation(
    "Check a paper by number, hash or QR text",
    tag="reports",
    returns={200: AnswerSchema},
    query=CheckQuery,
    refuses=("uscc-invalid",),
)
def check(query: dict[str, Any]) -> Reply:
    """200 whatever the answer is: that nothing is known of a paper is an answer."""
    question = read_question(query)
    if not is_asked(question):
        raise RefusedError("request-malformed", where="the query", expected="number, sha256 or code", got="none")
    return Reply(_write(ask(current_shell(), question)))


@blueprint.post("/check")
@open_to(Callers.ANYONE)
@at_most(UPLOADS)
@operation(
    "Check a paper by its file",
    tag="reports",
    returns={200: AnswerSchema},
    query=CheckQuery,
    takes={FORM: PaperUploadSchema},
    refuses=(
        *("document-refused", "document-unreadable", "document-unsafe"),
        *("media-type-unknown", "too-busy", "too-large", "uscc-invalid"),
    ),
)
def check_file(query: dict[str, Any]) -> Reply:
    """The PDF is the form's file `pdf`. It is not kept."""
    if request.mimetype != FORM:
        raise RefusedError("media-type-unknown", expected=FORM, got=request.mimetype[:80])
    if sorted(map(str, (*request.files, *request.form))) != ["pdf"] or len(request.files) != 1:
        raise RefusedError("request-malformed", where="the form", expected="the file pdf")
    return Reply(_write(ask_about_file(current_shell(), read_question(query), request.files["pdf"].stream)))


def _write(answered: Answer) -> dict[str, Any]:
    report = answered.report
    return {
        "answer": answered.word,
        "reason": answered.reason,
        "lab": answered.lab or None,
        "number": answered.number or None,
        "sha256": answered.sha256 or None,
        "report": report.entry if report is not None else None,
        "lines": answered.lines,
        "compared": answered.fields,
        "seals": answered.seals,
    }
