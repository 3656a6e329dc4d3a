"""What an event can be found by: its columns in the index, and its terms, which are the identifiers that stand in it.

An identifier is found under one name whatever resolver its Digital Link names: the path of the link, and of a lot its
canonical id. EPC URNs and other URIs are their own names. A CBV word is found in each of its spellings.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from keys.errors import RefusedError
from trace.epcis.identifiers import name_lot, parse_lot
from trace.epcis.vocabulary import cbv_word

EPC_LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
CLASS_LISTS = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
EPC_FIELDS = (*EPC_LISTS, "parentID")
"""Where single things are named."""
ALL_FIELDS = (*EPC_FIELDS, *CLASS_LISTS)
"""Where things or classes of things are named."""
# Lists of an event whose items have a type and a value, and the word before the type in a query's parameter.
_TYPED = {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}
# GS1 Digital Link URI Syntax 1.4 §5: the keys that a path begins with.
_LINK = re.compile(
    r"https?://[^?#]+?/((?:00|01|253|255|401|402|414|415|417|8003|8004|8006|8010|8013|8017|8018)/[^?#]+)(?:[?#].*)?"
)
_MOST = 300


def name_epc(uri: str) -> str:
    """The one name of an identifier."""
    if not uri.startswith(("https://", "http://")):
        return uri[:_MOST]
    try:
        return name_lot(uri)
    except RefusedError:
        return _name_link(uri)


@lru_cache(maxsize=8192)
def _name_link(uri: str) -> str:
    """Of what is no lot, or has more in its link than a lot's path."""
    link = _LINK.fullmatch(uri)
    if link is None:
        return uri[:_MOST]
    try:
        return str(parse_lot(link[1]))
    except RefusedError:
        return unquote(link[1])[:_MOST]


def name_event(event: Mapping[str, Any]) -> str:
    """An event's `eventID`; for one without, a name made of all that it says but an error declaration.

    So the declaration on an event without an ID has the name of that event, as EPCIS 2.0 has them agree in
    everything else.
    """
    given = event.get("eventID")
    if isinstance(given, str):
        return given[:_MOST]
    said = {key: value for key, value in event.items() if key not in ("errorDeclaration", "recordTime", "@context")}
    return "urn:suzheng:event:" + hashlib.sha256(_canonical(said).encode()).hexdigest()


def index_columns(event: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an event: what queries ask of it most. The event is as `keys.payload.read_json` reads it."""
    declared = event.get("errorDeclaration")
    declaration = declared if isinstance(declared, dict) else {}
    return {
        "name": name_event(event),
        "type": event["type"][:_MOST],
        "event_at": utc_of(event["eventTime"]),
        "action": event.get("action"),
        "biz_step": cbv_word(event.get("bizStep")),
        "disposition": cbv_word(event.get("disposition")),
        "read_point": _id_of(event.get("readPoint")),
        "biz_location": _id_of(event.get("bizLocation")),
        "declared_at": utc_of(declaration["declarationTime"]) if declaration else None,
        "error_reason": cbv_word(declaration.get("reason")),
    }


def index_terms(event: Mapping[str, Any]) -> set[tuple[str, str]]:
    """(term, the field that it stands in) of an event."""
    return {(term, field) for field, term in _terms(event) if isinstance(term, str)}


def utc_of(text: str) -> datetime:
    """A time of an event, as UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _terms(event: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for field in EPC_LISTS:
        for epc in event.get(field, ()):
            yield field, name_epc(epc)
    if "parentID" in event:
        yield "parentID", name_epc(event["parentID"])
    for field in CLASS_LISTS:
        for element in event.get(field, ()):
            yield field, name_epc(element["epcClass"])
    for field, word in _TYPED.items():
        for item in event.get(field, ()):
            yield typed_field(word, item.get("type")), item[word][:_MOST]
    if "transformationID" in event:
        yield "transformationID", event["transformationID"][:_MOST]
    for end, values in event.get("persistentDisposition", {}).items():
        for value in values:
            yield f"persistentDisposition_{end}", cbv_word(value)
    for corrective in event.get("errorDeclaration", {}).get("correctiveEventIDs", ()):
        yield "correctiveEventIDs", corrective[:_MOST]


def typed_field(word: str, type_: str | None) -> str:
    """Where the value of a business transaction, source or destination of a type is found."""
    return f"{word}_{cbv_word(type_) or ''}"[:80]


def _id_of(place: Any) -> str | None:
    return name_epc(place["id"]) if isinstance(place, dict) else None


def _canonical(value: Any) -> str:
    """JSON with names in order and numbers by their value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_number)


def _number(value: Any) -> str:
    if not isinstance(value, Decimal):
        raise TypeError(f"expected a value of JSON, got {type(value).__name__}")
    return format(value.normalize(), "f")
