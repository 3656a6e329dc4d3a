"""For whoever watches the service: `/healthz` (is the process alive?) and `/readyz` (can it do its work?), as JSON.

Open to anyone, so it names what fails by a code and tells nothing else: no address, no path, no key.
"""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from api import migrate
from api.access import Callers, open_to
from api.anchor import check_anchor
from api.shell import Shell, current_shell
from keys.errors import RefusedError
from trace.ledger.anchor import check_newest

blueprint = Blueprint("health", __name__)
OK = "ok"


@blueprint.get("/healthz")
@open_to(Callers.ANYONE)
def show_health() -> Response:
    """Looks at nothing: that there is an answer is the answer."""
    return _answer({"status": "alive"}, 200)


@blueprint.get("/readyz")
@open_to(Callers.ANYONE)
def show_readiness() -> Response:
    """200 where every check is "ok", else 503; a check after the first that fails is "unknown"."""
    shell = current_shell()
    checks = dict.fromkeys(_CHECKS, "unknown")
    for name, check in _CHECKS.items():
        try:
            checks[name] = check(shell)
        except RefusedError as error:
            checks[name] = error.code
        if checks[name] != OK:
            break
    is_ready = set(checks.values()) == {OK}
    return _answer({"status": "ready" if is_ready else "not ready", "checks": checks}, 200 if is_ready else 503)


def _check_database(shell: Shell) -> str:
    return OK if shell.database.is_reachable() else "unreachable"


def _check_schema(shell: Shell) -> str:
    return OK if migrate.is_current(shell.database) else "not current"


def _check_ledger_key(shell: Shell) -> str:
    is_own = shell.sealer.key.public.kid == shell.registry.ledger_key.kid
    # A file that has gone since is still in memory, but will not be after a restart.
    return OK if is_own and shell.settings.has_ledger_key else "missing"


def _check_checkpoint(shell: Shell) -> str:
    registry = shell.registry
    with shell.database.reading() as session:
        check_newest(session, registry.origin, registry.ledger_key)
        check_anchor(shell.settings, session, registry.origin, registry.ledger_key)
    return OK


_CHECKS: dict[str, Callable[[Shell], str]] = {
    "database": _check_database,
    "schema": _check_schema,
    "ledger_key": _check_ledger_key,
    "checkpoint": _check_checkpoint,
}


def _answer(body: dict[str, object], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
