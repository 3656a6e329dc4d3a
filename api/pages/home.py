"""The first page: what this is, one box for every number, and how the ledger stands."""

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from api.access import Callers, open_to
from api.demonstration.addresses import read_addresses
from api.demonstration.names import read_names
from api.finder import find
from api.pages.people import names_in
from api.sentences import tell_finding
from api.shell import current_shell
from api.words import language
from keys.errors import RefusedError
from labs.worklist.register import Wanted, count_verdicts, read_groups
from trace.findings import Severity
from trace.ledger.store import latest_checkpoint
from trace.parties.register import find_registry

blueprint = Blueprint("home", __name__)
MAX_QUERY = 300
_SHOWN_FINDINGS = 4


@blueprint.get("/")
@open_to(Callers.ANYONE)
def show_home() -> str:
    """What this is, with the newest of what is grave."""
    with current_shell().database.reading() as session:
        registry = find_registry(session)
        checkpoint = latest_checkpoint(session)
        grave = Wanted(at_least=Severity.CRITICAL.weight)
        groups = read_groups(session, grave, most=_SHOWN_FINDINGS, newest_first=True)
        names = names_in(session, groups)
        return render_template(
            "home.html",
            checkpoint=checkpoint,
            verdicts=count_verdicts(session),
            findings=[(group, tell_finding(group, names)) for group in groups],
            addresses=read_addresses(read_names()) if registry is not None and registry.is_demonstration else (),
            names=names,
        )


@blueprint.get("/search")
@open_to(Callers.ANYONE)
def search() -> BaseResponse:
    """Straight to the page where the number names one thing; else the list of what it may name."""
    text = request.args.get("q", "").strip()
    if len(text) > MAX_QUERY:
        raise RefusedError("request-malformed", where="q", expected=f"at most {MAX_QUERY} characters", got=len(text))
    with current_shell().database.reading() as session:
        hits = find(session, text)
    if len(hits) == 1:
        # The language travels along where it was asked for; it is remembered anyway.
        return redirect(hits[0].address + (f"?lang={language()}" if "lang" in request.args else ""))
    status = 200 if hits or not text else 404
    return Response(render_template("search.html", text=text, hits=hits), status, mimetype="text/html")
