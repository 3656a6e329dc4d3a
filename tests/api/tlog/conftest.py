"""An application over a log of several hundred entries: enough for full tiles, and a partial one above them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.database import Database
from keys.envelope import Statement, seal_statement
from keys.keyring import generate_key
from tests import databases
from tests.api.tlog.client import TileClient
from tests.api.v1.conftest import app, client, empty_world, open_app, shell_of, world
from tests.world import World
from trace.ledger import store

KEY = generate_key()
AT = datetime(2015, 4, 13, 8, tzinfo=UTC)


def said(number: int) -> Statement:
    """Something that no kind reads: the log alone is looked at here."""
    return seal_statement(
        KEY,
        kind="test.said",
        issuer="somebody",
        subject=f"thing {number}",
        issued_at=AT,
        payload=b"{}",
        nonce=number.to_bytes(16),
    )


def grow(world: World, size: int) -> None:
    """Let the log have `size` entries, past the door: what they say does not matter here, only how many they are."""
    with world.database.writing() as session:
        start = store.size_of(session)
        store.append(
            session, store.read_head(session), [said(number) for number in range(start, size)], world.sealer, world.at
        )


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def long_log(request, tmp_path_factory, shared_folder: Path) -> Iterator[tuple[World, Flask]]:
    """600 entries under checkpoints of 300, 511 and 600, on each database; tests only read it."""
    if request.param == "postgresql":
        with databases.fresh_postgresql(request.getfixturevalue("postgresql_server"), is_migrated=True) as url:
            yield from _serve(url, tmp_path_factory.mktemp("var"))
    else:
        url = databases.fresh_sqlite(tmp_path_factory.mktemp("db"), shared_folder, is_migrated=True)
        yield from _serve(url, tmp_path_factory.mktemp("var"))


def _serve(url: str, var: Path) -> Iterator[tuple[World, Flask]]:
    database = Database(url)
    world = World.found(database)
    for size in (300, 511, 600):
        grow(world, size)
    app = open_app(world, var)
    yield world, app
    shell_of(app).database.close()
    database.close()


@pytest.fixture
def visitor(long_log: tuple[World, Flask]) -> FlaskClient:
    """Somebody who reads the long log."""
    return long_log[1].test_client()


def read_log(client: FlaskClient) -> TileClient:
    """A monitor's view of the log, by HTTP alone."""

    def fetch(path: str) -> bytes:
        response = client.get(f"/{path}")
        assert response.status_code == 200, path
        return response.data

    return TileClient(fetch, client.get("/api/v1/ledger").get_json()["ledger_key"]["verifier_key"])


# The small registry that a test may write to.
__all__ = ["app", "client", "empty_world", "world"]
