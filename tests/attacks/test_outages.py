"""A full disk, a database that is gone, a clock that was set back: refused in words, and once it is over as if nothing
had happened.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from api.app import create_app
from api.database import Database
from api.settings import Settings
from api.shell import Shell
from tests import databases
from tests.benchmarks.material import Registry, found_registry, make_statements
from trace.ledger.store import size_of


def open_app(registry: Registry, folder: Path) -> Flask:
    settings = Settings(folder, registry.database.url, "http://127.0.0.1:8000", "", is_secure=False)
    settings.ledger_key_path.parent.mkdir(parents=True)
    settings.ledger_key_path.write_bytes(registry.ledger_pem)
    return create_app(settings)


def shell_of(app: Flask) -> Shell:
    shell: Shell = app.extensions["suzheng"]
    return shell


@pytest.fixture
def registry(database_url: str) -> Iterator[Registry]:
    database = Database(database_url)
    yield found_registry(database)
    database.close()


def send(app: Flask, statement: bytes) -> tuple[int, dict[str, object], str | None]:
    """(status, body, Retry-After)."""
    response = app.test_client().post("/api/v1/statements", data=statement, content_type="application/cose")
    return response.status_code, json.loads(response.data), response.headers.get("Retry-After")


def count(registry: Registry) -> int:
    with registry.database.reading() as session:
        return size_of(session)


def test_a_full_disk_refuses_and_loses_nothing(tmp_path, shared_folder):
    database = Database(databases.fresh_sqlite(tmp_path, shared_folder, is_migrated=True))
    registry = found_registry(database)
    app = open_app(registry, tmp_path / "var")
    engine = shell_of(app).database.engine
    pages: list[int] = []

    @event.listens_for(engine, "begin")
    def limit_pages(connection):
        # SQLite itself then says that database or disk is full, wherever it needs one page more.
        if pages:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages[0]}")

    first, *others = make_statements(registry.maker, 60)
    assert send(app, first)[0] == 201
    with engine.connect() as connection:
        pages.append(connection.exec_driver_sql("PRAGMA page_count").scalar_one() + 20)
    answers = [send(app, one) for one in others]
    stand = [one for one, (status, _, _) in zip(others, answers, strict=True) if status == 201]
    refused = [one for one, (status, _, _) in zip(others, answers, strict=True) if status != 201]
    assert stand
    assert refused
    assert {(status, body["code"], after) for status, body, after in answers if status != 201} == {
        (503, "database-unavailable", "5")
    }
    assert count(registry) == 3 + len(stand)
    pages[0] *= 10
    assert [send(app, one)[0] for one in refused] == [201] * len(refused)
    assert [send(app, one)[0] for one in stand] == [200] * len(stand)
    shell_of(app).database.close()
    database.close()


@pytest.mark.postgres
# A connection whose server is gone is thrown away by the pool, which has nobody left to tell.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_database_that_is_gone_is_said_to_be_and_found_again(tmp_path, postgresql_server):
    folder = Path(f"{postgresql_server.folder}-outage")
    # One that keeps what it commits: the other tests' server does not, and the ledger would notice.
    server = databases.Server(postgresql_server.binaries, folder, ("listen_addresses=''",))
    server.start()
    try:
        url = server.create("gone")
        databases.migrate(url)
        database = Database(url)
        registry = found_registry(database)
        app = open_app(registry, tmp_path / "var")
        first, second = make_statements(registry.maker, 2)
        assert send(app, first)[0] == 201
        server.stop()
        status, body, after = send(app, second)
        assert (status, body["code"], after) == (503, "database-unavailable", "5")
        assert app.test_client().get("/readyz").status_code == 503
        assert app.test_client().get("/healthz").status_code == 200
        server.resume()
        assert send(app, second)[0] == 201
        assert send(app, first)[0] == 200
        assert app.test_client().get("/readyz").status_code == 200
        shell_of(app).database.close()
        database.close()
    finally:
        server.stop()


def test_a_clock_set_back_refuses_until_it_is_right_again(registry, tmp_path):
    app = open_app(registry, tmp_path / "var")
    shell = shell_of(app)
    right = shell.clock
    first, second = make_statements(registry.maker, 2)
    assert send(app, first)[0] == 201
    shell.clock = lambda: right() - timedelta(minutes=2)
    before = count(registry)
    status, body, _ = send(app, second)
    assert (status, body["code"]) == (503, "clock-went-back")
    assert count(registry) == before
    # What stands already is told all the same.
    assert send(app, first)[0] == 200
    shell.clock = right
    assert send(app, second)[0] == 201
    shell.database.close()
