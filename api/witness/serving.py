"""A witness over HTTP, as c2sp.org/tlog-witness v1.0 has it; submission and monitoring prefix are the same.

    POST /add-checkpoint              200 cosignatures | 400 403 404 409 422 why not
    POST /sign-subtree                200 cosignatures | 400 403 404 422 why not
    GET  /<origin hash>/checkpoint    200 the latest that was cosigned | 404

Refusals are a line of text; that of 409 is the known size alone.
"""

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from gunicorn.app.base import BaseApplication
from werkzeug.exceptions import HTTPException

from api.problems import PROBLEMS
from api.witness.folder import LogFolder, WitnessFolder
from keys.errors import RefusedError
from trace.ledger.note import MAX_BYTES
from trace.ledger.signature import Signer
from trace.ledger.subtree import read_subtree_request, sign_subtree
from trace.ledger.witness import MAX_PROOF_LINES, NEVER, Request, cosign, is_fork, judge, read_request, write_answer

_log = logging.getLogger(__name__)
# A note, its proof (45 bytes a line) and the line above them.
_MOST_BYTES = MAX_BYTES + 64 * (MAX_PROOF_LINES + 1)
_PLAIN = "text/plain; charset=utf-8"


def create_witness(folder: WitnessFolder, clock: Callable[[], float]) -> Flask:
    """The application of the witness in a folder; `clock` tells seconds since 1970. Raises as `read_signers`."""
    signers = folder.read_signers()
    app = Flask("witness", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BYTES

    @app.post("/add-checkpoint")
    def add() -> Response:
        return _answer(add_checkpoint(folder, signers, request.get_data(), int(clock())))

    @app.post("/sign-subtree")
    def sign() -> Response:
        asked = read_subtree_request(request.get_data())
        is_known = folder.find_log(asked.head.origin) is not None
        return _answer("".join(map(str, sign_subtree(asked, signers, is_known=is_known))))

    @app.get("/<digits>/checkpoint")
    def show(digits: str) -> Response:
        log = folder.find_hash(digits)
        checkpoint = log.read_checkpoint() if log is not None else b""
        if not checkpoint:
            raise RefusedError("log-unknown", got=digits[:64])
        return _answer(checkpoint)

    @app.errorhandler(RefusedError)
    def refuse(error: RefusedError) -> Response:
        app.logger.info("refused: %s", error)
        if error.code == "witness-differs":
            return _answer(f"{error.facts['expected']}\n", 409, "text/x.tlog.size")
        return _answer(f"{error}\n", PROBLEMS[error.code])

    @app.errorhandler(HTTPException)
    def fail(error: HTTPException) -> Response:
        return _answer(f"{error.name}\n", error.code or 500)

    @app.errorhandler(Exception)
    def break_down(error: Exception) -> Response:
        app.logger.error("unexpected error", exc_info=error)
        return _answer("internal-error\n", 500)

    return app


def add_checkpoint(folder: WitnessFolder, signers: tuple[Signer, ...], data: bytes, now: int) -> str:
    """The cosignatures on the checkpoint of a request, durably remembered. Raises RefusedError as `judge`, OSError."""
    asked = read_request(data)
    log = folder.find_log(asked.head.origin)
    if log is None:
        raise RefusedError("log-unknown", got=asked.head.origin[:200])
    own = tuple(signer.key for signer in signers)
    # Held from reading the state until the new one is on the disk: of two forks at once, one is judged by the other.
    with log.locked():
        state = log.read_state(own)
        try:
            signed = judge(asked, log.keys, state)
        except RefusedError as error:
            # Both codes come after the log's signature was seen to hold.
            if error.code in ("tree-inconsistent", "witness-differs") and state != NEVER and is_fork(asked, state):
                _testify(log, asked)
            raise
        kept = cosign(asked, signed, signers, state, now)
        log.keep(kept)
    return write_answer(kept, own)


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn around a witness: one process, several threads, no settings from elsewhere."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self.app = app
        self.bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        """What differs from gunicorn's defaults."""
        settings: dict[str, Any] = {"bind": self.bind, "workers": 1, "worker_class": "gthread", "threads": 8}
        settings |= {"timeout": 30, "keepalive": 30, "loglevel": "warning", "control_socket_disable": True}
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application that is served."""
        return self.app


def _testify(log: LogFolder, asked: Request) -> None:
    _log.error("%s has signed two roots of %s entries: see %s", log.origin, asked.head.size, log.path / "forks")
    # Nothing is signed either way; a full disk must not make a refusal of it that tells the log less.
    try:
        log.keep_fork(asked.note)
    except OSError as error:
        _log.warning("not kept: %s", error)


def _answer(body: str | bytes, status: int = 200, media: str = _PLAIN) -> Response:
    response = Response(body, status, content_type=media)
    response.headers["Cache-Control"] = "no-store"
    return response
