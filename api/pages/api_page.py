"""The API for people to read: the OpenAPI document as a page, rendered from the document and nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, render_template

from api.access import Callers, open_to
from api.openapi import PROBLEM_JSON, read_document
from api.shell import current_shell
from api.words import say

blueprint = Blueprint("api_page", __name__)
_TAGS = (
    "statements",
    "entries",
    "lots",
    "epcis",
    "findings",
    "reports",
    "samples",
    "labs",
    "parties",
    "sessions",
    "ledger",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One operation as the page shows it. `content` are (media type, name of the schema or "") pairs."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Mapping[str, Any], ...]
    takes: tuple[tuple[str, str], ...]
    gives: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    refuses: tuple[tuple[str, tuple[str, ...]], ...]
    is_for_signed_in: bool


@blueprint.get("/api")
@open_to(Callers.ANYONE)
def show_api() -> str:
    """Operations by tag, the shapes of replies, the bodies of statements."""
    document = read_document(current_app)
    schemas = document["components"]["schemas"]
    groups = {tag: [shown for named, shown in _operations(document) if named == tag] for tag in _TAGS}
    return render_template(
        "api.html",
        info=document["info"],
        server=document["servers"][0]["url"],
        groups=groups,
        shapes={name: schema for name, schema in schemas.items() if "." not in name and schema.get("properties")},
        bodies={name: schema for name, schema in schemas.items() if "." in name},
        titles={kind.tag: say(f"kind.{kind.tag}", "title") for kind in current_shell().house.catalogue},
        type_of=type_of,
    )


def type_of(schema: Mapping[str, Any]) -> tuple[str, str]:
    """What a member is, in a word or two, and the name of the schema that it refers to ("" where it does not)."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name, name
    for wrapper in ("anyOf", "oneOf", "allOf"):
        if wrapper in schema:
            told = [type_of(option) for option in schema[wrapper]]
            return " | ".join(word for word, _ in told), next((name for _, name in told if name), "")
    kind = schema.get("type", "any")
    kinds = kind if isinstance(kind, list) else [kind]
    if "array" in kinds:
        word, name = type_of(schema.get("items", {}))
        return " | ".join(f"[{word}]" if part == "array" else part for part in kinds), name
    words = [schema.get("format", part) if part in ("string", "integer") else part for part in kinds]
    return " | ".join(words), ""


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Shown]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield operation["tags"][0], _show(path, method, operation)


def _show(path: str, method: str, operation: Mapping[str, Any]) -> Shown:
    gives, refuses = [], []
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if PROBLEM_JSON in content:
            refuses.append((status, tuple(response["description"].split(", "))))
        else:
            gives.append((status, _content(content)))
    return Shown(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation["description"],
        # The language of the words is the same everywhere, and is said once on top.
        parameters=tuple(parameter for parameter in operation["parameters"] if parameter["name"] != "lang"),
        takes=_content(operation.get("requestBody", {}).get("content", {})),
        gives=tuple(gives),
        refuses=tuple(refuses),
        is_for_signed_in="security" in operation,
    )


def _content(content: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((media, type_of(given["schema"])[1]) for media, given in content.items())
