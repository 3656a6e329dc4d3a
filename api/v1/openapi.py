"""The OpenAPI document of this API, generated from the routes themselves."""

from flask import Blueprint, current_app

from api.access import Callers, open_to
from api.openapi import OpenApiSchema, build_document
from api.operations import Reply, operation

blueprint = Blueprint("api_openapi", __name__)
# Routes don't change while the application runs.
_KEPT = "suzheng_openapi"


@blueprint.get("/openapi.json")
@open_to(Callers.ANYONE)
@operation("This document", tag="ledger", returns={200: OpenApiSchema})
def show_openapi() -> Reply:
    """OpenAPI 3.1."""
    if _KEPT not in current_app.extensions:
        current_app.extensions[_KEPT] = build_document(current_app)
    return Reply(current_app.extensions[_KEPT])
