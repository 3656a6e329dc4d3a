"""The OpenAPI document of this API, generated from the routes themselves."""

from flask import Blueprint, current_app

from api.access import Callers, open_to
from api.openapi import OpenApiSchema, read_document
from api.operations import Reply, operation

blueprint = Blueprint("api_openapi", __name__)


@blueprint.get("/openapi.json")
@open_to(Callers.ANYONE)
@operation("This document", tag="ledger", returns={200: OpenApiSchema})
def show_openapi() -> Reply:
    """OpenAPI 3.1."""
    return Reply(read_document(current_app))
