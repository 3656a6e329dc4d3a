"""What is counted, and who is told: each statement by what became of it, on the one listener that is for it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from api import metrics
from api.app import create_app
from api.database import Database
from api.settings import Settings
from keys.errors import RefusedError
from tests.pages import opened
from tests.world import PREPARED, World

SCRAPER = "http://127.0.0.1:9100"


@pytest.fixture
def registry(tmp_path: Path, shared_folder: Path) -> Iterator[tuple[Flask, World]]:
    """A small registry whose metrics are told on port 9100."""
    with opened(tmp_path, shared_folder, PREPARED) as (app, world):
        shell = app.extensions["suzheng"]
        watched = create_app(replace(shell.settings, metrics="127.0.0.1:9100"))
        watched.extensions["suzheng"].clock = lambda: world.at
        yield watched, world
        watched.extensions["suzheng"].database.close()


def told(app: Flask) -> dict[tuple[str, str], float]:
    """Every number by its name and its labels' values."""
    reply = app.test_client().get("/metrics", base_url=SCRAPER)
    assert reply.status_code == 200
    assert reply.content_type == metrics.CONTENT_TYPE
    samples = (sample for family in text_string_to_metric_families(reply.text) for sample in family.samples)
    return {(sample.name, ",".join(sample.labels.values())): sample.value for sample in samples}


def grown(app: Flask, before: dict[tuple[str, str], float], name: str, labels: str = "") -> float:
    return told(app).get((name, labels), 0) - before.get((name, labels), 0)


def test_a_batch_is_counted_with_its_refusals_by_code(registry: tuple[Flask, World]) -> None:
    app, world = registry
    before = told(app)
    fine, broken = world.seal("owner", "tender.published"), world.seal("maker", "tender.published")
    outcomes = app.extensions["suzheng"].accept([fine.to_bytes(), broken.to_bytes()])
    assert [isinstance(one, RefusedError) for one in outcomes] == [False, True]
    assert grown(app, before, "suzheng_statements_total") == 1
    assert grown(app, before, "suzheng_refusals_total", "role-not-allowed") == 1
    assert grown(app, before, "suzheng_batch_statements_count") == 1
    assert grown(app, before, "suzheng_append_seconds_count") == 1
    assert grown(app, before, "suzheng_publish_seconds_count") == 1
    assert grown(app, before, "suzheng_ledger_size") == 1


def test_the_checkpoints_age_is_that_of_now(registry: tuple[Flask, World]) -> None:
    app, world = registry
    age = told(app)["suzheng_checkpoint_age_seconds", ""]
    world.at = world.at.replace(year=2020)
    assert told(app)["suzheng_checkpoint_age_seconds", ""] > age + 86_400


def test_requests_are_counted_by_route_never_by_address(registry: tuple[Flask, World]) -> None:
    app, _ = registry
    before = told(app)
    app.test_client().get("/parties/91110000600037341L")
    app.test_client().get("/no/such/page")
    assert grown(app, before, "suzheng_http_requests_total", "parties.show_party,404") == 1
    assert grown(app, before, "suzheng_http_requests_total", "none,404") == 1
    assert grown(app, before, "suzheng_problems_total", "not-found") == 2
    assert "91110000600037341L" not in app.test_client().get("/metrics", base_url=SCRAPER).text


def test_the_queue_is_what_was_last_said_of_it(registry: tuple[Flask, World]) -> None:
    metrics.set_queue(7)
    assert told(registry[0])["suzheng_queue_statements", ""] == 7
    metrics.set_queue(0)


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/entries"])
def test_the_scrapers_listener_serves_nothing_else(registry: tuple[Flask, World], path: str) -> None:
    assert registry[0].test_client().get(path, base_url=SCRAPER).status_code == 404


@pytest.mark.parametrize("headers", [{}, {"Host": "127.0.0.1:9100"}, {"X-Forwarded-Port": "9100"}])
def test_no_other_listener_serves_metrics(registry: tuple[Flask, World], headers: dict[str, str]) -> None:
    environ = {"SERVER_PORT": "8000"}
    reply = registry[0].test_client().get("/metrics", headers=headers, environ_overrides=environ)
    assert reply.status_code == 404


def test_where_no_listener_is_set_nobody_is_told(tmp_path: Path, database_url: str) -> None:
    database = Database(database_url)
    World.found(database)
    app = create_app(Settings(tmp_path, database_url, "http://localhost", "", is_secure=False))
    for base in ("http://localhost", SCRAPER):
        assert app.test_client().get("/metrics", base_url=base).status_code == 404
    app.extensions["suzheng"].database.close()
    database.close()
