"""The JSON API, a resource a file."""

from flask import Blueprint, Flask

BLUEPRINTS: tuple[Blueprint, ...] = ()


def register_v1(app: Flask) -> None:
    """Hang every resource under /api/v1."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix="/api/v1")
