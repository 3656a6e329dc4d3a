"""What every response carries against misuse: a content policy without inline script, no framing, no sniffing; and
rate limits.

One page brings a policy of its own, `/verify.html`: it has to be a single file that can be saved, so its script stands
in it. That policy names the script by its hash and allows neither another nor any connection (`api/verifier.py`).
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

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


Route = TypeVar("Route", bound=Callable[..., Any])


def at_most(limit: str) -> Callable[[Route], Route]:
    """Declare what one address may ask of the decorated view, in Flask-Limiter's words: less than of others."""

    def declare(view: Route) -> Route:
        view.at_most = limit  # type: ignore[attr-defined]
        return view

    return declare


def add_missing(response: Response, headers: Mapping[str, str]) -> None:
    """Add those of these headers that a response does not have: at once, since each look at them is at all of them."""
    there = {name.lower() for name, _ in response.headers}
    response.headers.extend([item for item in headers.items() if item[0].lower() not in there])


def limit_views(app: Flask, settings: Settings) -> None:
    """Put the limits that views declare into force, where the installation has any at all."""
    if settings.rate_limit:
        for endpoint, view in app.view_functions.items():
            if hasattr(view, "at_most"):
                app.view_functions[endpoint] = app.extensions["suzheng-limiter"].limit(view.at_most)(view)


def secure(app: Flask, settings: Settings) -> None:
    """Headers on every response, bounds on every request, a limit for every address."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = 512 * 1024
    app.config["MAX_FORM_PARTS"] = 20
    limits = [settings.rate_limit] if settings.rate_limit else []
    # Without any limit it need not look for one at every request.
    limiter = Limiter(
        get_remote_address,
        app=app,
        default_limits=limits,  # type: ignore[arg-type]
        storage_uri="memory://",
        enabled=bool(limits),
    )
    app.extensions["suzheng-limiter"] = limiter

    @app.before_request
    def refuse_controls() -> None:
        # No name or number here has a NUL in it, and PostgreSQL can't even be asked for one.
        if "\0" in request.path or any("\0" in value for _, value in request.args.items(multi=True)):
            raise RefusedError("request-malformed", where="the address", expected="text", got="U+0000")
        # Nor a line feed, which no route matches: it would be "not found", where nothing can be.
        if "\n" in request.path:
            raise RefusedError("request-malformed", where="the address", expected="one line", got="U+000A")

    @app.after_request
    def add_headers(response: Response) -> Response:
        add_missing(response, HEADERS)
        if settings.is_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        # What somebody was shown because of who they are is left on no shared machine.
        if request.method not in ("GET", "HEAD") or g.get("caller") is not None:
            response.headers.setdefault("Cache-Control", "no-store")
        return response
