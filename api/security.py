"""What every response carries against misuse: a content policy without inline script, no framing, no sniffing; and
rate limits.

One page brings a policy of its own, `/verify.html`: it has to be a single file that can be saved, so its script stands
in it. That policy names the script by its hash and allows neither another nor any connection (`api/verifier.py`).
"""

from flask import Flask, Response, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from api.settings import Settings
from keys.errors import RefusedError

# Largest request body: a PDF of 20 MiB and its statement.
MAX_REQUEST_BYTES = 21 * 1024 * 1024
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# What costs far more than a look-up, by endpoint; for each address, in Flask-Limiter's words.
COSTLY = {"bulk.check": "10 per minute", "bulk.drafts": "60 per minute"}


def secure(app: Flask, settings: Settings) -> None:
    """Headers on every response, bounds on every request, a limit for every address."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = 512 * 1024
    app.config["MAX_FORM_PARTS"] = 20
    limits = [settings.rate_limit] if settings.rate_limit else []
    Limiter(get_remote_address, app=app, default_limits=limits, storage_uri="memory://")  # type: ignore[arg-type]

    @app.before_request
    def refuse_nul() -> None:
        # No name or number here has a NUL in it, and PostgreSQL can't even be asked for one.
        if "\0" in request.path or any("\0" in value for _, value in request.args.items(multi=True)):
            raise RefusedError("request-malformed", where="the address", expected="text", got="U+0000")

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.is_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        # What somebody was shown because of who they are is left on no shared machine.
        if request.method not in ("GET", "HEAD") or g.get("caller") is not None:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def bound_costly(app: Flask, settings: Settings) -> None:
    """Limits for what costs most, where there are limits at all. Called when all routes are there."""
    if settings.rate_limit:
        (limiter,) = app.extensions["limiter"]
        for endpoint, limit in COSTLY.items():
            app.view_functions[endpoint] = limiter.limit(limit)(app.view_functions[endpoint])
