"""An application on a small world, and a client that holds every reply against the OpenAPI document."""

import base64
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from sqlalchemy import Engine, event, func, select
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from api.app import create_app
from api.database import Database
from api.openapi import build_document
from api.settings import Settings
from api.shell import Shell
from keys.keyring import generate_key
from tests import databases
from tests.world import HONEST, ORIGIN, World
from trace.ledger.checkpoint import Sealer
from trace.ledger.tables import Base


class DocumentedClient(FlaskClient):
    """Replies are read to the end, so that what comes after them has run; and they are as documented, or it fails."""

    document: dict[str, Any]

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **{"buffered": True, **kwargs})
        if response.request.method in ("GET", "POST", "DELETE") and response.request.path.startswith(
            ("/api/", "/epcis")
        ):
            self.check(response)
        return response

    def check(self, response: TestResponse) -> None:
        urls = self.application.url_map.bind("localhost")
        try:
            rule, _ = urls.match(response.request.path, response.request.method, return_rule=True)
        except HTTPException:
            assert response.mimetype in ("application/problem+json", "application/problem+xml")
            return
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<int:{name}>", f"{{{name}}}").replace(f"<path:{name}>", f"{{{name}}}")
            path = path.replace(f"<{name}>", f"{{{name}}}")
        if response.status_code == 304:
            return
        declared = self.document["paths"][path][response.request.method.lower()]["responses"]
        content = declared[str(response.status_code)].get("content", {})
        if not content:
            assert response.data == b""
            return
        assert response.mimetype in content
        if response.is_json:
            schema = {**content[response.mimetype]["schema"], "components": self.document["components"]}
            OAS31Validator(schema).validate(response.get_json())


def open_app(world: World, folder: Path, **changes: Any) -> Flask:
    """The application on a world's database, with its ledger's key and its clock."""
    settings = Settings(folder, world.database.url, "https://registry.example", "", is_secure=True)
    settings = replace(settings, **changes)
    settings.ledger_key_path.parent.mkdir(parents=True, exist_ok=True)
    settings.ledger_key_path.write_bytes(world.ledger_pem)
    app = create_app(settings)
    shell_of(app).clock = lambda: world.at
    if not hasattr(DocumentedClient, "document"):
        with app.app_context():
            DocumentedClient.document = build_document(app)
    app.test_client_class = DocumentedClient
    return app


def shell_of(app: Flask) -> Shell:
    shell: Shell = app.extensions["suzheng"]
    return shell


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """A founded registry on each database."""
    database = Database(database_url)
    yield World.told(database)
    database.close()


@pytest.fixture
def empty_world(tmp_path: Path, shared_folder: Path) -> Iterator[World]:
    """A registry that nobody has founded yet."""
    database = Database(databases.fresh_sqlite(tmp_path, shared_folder, is_migrated=True))
    yield World(database, Sealer(ORIGIN, generate_key()), {})
    database.close()


@pytest.fixture
def app(world: World, tmp_path: Path) -> Iterator[Flask]:
    """The application on that registry."""
    app = open_app(world, tmp_path / "var")
    yield app
    shell_of(app).database.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, shared_folder: Path) -> Iterator[World]:
    """The honest drum's whole life, on SQLite, for tests that only read."""
    folder = tmp_path_factory.mktemp("told")
    database = Database(databases.fresh_sqlite(folder, shared_folder, is_migrated=True))
    world = World.told(database, HONEST)
    yield world
    database.close()


@pytest.fixture(scope="module")
def told_app(told: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on the honest drum's life, every lot judged."""
    app = open_app(told, tmp_path_factory.mktemp("var"))
    shell_of(app).refresh(1000)
    yield app
    shell_of(app).database.close()


@pytest.fixture
def reader(told_app: Flask) -> FlaskClient:
    """Somebody who reads that life and is not signed in."""
    return told_app.test_client()


@pytest.fixture
def sign_in() -> Callable[[FlaskClient, World, str], str]:
    """Sign a client in with a party's key; returns the token. The cookie is the client's from then on."""
    return _sign_in


def _sign_in(client: FlaskClient, world: World, alias: str) -> str:
    challenge = client.get("/api/v1/challenge").get_json()
    proof = prove(world, alias, challenge)
    response = client.post("/api/v1/sessions", json=proof, base_url="https://localhost")
    assert response.status_code == 201, response.get_json()
    token: str = response.get_json()["token"]
    return token


def prove(world: World, alias: str, challenge: dict[str, str]) -> dict[str, str]:
    """What a party's key answers to a challenge."""
    signature = world.keys[alias].sign(challenge["to_sign"].encode())
    return {
        "kid": world.kid(alias),
        "challenge": challenge["challenge"],
        "signature": base64.b64encode(signature).decode(),
    }


@pytest.fixture
def count_queries(told_app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """How many queries a block sends to the database of `told_app`."""
    return lambda: _counting(shell_of(told_app).database.readers)


@contextmanager
def _counting(engine: Engine) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def count_rows(world: World) -> dict[str, int]:
    """How many rows each table has."""
    with world.database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
