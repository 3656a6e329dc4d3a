"""What every answer under /epcis says of itself, and what it can be asked for.

Events leave as their signers wrote them, so no identifier is translated from one format into another.
"""

import re
from collections.abc import Mapping

from flask import Blueprint, Response, current_app, request

from api.operations import JSON, XML, Operation
from api.security import MAX_REQUEST_BYTES, add_missing
from keys.errors import RefusedError
from trace.epcis.xml import CONTEXT, OURS
from trace.epcis.xml_writer import URN, WEB_URI
from trace.intake import MAX_BATCH

__all__ = ["CONTEXT", "JSON", "JSON_LD", "OURS", "VERSION", "XML", "choose_media", "choose_words", "make_blueprint"]

JSON_LD = "application/ld+json"
VERSION = "2.0.0"
# What may be captured at once.
CAPTURE_LIMITS = {
    "GS1-EPCIS-Capture-Limit": str(MAX_BATCH),
    "GS1-EPCIS-Capture-File-Size-Limit": str(MAX_REQUEST_BYTES),
}
_BOUNDS = {"GS1-EPCIS-Min": "2", "GS1-EPCIS-Max": "2", "GS1-CBV-Min": "2", "GS1-CBV-Max": "2"}
_HEADERS = {
    **dict.fromkeys(("GS1-EPCIS-Version", "GS1-EPCIS-Min", "GS1-EPCIS-Max"), VERSION),
    **dict.fromkeys(("GS1-CBV-Version", "GS1-CBV-Min", "GS1-CBV-Max"), VERSION),
    "GS1-EPC-Format": "Never_Translates",
    "GS1-Extensions": f"suzheng={OURS}",
}
_VERSION = re.compile(r"([0-9]{1,3})(?:\.[0-9]{1,3}){0,2}")
_FORMATS = ("No_Preference", "Never_Translates")
# How CBV's words stand in XML, by what is asked for. None of them is kept as it was signed: XML has no bare words.
_WORDS: Mapping[str, Mapping[str, str]] = {"No_Preference": URN, "Always_URN": URN, "Always_Web_URI": WEB_URI}
_CBV_FORMATS = ("No_Preference", "Always_URN", "Always_Web_URI", "Never_Translates")


def make_blueprint(name: str) -> Blueprint:
    """A blueprint whose answers bear the standard's headers."""
    blueprint = Blueprint(f"epcis_{name}", __name__)
    blueprint.before_request(_check_accept)
    blueprint.before_request(_check_versions)
    blueprint.after_request(_add_headers)
    return blueprint


def choose_media() -> str:
    """Of what the route answers that which the caller prefers: JSON, which is JSON-LD too, or what it declares besides.

    Raises RefusedError `not-acceptable`.
    """
    if not request.accept_mimetypes:
        return JSON
    declared: Operation = getattr(current_app.view_functions[str(request.endpoint)], "operation")  # noqa: B009
    offered = list(dict.fromkeys((JSON, JSON_LD, *declared.media)))
    chosen = request.accept_mimetypes.best_match(offered)
    if chosen is None:
        raise RefusedError("not-acceptable", expected=offered, got=str(request.accept_mimetypes)[:80])
    return chosen


def choose_words() -> Mapping[str, str]:
    """How CBV's words are to stand in XML. Raises RefusedError `not-acceptable`."""
    wanted = request.headers.get("GS1-CBV-XML-Format", "No_Preference")
    if wanted not in _WORDS:
        raise RefusedError("not-acceptable", where="GS1-CBV-XML-Format", expected=list(_WORDS), got=wanted[:40])
    return _WORDS[wanted]


def _check_accept() -> None:
    """Whoever can't do with what the route answers learns it before anything is done."""
    if request.method != "OPTIONS":
        choose_media()


def _check_versions() -> None:
    """The versions that the caller can do with must not leave out ours."""
    for name, ours in _BOUNDS.items():
        given = request.headers.get(name)
        asked = _VERSION.fullmatch(given.strip()) if given is not None else None
        if given is None:
            continue
        is_fine = asked is not None and (int(asked[1]) <= int(ours) if name.endswith("Min") else int(asked[1]) >= 2)
        if not is_fine:
            raise RefusedError("not-acceptable", where=name, expected=VERSION, got=given[:20])
    wanted = request.headers.get("GS1-EPC-Format")
    if wanted is not None and wanted not in _FORMATS:
        raise RefusedError("not-acceptable", where="GS1-EPC-Format", expected=list(_FORMATS), got=wanted[:40])
    words = request.headers.get("GS1-CBV-XML-Format")
    if words is not None and words not in _CBV_FORMATS:
        raise RefusedError("not-acceptable", where="GS1-CBV-XML-Format", expected=list(_CBV_FORMATS), got=words[:40])


def _add_headers(response: Response) -> Response:
    is_web = request.headers.get("GS1-CBV-XML-Format") == "Always_Web_URI"
    add_missing(response, {**_HEADERS, "GS1-CBV-XML-Format": "Always_Web_URI" if is_web else "Always_URN"})
    response.vary.update(["Accept", "GS1-CBV-XML-Format"])
    if request.method == "OPTIONS" and response.status_code == 200:
        response.status_code = 204
        response.headers.pop("Content-Type")
        if request.path == "/epcis/capture":
            response.headers.update(CAPTURE_LIMITS | {"GS1-Capture-Error-Behaviour": "all"})
    return response
