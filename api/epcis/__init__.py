"""The REST interface of EPCIS 2.0 (GS1 EPCIS 2.0.1), under /epcis. Its OpenAPI document is GS1's own contract."""

from flask import Flask

from api.epcis import capture, events, named, resources, single


def register_epcis(app: Flask) -> None:
    """Hang every resource under /epcis."""
    for part in (resources, events, named, capture, single):
        app.register_blueprint(part.blueprint, url_prefix="/epcis")
