"""Events come out of a document as the bytes that went in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import RefusedError
from trace.epcis import documents
from trace.epcis.documents import cut_events

EVENT = b'{ "type":"ObjectEvent" ,\n "b": 1.50, "a":[{"}":"]\\""}] }'


def document(*events: bytes) -> bytes:
    return b'{"type":"EPCISDocument", "epcisBody" : {"x":{}, "eventList": [ ' + b" ,\n".join(events) + b" ]}}\n"


def test_an_event_keeps_its_spaces_its_order_and_its_zeros():
    assert cut_events(document(EVENT, b'{"type":"?"}')) == [EVENT, b'{"type":"?"}']


def test_a_single_event_is_a_document():
    assert cut_events(b"\n " + EVENT + b"\n") == [EVENT]


def test_a_query_document_holds_its_events_deeper():
    body = b'{"queryResults":{"resultsBody":{"eventList":[' + EVENT + b"]}}}"
    assert cut_events(b'{"epcisBody":' + body + b',"type":"EPCISQueryDocument"}') == [EVENT]


def test_a_document_without_events_has_none():
    assert cut_events(document()) == []


def test_one_bad_event_does_not_take_its_neighbours_with_it():
    twice = b'{"a":1,"a":2}'
    assert cut_events(document(twice, EVENT)) == [twice, EVENT]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"type":"EPCISDocument"}',
        b'{"type":"EPCISDocument","epcisBody":[]}',
        b'{"type":"EPCISDocument","epcisBody":{"eventList":{}}}',
        b'{"type":["EPCISDocument"],"epcisBody":{"eventList":[]}}',
        b'{"type":"Invoice","epcisBody":{"eventList":[]}}',
        document(EVENT) + b"x",
        document(EVENT)[:-4],
        document(EVENT, b""),
        document(EVENT).replace(b'"x":{}', b'"eventList":[]'),
        b"\xef\xbb\xbf" + document(EVENT),
        document(b'"\xff"'),
        document(b"[" * 200_000),
        b'{1:2,"type":"ObjectEvent"}',
    ],
)
def test_what_is_no_document_is_refused(data):
    with pytest.raises(RefusedError, match="payload-malformed"):
        cut_events(data)


def test_documents_are_bounded(monkeypatch):
    monkeypatch.setattr(documents, "MAX_EVENTS", 2)
    assert len(cut_events(document(EVENT, EVENT))) == 2
    with pytest.raises(RefusedError, match="too-large"):
        cut_events(document(EVENT, EVENT, EVENT))
    monkeypatch.setattr(documents, "MAX_DOCUMENT_BYTES", 10)
    with pytest.raises(RefusedError, match="too-large"):
        cut_events(document(EVENT))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.lists(st.tuples(JSON, st.sampled_from([None, 1]), st.booleans())))
def test_any_events_come_out_as_they_went_in(items):
    events = [json.dumps(value, indent=indent, ensure_ascii=is_ascii).encode() for value, indent, is_ascii in items]
    assert cut_events(document(*events)) == events


@pytest.mark.parametrize("kind", ["JSON"])
def test_every_published_example_is_cut_into_the_events_that_it_holds(conformance, kind):
    paths = sorted((conformance / "gs1-epcis" / kind).glob("**/*.jsonld"))
    assert len(paths) > 40
    for path in paths:
        data = path.read_bytes()
        whole = json.loads(data)
        body = whole["epcisBody"]
        listed = body["eventList"] if "eventList" in body else body["queryResults"]["resultsBody"]["eventList"]
        cut = cut_events(data)
        assert [json.loads(event) for event in cut] == listed
        assert all(event in data for event in cut)
