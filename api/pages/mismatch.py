"""When goods are not what their page says: what to do, a report without login, a number to follow it by, and the
regulator's list of them. It all works without script.
"""

import secrets
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request

from api.access import Callers, caller, check_same_site, open_to
from api.mismatch_number import CHANCE_BYTES, make_number, read_number, show_number
from api.naming import lot_path
from api.pages.scan import LOT, UNIT
from api.photos import ENDINGS, find_photo, keep_photo, read_photo
from api.security import at_most
from api.shell import current_shell
from keys.errors import RefusedError
from trace.epcis.identifiers import make_lot
from trace.mismatches.register import (
    MOST_WORDS,
    Mismatch,
    add_mismatch,
    answer_mismatch,
    find_mismatch,
    mark_seen,
    read_mismatches,
)
from trace.parties.register import find_party

blueprint = Blueprint("mismatch", __name__)
_ON_A_PAGE = 50


@blueprint.get(f"/mismatch{LOT}")
@blueprint.get(f"/mismatch{UNIT}")
@open_to(Callers.ANYONE)
def show(gtin: str, lot: str, serial: str | None = None) -> str:
    """What to do when the goods are not what their page says, and the form."""
    shell, lot_id = current_shell(), str(make_lot(gtin, lot, serial))
    with shell.database.reading() as session:
        regulator = find_party(session, shell.registry.regulator)
    return render_template("mismatch.html", lot_id=lot_id, regulator=regulator, most=MOST_WORDS)


@blueprint.post(f"/mismatch{LOT}")
@blueprint.post(f"/mismatch{UNIT}")
@open_to(Callers.ANYONE)
@at_most("10 per hour")
def report(gtin: str, lot: str, serial: str | None = None) -> Response:
    """Form fields `words`, and a file `photo` where there is one. 303 to the report's own page, whose address only who
    sent it knows.
    """
    check_same_site()
    lot_id = str(make_lot(gtin, lot, serial))
    data = _read_upload("photo")
    words = _read_words("words")
    shell = current_shell()
    media = read_photo(data)[0] if data else None
    photo = keep_photo(shell.settings, data) if data else None
    number = make_number(secrets.token_bytes(CHANCE_BYTES))
    with shell.database.writing() as session:
        add_mismatch(session, Mismatch(number, lot_id, shell.clock(), words, photo, media))
    return _see(f"/mismatch/{number}")


@blueprint.get("/mismatch")
@open_to(Callers.ANYONE)
def find() -> Response:
    """Where a number is typed in (`?number=`)."""
    if "number" in request.args:
        return _see(f"/mismatch/{read_number(request.args['number'])}")
    return make_response(render_template("mismatch_report.html", told=None))


@blueprint.get("/mismatch/<number>")
@open_to(Callers.ANYONE)
def follow(number: str) -> Response:
    """How a report stands: received, seen or answered, with the answer. Its own words and photo are not shown again:
    who has the number may have found it.
    """
    found = _find(read_number(number))
    if _wants_json():
        response = jsonify(_tell(found))
    else:
        response = make_response(render_template("mismatch_report.html", told=found, number=show_number(found.number)))
    return _keep_private(response)


@blueprint.get("/mismatches")
@open_to(Callers.REGULATOR)
def list_reports() -> Response:
    """All reports, newest first; `?before=` goes on."""
    try:
        before = datetime.fromisoformat(request.args["before"]) if "before" in request.args else None
    except ValueError:
        before = None
    if "before" in request.args and (before is None or before.tzinfo is None):
        raise RefusedError("request-malformed", where="before", expected="a time with its offset", got="another text")
    with current_shell().database.reading() as session:
        found = read_mismatches(session, _ON_A_PAGE + 1, before)
    shown = found[:_ON_A_PAGE]
    after = shown[-1].at.isoformat() if len(found) > _ON_A_PAGE else None
    if _wants_json():
        reports = [_tell(one) | {"words": one.words, "media": one.media} for one in shown]
        return jsonify({"reports": reports, "next": after and f"/mismatches?before={after.replace('+', '%2B')}"})
    return make_response(
        render_template("mismatches.html", reports=shown, after=after, show_number=show_number, most=MOST_WORDS)
    )


@blueprint.post("/mismatches/<number>")
@open_to(Callers.REGULATOR)
def act(number: str) -> Response:
    """A regulator has seen a report, or with the form field `answer` answers it; what is answered anybody with the
    number reads.
    """
    check_same_site()
    found = _find(read_number(number))
    answer = _read_words("answer") if request.form.get("answer", "").strip() else None
    shell, party = current_shell(), caller()
    with shell.database.writing() as session:
        if answer is None or party is None:
            mark_seen(session, found.number)
        else:
            answer_mismatch(session, found.number, answer, party.uscc, shell.clock())
    return _see("/mismatches")


@blueprint.get("/mismatches/<number>/photo")
@open_to(Callers.REGULATOR)
def photo(number: str) -> Response:
    """The photo as a file to save. Raises RefusedError `not-found` where there is none."""
    found = _find(read_number(number))
    if found.photo is None or found.media is None:
        raise RefusedError("not-found", expected="a report with a photo", got=found.number)
    try:
        data = find_photo(current_shell().settings, found.photo).read_bytes()
    except FileNotFoundError as error:
        raise RefusedError("not-found", expected="the photo's file", got=found.photo) from error
    name = f"{found.number}.{ENDINGS[found.media]}"
    return Response(data, mimetype=found.media, headers={"Content-Disposition": f"attachment; filename={name}"})


def _find(number: str) -> Mismatch:
    with current_shell().database.reading() as session:
        found = find_mismatch(session, number)
    if found is None:
        raise RefusedError("not-found", expected="a report of this number", got=number)
    return found


def _read_upload(name: str) -> bytes:
    """What was sent as a file; nothing where there was none. The temporary files of the request are closed at once."""
    sent = request.files.get(name)
    try:
        return sent.read() if sent is not None else b""
    finally:
        for each in request.files.values():
            each.close()


def _read_words(name: str) -> str:
    """The text of a form field, its line ends as one. Raises RefusedError `request-malformed`."""
    words = request.form.get(name, "").replace("\r\n", "\n").strip()
    if not 0 < len(words) <= MOST_WORDS or "\0" in words:
        raise RefusedError("request-malformed", where=name, expected=f"1 to {MOST_WORDS} characters", got=len(words))
    return words


def _tell(found: Mismatch) -> dict[str, Any]:
    return {
        "number": found.number,
        "lot": found.lot,
        "page": lot_path(found.lot),
        "received_at": found.at.isoformat(),
        "state": found.state,
        "photo_sha256": found.photo,
        "answer": found.answer,
        "answered_at": found.answered_at and found.answered_at.isoformat(),
        "answered_by": found.answered_by,
    }


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _see(path: str) -> Response:
    return make_response(redirect(path, 303))


def _keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
