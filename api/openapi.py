"""The OpenAPI 3.1 document, written from what the routes declare (`api/operations.py`) and from the schemas of every
kind of statement. Nothing in it is said twice.
"""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from marshmallow import Schema, fields
from werkzeug.routing import IntegerConverter, Rule

from api import fields as ours
from api.access import callers_of
from api.epcis_exceptions import PROBLEM_XML, is_epcis
from api.operations import JSON, XML, Operation
from api.problems import status_of
from api.shell import current_shell
from api.v1.schemas import ProblemSchema
from trace import fields as theirs
from trace.epcis.parts import JsonNumber
from trace.kinds import Catalogue

PREFIXES = ("/api/v1/", "/epcis")
_KEPT = "suzheng_openapi"
PROBLEM_JSON = "application/problem+json"
# What any operation may answer besides its own refusals.
_ANY_REFUSES = ("request-malformed", "too-many-requests", "internal-error")
_TYPES: Mapping[type[fields.Field[Any]], tuple[str, str | None]] = {
    ours.Whole: ("integer", "int64"),
    ours.Amount: ("string", "decimal"),
    ours.Time: ("string", "date-time"),
    ours.Hex: ("string", "hex"),
    ours.Base64: ("string", "byte"),
    ours.Facts: ("object", None),
    ours.Jwk: ("object", "jwk"),
    ours.LotUrl: ("string", "uri-reference"),
    theirs.Exact: ("string", "decimal"),
    theirs.Day: ("string", "date"),
    theirs.Instant: ("string", "date-time"),
    theirs.Flag: ("boolean", None),
    theirs.Uscc: ("string", "uscc"),
    theirs.LotRef: ("string", "uri-reference"),
    theirs.Sha256: ("string", "hex"),
    theirs.Jwk: ("object", "jwk"),
    JsonNumber: ("number", None),
}
_PATH_PARAMETERS: Mapping[str, tuple[str, Any]] = {
    "position": ("Number of the entry, from 0.", 17),
    "gtin": ("AI 01: the product's GTIN of 8, 12, 13 or 14 digits.", "06901234567892"),
    "lot": ("AI 10: the batch.", "A1-2015"),
    "serial": ("AI 21: the unit, such as a drum.", "D007"),
    "sscc": ("AI 00: the 18 digits of a logistic unit, such as a pallet.", "106901234567890128"),
    "uscc": ("Unified social credit code.", "91110000600037341L"),
    "kid": ("COSE key thumbprint, 64 hexadecimal digits.", "9f" * 32),
    "lab": ("The lab's unified social credit code.", "91110000600037341L"),
    "number": ("The report's number; a slash in it is written %2F.", "R-2015-001"),
    "entry": ("Number of the entry that announces the draw.", 152),
    "sampler": ("Unified social credit code of the organisation that drew the sample.", "91110000600037341L"),
    "sample": ("The sample's number; a slash in it is written %2F.", "S-1"),
    "epc": ("An EPC, as an EPC URN or a GS1 Digital Link URI.", "urn:epc:id:sscc:0614141.1234567890"),
    "event_id": ("The event's ID, or the name that it got for want of one.", "urn:uuid:9f0c-…"),
    "event_type": ("One of the five types, or the URI of another.", "ObjectEvent"),
    "biz_step": ("A business step of CBV, or another's URI.", "shipping"),
    "disposition": ("A disposition of CBV, or another's URI.", "in_transit"),
    "biz_location": ("The URI of a business location.", "urn:epc:id:sgln:0614141.00888.0"),
    "read_point": ("The URI of a read point.", "urn:epc:id:sgln:0614141.07346.1234"),
    "capture_id": ("The capture job.", "3f2b8c1e-0000-4000-8000-000000000000"),
    "name": ("The name of the query.", "shipments"),
    "token": ("A `nextPageToken`.", "WzEsIDJd"),
    "sha256": ("SHA-256 of the document, 64 hexadecimal digits.", "3f" * 32),
}
_DESCRIPTION = """Everything said about a material is a signed statement in one ledger, and every statement comes in by
`POST /api/v1/statements`. Measured quantities are strings of plain digits, times are RFC 3339 UTC, hashes lower-case
hexadecimal. Refusals are problems (RFC 9457) with a stable `code`. Lists are read by following `next`."""


class OpenApiSchema(Schema):
    """The document, as it stands."""

    class Meta:
        """Everything is passed on."""

        include = {  # noqa: RUF012 - marshmallow's own way
            name: fields.Raw() for name in ("openapi", "info", "servers", "tags", "paths", "components")
        }


def read_document(app: Flask) -> dict[str, Any]:
    """The document of a running application, built once: routes don't change while it runs."""
    if _KEPT not in app.extensions:
        app.extensions[_KEPT] = build_document(app)
    document: dict[str, Any] = app.extensions[_KEPT]
    return document


