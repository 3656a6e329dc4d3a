"""Events of the JSON binding, written as EPCIS 2.0 XML: the counterpart of `xml.py`, which reads it back.

    <ObjectEvent xmlns:ex="http://ns.example.com/epcis/"><eventTime>2015-05-06T09:00:00+08:00</eventTime>…</ObjectEvent>

1. The elements of the standard stand in the order of its XML Schema, then extensions in the order of the event.
2. CBV words become URNs or web URIs, whichever is asked for: XML has no bare words.
3. `<recordTime>` is the ledger's. It is a repository's to set, so one that the event had gives way.
4. An extension's namespace is what the event's `@context` says of its prefix. One of which nothing is said is in
   JSON-LD the scheme of a URI, `ex:`, and that is its namespace here.
5. Values that are no text say so: numbers and flags by `xsi:type`, null by `xsi:nil`. A list is its element several
   times; one of none, of one, or with a list in it is one element with `suzheng:is="list"`, its items in
   `<suzheng:item>`. An empty object has `suzheng:is="object"`.
6. What was written is read back, and MUST be the same event. So nothing that XML has no way to say is lost unseen: it
   is refused (`not-acceptable`), as are types of events that are not the standard's, contexts that do more than name
   prefixes, and names that are none in XML.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

from keys.errors import RefusedError
from keys.payload import read_json
from trace.epcis.events import EVENT_TYPES
from trace.epcis.terms import CLASS_LISTS, EPC_LISTS
from trace.epcis.vocabulary import cbv_word
from trace.epcis.xml import (
    CBVMDA,
    CBVMDA_TERM,
    CONTEXT,
    CONVERTED,
    OURS,
    SENSOR_PREFIXES,
    cut_xml_events,
    sensor_word,
)
from trace.epcis.xml_nodes import INSTANCE

_EPCIS = "urn:epcglobal:epcis:xsd:2"
_SCHEMA = "http://www.w3.org/2001/XMLSchema"
_CONTEXTS = (CONTEXT, "https://gs1.github.io/EPCIS/epcis-context.jsonld")
# The prefixes that an event need not explain: GS1's context does, and of `suzheng` this registry's answers do.
_KNOWN = {
    "suzheng": OURS,
    "cbvmda": CBVMDA_TERM,
    "cbv": "https://ref.gs1.org/cbv/",
    "epcis": "https://ref.gs1.org/epcis/",
    "gs1": "https://gs1.org/voc/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "dcterms": "http://purl.org/dc/terms/",
}
URN: Mapping[str, str] = {
    "bizStep": "urn:epcglobal:cbv:bizstep:",
    "disposition": "urn:epcglobal:cbv:disp:",
    "reason": "urn:epcglobal:cbv:er:",
    "bizTransaction": "urn:epcglobal:cbv:btt:",
    "source": "urn:epcglobal:cbv:sdt:",
    "destination": "urn:epcglobal:cbv:sdt:",
}
WEB_URI: Mapping[str, str] = {
    "bizStep": "https://ref.gs1.org/cbv/BizStep-",
    "disposition": "https://ref.gs1.org/cbv/Disp-",
    "reason": "https://ref.gs1.org/cbv/ER-",
    "bizTransaction": "https://ref.gs1.org/cbv/BTT-",
    "source": "https://ref.gs1.org/cbv/SDT-",
    "destination": "https://ref.gs1.org/cbv/SDT-",
}
"""What stands before a CBV word, by where the word stands."""
_WHEN = "eventTime recordTime eventTimeZoneOffset eventID errorDeclaration certificationInfo "
_WHERE = "bizStep disposition readPoint bizLocation bizTransactionList "
_WHO = "sourceList destinationList sensorElementList persistentDisposition ilmd"
# EPCglobal-epcis-2_0.xsd: the sequence of each type.
_ORDER = {
    "ObjectEvent": f"{_WHEN} epcList action {_WHERE} quantityList {_WHO}",
    "AggregationEvent": f"{_WHEN} parentID childEPCs action {_WHERE} childQuantityList {_WHO}",
    "TransactionEvent": f"{_WHEN} bizTransactionList parentID epcList action {_WHERE} quantityList {_WHO}",
    "TransformationEvent": f"{_WHEN} inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID "
    f"{_WHERE} {_WHO}",
    "AssociationEvent": f"{_WHEN} parentID childEPCs childQuantityList action {_WHERE} {_WHO}",
}
_SEQUENCES = {type_: tuple(dict.fromkeys(names.split())) for type_, names in _ORDER.items()}
_TYPED = {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}
# An empty one says nothing, and in XML is not there: its schema wants at least one item.
_NEVER_EMPTY = frozenset((*_TYPED, "sensorElementList"))
_NOTHING = object()
_NAME = re.compile(r"[^\W\d][\w.\-]*")
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
ROOT_SPACES = f'xmlns:xsd="{_SCHEMA}" xmlns:xsi="{INSTANCE}" xmlns:suzheng="{OURS}"'
"""What the root of a document with such events has to declare."""


def write_xml_event(payload: bytes, recorded_at: datetime | None = None, words: Mapping[str, str] = URN) -> str:
    """The element of an event, which needs `ROOT_SPACES` around it; `recorded_at` is UTC, `words` URN or WEB_URI.

    Raises RefusedError `not-acceptable`, with the member that XML can't say where one is to blame.
    """
    event = read_json(payload)
    element = _Writer(_read_context(event.get("@context")), words).event(event, recorded_at)
    said, read = _comparable(event), _read_back(element)
    for name in {**said, **read}:
        if said.get(name, _NOTHING) != read.get(name, _NOTHING):
            _refuse(name, "what comes back from XML as it was", "something else")
    return element


def tag(name: str, inner: str = "", /, **attributes: str) -> str:
    """An element around what is in it, which is XML already; attributes are text."""
    told = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{told}>{inner}</{name}>" if inner else f"<{name}{told}/>"


def escape(text: str) -> str:
    """Text as it stands in XML, in an element or an attribute."""
    return text.translate(_ESCAPES)


def _read_back(element: str) -> Mapping[str, Any]:
    document = (
        f'<epcis:EPCISDocument xmlns:epcis="{_EPCIS}" {ROOT_SPACES} schemaVersion="2.0"><EPCISBody><EventList>'
        f"{element}</EventList></EPCISBody></epcis:EPCISDocument>"
    )
    try:
        (event,) = cut_xml_events(document.encode())
        return _comparable(read_json(event))
    except RefusedError as error:
        _refuse(str(error.facts.get("where", "the event")), "what XML can say", str(error.facts.get("got", "other")))


def _comparable(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an event says, in one spelling, without what XML has somewhere else."""
    left_out = ("@context", "recordTime", CONVERTED)
    said = {name: value for name, value in event.items() if name not in left_out}
    said = {name: value for name, value in said.items() if value or name not in _NEVER_EMPTY}
    for name in ("bizStep", "disposition"):
        if name in said:
            said[name] = cbv_word(said[name])
    if "certificationInfo" in said:
        given = said["certificationInfo"]
        said["certificationInfo"] = given if isinstance(given, list) else [given]
    if "sensorElementList" in said:
        said["sensorElementList"] = [
            element | {"sensorReport": [_comparable_report(report) for report in element["sensorReport"]]}
            for element in said["sensorElementList"]
        ]
    return said


