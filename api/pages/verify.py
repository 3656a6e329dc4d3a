"""`/verify.html`: the page that checks evidence, for anybody to read, save and open without a network."""

import base64

from flask import Blueprint, Response, request

from api.access import Callers, open_to
from api.verifier import build_page

blueprint = Blueprint("verify", __name__)


@blueprint.get("/verify.html")
@open_to(Callers.ANYONE)
def show_verifier() -> Response:
    """The same bytes for everybody; `Repr-Digest` (RFC 9530) is what copies from elsewhere are compared with.

    The only page of the house with a script in it. Its policy allows that script by its hash and no other, neither from
    a file nor in the page, so that it is stricter than the house's and not an exception to it (`api/security.py`).
    """
    page = build_page()
    response = Response(page.html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = f"{page.policy}; frame-ancestors 'none'"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Language"] = "zh, en"
    digest = base64.b64encode(bytes.fromhex(page.sha256)).decode("ascii")
    response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
    response.set_etag(page.sha256)
    return response.make_conditional(request)  # type: ignore[return-value]
