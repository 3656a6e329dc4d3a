"""GS1's own JSON Schema as a judge of events, and examples of theirs with one thing changed.

Of the schema's formats `uri` and `date-time` are asserted, as GS1's own tools do: by RFC 3986 and RFC 3339.
"""

import copy
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, FormatChecker  # type: ignore[import-untyped]

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")
_FORMATS = FormatChecker(["date-time"])


@_FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or _URI.fullmatch(value) is not None


@cache
def schema_of(folder: Path) -> Draft7Validator:
    """The judge of events as they stand in a document's list."""
    whole = json.loads((folder / "EPCIS-JSON-Schema.json").read_text())
    event = {"$ref": "#/definitions/EPCIS-Document-Event", "definitions": whole["definitions"]}
    return Draft7Validator(event, format_checker=_FORMATS)


@cache
def document_schema_of(folder: Path) -> Draft7Validator:
    """The judge of whole documents."""
    return Draft7Validator(json.loads((folder / "EPCIS-JSON-Schema.json").read_text()), format_checker=_FORMATS)


def examples_of(folder: Path) -> list[Path]:
    """The published examples."""
    return sorted((folder / "JSON").glob("**/*.jsonld"))


def events_of(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every event of the published examples, with where it stands."""
    for path in examples_of(folder):
        body = json.loads(path.read_text())["epcisBody"]
        listed = body["eventList"] if "eventList" in body else body["queryResults"]["resultsBody"]["eventList"]
        for number, event in enumerate(listed):
            yield f"{path.stem}#{number}", event


_OTHERS: tuple[Any, ...] = (
    None,
    True,
    7,
    -1.5,
    "",
    "bare_word",
    "not a uri",
    "https://example.org/x",
    "urn:epcglobal:cbv:bizstep:shipping",
    "https://ns.gs1.org/cbv/BizStep-shipping",
    "https://www.gs1.org/voc/Temperature",
    "2015-02-30T00:00:00Z",
    "2015-05-06T09:00:00",
    "2015-05-06T09:00:00+08:00",
    "+08:00",
    "+14:01",
    "ADD",
    "OBSERVE",
    "DELETE",
    [],
    ["https://example.org/x", "https://example.org/x"],
    [7],
    [{}],
    {},
    {"id": 7},
    {"bare": 1},
    {"example:x": 1},
)


def mutations(event: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The event with one thing changed, at each place of it: a member dropped, added, renamed or replaced."""
    for path in _places(event):
        name = ".".join(map(str, path))
        yield f"-{name}", _changed(event, path, lambda holder, key: holder.pop(key))
        for other in _OTHERS:
            yield f"{name}={other!r}", _changed(event, path, _setter(other))
        if isinstance(path[-1], str):
            yield f"{name} renamed", _changed(event, path, _rename)
    for path in [(), *(path for path in _places(event) if isinstance(_at(event, path), dict))]:
        for extra in ("bareName", "example:extra", "action", "parentID", "ilmd", "epcList"):
            yield f"{'.'.join(map(str, path))}+{extra}", _extended(event, path, extra)


def _setter(value: Any) -> Callable[[Any, Any], None]:
    def put(holder: Any, key: Any) -> None:
        holder[key] = copy.deepcopy(value)

    return put


def _rename(holder: Any, key: str) -> None:
    holder[key + "X"] = holder.pop(key)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from _places(inner, (*path, key))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _changed(event: dict[str, Any], path: tuple[Any, ...], change: Callable[[Any, Any], Any]) -> dict[str, Any]:
    changed = copy.deepcopy(event)
    change(_at(changed, path[:-1]), path[-1])
    return changed


def _extended(event: dict[str, Any], path: tuple[Any, ...], name: str) -> dict[str, Any]:
    changed = copy.deepcopy(event)
    _at(changed, path).setdefault(name, "https://example.org/extra")
    return changed
