"""The document and the routes say the same, because they are the same."""

import re

from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.access import callers_of
from api.problems import status_of
from tests.world import World


def test_document_is_valid_openapi_3_1(reader: FlaskClient) -> None:
    document = reader.get("/api/v1/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_is_in_the_document_and_nothing_else_is(told_app: Flask, reader: FlaskClient) -> None:
    document = reader.get("/api/v1/openapi.json").get_json()
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in told_app.url_map.iter_rules()
        if rule.rule.startswith(("/api/v1/", "/epcis"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    documented = {(path, method) for path, item in document["paths"].items() for method in item}
    assert documented == routes
    assert len(routes) > 25


def test_every_operation_has_words_parameters_and_problems(reader: FlaskClient) -> None:
    document = reader.get("/api/v1/openapi.json").get_json()
    for path, item in document["paths"].items():
        for operation in item.values():
            assert operation["summary"], path
            assert operation["description"], path
            named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))
            assert "400" in operation["responses"]
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    codes = response["description"].split(", ")
                    assert {status_of(code, path) for code in codes} == {int(status)}


def test_every_kind_has_its_body_in_the_document(reader: FlaskClient, told: World) -> None:
    schemas = reader.get("/api/v1/openapi.json").get_json()["components"]["schemas"]
    for kind in told.house.catalogue:
        assert kind.tag in schemas
    assert schemas["tender.published"]["properties"]["buyer"]["format"] == "uscc"
    assert "ocid" in schemas["tender.published"]["required"]


def test_routes_for_the_signed_in_say_so(told_app: Flask, reader: FlaskClient) -> None:
    paths = reader.get("/api/v1/openapi.json").get_json()["paths"]
    assert paths["/api/v1/sessions"]["get"]["security"] == [{"session": []}]
    assert "security" not in paths["/api/v1/sessions"]["post"]
    assert callers_of(told_app, "api_sessions.show_session") == "signed_in"
