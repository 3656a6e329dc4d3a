"""The API's page is the document, readable: every operation, every shape, in both languages."""

import re

import pytest
from flask.testing import FlaskClient

from tests.api.v1.conftest import reader, told, told_app

__all__ = ["reader", "told", "told_app"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_shows_every_operation_and_every_schema(reader: FlaskClient, language: str) -> None:
    document = reader.get("/api/v1/openapi.json").get_json()
    page = reader.get(f"/api?lang={language}").text
    for path, item in document["paths"].items():
        assert path in page
        for operation in item.values():
            assert f'id="{operation["operationId"]}"' in page
    for name in document["components"]["schemas"]:
        if name != "OpenApi":
            assert f'id="schema-{name}"' in page, name


def test_every_link_within_the_page_leads_somewhere(reader: FlaskClient) -> None:
    page = reader.get("/api?lang=en").text
    wanted, there = set(re.findall(r'href="#([^"]+)"', page)), set(re.findall(r'id="([^"]+)"', page))
    assert wanted - there == set()
    assert len(wanted) > 50


def test_page_needs_no_script_and_no_inline_style(reader: FlaskClient) -> None:
    page = reader.get("/api").text
    assert "<script" not in page
    assert " style=" not in page
