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

Refused: document types and entities of any kind, more than MAX_DEPTH levels, MAX_NODES nodes or the bounds of a JSON
document, another root, a namespace of EPCIS that nobody knows, text where elements belong, a prefix that stands for two
namespaces in one event.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn
from xml.parsers import expat

from keys.errors import RefusedError
from trace.epcis.documents import MAX_DOCUMENT_BYTES, MAX_EVENTS
from trace.epcis.events import EVENT_TYPES
from trace.epcis.vocabulary import cbv_word, is_uri

MAX_DEPTH = 24
MAX_NODES = 500_000
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
# A domain that nobody can own (RFC 2606).
OURS = "https://suzheng.example/vocabulary/"
CONVERTED = "suzheng:convertedFrom"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
# GS1's own JSON-LD context has the namespace of master data with a colon behind it.
CBVMDA, CBVMDA_TERM = "urn:epcglobal:cbv:mda", "urn:epcglobal:cbv:mda:"
_EPCIS = re.compile(r"urn:epcglobal:epcis(?:-query|-masterdata)?:xsd:[12]|https?://ns\.gs1\.org/epcis/|")
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


@dataclass(slots=True)
class Node:
    """An element: its namespace, name and prefix, attributes, elements in it, and text.

    `spaces` are the namespaces of its attributes, by their prefixes.
    """

    space: str
    name: str
    prefix: str
    attributes: dict[str, str] = field(default_factory=dict)
    spaces: dict[str, str] = field(default_factory=dict)
    nodes: list["Node"] = field(default_factory=list)
    text: str = ""

    @property
    def is_standard(self) -> bool:
        """Is it an element of EPCIS itself?"""
        return _EPCIS.fullmatch(self.space) is not None


def is_xml(data: bytes) -> bool:
    """Does it begin as XML does, and not as JSON?"""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def cut_xml_events(data: bytes) -> list[bytes]:
    """The events of an XML document, in order, as JSON. Raises RefusedError `too-large` or `payload-malformed`."""
    if len(data) > MAX_DOCUMENT_BYTES:
        raise RefusedError("too-large", expected=f"at most {MAX_DOCUMENT_BYTES} bytes", got=len(data))
    root = _Reader().read(data)
    if not root.is_standard or root.name not in _ROOTS:
        _refuse("the root", " or ".join(sorted(_ROOTS)), f"{root.space} {root.name}")
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
            _refuse(f"xmlns:{prefix}", prefixes[prefix], space)
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
        _refuse("EventList", " or ".join(EVENT_TYPES), node.name)
    event: dict[str, Any] = {"type": "ObjectEvent" if is_count else node.name}
    if is_count:
        event["action"] = "OBSERVE"
        amount = {child.name: child for child in node.nodes if child.name in ("epcClass", "quantity")}
        if set(amount) != {"epcClass", "quantity"}:
            _refuse("QuantityEvent", "epcClass and quantity", ", ".join(amount))
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
    return _refuse(name, "an element of EPCIS", f"<{name}>")


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
        _refuse(name, "each element once", f"<{name}> again")


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
                _refuse(name, "true or false", text)
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
        _refuse(node.name, "an extension with a prefix or a namespace", name)
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
            _refuse(node.name, f"<{name}>", f"<{child.name}>")
    return node.nodes


def _text(node: Node) -> str:
    if node.nodes:
        _refuse(node.name, "text", f"<{node.nodes[0].name}>")
    return node.text.strip()


@dataclass(frozen=True, slots=True)
class _Digits:
    """A number as it stood, so that no digit of it is lost."""

    text: str


def _number(text: str, where: str) -> _Digits:
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        _refuse(where, "a number", text)
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


class _Reader:
    """expat, with every door shut that leads out of the document."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator="\n")
        self._parser.namespace_prefixes = True
        self._parser.buffer_text = True
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._say
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.EntityDeclHandler = self._refuse_doctype
        self._parser.ExternalEntityRefHandler = self._refuse_entity
        self._parser.SkippedEntityHandler = self._refuse_doctype
        self._path: list[Node] = []
        self._root: Node | None = None
        self._count = 0

    def read(self, data: bytes) -> Node:
        """The root element. Raises RefusedError `payload-malformed`."""
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            what = expat.ErrorString(error.code)
            raise RefusedError("payload-malformed", where=f"line {error.lineno}", expected="XML", got=what) from error
        except (LookupError, ValueError) as error:
            raise RefusedError("payload-malformed", expected="a known encoding", got=str(error)[:80]) from error
        if self._root is None:
            _refuse("the document", "an element", "none")
        return self._root

    def _start(self, name: str, attributes: list[str]) -> None:
        self._count += 1
        if len(self._path) >= MAX_DEPTH or self._count > MAX_NODES:
            _refuse("the document", f"at most {MAX_DEPTH} levels and {MAX_NODES} elements", "more")
        node = Node(*_split(name))
        for key, value in zip(attributes[::2], attributes[1::2], strict=True):
            space, local, prefix = _split(key)
            if space == INSTANCE:
                prefix = "xsi"
            elif prefix:
                node.spaces[prefix] = space
            # With its prefix, where it is of a namespace: then it is an extension.
            node.attributes[f"{prefix}:{local}" if prefix else local] = value
        if self._path:
            self._path[-1].nodes.append(node)
        else:
            self._root = node
        self._path.append(node)

    def _end(self, _: str) -> None:
        self._path.pop()

    def _say(self, text: str) -> None:
        self._path[-1].text += text

    def _refuse_doctype(self, *_: object) -> None:
        _refuse("the document", "no document type and no entities", "one")

    def _refuse_entity(self, *_: object) -> int:
        _refuse("the document", "no document type and no entities", "one")


def _split(name: str) -> tuple[str, str, str]:
    """(namespace, name, prefix) as expat gives them, between line ends."""
    match name.split("\n"):
        case [space, local, prefix]:
            return space, local, prefix
        case [space, local]:
            return space, local, ""
    return "", name, ""


def _refuse(where: str, expected: str, got: str) -> NoReturn:
    raise RefusedError("payload-malformed", where=where[:80], expected=expected, got=got[:80])
