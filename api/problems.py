"""Refusals as RFC 9457 problems: one table maps every code to its HTTP status; the words stand in
`api/translations/`.
"""

from collections.abc import Mapping

from flask import Flask, Response, g, json, render_template, request
from werkzeug.exceptions import HTTPException

from api.words import say
from keys.errors import RefusedError

PROBLEMS: Mapping[str, int] = {
    # the envelope and what is in it
    "cbor-malformed": 400,
    "cbor-not-deterministic": 400,
    "cbor-trailing-bytes": 400,
    "statement-too-large": 413,
    "too-many-statements": 413,
    "envelope-malformed": 400,
    "payload-malformed": 400,
    "content-type-unknown": 415,
    "schema-violated": 422,
    "subject-mismatch": 422,
    "kind-unknown": 422,
    "digital-link-invalid": 422,
    "uscc-invalid": 422,
    # who says it
    "key-unreadable": 422,
    "key-unknown": 403,
    "key-known": 409,
    "key-revoked": 403,
    "key-doubted": 403,
    "key-expired": 403,
    "issuer-mismatch": 403,
    "algorithm-mismatch": 403,
    "signature-invalid": 403,
    "role-not-allowed": 403,
    "post-not-held": 403,
    "not-your-party": 403,
    "party-unknown": 422,
    # when, and after what
    "issued-in-future": 422,
    "clock-went-back": 503,
    "clock-not-yours": 403,
    "head-stale": 409,
    "founding-misplaced": 409,
    # the ledger
    "not-founded": 503,
    "entry-unknown": 404,
    "checkpoint-unknown": 404,
    "size-unknown": 404,
    "tile-unknown": 404,
    "checkpoint-invalid": 422,
    "ledger-rolled-back": 503,
    "export-malformed": 422,
    "export-differs": 422,
    "receipt-malformed": 422,
    "receipt-invalid": 422,
    # the API
    "request-malformed": 400,
    "not-signed-in": 401,
    "challenge-refused": 403,
    "origin-foreign": 403,
    "body-withheld": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "too-large": 413,
    "media-type-unknown": 415,
    "document-refused": 422,
    "too-many-requests": 429,
    "internal-error": 500,
}
# What Flask and its extensions raise by themselves, under our codes.
_OF_STATUS = {
    400: "request-malformed",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "media-type-unknown",
    429: "too-many-requests",
}


def describe(error: RefusedError) -> dict[str, object]:
    """The problem object of a refusal, in the language of the request."""
    facts = {name: value if isinstance(value, int | str | list) else str(value) for name, value in error.facts.items()}
    return {
        "type": f"/problems/{error.code}",
        "title": say(f"problem.{error.code}", "title"),
        "status": PROBLEMS[error.code],
        "detail": str(error),
        "code": error.code,
        **facts,
    }


def register_problems(app: Flask) -> None:
    """Answer every refusal and every HTTP error with a problem: JSON for programs, a page for people."""

    @app.errorhandler(RefusedError)
    def refuse(error: RefusedError) -> Response:
        return _answer(error, PROBLEMS[error.code])

    @app.errorhandler(HTTPException)
    def fail(error: HTTPException) -> Response:
        status = error.code or 500
        if status < 400:
            return Response(error.get_response().get_data(), status, dict(error.get_response().headers))
        code = _OF_STATUS.get(status, "internal-error")
        response = _answer(RefusedError(code, got=request.path[:200]), status)
        for name in ("Allow", "Retry-After"):
            if name in error.get_response().headers:
                response.headers[name] = error.get_response().headers[name]
        return response

    @app.errorhandler(Exception)
    def break_down(error: Exception) -> Response:
        app.logger.error("unexpected error", exc_info=error)
        return _answer(RefusedError("internal-error"), 500)


def wants_page() -> bool:
    """Is a person asking: does the client prefer HTML to JSON, outside the API?"""
    if request.path.startswith("/api/"):
        return False
    best = request.accept_mimetypes.best_match(["application/json", "application/problem+json", "text/html"])
    return best == "text/html"


def _answer(error: RefusedError, status: int) -> Response:
    problem = describe(error)
    g.problem = error.code
    if wants_page():
        return Response(render_template("problem.html", problem=problem), status, mimetype="text/html")
    body = json.dumps(problem, ensure_ascii=False)
    return Response(body, status, mimetype="application/problem+json")
