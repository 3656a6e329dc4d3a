"""The HTML pages, a page a file, in Chinese and English. They work without script, all but the one that computes
(`verify`).
"""

from flask import Blueprint, Flask

from api.naming import register_naming
from api.pages import (
    api_page,
    bulk,
    check,
    desk,
    desk_forms,
    desk_keys,
    draws,
    entries,
    findings,
    health,
    home,
    labels,
    labs,
    logistic,
    mismatch,
    parties,
    products,
    recall,
    reports,
    rules,
    samples,
    scan,
    scans,
    scrape,
    standards,
    submit,
    trace_page,
    verify,
)
from api.pages.doubts import register_doubts
from api.pages.frame import register_frame
from api.pages.speech import register_speech

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.blueprint,
    scan.blueprint,
    products.blueprint,
    logistic.blueprint,
    scans.blueprint,
    mismatch.blueprint,
    trace_page.blueprint,
    recall.blueprint,
    labels.blueprint,
    check.blueprint,
    reports.blueprint,
    samples.blueprint,
    draws.blueprint,
    labs.blueprint,
    parties.blueprint,
    findings.blueprint,
    entries.blueprint,
    submit.blueprint,
    desk.blueprint,
    desk_keys.blueprint,
    desk_forms.blueprint,
    bulk.blueprint,
    rules.blueprint,
    standards.blueprint,
    api_page.blueprint,
    verify.blueprint,
    health.blueprint,
    scrape.blueprint,
)


def register_pages(app: Flask) -> None:
    """Hang every page at the root."""
    app.url_map.converters["compressed"] = products.CompressedConverter
    register_naming(app)
    register_frame(app)
    register_doubts(app)
    register_speech(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
