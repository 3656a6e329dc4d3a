"""Whoever watches the service is told whether it lives and can work, and nothing that is nobody's business."""

import pytest
from sqlalchemy import text

from api.anchor import keep_anchor
from api.app import create_app
from api.database import Database
from api.settings import Settings
from keys.keyring import generate_key
from tests.api.v1.conftest import open_app, shell_of
from tests.world import World
from trace.ledger.checkpoint import Sealer, write_note


@pytest.fixture
def app(database_url, tmp_path):
    database = Database(database_url)
    app = open_app(World.told(database), tmp_path / "var")
    yield app
    shell_of(app).database.close()
    database.close()


def ask(app, path="/readyz"):
    reply = app.test_client().get(path)
    assert reply.headers["Cache-Control"] == "no-store"
    return reply.status_code, reply.get_json()


def test_a_sound_service_is_ready(app):
    checks = dict.fromkeys(("database", "schema", "ledger_key", "checkpoint"), "ok")
    assert ask(app) == (200, {"status": "ready", "checks": checks})


def test_a_schema_of_another_version_is_not_ready(app):
    with shell_of(app).database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    status, body = ask(app)
    assert (status, body["checks"]["schema"], body["checks"]["checkpoint"]) == (503, "not current", "unknown")


def test_without_its_key_a_ledger_is_not_ready(app):
    path = shell_of(app).settings.ledger_key_path
    whole = path.read_bytes()
    path.write_bytes(generate_key().to_pem())
    assert ask(app)[1]["checks"]["ledger_key"] == "key-unreadable"
    path.write_bytes(whole)
    assert ask(app)[0] == 200
    path.unlink()
    assert ask(app)[1]["checks"]["ledger_key"] == "missing"


def test_a_checkpoint_that_the_database_lacks_is_seen(app):
    shell = shell_of(app)
    keep_anchor(shell.settings, write_note(shell.sealer, 10_000, bytes(32)))
    status, body = ask(app)
    assert (status, body["checks"]["checkpoint"]) == (503, "ledger-rolled-back")


def test_a_checkpoint_by_another_key_is_seen(app):
    shell = shell_of(app)
    keep_anchor(shell.settings, write_note(Sealer(shell.sealer.origin, generate_key()), 1, bytes(32)))
    assert ask(app)[1]["checks"]["checkpoint"] == "ledger-rolled-back"


def test_without_a_database_it_lives_but_is_not_ready(tmp_path):
    url = f"sqlite:///{tmp_path / 'nowhere' / 'registry.sqlite3'}"
    app = create_app(Settings(tmp_path / "var", url, "http://registry.test", "", is_secure=False))
    assert ask(app, "/healthz") == (200, {"status": "alive"})
    status, body = ask(app)
    assert (status, body["checks"]["database"], body["checks"]["schema"]) == (503, "unreachable", "unknown")
    assert "nowhere" not in str(body)
    shell_of(app).database.close()


def test_before_the_founding_it_is_not_ready(database_url, tmp_path):
    app = create_app(Settings(tmp_path / "var", database_url, "http://registry.test", "", is_secure=False))
    status, body = ask(app)
    assert (status, body["checks"]["ledger_key"]) == (503, "not-founded")
    shell_of(app).database.close()
