"""Spreadsheets: templates to download, a dry run of a filled-in one that names every bad row, and drafts of the good
ones for the browser to sign.

Nothing of an upload is kept. A dry run says no more of the registers than the pages of the lots do, so nobody signs in
for it; it costs more than a page, so each address may ask a few times a minute (`api/security.py`), of so many rows.
"""

import shlex
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.datastructures import FileStorage

from api.access import Callers, caller, caller_key, check_same_site, open_to
from api.bulk.drafting import draft_rest
from api.bulk.plan import Plan, plan_file
from api.bulk.table import MAX_FILE_BYTES
from api.bulk.telling import parties_in, tell_fault, tell_place
from api.bulk.templates import TEMPLATES, Template
from api.bulk.vocabulary import heading_of, sheet_name, word_of
from api.bulk.writing import MEDIA, write_template
from api.naming import Names, number_label, party_names
from api.problems import PROBLEMS, describe
from api.security import at_most
from api.shell import current_shell
from api.v1.schemas import DraftsSchema
from keys.errors import RefusedError
from trace.parties.register import read_parties
from trace.uscc import check_uscc

blueprint = Blueprint("bulk", __name__)
# Ours to choose: some seconds of a worker. A longer list belongs to the command, which has a bar and no hurry.
MAX_ROWS_HERE = 20_000
_FORM = "<any(csv, xlsx):form>"


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of an upload: a plan, or the problem of the file as a whole."""

    template: Template
    party: str
    file: str
    plan: Plan | None
    names: Names
    problem: dict[str, object] | None


@blueprint.get("/import")
@open_to(Callers.ANYONE)
def show_form() -> str:
    """Templates and the form."""
    return _render(None)


@blueprint.get(f"/import/<any(drums, deliveries, installations):name>.{_FORM}")
@open_to(Callers.ANYONE)
def template(name: str, form: str) -> Response:
    """An empty template, its headings in the language of the page."""
    response = Response(write_template(TEMPLATES[name], form), mimetype=MEDIA[form])
    response.headers.set("Content-Disposition", "attachment", filename=f"{sheet_name(TEMPLATES[name])}.{form}")
    return response


@blueprint.post("/import")
@open_to(Callers.ANYONE)
@at_most("10 per minute")
def check() -> tuple[str, int]:
    """A dry run of the file that was sent: 200 where it could be read, whatever it says, else the problem's status."""
    result = _check()
    return _render(result), 200 if result.problem is None else PROBLEMS[str(result.problem["code"])]


@blueprint.post("/import/drafts")
@open_to(Callers.SIGNED_IN)
@at_most("60 per minute")
def drafts() -> Response:
    """What is left to be signed of the file that was sent, for the key of the session: the first drafts of it, and how
    many rows each says. The registry keeps nothing; the same file is sent again for the next.
    """
    check_same_site()
    party, kid = caller(), caller_key()
    if party is None or kid is None:
        raise RefusedError("not-signed-in", expected="a session that proves possession of a key")
    chosen, named, _, data = read_upload()
    if named != party.uscc:
        raise RefusedError("issuer-mismatch", where="party", expected=party.uscc, got=named)
    rest = draft_rest(current_shell(), chosen, data, party.uscc, kid, most_rows=MAX_ROWS_HERE)
    told = {"count": rest.plan.count, "bad": rest.plan.bad, "standing": rest.plan.standing, "rows": rest.rows}
    return jsonify(DraftsSchema().dump({"drafts": rest.drafts}) | told)


def read_upload() -> tuple[Template, str, FileStorage, bytes]:
    """Which template, for whom, and the file. Raises RefusedError `request-malformed`, `uscc-invalid`, `too-large`."""
    name, file = request.form.get("what", ""), request.files.get("file")
    if name not in TEMPLATES:
        raise RefusedError("request-malformed", where="what", expected=sorted(TEMPLATES), got=name[:40])
    party = check_uscc(request.form.get("party", "").strip().upper())
    if file is None or not file.filename:
        raise RefusedError("request-malformed", where="file", expected="a file", got="none")
    data = file.stream.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise RefusedError("too-large", where="file", expected=f"at most {MAX_FILE_BYTES} bytes")
    return TEMPLATES[name], party, file, data


def _check() -> Checked:
    chosen = TEMPLATES.get(request.form.get("what", ""), TEMPLATES["drums"])
    party, file = request.form.get("party", "")[:40], ""
    shell = current_shell()
    try:
        chosen, party, upload, data = read_upload()
        file = (upload.filename or "")[:120]
        with shell.database.reading() as session:
            plan = plan_file(session, shell.house.catalogue, chosen, data, party, shell.clock(), most=MAX_ROWS_HERE)
            names = party_names(read_parties(session, parties_in(plan) | {party}))
    except RefusedError as error:
        return Checked(chosen, party, file, None, {}, describe(_in_words(error)))
    return Checked(chosen, party, file, plan, names, None)


def _in_words(error: RefusedError) -> RefusedError:
    """Columns by their headings."""
    facts = dict(error.facts)
    if error.code.startswith("heading-"):
        for name in ("expected", "got"):
            if isinstance(facts.get(name), list):
                facts[name] = [heading_of(code) for code in facts[name]]  # type: ignore[attr-defined]
    return RefusedError(error.code, **facts)


def _render(result: Checked | None) -> str:
    signed_in = caller()
    words: dict[str, Any] = {"tell_fault": tell_fault, "tell_place": tell_place, "heading_of": heading_of}
    return render_template(
        "import.html",
        result=result,
        templates=tuple(TEMPLATES.values()),
        party=result.party if result else signed_in.uscc if signed_in else "",
        chosen=(result.template if result else TEMPLATES["drums"]).name,
        sheet_name=sheet_name,
        word_of=word_of,
        max_mib=MAX_FILE_BYTES // 2**20,
        max_rows=number_label(Decimal(MAX_ROWS_HERE)),
        quote=shlex.quote,
        **words,
    )
