"""The log for other people's tools: C2SP tlog-tiles and tlog-proof, outside the JSON API and its envelope."""

from flask import Flask

from api.tlog import routes


def register_tlog(app: Flask) -> None:
    """Hang checkpoint, tiles and bundles where the specification has them: directly under the log's prefix."""
    app.register_blueprint(routes.blueprint)
