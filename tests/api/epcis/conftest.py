"""The application on a small world, as for the other API."""

from tests.api.v1.conftest import app, client, empty_world, reader, sign_in, told, told_app, world

__all__ = ["app", "client", "empty_world", "reader", "sign_in", "told", "told_app", "world"]
