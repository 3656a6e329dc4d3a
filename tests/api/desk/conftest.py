"""A registry at its first drum, and people signed in at their desks."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from api.access import SESSION_COOKIE
from tests.pages import opened
from tests.world import MADE, PREPARED, World

Registry = tuple[Flask, World]


@pytest.fixture
def registry(tmp_path: Any, shared_folder: Any) -> Iterator[Registry]:
    """(application, world): batch A1 is made, inspected and cut into D001 and D002, both still at the maker's."""
    with opened(tmp_path, shared_folder, PREPARED + MADE) as (app, world):
        yield app, world


@pytest.fixture
def seat(registry: Registry) -> Callable[[str], FlaskClient]:
    """A client that has proved possession of a party's key."""
    app, world = registry

    def sit_down(alias: str) -> FlaskClient:
        client = app.test_client()
        token = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="session").dumps(world.kid(alias))
        client.set_cookie(SESSION_COOKIE, str(token))
        return client

    return sit_down
