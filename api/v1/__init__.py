"""The JSON API, a resource a file."""

from flask import Blueprint, Flask

from api.v1 import (
    check,
    drafts,
    draws,
    entries,
    findings,
    heads,
    keys,
    labs,
    ledger,
    logistic_units,
    lots,
    openapi,
    parties,
    proofs,
    reports,
    samples,
    sessions,
    standards,
    statements,
)

RESOURCES = (
    statements,
    drafts,
    heads,
    entries,
    lots,
    logistic_units,
    findings,
    reports,
    samples,
    draws,
    check,
    labs,
    standards,
    parties,
    keys,
    sessions,
    ledger,
    proofs,
    openapi,
)
BLUEPRINTS: tuple[Blueprint, ...] = tuple(resource.blueprint for resource in RESOURCES)


def register_v1(app: Flask) -> None:
    """Hang every resource under /api/v1."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix="/api/v1")