def build_document(app: Flask) -> dict[str, Any]:
    """The document of a running application."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    shell = current_shell()
    spec = APISpec(
        title="Suzheng",
        version="1",
        openapi_version="3.1.0",
        info={"description": _DESCRIPTION},
        servers=[{"url": shell.settings.public_url}],
        plugins=[plugin],
    )
    for field, (type_, format_) in _TYPES.items():
        plugin.map_to_openapi_type(field, type_, format_)  # type: ignore[no-untyped-call]
    assert plugin.converter is not None  # noqa: S101 - the plugin makes it when it joins the document
    plugin.converter.add_attribute_function(_describe_roles)  # type: ignore[no-untyped-call]
    spec.components.security_scheme("session", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", schema=ProblemSchema)
    _add_bodies(spec, shell.house.catalogue)
    for rule, declared in operations_of(app):
        path = re.sub(r"<(?:[a-z]+:)?([a-z0-9_]+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            spec.path(path=path, operations={method.lower(): _describe(app, rule, declared)})
    document: dict[str, Any] = spec.to_dict()
    _require_members(document)
    _drop_nulls(document["components"]["schemas"])
    return document


def _add_bodies(spec: APISpec, catalogue: Catalogue) -> None:
    """The body of each kind under its tag; kinds that share one refer to the first."""
    first: dict[type[Schema], str] = {}
    for kind in catalogue:
        if kind.schema in first:
            spec.components.schema(kind.tag, {"$ref": f"#/components/schemas/{first[kind.schema]}"})
        else:
            first[kind.schema] = kind.tag
            spec.components.schema(kind.tag, schema=kind.schema)


def operations_of(app: Flask) -> Iterator[tuple[Rule, Operation]]:
    """Every route of the API with its declaration. Raises LookupError for one that has none."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(PREFIXES):
            declared = getattr(app.view_functions[rule.endpoint], "operation", None)
            if not isinstance(declared, Operation):
                raise LookupError(f"{rule.rule} declares no operation")
            yield rule, declared


def _describe(app: Flask, rule: Rule, declared: Operation) -> dict[str, Any]:
    view = app.view_functions[rule.endpoint]
    described: dict[str, Any] = {
        "operationId": rule.endpoint.rpartition(".")[2],
        "summary": declared.summary,
        "description": " ".join((view.__doc__ or "").split()),
        "tags": [declared.tag],
        "parameters": [*_path_parameters(rule), {"in": "query", "schema": declared.query}],
        "responses": _responses(declared, rule.rule),
    }
    if declared.takes:
        content = {media: _body(schema) for media, schema in declared.takes.items()}
        described["requestBody"] = {"required": True, "content": content}
    if callers_of(app, rule.endpoint) != "anyone":
        described["security"] = [{"session": []}]
    return described


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    parameters = []
    for name in sorted(rule.arguments, key=rule.rule.index):
        description, example = _PATH_PARAMETERS[name]
        is_number = isinstance(rule._converters[name], IntegerConverter)
        schema = {"type": "integer", "minimum": 0} if is_number else {"type": "string"}
        parameters.append(
            {
                "in": "path",
                "name": name,
                "required": True,
                "description": description,
                "schema": schema,
                "example": example,
            }
        )
    return parameters


def _responses(declared: Operation, path: str) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, schema in declared.returns.items():
        content: dict[str, Any] = {}
        if status not in (HTTPStatus.MULTI_STATUS, HTTPStatus.NO_CONTENT):
            content = {media: _body(None if media == XML else declared.document) for media in declared.media}
        content |= {JSON: _body(schema)} if schema is not None else {}
        responses[str(status)] = {"description": _MEANINGS[status]} | ({"content": content} if content else {})
    codes: dict[int, list[str]] = {}
    for code in sorted({*declared.refuses, *_ANY_REFUSES}):
        codes.setdefault(status_of(code, path), []).append(code)
    written = {PROBLEM_JSON: {"schema": "Problem"}} | ({PROBLEM_XML: _body(None)} if is_epcis(path) else {})
    for status, named in sorted(codes.items()):
        responses[str(status)] = {"description": ", ".join(named), "content": written}
    return responses


_MEANINGS = {
    200: "Found.",
    201: "Accepted and recorded.",
    202: "Taken: the job says what became of it.",
    204: "Done.",
    207: "Each statement has its own result.",
}


def _body(schema: type[Schema] | None) -> dict[str, Any]:
    return {"schema": schema if schema is not None else {"type": "string", "format": "binary"}}


def _name(schema: Any) -> str:
    """Our own replies by their class; bodies' parts with their stage before, since several stages have a Row."""
    given = schema if isinstance(schema, type) else type(schema)
    if given.__module__.startswith("api."):
        return str(given.__name__.removesuffix("Schema"))
    return f"{given.__module__.split('.')[-2]}.{given.__name__}"


def _describe_roles(_converter: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}} if isinstance(field, ours.Roles) else {}


def _drop_nulls(value: Any) -> None:
    """A member that may be left out and may not be null has no default that could be written down."""
    if isinstance(value, dict):
        if value.get("default", 0) is None and isinstance(value.get("type"), str):
            del value["default"]
        for inner in value.values():
            _drop_nulls(inner)
    elif isinstance(value, list):
        for inner in value:
            _drop_nulls(inner)


def _require_members(document: dict[str, Any]) -> None:
    """In replies every member is always there; requests and statements' bodies say for themselves what they require."""
    for name, schema in document["components"]["schemas"].items():
        if "." not in name and name not in _REQUESTS and schema.get("properties"):
            schema["required"] = list(schema["properties"])


_REQUESTS = frozenset({"Statements", "Wanted", "WantedList", "SignIn", "Upload", "Received", "OpenApi", "WantedQuery"})
