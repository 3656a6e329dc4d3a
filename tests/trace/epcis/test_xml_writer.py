"""An event that is written as XML and read back is the same event, or it is refused."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.wiring import build_house
from keys.errors import RefusedError
from tests.factories import BODIES
from tests.trace.epcis.judge import events_of
from tests.trace.epcis.test_xml import AGGREGATION, ASSOCIATION, COUNT, DECLARED, OBJECT, TRANSACTION, TRANSFORMATION
from tests.trace.epcis.test_xml import document as xml_document
from trace.epcis.register import event_kinds
from trace.epcis.xml import CONVERTED, cut_xml_events
from trace.epcis.xml_writer import ROOT_SPACES, WEB_URI, write_xml_event

AT = datetime(2015, 5, 7, 1, 2, 3, 4000, tzinfo=UTC)
WHEN = {"eventTime": "2015-05-06T09:00:00+08:00", "eventTimeZoneOffset": "+08:00"}
EX = {"@context": {"ex": "http://ns.example.com/epcis/"}}


def written(event: dict[str, Any], **options: Any) -> str:
    return write_xml_event(json.dumps(event).encode(), **options)


def read(element: str) -> dict[str, Any]:
    (event,) = cut_xml_events(
        f'<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:2" {ROOT_SPACES} schemaVersion="2.0"><EPCISBody><EventList>'
        f"{element}</EventList></EPCISBody></e:EPCISDocument>".encode()
    )
    got: dict[str, Any] = json.loads(event)
    return got


def comes_back(event: dict[str, Any]) -> bool:
    # What is the repository's to say, and lists of no transaction or party, which say nothing.
    gone = {"@context", CONVERTED, "recordTime"}
    gone |= {name for name in ("bizTransactionList", "sourceList", "destinationList") if not event.get(name)}
    said, got = (
        {name: value for name, value in one.items() if name not in gone} for one in (event, read(written(event)))
    )
    return said == got


def recorded(**more: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"type": "ObjectEvent", "action": "ADD", "epcList": ["urn:epc:id:sscc:0614141.1234567890"]}
    return said | WHEN | EX | more


def test_every_published_example_comes_back(conformance: Path) -> None:
    count = 0
    for name, event in events_of(conformance / "gs1-epcis"):
        # There words stand under their prefixes, which the XML binding has in any case.
        text = json.dumps(event).replace("cbv:Comp-", "")
        assert comes_back(json.loads(text)), name
        count += 1
    assert count > 50


@pytest.mark.parametrize("kind", sorted(event_kinds(build_house().catalogue)))
def test_every_event_of_ours_comes_back(kind: str) -> None:
    event = json.loads(json.dumps(BODIES[kind]()))
    assert comes_back(event)


@pytest.mark.parametrize(
    ("events", "version"),
    [(one, "1.2") for one in (OBJECT, AGGREGATION, TRANSACTION, TRANSFORMATION, COUNT, DECLARED)]
    + [(ASSOCIATION, "2.0")],
)
def test_what_was_xml_becomes_the_same_xml_event_again(events: str, version: str) -> None:
    (first,) = cut_xml_events(xml_document(events, version))
    # Its context and where it came from included.
    assert read(write_xml_event(first)) == json.loads(first)


def test_elements_stand_in_the_order_of_the_standards_schema(conformance: Path) -> None:
    whole = dict(events_of(conformance / "gs1-epcis"))["object_event_all_possible_fields#0"]
    element = written(dict(reversed(whole.items())), recorded_at=AT)
    names = (
        "eventTime recordTime eventTimeZoneOffset eventID errorDeclaration certificationInfo epcList action bizStep "
        "disposition readPoint bizLocation bizTransactionList quantityList sourceList destinationList "
        "sensorElementList persistentDisposition ilmd"
    )
    places = [element.index(f"<{name}>") for name in names.split()]
    assert places == sorted(places)
    assert element.index("<ext1:string>", element.index("</ilmd>"))
    assert "<recordTime>2015-05-07T01:02:03.004000Z</recordTime>" in element


@pytest.mark.parametrize(
    ("words", "step", "type_"),
    [
        ({}, "urn:epcglobal:cbv:bizstep:shipping", "urn:epcglobal:cbv:btt:po"),
        ({"words": WEB_URI}, "https://ref.gs1.org/cbv/BizStep-shipping", "https://ref.gs1.org/cbv/BTT-po"),
    ],
)
def test_words_become_uris(words: dict[str, Any], step: str, type_: str) -> None:
    order = {"type": "po", "bizTransaction": "urn:x:1"}
    element = written(recorded(bizStep="shipping", bizTransactionList=[order]), **words)
    assert f"<bizStep>{step}</bizStep>" in element
    assert f'<bizTransaction type="{type_}">' in element


def test_extensions_keep_their_namespaces() -> None:
    element = written(recorded(**{"ex:a": {"b": "1", "ex:c": "2"}, "urn:x#d": "3", "un:known": "4"}))
    assert 'xmlns:ex="http://ns.example.com/epcis/"' in element
    assert "<ex:a><b>1</b><ex:c>2</ex:c></ex:a>" in element
    assert '<d xmlns="urn:x">3</d>' in element
    assert comes_back(recorded(**{"ex:aQuantityList": [{"b": 1}, "c"]}))
    # In JSON-LD what no context explains is a URI of that scheme.
    assert 'xmlns:un="un:"' in element


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"ex:a": {"@value": "1"}}, "@value"),
        ({"ex:a": {"two words": "1"}}, "two words"),
        ({"ex:a": "\x01"}, "line 1"),
        ({"ex:a": {"#text": "1", "ex:b": ["2"]}}, "ex:a"),
        ({"ex:a": {"#text": "1", "xmlns": "urn:x"}}, "ex:a"),
        ({"http://x.example/a/b": "1"}, "http://x.example/a/b"),
        ({"@context": ["https://elsewhere.example/context.jsonld"]}, "@context"),
        ({"@context": {"ex": {"@id": "urn:x:", "@type": "@id"}}}, "@context.ex"),
        ({"@context": {"ex": "urn:epcglobal:epcis:xsd:2"}, "ex:a": "1"}, "a"),
        ({"type": "https://elsewhere.example/Parade"}, "type"),
        ({"certificationInfo": ["urn:x:1", "urn:x:2"]}, "certificationInfo"),
        ({"quantityList": [{"epcClass": "urn:x:1", "uom": "MTR"}]}, "uom"),
        ({"readPoint": {"id": "urn:x:1", "epcList": 7}}, "readPoint"),
        ({"sensorElementList": [{"sensorReport": [{"type": "Mass", "ex:a": 1}]}]}, "sensorElementList"),
    ],
)
def test_what_xml_can_not_say_is_refused(change: dict[str, Any], where: str) -> None:
    with pytest.raises(RefusedError) as refused:
        written(recorded(**change))
    assert refused.value.code == "not-acceptable"
    assert refused.value.facts["where"] == where


NAMES = st.from_regex(r"(?:ex:)?[A-Za-z_][A-Za-z0-9_.\-]{0,8}", fullmatch=True).filter(
    lambda name: not re.match("xml", name, re.IGNORECASE)
)
TEXTS = st.text(
    st.characters(min_codepoint=9, exclude_categories=["Cc", "Cs", "Cn", "Co"], include_characters="\t\n\r")
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_values_of_every_shape_come_back(value: Any) -> None:
    assert comes_back(recorded(**{"ex:a": value, "ilmd": {"ex:b": value}}))
