"""The small registry of the API's tests, seen as a SCITT client sees it."""

from tests.api.v1.conftest import app, client, empty_world, world

__all__ = ["app", "client", "empty_world", "world"]
