"""A registry of one test's own, and witnesses on this machine that answer over HTTP."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from api.database import Database
from api.shell import Shell
from api.witness.folder import WitnessFolder
from api.witness.serving import create_witness
from tests.api.v1.conftest import open_app, shell_of
from tests.world import FOUNDED_AT, World
from trace.ledger.checkpoint import log_key


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The address of a WSGI application."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Witness:
    """One that runs, under a name of its own."""

    name: str
    folder: WitnessFolder
    url: str
    clock: list[float] = field(default_factory=lambda: [FOUNDED_AT.timestamp()])

    def lines(self) -> str:
        """Its lines in a policy: both keys, which are one operator."""
        keys = [str(signer.key) for signer in self.folder.read_signers()]
        own = "".join(f"witness {self.name}-{n} {key} {self.url}\n" for n, key in enumerate(keys))
        return f"{own}group {self.name} any {self.name}-0 {self.name}-1\n"


def write_policy(path: Path, *witnesses: Witness, demanded: int | None = None, log: str = "") -> Path:
    """A policy that demands all of these operators, or as many as are demanded."""
    names = " ".join(witness.name for witness in witnesses)
    lines = "".join(witness.lines() for witness in witnesses)
    path.write_text(f"{log}{lines}group operators {demanded or len(witnesses)} {names}\nquorum operators\n")
    return path


@pytest.fixture
def start_witness(tmp_path) -> Iterator[Callable[..., Witness]]:
    """Witnesses that know a world's ledger."""
    with ExitStack() as stack:

        def start(name: str, world: World) -> Witness:
            folder = WitnessFolder(tmp_path / name)
            folder.create(f"{name}.example/w")
            folder.add_log(log_key(world.sealer.origin, world.sealer.key.public), world.sealer.origin)
            witness = Witness(name, folder, "")
            witness.url = stack.enter_context(serving(create_witness(folder, lambda: witness.clock[0])))
            return witness

        yield start


@pytest.fixture
def world(database_url) -> Iterator[World]:
    database = Database(database_url)
    yield World.told(database)
    database.close()


@pytest.fixture
def app(world, tmp_path) -> Iterator[Flask]:
    app = open_app(world, tmp_path / "var", public_url="http://registry.test", is_secure=False)
    yield app
    shell_of(app).database.close()


@pytest.fixture
def shell(app) -> Shell:
    return shell_of(app)


@pytest.fixture
def court(start_witness, world) -> Witness:
    witness: Witness = start_witness("court", world)
    return witness


@pytest.fixture
def university(start_witness, world) -> Witness:
    witness: Witness = start_witness("university", world)
    return witness


def use_policy(shell: Shell, path: Path) -> None:
    """Give the running registry a policy."""
    shell.settings = replaced(shell.settings, policy_path=path)
