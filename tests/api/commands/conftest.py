"""A registry of one test's own, and `flask` on it: run("lot", "verdict", DRUM)."""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from api.app import create_app
from api.settings import Settings
from api.shell import Shell
from tests.world import World

Run = Callable[..., Result]


@pytest.fixture
def settings(database_url, tmp_path) -> Settings:
    return Settings(
        var_dir=tmp_path / "var",
        database_url=database_url,
        public_url="http://127.0.0.1:8000",
        rate_limit="",
        is_secure=False,
    )


@pytest.fixture
def make_app(settings) -> Iterator[Callable[..., Flask]]:
    """Applications on these settings, or on some that differ."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        made.append(create_app(replace(settings, **changes)))
        return made[-1]

    yield make
    for app in made:
        app.extensions["suzheng"].database.close()


@pytest.fixture
def app(make_app) -> Flask:
    return make_app()


@pytest.fixture
def shell(app) -> Shell:
    found: Shell = app.extensions["suzheng"]
    return found


@pytest.fixture
def run(app, tmp_path, monkeypatch) -> Run:
    """Call a command in an empty folder, in English; the first argument may be a whole line."""
    monkeypatch.chdir(tmp_path)
    return runner(app)


def runner(app: Flask) -> Run:
    def call(line: str, *arguments: object, **more: Any) -> Result:
        environment = {
            "LC_ALL": "C",
            "SUZHENG_PASSPHRASE": None,
            "SUZHENG_PASSPHRASE_FILE": None,
            **more.pop("env", {}),
        }
        words = [*shlex.split(line), *map(str, arguments)]
        return app.test_cli_runner().invoke(args=words, env=environment, **more)

    return call


@pytest.fixture
def world(shell, settings) -> World:
    """A founded registry with the whole cast, whose ledger key and clock the shell has too."""
    world = World.told(shell.database)
    settings.ledger_key_path.parent.mkdir(parents=True, exist_ok=True)
    settings.ledger_key_path.write_bytes(world.ledger_pem)
    shell.clock = lambda: world.at
    return world


@pytest.fixture
def pem_of(world, tmp_path) -> Callable[[str], Path]:
    """The PEM file of one of the cast."""

    def write(alias: str) -> Path:
        path = tmp_path / f"{alias}.pem"
        path.write_bytes(world.keys[alias].to_pem())
        return path

    return write
