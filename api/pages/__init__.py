"""The HTML pages, a page a file. They work without script, in Chinese and English."""

from flask import Blueprint, Flask

from api.naming import register_naming
from api.pages import scan
from api.pages.frame import register_frame

BLUEPRINTS: tuple[Blueprint, ...] = (scan.blueprint,)


def register_pages(app: Flask) -> None:
    """Hang every page at the root."""
    register_naming(app)
    register_frame(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
