"""Refusals as RFC 9457 problems: one table maps every code to its HTTP status; the words stand in
`api/translations/`.
"""

from collections.abc import Mapping

from flask import Flask, Response, g, has_request_context, json, render_template, request
from werkzeug.exceptions import HTTPException

from api import epcis_exceptions
from api.database import is_outage
from api.scrapi import concise
from api.shell import current_shell
from api.words import language, say
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
    "payload-missing": 400,
    "content-type-unknown": 415,
    "schema-violated": 422,
    "subject-mismatch": 422,
    "kind-unknown": 422,
    "digital-link-invalid": 422,
    "uscc-invalid": 422,
    "reference-invalid": 422,
    # who says it
    "key-unreadable": 422,
    "token-uri-malformed": 422,
    "token-failed": 503,
    "key-unknown": 403,
    "key-known": 409,
    "key-revoked": 403,
    "key-not-yet-valid": 403,
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
    "ledger-key-unknown": 404,
    "checkpoint-invalid": 422,
    "ledger-rolled-back": 503,
    "not-recordable": 500,
    "too-busy": 503,
    "database-unavailable": 503,
    "log-forked": 409,
    "ledger-behind": 409,
    "tile-differs": 422,
    "export-malformed": 422,
    "export-differs": 422,
    "receipt-malformed": 422,
    "receipt-invalid": 422,
    "draw-invalid": 422,
    "draw-not-yet": 409,
    # notes, and those who witness them (the statuses are tlog-witness's)
    "note-malformed": 400,
    "note-signature-invalid": 403,
    "witness-request-malformed": 400,
    "log-unknown": 404,
    "log-signature-missing": 403,
    "witness-differs": 409,
    "tree-inconsistent": 422,
    "witness-state-lost": 500,
    "cosignature-missing": 422,
    "cosignature-foreign": 403,
    "cosignature-refused": 502,
    "witness-unreachable": 502,
    "policy-malformed": 422,
    "policy-not-met": 422,
    "ledger-forked": 503,
    # EPCIS
    "query-parameter-unknown": 400,
    "query-parameter-invalid": 400,
    "query-too-large": 413,
    "query-unknown": 404,
    "query-known": 409,
    "event-unknown": 404,
    "capture-unknown": 404,
    "capture-done": 409,
    "capture-rolled-back": 409,
    "capture-differs": 422,
    "no-event": 422,
    # the API
    "request-malformed": 400,
    "not-signed-in": 401,
    "form-refused": 422,
    "challenge-refused": 403,
    "origin-foreign": 403,
    "body-withheld": 403,
    "not-found": 404,
    "lot-unknown": 404,
    "link-unknown": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "too-large": 413,
    "media-type-unknown": 415,
    "document-refused": 422,
    "document-unreadable": 422,
    "document-unsafe": 422,
    "photo-refused": 422,
    # spreadsheets
    "table-malformed": 422,
    "heading-unknown": 422,
    "heading-missing": 422,
    "heading-twice": 422,
    "too-many-requests": 429,
    "internal-error": 500,
    "not-implemented": 501,
}
# Ours to choose: about how long a database takes to come back.
_RETRY_AFTER_S = 5
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


def status_of(code: str, path: str) -> int:
    """The HTTP status of a code, at a path of ours."""
    status = PROBLEMS[code]
    return epcis_exceptions.status_of(status) if epcis_exceptions.is_epcis(path) else status


def describe(error: RefusedError) -> dict[str, object]:
    """The problem object of a refusal, in the language of the request and as its interface has it."""
    facts = {name: value if isinstance(value, int | str | list) else str(value) for name, value in error.facts.items()}
    path = request.path if has_request_context() else ""
    status = status_of(error.code, path)
    exception = epcis_exceptions.type_of(error.code, status) if epcis_exceptions.is_epcis(path) else None
    return {
        "type": exception or f"/problems/{error.code}",
        "title": say(f"problem.{error.code}", "title"),
        "status": status,
        "detail": str(error),
        "code": error.code,
        **facts,
    }


def register_problems(app: Flask) -> None:
    """Answer every refusal and every HTTP error with a problem: JSON for programs, a page for people."""

    @app.errorhandler(RefusedError)
    def refuse(error: RefusedError) -> Response:
        return _answer(error, status_of(error.code, request.path))

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
        if is_outage(error):
            # Whether a commit got through may be unknown then: the same statement again meets its entry, or goes in.
            app.logger.error("database unavailable: %s", error.__cause__ or error)
            return _answer(RefusedError("database-unavailable", retry_after_s=_RETRY_AFTER_S), 503)
        app.logger.error("unexpected error", exc_info=error)
        return _answer(RefusedError("internal-error"), 500)


def wants_page() -> bool:
    """Is a person asking: does the client prefer HTML to JSON, outside the API?"""
    if request.path.startswith(("/api/", "/epcis")):
        return False
    best = request.accept_mimetypes.best_match(["application/json", "application/problem+json", "text/html"])
    return best == "text/html"


def _answer(error: RefusedError, status: int) -> Response:
    g.problem = error.code
    response = _write(error, status)
    if "retry_after_s" in error.facts:
        response.headers["Retry-After"] = str(error.facts["retry_after_s"])
    return response


def _write(error: RefusedError, status: int) -> Response:
    if concise.is_wanted(request) and not wants_page():
        return _answer_concisely(error, status)
    problem = describe(error)
    if wants_page():
        return Response(render_template("problem.html", problem=problem), status, mimetype="text/html")
    if epcis_exceptions.is_xml_wanted(request):
        return Response(epcis_exceptions.write_exception(problem), status, mimetype=epcis_exceptions.PROBLEM_XML)
    body = json.dumps(problem, ensure_ascii=False)
    return Response(body, status, mimetype="application/problem+json")


def _answer_concisely(error: RefusedError, status: int) -> Response:
    concise.choose_language(request)
    problem = describe(error)
    body = concise.write_concise(problem, request, language(), current_shell().settings.public_url)
    return Response(body, concise.status_of(status, request), mimetype=concise.MEDIA)