def _comparable_report(report: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sensor_word(name, value) if name in SENSOR_PREFIXES else value for name, value in report.items()}


def _read_context(context: Any) -> dict[str, str]:
    """The namespaces of the prefixes that a context names."""
    spaces = dict(_KNOWN)
    for part in context if isinstance(context, list) else [context] if context is not None else []:
        if isinstance(part, str) and part in _CONTEXTS:
            continue
        if not isinstance(part, dict):
            _refuse("@context", "prefixes in the event itself", str(part))
        for prefix, term in part.items():
            match term:
                case str():
                    spaces[prefix] = term
                case {"@id": str() as space, "@prefix": True, **rest} if not rest:
                    spaces[prefix] = space
                case _:
                    _refuse(f"@context.{prefix}", "what a prefix stands for", str(term))
    return {prefix: CBVMDA if space == CBVMDA_TERM else space for prefix, space in spaces.items()}


@dataclass(slots=True)
class _Writer:
    """Writes one event; `used` are the prefixes that stand in it."""

    spaces: Mapping[str, str]
    words: Mapping[str, str]
    used: set[str] = field(default_factory=set)

    def event(self, event: Mapping[str, Any], recorded_at: datetime | None) -> str:
        type_ = event["type"]
        if type_ not in EVENT_TYPES:
            _refuse("type", " or ".join(EVENT_TYPES), str(type_))
        at = {"recordTime": recorded_at.isoformat().replace("+00:00", "Z")} if recorded_at is not None else {}
        given = {name: value for name, value in event.items() if name not in ("@context", "type", "recordTime")} | at
        standard = [name for name in _SEQUENCES[type_] if name in given]
        others = [name for name in given if name not in standard]
        inner = "".join(self.member(name, given[name]) for name in (*standard, *others))
        declared = {f"xmlns:{prefix}": self.spaces.get(prefix, f"{prefix}:") for prefix in sorted(self.used)}
        return tag(type_, inner, **declared)

    def member(self, name: str, value: Any) -> str:
        """A member of an event, or of a part of it."""
        if name in EPC_LISTS:
            return tag(name, _texts("epc", value))
        if name == "correctiveEventIDs":
            return tag(name, _texts("correctiveEventID", value))
        if name in CLASS_LISTS:
            return tag(name, "".join(map(_quantity, value)))
        if name in _NEVER_EMPTY and not value:
            return ""
        if name in _TYPED:
            return tag(name, "".join(self.typed(_TYPED[name], item) for item in value))
        if name in ("bizStep", "disposition", "reason"):
            return tag(name, escape(self.word(name, value)))
        if name == "persistentDisposition":
            return tag(name, "".join(self.dispositions(value)))
        if name == "sensorElementList":
            return tag(name, "".join(tag("sensorElement", self.sensor(element)) for element in value))
        if name == "certificationInfo":
            return _one_certificate(value)
        if name in ("readPoint", "bizLocation"):
            return tag(name, tag("id", escape(value["id"])) + self.extensions(value, "id"))
        if name in ("errorDeclaration", "ilmd"):
            return tag(name, "".join(self.member(*member) for member in value.items()))
        if ":" in name:
            return self.extension(name, value)
        return tag(_plain_name(name), escape(str(value)))

    def word(self, where: str, value: str) -> str:
        """A word of CBV as a URI, another vocabulary's URI as it is."""
        word = str(cbv_word(value))
        return word if ":" in word else self.words[where] + word

    def typed(self, name: str, item: Mapping[str, str]) -> str:
        type_ = {"type": self.word(name, item["type"])} if "type" in item else {}
        return tag(name, escape(item[name]), **type_)

    def dispositions(self, value: Mapping[str, Any]) -> Iterator[str]:
        for end in ("unset", "set"):
            for disposition in value.get(end, ()):
                yield tag(end, escape(self.word("disposition", disposition)))

    def sensor(self, element: Mapping[str, Any]) -> str:
        metadata = element.get("sensorMetadata")
        first = [tag("sensorMetadata", **self.attributes(metadata))] if metadata is not None else []
        reports = [tag("sensorReport", **self.attributes(report)) for report in element["sensorReport"]]
        return "".join((*first, *reports)) + self.extensions(element, "sensorMetadata", "sensorReport")

    def extensions(self, part: Mapping[str, Any], *standard: str) -> str:
        """All members of a part but the standard's."""
        return "".join(self.extension(*member) for member in part.items() if member[0] not in standard)

    def attributes(self, part: Mapping[str, Any]) -> dict[str, str]:
        """A sensor's report or metadata, which XML has in attributes alone."""
        return {self.name(name) if ":" in name else _plain_name(name): _sensed(name, part[name]) for name in part}

    def name(self, name: str) -> str:
        """The name of an extension with a prefix."""
        prefix, _, local = name.partition(":")
        if not (_NAME.fullmatch(prefix) and _NAME.fullmatch(local)):
            _refuse(name, "a prefix and a name", name)
        # Of `xml` and `xsi` everybody knows what they mean.
        if prefix not in ("xml", "xsi"):
            self.used.add(prefix)
        return name

    def extension(self, name: str, value: Any, *, is_item: bool = False) -> str:
        """An element, or several, of another namespace, or within one."""
        if isinstance(value, list):
            # Within a list that is one element, several would be items of that.
            if len(value) > 1 and not is_item and not any(isinstance(item, list) for item in value):
                return "".join(self.extension(name, item) for item in value)
            items = (self.extension("suzheng:item", item, is_item=True) for item in value)
            return self.element(name, "".join(items), "list")
        match value:
            case dict():
                return self.object(name, value)
            case None:
                return self.element(name, "", **{"xsi:nil": "true"})
            case bool():
                return self.element(name, "true" if value else "false", **{"xsi:type": "xsd:boolean"})
            case int():
                return self.element(name, str(value), **{"xsi:type": "xsd:integer"})
            case Decimal():
                return self.element(name, format(value, "f"), **{"xsi:type": "xsd:decimal"})
        is_exact = {"xsi:type": "xsd:string"} if value != value.strip() else {}
        return self.element(name, escape(value), **is_exact)

    def object(self, name: str, value: Mapping[str, Any]) -> str:
        if "#text" not in value:
            inner = "".join(self.extension(*member) for member in value.items())
            return self.element(name, inner, None if value else "object")
        attributes = {
            self.name(key) if ":" in key else _plain_name(key): str(said)
            for key, said in value.items()
            if key != "#text"
        }
        return self.element(name, escape(str(value["#text"])), **attributes)

    def element(self, name: str, inner: str, what: str | None = None, **attributes: str) -> str:
        is_ = {"suzheng:is": what} if what is not None else {}
        if ":" not in name:
            return tag(_plain_name(name), inner, **is_, **attributes)
        space, _, local = name.rpartition("#")
        if space:
            return tag(_plain_name(local), inner, xmlns=space, **is_, **attributes)
        return tag(self.name(name), inner, **is_, **attributes)


def _texts(name: str, values: list[str]) -> str:
    return "".join(tag(name, escape(value)) for value in values)


def _quantity(element: Mapping[str, Any]) -> str:
    if "uom" in element and "quantity" not in element:
        _refuse("uom", "a quantity before its unit", "none")
    parts = ((name, element[name]) for name in ("epcClass", "quantity", "uom") if name in element)
    return tag("quantityElement", "".join(tag(name, escape(_scalar(value))) for name, value in parts))


def _one_certificate(value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    if len(values) != 1:
        _refuse("certificationInfo", "one", str(len(values)))
    return tag("certificationInfo", escape(values[0]))


def _sensed(name: str, value: Any) -> str:
    if name in SENSOR_PREFIXES and ":" not in value:
        return f"{SENSOR_PREFIXES[name]}{value}"
    return _scalar(value)


def _scalar(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
    return str(value)


def _plain_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        _refuse(name, "a name that XML can have", name)
    return name


def _refuse(where: str, expected: str, got: str) -> NoReturn:
    raise RefusedError("not-acceptable", where=where[:80], expected=f"application/xml: {expected}", got=got[:80])
