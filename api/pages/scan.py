"""The scan page: what a phone opens that reads the code on a drum. Its address is the GS1 Digital Link path itself.

A program that asks for JSON gets the same answer as JSON; who asks for links gets those (`api/resolver.py`).
"""

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from api.access import Callers, open_to
from api.answer import answer
from api.answer_json import write_answer
from api.pages.doubts import keep_doubts
from api.resolver import FOR_ANYBODY, describe_resolver, link_to_linkset, resolve
from api.shell import current_shell
from api.words import say
from keys.label import PARAMETER, check_label
from labs.judge import Word
from trace.epcis.digital_link import link_of
from trace.epcis.identifiers import make_lot

blueprint = Blueprint("scan", __name__)

LOT = "/01/<gtin>/10/<lot>"
UNIT = f"{LOT}/21/<serial>"


@blueprint.get(LOT)
@blueprint.get(UNIT)
@open_to(Callers.ANYONE)
def scan(gtin: str, lot: str, serial: str | None = None) -> Response:
    """The verdict on a lot or unit: 200, or 404 with the word UNKNOWN where nobody has spoken of it."""
    identity = make_lot(gtin, lot, serial)
    link = link_of(identity)
    resolved = resolve(link)
    if resolved is not None:
        return resolved
    shell = current_shell()
    found = answer(shell, str(identity))
    keep_doubts(found.facts.doubts)
    label = check_label(_mark(), shell.registry.origin, link.path, shell.label_keys)
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    if best == "application/json":
        told = write_answer(found, shell.settings.public_url)
        response = jsonify(told | {"label": {"state": label, "says": say(f"label.{label}", "says")}})
    else:
        response = make_response(render_template("scan.html", told=found, facts=found.facts, label=label))
    response.status_code = 404 if found.facts.verdict.word is Word.UNKNOWN else 200
    # A verdict of yesterday is none: every look asks again.
    response.headers["Cache-Control"] = "no-cache"
    # For the button that notes a place; the browser asks the person all the same.
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(self), microphone=()"
    response.vary.add("Accept")
    return link_to_linkset(response, link)


def _mark() -> str | None:
    """The label's signature; of two, which is the label's nobody knows."""
    marks = request.args.getlist(PARAMETER)
    return (marks[0] if len(marks) == 1 else "") if marks else None


@blueprint.get("/.well-known/gs1resolver")
@open_to(Callers.ANYONE)
def describe() -> Response:
    """What this resolver resolves (GS1-Conformant Resolver, "Resolver description file")."""
    response = jsonify(describe_resolver())
    response.headers.update(FOR_ANYBODY)
    return response
