"""Who may call a route. Every route declares it, or the application does not start.

Logging in is proving possession of a key (`api/v1/sessions.py`); the signed session cookie, or the bearer token, then
names that key, and is worth no more than the key is at the time of each request.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from api.shell import current_shell
from keys.errors import RefusedError
from trace.kinds import Readers, Role
from trace.parties.register import Party, check_key_usable, find_key, find_party

Route = TypeVar("Route", bound=Callable[..., Any])
SESSION_COOKIE = "session"
SESSION_AGE_S = 8 * 3600


class Callers(StrEnum):
    """Who may call."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    """Whoever has proved possession of a key of an admitted party."""
    REGULATOR = "regulator"


def open_to(callers: Callers) -> Callable[[Route], Route]:
    """Declare who may call the decorated view."""

    def declare(view: Route) -> Route:
        view.callers = callers  # type: ignore[attr-defined]
        return view

    return declare


def guard(app: Flask) -> None:
    """Check the declaration of the matched route before every request."""

    @app.before_request
    def check_caller() -> None:
        if request.endpoint is None:
            return
        callers = callers_of(app, request.endpoint)
        g.caller, g.caller_key = _read_caller(app)
        # OPTIONS is Flask's to answer: it says what there is, and runs no view.
        if callers is Callers.ANYONE or request.method == "OPTIONS":
            return
        if g.caller is None:
            raise RefusedError("not-signed-in", expected="a session that proves possession of a key")
        if callers is Callers.REGULATOR and Role.REGULATOR not in g.caller.roles:
            raise RefusedError("role-not-allowed", expected=Role.REGULATOR, got=", ".join(sorted(g.caller.roles)))


def callers_of(app: Flask, endpoint: str) -> Callers:
    """Who may call an endpoint. Raises LookupError where its view declares nobody."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return Callers.ANYONE
    callers = getattr(app.view_functions[endpoint], "callers", None)
    if not isinstance(callers, Callers):
        raise LookupError(f"{endpoint} does not declare who may call it")  # noqa: TRY004 - nothing there is no wrong type
    return callers


def check_declared(app: Flask) -> None:
    """Every route declares its callers. Raises LookupError naming the first that does not."""
    for endpoint in app.view_functions:
        callers_of(app, endpoint)


def caller() -> Party | None:
    """The signed-in party of this request, if there is one."""
    party: Party | None = g.get("caller")
    return party


def caller_key() -> bytes | None:
    """The thumbprint of the key by which the caller of this request has signed in."""
    kid: bytes | None = g.get("caller_key")
    return kid


def may_read(readers: Readers, issuer: str) -> bool:
    """May the caller of this request read a body with these readers, signed by `issuer`?"""
    party = caller()
    if readers is Readers.ANYONE:
        return True
    if party is None:
        return False
    return readers is Readers.PARTIES or party.uscc == issuer or Role.REGULATOR in party.roles


def check_same_site() -> None:
    """Raises RefusedError `origin-foreign` where a browser says that another site asks. Programs say nothing."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin")
    ours = {urlsplit(current_shell().settings.public_url).netloc, request.host}
    if site not in ("same-origin", "none") or (origin is not None and origin.partition("://")[2] not in ours):
        raise RefusedError("origin-foreign", expected=sorted(ours), got=(origin or site)[:200])


def serializer(app: Flask) -> URLSafeTimedSerializer:
    """Signs session tokens with the installation's secret."""
    return URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="session")


def _read_caller(app: Flask) -> tuple[Party | None, bytes | None]:
    token = request.cookies.get(SESSION_COOKIE) or request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token:
        return None, None
    try:
        kid = bytes.fromhex(serializer(app).loads(token, max_age=SESSION_AGE_S))
    except (BadSignature, ValueError, TypeError):
        return None, None
    shell = current_shell()
    with shell.database.reading() as session:
        key = find_key(session, kid)
        if key is None:
            return None, None
        try:
            check_key_usable(key, shell.clock())
        except RefusedError:
            return None, None
        return find_party(session, key.party), kid
