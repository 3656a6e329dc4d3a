"""The list of findings: gravest first, filtered, a page at a time."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.v1.conftest import shell_of
from tests.factories import uri_of, uscc_of
from tests.world import HONEST, Act, World
from trace.findings import Severity

Counter = Callable[[], AbstractContextManager[list[str]]]
LATER: tuple[Act, ...] = (
    ("2015-06-01", "regulator", "spotcheck.reported", {"is_passed": False}),
    ("2015-11-09", "regulator", "penalty.imposed", {}),
    ("2017-03-21", "regulator", "recall.ordered", {}),
)


@pytest.fixture
def found(app: Flask, client: FlaskClient, world: World) -> Callable[..., list[dict[str, Any]]]:
    """The findings of a world in which the drum failed a spot check; `found(**query)` asks for them."""
    world.tell(HONEST + LATER)
    shell_of(app).refresh(1000)

    def ask(**query: Any) -> list[dict[str, Any]]:
        response = client.get("/api/v1/findings", query_string=query)
        assert response.status_code == 200
        items: list[dict[str, Any]] = response.get_json()["items"]
        return items

    return ask


def test_findings_come_gravest_first_and_each_once_over_the_pages(
    found: Callable[..., list[dict[str, Any]]], client: FlaskClient
) -> None:
    everything = found(limit=200)
    weights = [Severity(item["severity"]).weight for item in everything]
    assert weights == sorted(weights, reverse=True)
    assert len(everything) > 3
    url, seen = "/api/v1/findings?limit=2", []
    while url:
        page = client.get(url).get_json()
        seen += page["items"]
        url = page["next"]
    assert seen == everything


def test_filters_give_all_that_match_and_nothing_else(found: Callable[..., list[dict[str, Any]]]) -> None:
    everything = found(limit=200)
    for name in ("code", "severity", "maker", "lot"):
        for value in {item[name] for item in everything if item[name]}:
            wanted = [item for item in everything if item[name] == value]
            assert found(limit=200, **{name: value}) == wanted, (name, value)
    first = everything[0]
    assert found(lot=uri_of(first["lot"]), code=first["code"], limit=200) == [
        item for item in everything if (item["lot"], item["code"]) == (first["lot"], first["code"])
    ]
    assert found(maker=uscc_of("dealer")) == []


def test_finding_says_what_proves_it(found: Callable[..., list[dict[str, Any]]], client: FlaskClient) -> None:
    failed = next(item for item in found(limit=200) if item["code"] == "B05")
    kinds = {client.get(f"/api/v1/entries/{entry}").get_json()["kind"] for entry in failed["entries"]}
    assert "spotcheck.reported" in kinds


@pytest.mark.parametrize("query", ["code=X", "severity=grave", "maker=1", "lot=A1", "number=3"])
def test_filter_that_means_nothing_is_refused(reader: FlaskClient, query: str) -> None:
    assert reader.get(f"/api/v1/findings?{query}").get_json()["code"] == "request-malformed"


def test_page_of_findings_takes_one_query(reader: FlaskClient, count_queries: Counter) -> None:
    with count_queries() as sent:
        reader.get("/api/v1/findings?severity=critical")
    assert len([query for query in sent if query.startswith("SELECT")]) == 1
