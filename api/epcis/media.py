"""What every answer under /epcis says of itself, and what it can be asked for (EPCIS 2.0.1 §12.1, §12.6).

Events leave as their signers wrote them, so no identifier is translated from one format into another.
"""

import re

from flask import Blueprint, Response, request

from api.security import add_missing
from keys.errors import RefusedError

JSON, JSON_LD = "application/json", "application/ld+json"
VERSION = "2.0.0"
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
# A domain that nobody can own (RFC 2606).
OURS = "https://suzheng.example/vocabulary/"
_BOUNDS = {"GS1-EPCIS-Min": "2", "GS1-EPCIS-Max": "2", "GS1-CBV-Min": "2", "GS1-CBV-Max": "2"}
_HEADERS = {
    **dict.fromkeys(("GS1-EPCIS-Version", "GS1-EPCIS-Min", "GS1-EPCIS-Max"), VERSION),
    **dict.fromkeys(("GS1-CBV-Version", "GS1-CBV-Min", "GS1-CBV-Max"), VERSION),
    "GS1-EPC-Format": "Never_Translates",
    "GS1-Extensions": f"suzheng={OURS}",
}
_VERSION = re.compile(r"([0-9]{1,3})(?:\.[0-9]{1,3}){0,2}")
_FORMATS = ("No_Preference", "Never_Translates")


def make_blueprint(name: str) -> Blueprint:
    """A blueprint whose answers bear the standard's headers."""
    blueprint = Blueprint(f"epcis_{name}", __name__)
    blueprint.before_request(_check_versions)
    blueprint.after_request(_add_headers)
    return blueprint


def choose_media() -> str:
    """JSON or JSON-LD, whichever the caller prefers. Raises RefusedError `not-acceptable`."""
    if not request.accept_mimetypes:
        return JSON
    chosen = request.accept_mimetypes.best_match([JSON, JSON_LD])
    if chosen is None:
        raise RefusedError("not-acceptable", expected=[JSON, JSON_LD], got=str(request.accept_mimetypes)[:80])
    return chosen


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


def _add_headers(response: Response) -> Response:
    add_missing(response, _HEADERS)
    response.vary.add("Accept")
    if request.method == "OPTIONS":
        response.status_code = 204
    return response
