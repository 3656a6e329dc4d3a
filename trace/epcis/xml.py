"""EPCIS XML documents (EPCIS 1.2 and 2.0, GS1 EPCIS 2.0.1, XML binding), brought into the JSON binding.

Each event becomes one of the JSON binding that says the same; that, and not the XML, is what is signed. The mapping:

1. `<recordTime>`, which the repository that the XML came from has set, is left out: here the ledger says when.
2. An element of the standard becomes the member of its name, without its wrappers: `<baseExtension>`, `<extension>`.
   `<eventID>` and `<errorDeclaration>` are found there in 1.2. `<parentID>` and times are their text.
3. Lists lose their item's element: `<epcList><epc>A</epc></epcList>` becomes `"epcList": ["A"]`. Amounts become JSON
   numbers, digit for digit.
4. CBV URNs of steps, dispositions, types and reasons become bare words, as the JSON binding has them; other URIs stay.
   Of business transactions and parties the `type` and the text become `type` and value.
5. `<sensorElementList>`: attributes become members; numbers and flags by the standard's own types; words lose the
   prefixes of their vocabularies.
6. An element of another namespace is an extension: `"prefix:name"`, with the prefix that the document gives it, or
   `"namespace#name"` where it has none; text, an object of what is in it, or a list where it stands several times.
   Attributes become members of that object, text beside them `"#text"`. The event's `@context` says what prefixes mean.
   `xsi:type` makes a text a number or a flag, `xsi:nil` makes null; `suzheng:is` tells lists and objects whose items
   don't show that they are some (`xml_writer.py`).
7. A QuantityEvent (1.x) becomes an ObjectEvent that observes the class, as EPCIS 1.1 has it.
8. `"suzheng:convertedFrom"` says that the event was XML, and of which version.

Refused: what `xml_nodes.py` refuses, more than the bounds of a JSON document, another root, a namespace of EPCIS that
nobody knows, text where elements belong, a prefix that stands for two namespaces in one event.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from keys.errors import RefusedError
from trace.epcis.documents import MAX_DOCUMENT_BYTES, MAX_EVENTS
from trace.epcis.events import EVENT_TYPES
from trace.epcis.vocabulary import cbv_word, is_uri
from trace.epcis.xml_nodes import Node, read_nodes, refuse

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
# A domain that nobody can own (RFC 2606).
OURS = "https://suzheng.example/vocabulary/"
CONVERTED = "suzheng:convertedFrom"
# GS1's own JSON-LD context has the namespace of master data with a colon behind it.
CBVMDA, CBVMDA_TERM = "urn:epcglobal:cbv:mda", "urn:epcglobal:cbv:mda:"
_ROOTS = {"EPCISDocument", "EPCISQueryDocument"}
_LISTS = {
    "epcList": "epc",
    "childEPCs": "epc",
    "inputEPCList": "epc",
    "outputEPCList": "epc",
    "correctiveEventIDs": "correctiveEventID",
}
_QUANTITIES = frozenset(("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"))
_TYPED = {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}
_WORDS = frozenset(("bizStep", "disposition", "reason"))
_TEXTS = frozenset(
    (
        "eventTime",
        "eventTimeZoneOffset",
        "eventID",
        "action",
        "parentID",
        "transformationID",
        "declarationTime",
        "certificationInfo",
    )
)
_PLACES = frozenset(("readPoint", "bizLocation"))
_WRAPPERS = frozenset(("baseExtension", "extension"))
_NUMBERS = frozenset(("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"))
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
SENSOR_PREFIXES = {"type": "gs1:", "exception": "gs1:", "component": "cbv:Comp-"}
_LONGEST_NUMBER = 80
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_NUMERIC = frozenset(("byte", "decimal", "double", "float", "int", "integer", "long", "short"))


def is_xml(data: bytes) -> bool:
    """Does it begin as XML does, and not as JSON?"""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def cut_xml_events(data: bytes) -> list[bytes]:
    """The events of an XML document, in order, as JSON. Raises RefusedError `too-large` or `payload-malformed`."""
    if len(data) > MAX_DOCUMENT_BYTES:
        raise RefusedError("too-large", expected=f"at most {MAX_DOCUMENT_BYTES} bytes", got=len(data))
    root = read_nodes(data)
    if not root.is_standard or root.name not in _ROOTS:
        refuse("the root", " or ".join(sorted(_ROOTS)), f"{root.space} {root.name}")
    events = [event for node in root.nodes if node.name != "EPCISHeader" for event in _find_events(node)]
    if len(events) > MAX_EVENTS:
        raise RefusedError("too-large", expected=f"at most {MAX_EVENTS} events", got=len(events))
    version = root.attributes.get("schemaVersion", "unknown")[:20]
    return [_write(_spell_out(node, version)) for node in events]


def _spell_out(node: Node, version: str) -> dict[str, Any]:
    event = _event(node)
    prefixes = {"suzheng": OURS}
    for prefix, space in _prefixes(node):
        if prefixes.setdefault(prefix, space) != space:
            refuse(f"xmlns:{prefix}", prefixes[prefix], space)
    context = [CONTEXT, {prefix: _term(space) for prefix, space in sorted(prefixes.items())}]
    # What was an event of the JSON binding before it became XML has said already where it came from.
    return {"@context": context} | event | {CONVERTED: event.get(CONVERTED, f"EPCIS XML {version}")}


def _prefixes(node: Node) -> Iterator[tuple[str, str]]:
    if not node.is_standard and node.prefix:
        yield node.prefix, node.space
    yield from node.spaces.items()
    for child in node.nodes:
        yield from _prefixes(child)


def _term(space: str) -> Any:
    """What a prefix stands for in JSON-LD: names are put behind it as they are, which has to be said where the
    namespace does not end as one that is made for it (JSON-LD 1.1, Compact IRIs).
    """
    if space == CBVMDA:
        return CBVMDA_TERM
    return space if space.endswith(("#", "/", ":")) else {"@id": space, "@prefix": True}


def _find_events(node: Node) -> list[Node]:
    """Events lie in an EventList, those that came later in an `extension` there."""
    if node.is_standard and node.name == "EventList":
        return [event for child in node.nodes for event in _unwrap(child)]
    return [event for child in node.nodes for event in _find_events(child)]


def _unwrap(node: Node) -> list[Node]:
    if node.is_standard and node.name in _WRAPPERS:
        return [inner for child in node.nodes for inner in _unwrap(child)]
    return [node]


def _members_of(node: Node) -> list[Node]:
    return [inner for child in node.nodes for inner in _unwrap(child)]


def _event(node: Node) -> dict[str, Any]:
    is_count = node.is_standard and node.name == "QuantityEvent"
    if not is_count and (not node.is_standard or node.name not in EVENT_TYPES):
        refuse("EventList", " or ".join(EVENT_TYPES), node.name)
    event: dict[str, Any] = {"type": "ObjectEvent" if is_count else node.name}
    if is_count:
        event["action"] = "OBSERVE"
        amount = {child.name: child for child in node.nodes if child.name in ("epcClass", "quantity")}
        if set(amount) != {"epcClass", "quantity"}:
            refuse("QuantityEvent", "epcClass and quantity", ", ".join(amount))
        element = {"epcClass": _text(amount["epcClass"]), "quantity": _number(_text(amount["quantity"]), "quantity")}
        event["quantityList"] = [element]
        node.nodes = [child for child in node.nodes if child not in amount.values()]
    for child in _members_of(node):
        if child.is_standard and child.name == "recordTime":
            continue
        name, value = _member(child)
        _put(event, name, value, is_extension=not child.is_standard)
    return event


def _member(node: Node) -> tuple[str, Any]:
    """The member of an element, by its name."""
    name = node.name
    if not node.is_standard:
        return _extension_name(node), _extension(node)
    if name in _LISTS:
        return name, [_text(item) for item in _items(node, _LISTS[name])]
    if name in _QUANTITIES:
        return name, [_quantity(item) for item in _items(node, "quantityElement")]
    if name in _TYPED:
        return name, [_typed(item, _TYPED[name]) for item in _items(node, _TYPED[name])]
    if name in _WORDS:
        return name, cbv_word(_text(node))
    if name in _TEXTS:
        return name, _text(node)
    if name in _PLACES:
        return name, _object(node)
    if name == "errorDeclaration":
        return name, _object(node)
    if name == "ilmd":
        return name, _object(node)
    if name == "persistentDisposition":
        return name, _dispositions(node)
    if name == "sensorElementList":
        return name, [_sensor(item) for item in _items(node, "sensorElement")]
    if name == "id":
        return name, _text(node)
    return refuse(name, "an element of EPCIS", f"<{name}>")


def _object(node: Node) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for child in _members_of(node):
        name, value = _member(child)
        _put(made, name, value, is_extension=not child.is_standard)
    return made


def _put(made: dict[str, Any], name: str, value: Any, *, is_extension: bool) -> None:
    if name not in made:
        made[name] = value
    elif name == "certificationInfo" or is_extension:
        known = made[name]
        made[name] = [*known, value] if isinstance(known, list) else [known, value]
    else:
        refuse(name, "each element once", f"<{name}> again")


def _quantity(node: Node) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for child in node.nodes:
        made[child.name] = _number(_text(child), "quantity") if child.name == "quantity" else _text(child)
    return made


def _typed(node: Node, word: str) -> dict[str, Any]:
    type_ = cbv_word(node.attributes.get("type"))
    return ({"type": type_} if type_ is not None else {}) | {word: _text(node)}


def _dispositions(node: Node) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for child in node.nodes:
        made.setdefault(child.name, []).append(cbv_word(_text(child)))
    return made


def _sensor(node: Node) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for child in node.nodes:
        if child.is_standard and child.name == "sensorReport":
            made.setdefault("sensorReport", []).append(_attributes(child))
        elif child.is_standard and child.name == "sensorMetadata":
            made["sensorMetadata"] = _attributes(child)
        else:
            name, value = _member(child)
            _put(made, name, value, is_extension=not child.is_standard)
    return made


def _attributes(node: Node) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, text in node.attributes.items():
        if name in _NUMBERS:
            made[name] = _number(text, name)
        elif name == "booleanValue":
            if text not in _FLAGS:
                refuse(name, "true or false", text)
            made[name] = _FLAGS[text]
        else:
            made[name] = sensor_word(name, text)
    for child in node.nodes:
        name, value = _member(child)
        _put(made, name, value, is_extension=not child.is_standard)
    return made


def sensor_word(name: str, text: str) -> str:
    """The value of a sensor's attribute, bare where it is a word of GS1's own: XML has them under their prefixes."""
    return text.removeprefix(SENSOR_PREFIXES[name]) if name in SENSOR_PREFIXES else text


def _extension_name(node: Node) -> str:
    name = f"{node.prefix}:{node.name}" if node.prefix else f"{node.space.rstrip('#/')}#{node.name}"
    if is_uri(name) is None:
        refuse(node.name, "an extension with a prefix or a namespace", name)
    return name


def _extension(node: Node) -> Any:
    made: dict[str, Any] = dict(node.attributes)
    what = made.pop("suzheng:is", None)
    if what == "list":
        return [_extension(item) for item in _items(node, "item")]
    if made.get("xsi:nil") in ("true", "1"):
        return None
    is_plain = not node.nodes and made.keys() <= {"xsi:type"}
    if is_plain and what != "object":
        return _value(node.text, made.get("xsi:type"))
    for child in node.nodes:
        name = child.name if child.space in ("", node.space) and not child.prefix else _extension_name(child)
        _put(made, name, _extension(child), is_extension=True)
    text = node.text.strip()
    return made | ({"#text": text} if text else {})


def _value(text: str, type_: str | None) -> Any:
    """A text, or what its type of XML Schema makes of it; where it is none of that type, both stay as they are."""
    plain, word = text.strip(), (type_ or "").rpartition(":")[2]
    if type_ is None:
        return plain
    if word == "string":
        return text
    if word == "boolean" and plain in _FLAGS:
        return _FLAGS[plain]
    if word in _NUMERIC and len(plain) <= _LONGEST_NUMBER and _NUMBER.fullmatch(plain):
        return _Digits(plain)
    return {"xsi:type": type_, "#text": plain}


def _items(node: Node, name: str) -> list[Node]:
    for child in node.nodes:
        if child.name != name:
            refuse(node.name, f"<{name}>", f"<{child.name}>")
    return node.nodes


def _text(node: Node) -> str:
    if node.nodes:
        refuse(node.name, "text", f"<{node.nodes[0].name}>")
    return node.text.strip()


@dataclass(frozen=True, slots=True)
class _Digits:
    """A number as it stood, so that no digit of it is lost."""

    text: str


def _number(text: str, where: str) -> _Digits:
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        refuse(where, "a number", text)
    return _Digits(text)


def _write(value: Any) -> bytes:
    return _json(value).encode()


def _json(value: Any) -> str:
    match value:
        case _Digits(text):
            return text
        case dict():
            members = (f"{json.dumps(name, ensure_ascii=False)}: {_json(item)}" for name, item in value.items())
            return "{" + ", ".join(members) + "}"
        case list():
            return "[" + ", ".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
