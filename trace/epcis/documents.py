"""EPCIS 2.0 JSON documents, taken apart: each event as the very bytes that stand in the document.

Example: from {"type": "EPCISDocument", …, "epcisBody": {"eventList": [A, B]}} come the bytes of A and those of B.

1. A document is an EPCISDocument, an EPCISQueryDocument, or a single event (EPCIS 2.0.1, JSON Schema).
2. It MUST be UTF-8, at most MAX_DOCUMENT_BYTES long, and hold at most MAX_EVENTS events.
3. An event is cut out, never written anew: what is signed is what its maker's system wrote. Whether it is a good one is
   for the kind's schema to say, so that one bad event does not take its neighbours with it.
4. A document's own `@context` stays behind with the document. Extensions keep the names that they have in the event.
"""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from marshmallow import ValidationError, fields

from keys.errors import RefusedError
from trace.epcis.events import EVENT_TYPES
from trace.epcis.parts import Context, Extended, Uri, When
from trace.reading import Text

# Ours to choose: a day's capture of a large site, and what a machine holds in memory without noticing.
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
MAX_EVENTS = 100_000


class _Shell(Extended):
    """What every document says of itself."""

    context = Context(required=True, data_key="@context")
    id = Uri()
    type = fields.String(required=True)
    epcisBody = fields.Dict(required=True)
    names = frozenset(("@context", "id", "type", "schemaVersion", "creationDate", "epcisBody"))


class _DocumentShell(_Shell):
    """EPCISDocument."""

    schemaVersion = Text(20, pattern=r"[0-9]+(?:\.[0-9]+)*", required=True)
    creationDate = When(required=True)
    instanceIdentifier = Text(300, shortest=0)
    sender = Text(300, shortest=0)
    receiver = Text(300, shortest=0)
    epcisHeader = fields.Dict()
    names = _Shell.names | {"instanceIdentifier", "sender", "receiver", "epcisHeader"}


class _QueryShell(_Shell):
    """EPCISQueryDocument."""

    schemaVersion = Text(20, pattern=r"[0-9]+(?:\.[0-9]+)*")
    creationDate = When()


_SHELLS = {"EPCISDocument": _DocumentShell, "EPCISQueryDocument": _QueryShell}
_PATHS = {
    "EPCISDocument": ("epcisBody", "eventList"),
    "EPCISQueryDocument": ("epcisBody", "queryResults", "resultsBody", "eventList"),
}
_SPACE = " \t\n\r"


def cut_events(data: bytes) -> list[bytes]:
    """The events of a document, in order. Raises RefusedError `too-large` or `payload-malformed`."""
    if len(data) > MAX_DOCUMENT_BYTES:
        raise RefusedError("too-large", expected=f"at most {MAX_DOCUMENT_BYTES} bytes", got=len(data))
    try:
        text = data.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        raise RefusedError("payload-malformed", where=f"byte {error.start}", expected="UTF-8") from error
    try:
        return _cut(text)
    except json.JSONDecodeError as error:
        raise RefusedError(
            "payload-malformed", where=f"character {error.pos}", expected="JSON", got=error.msg
        ) from error
    except RecursionError as error:
        raise RefusedError("payload-malformed", expected="an EPCIS document", got="nesting without end") from error


def check_document(data: bytes) -> None:
    """Is all that stands around the events what the standard's JSON Schema has there?

    Raises RefusedError `schema-violated` with the place of the fault. Of a single event there is nothing to check.
    """
    text = data.decode("utf-8", errors="strict")
    members, _ = _read_object(text, _skip(text, 0))
    kind = _value(text, members["type"]) if "type" in members else None
    schema = _SHELLS.get(kind) if isinstance(kind, str) else None
    if schema is None:
        return
    plain = {name: _value(text, start) for name, start in members.items() if name != "epcisBody"}
    try:
        # What is in the body was cut out already, so that there is one is all that is left to ask.
        schema().load(plain | ({"epcisBody": {}} if "epcisBody" in members else {}))
    except ValidationError as error:
        where, said = next(iter(error.messages_dict.items()))
        raise RefusedError("schema-violated", where=str(where)[:60], got=str(said)[:200]) from error


def _cut(text: str) -> list[bytes]:
    start = _skip(text, 0)
    members, end = _read_object(text, start)
    if _skip(text, end) != len(text):
        raise json.JSONDecodeError("trailing characters", text, end)
    kind = _value(text, members["type"]) if "type" in members else None
    if kind in EVENT_TYPES:
        return [text[start:end].encode()]
    path = _PATHS.get(kind) if isinstance(kind, str) else None
    if path is None:
        _refuse("type", f"{' or '.join(_PATHS)} or an event", kind)
    for depth, name in enumerate(path):
        if name not in members:
            _refuse(".".join(path[: depth + 1]), "a member", "none")
        start = members[name]
        if name != path[-1]:
            members, _ = _read_object(text, start)
    return [text[begin:end].encode() for begin, end in _read_list(text, start)]


def _read_object(text: str, start: int) -> tuple[dict[str, int], int]:
    """Where the value of each member begins, and where the object ends."""
    if text[start : start + 1] != "{":
        _refuse(f"character {start}", "an object", text[start : start + 1])
    members: dict[str, int] = {}
    at = _skip(text, start + 1)
    if text[at : at + 1] == "}":
        return members, at + 1
    while True:
        is_quoted = text[at : at + 1] == '"'
        name, at = _decode(text, at)
        if not is_quoted or name in members:
            _refuse(f"character {at}", "each name once, in quotes", name)
        at = _expect(text, _skip(text, at), ":")
        members[name] = at = _skip(text, at)
        at = _skip(text, _decode(text, at)[1])
        if text[at : at + 1] == "}":
            return members, at + 1
        at = _skip(text, _expect(text, at, ","))


def _read_list(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Where each item of the list begins and ends."""
    at = _skip(text, _expect(text, start, "["))
    if text[at : at + 1] == "]":
        return
    for _ in range(MAX_EVENTS):
        end = _decode(text, at)[1]
        yield at, end
        at = _skip(text, end)
        if text[at : at + 1] == "]":
            return
        at = _skip(text, _expect(text, at, ","))
    raise RefusedError("too-large", expected=f"at most {MAX_EVENTS} events", got="more")


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in _SPACE:
        at += 1
    return at


def _expect(text: str, at: int, mark: str) -> int:
    if text[at : at + 1] != mark:
        raise json.JSONDecodeError(f"expected {mark}", text, at)
    return at + 1


# What stands in the values is nobody's business here, so long integers and lone surrogates pass; the door looks.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)


def _decode(text: str, at: int) -> tuple[Any, int]:
    return _DECODER.raw_decode(text, at)


def _value(text: str, at: int) -> Any:
    return _decode(text, at)[0]


def _refuse(where: str, expected: str, got: object) -> NoReturn:
    raise RefusedError("payload-malformed", where=where, expected=expected, got=str(got)[:60])
