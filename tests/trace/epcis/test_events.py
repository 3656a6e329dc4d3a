"""What an event is: GS1's JSON Schema is the judge, and where we differ from it is said here."""

import json
from itertools import islice
from typing import Any

import pytest

from keys.errors import RefusedError
from tests.factories import ShippedEvent
from tests.trace.epcis.judge import events_of, examples_of, mutations, schema_of
from trace.epcis.events import MEMBERS
from trace.epcis.statements import EVENT_RECORDED, EVENT_WITHDRAWN
from trace.epcis.vocabulary import cbv_word
from trace.intake import read_payload

# Of the examples that use all fields one change in eight is looked at, of the others one in forty; prime to the number
# of changes at a place, so that over them all every place and every change has its turn.
_STEPS = {True: 11, False: 43}


def refusal(event: dict[str, Any]) -> str | None:
    """Where our reader finds a fault, or None."""
    kind = EVENT_WITHDRAWN if "errorDeclaration" in event else EVENT_RECORDED
    try:
        read_payload(json.dumps(event).encode(), kind)
    except RefusedError as error:
        return str(error.facts["where"])
    return None


def is_stricter(event: dict[str, Any]) -> bool:
    """Is the event one that the schema accepts and we refuse, on purpose?

    Nobody has less than nothing of a thing; and what a TransactionEvent is about is a set here as everywhere else.
    """
    amounts = (element for name in event if name.lower().endswith("quantitylist") for element in event[name])
    is_negative = any(element.get("quantity", 0) < 0 for element in amounts)
    listed = event.get("epcList", [])
    return is_negative or (event["type"] == "TransactionEvent" and len({*listed}) != len(listed))


@pytest.mark.parametrize("offset", range(4))
def test_what_the_schema_refuses_is_refused_and_what_it_accepts_is_accepted(conformance, offset):
    folder = conformance / "gs1-epcis"
    judge, looked_at = schema_of(folder), 0
    for number, (name, event) in enumerate(events_of(folder)):
        if number % 4 != offset:
            continue
        step = _STEPS["all_possible" in name]
        for what, changed in [("as it is", event), *islice(mutations(event), number % step, None, step)]:
            is_valid, fault = judge.is_valid(changed), refusal(changed)
            looked_at += 1
            if is_valid and fault is not None:
                assert is_stricter(changed), f"{name} {what}: {fault}"
            else:
                assert is_valid == (fault is None), f"{name} {what}: {fault}"
    assert looked_at > 300


def test_there_are_the_published_examples(conformance):
    assert len(examples_of(conformance / "gs1-epcis")) == 47


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"shipTo": "https://example.org/x"}, "shipTo"),
        ({"bizStep": "shiping"}, "bizStep"),
        ({"bizStep": "urn:epcglobal:cbv:bizstep:shipping"}, "bizStep"),
        ({"bizStep": None}, "bizStep"),
        ({"action": "MOVE"}, "action"),
        ({"epcList": ["D007"]}, "epcList.0"),
        ({"epcList": ["urn:x:1", "urn:x:1"]}, "epcList"),
        ({"ilmd": {"example:x": 1}}, "ilmd"),
        ({"eventTime": "2015-05-06 09:00:00+08:00"}, "eventTime"),
        ({"eventTimeZoneOffset": "+14:30"}, "eventTimeZoneOffset"),
        ({"parentID": "urn:x:1"}, "parentID"),
        ({"quantityList": [{"epcClass": "urn:x:1", "example:x": 1}]}, "quantityList.0.example:x"),
        ({"errorDeclaration": {"reason": "incorrect_data"}}, "errorDeclaration.declarationTime"),
        ({"persistentDisposition": {}}, "persistentDisposition.set"),
        ({"sensorElementList": [{"sensorReport": []}]}, "sensorElementList.0.sensorReport"),
        ({"sensorElementList": [{"sensorReport": [{"type": "Heat"}]}]}, "sensorElementList.0.sensorReport.0.type"),
        ({"readPoint": {"id": "gate 5"}}, "readPoint.id"),
        ({"@context": ["https://example.org/", "https://example.org/"]}, "@context"),
    ],
)
def test_a_fault_is_named_by_its_place(change, where):
    event: Any = ShippedEvent()
    assert refusal(event | change) == where


def test_an_event_of_another_type_is_free_in_all_but_what_the_standard_names():
    event = {"type": "example:Parade", "eventTime": "2015-05-06T09:00:00+08:00", "eventTimeZoneOffset": "+08:00"}
    assert refusal(event | {"floats": 3, "example:band": True}) is None
    assert refusal(event | {"eventID": "17"}) == "eventID"
    assert refusal(event | {"type": "Parade"}) == "type"


def test_every_type_has_its_members():
    assert {"epcList", "ilmd", "eventTime"} <= MEMBERS["ObjectEvent"]
    assert "action" not in MEMBERS["TransformationEvent"]
    assert "ilmd" not in MEMBERS["AggregationEvent"]


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (None, None),
        ("shipping", "shipping"),
        ("urn:epcglobal:cbv:bizstep:shipping", "shipping"),
        ("https://ns.gs1.org/cbv/BizStep-shipping", "shipping"),
        ("https://ref.gs1.org/cbv/BizStep-void_shipping", "void_shipping"),
        ("https://example.org/steps/shipping", "https://example.org/steps/shipping"),
    ],
)
def test_a_word_of_the_vocabulary_is_known_in_each_of_its_spellings(value, word):
    assert cbv_word(value) == word
