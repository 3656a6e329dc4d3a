"""`/check`: is this paper true? For anybody, by number, by file or by the text of its QR code; a slip to print.

A browser with script hashes the file itself and asks by the hash alone; the file is sent only when its owner presses
the button that says so. Without script that button is the form.
"""

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from api import blobs
from api.access import Callers, check_same_site, open_to
from api.finder import report_path
from api.naming import party_names, tell_facts
from api.pages.doubts import note_doubts
from api.pages.people import names_in
from api.papers.asked import Answer, Question
from api.papers.questions import QUESTIONS, UPLOADS, ask, ask_about_file, is_asked, read_question
from api.security import at_most
from api.shell import current_shell
from keys.errors import RefusedError
from trace.kinds import Role
from trace.ledger.store import size_of
from trace.parties.register import read_parties_in

blueprint = Blueprint("check", __name__)


@blueprint.get("/check")
@open_to(Callers.ANYONE)
@at_most(QUESTIONS)
def show_check() -> str:
    """The form, and the answer where something is asked; with `part` the answer alone, for the page's script."""
    question = read_question(request.args)
    answered = ask(current_shell(), question) if is_asked(question) else None
    return _render(question, answered, is_part="part" in request.args)


@blueprint.post("/check")
@open_to(Callers.ANYONE)
@at_most(UPLOADS)
def check_file() -> Response:
    """The form's file `pdf`, with `lab` and `number` where they were given. Nothing of it is kept."""
    check_same_site()
    file = request.files.get("pdf")
    if file is None or not file.filename:
        raise RefusedError("request-malformed", where="pdf", expected="a file", got="none")
    question = read_question(request.form)
    answered = ask_about_file(current_shell(), question, file.stream)
    return make_response(_render(question, answered))


def _render(question: Question, answered: Answer | None, *, is_part: bool = False) -> str:
    shell = current_shell()
    with shell.database.reading() as session:
        facts = _prepare(session, answered) if answered is not None else {}
        labs = party_names({one.uscc: one for one in read_parties_in(session, Role.LAB)})
        return render_template(
            "check_answer.html" if is_part else "check.html",
            question=question,
            answered=answered,
            labs=sorted(labs.items(), key=lambda one: one[1]),
            tell=tell_facts,
            at=shell.clock(),
            most_mib=blobs.MAX_DOCUMENT_BYTES // 1024**2,
            **facts,
        )


def _prepare(session: Session, answered: Answer) -> dict[str, object]:
    note_doubts(session, {entry for line in answered.lines for entry in line.entries})
    return {
        "names": names_in(session, answered.lines, answered.lab),
        "size": size_of(session),
        "page": report_path(answered.lab, answered.number) if answered.lab and answered.number else None,
    }
