"""The HTML pages, a page a file. They work without script, in Chinese and English."""

from flask import Blueprint, Flask

BLUEPRINTS: tuple[Blueprint, ...] = ()


def register_pages(app: Flask) -> None:
    """Hang every page at the root."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
