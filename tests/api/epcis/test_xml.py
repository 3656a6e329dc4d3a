"""Who speaks XML alone brings events, reads them, and is told what is wrong, in XML."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.api.epcis.test_capture import SECURE, SEQUENCE, sign, size
from tests.trace.epcis.test_xml import AGGREGATION, OBJECT, document
from trace.epcis.documents import cut_events
from trace.epcis.xml import cut_xml_events

XML = "application/xml"
ACCEPT = {"Accept": XML}
QUERY = "{urn:epcglobal:epcis-query:xsd:2}"
OURS = "{https://suzheng.example/vocabulary/}"
EPCIS = "{urn:epcglobal:epcis:xsd:2}"


def of(response) -> Any:
    assert response.mimetype in (XML, "application/problem+xml"), response.data
    return ET.fromstring(response.data)


def test_a_document_in_xml_waits_for_signatures_as_one_in_json_does(app, client, world, sign_in):
    sign_in(client, world, "maker")
    data = document(OBJECT + AGGREGATION)
    before = size(app)
    response = client.post("/epcis/capture", data=data, content_type=XML, base_url=SECURE)
    assert (response.status_code, response.get_json()["suzheng:state"]) == (202, "awaiting_signature")
    where = response.headers["Location"]
    job = of(client.get(where, base_url=SECURE, headers=ACCEPT))
    assert (job.tag, job.get("running"), job.get("success")) == (f"{EPCIS}EPCISCaptureJob", "true", "true")
    signed = sign(world, "maker", response.get_json())
    done = client.post(where, data=signed, content_type=SEQUENCE, base_url=SECURE, headers=ACCEPT)
    assert (done.status_code, of(done).get("running"), of(done).findtext("captureErrorBehaviour")) == (
        202,
        "false",
        "rollback",
    )
    assert of(done).findtext("finishedAt").endswith("Z")
    assert size(app) == before + 2
    # They come out as JSON as they were signed, and as XML in which the converter finds the same.
    assert cut_events(client.get("/epcis/events?perPage=2&orderBy=recordTime").data)[::-1] == cut_xml_events(data)
    page = client.get("/epcis/events?orderBy=recordTime&perPage=2", headers=ACCEPT)
    assert cut_xml_events(page.data)[::-1] == cut_xml_events(data)


def test_a_document_in_xml_is_refused_where_it_is_none(client, world, sign_in):
    assert client.post("/epcis/capture", data=document(OBJECT), content_type=XML).status_code == 401
    sign_in(client, world, "maker")
    bad = document(OBJECT, head="<!DOCTYPE x>")
    refused = client.post("/epcis/capture", data=bad, content_type=XML, base_url=SECURE, headers=ACCEPT)
    assert (refused.status_code, refused.mimetype) == (400, "application/problem+xml")
    assert of(refused).tag == f"{EPCIS}EPCISException"
    assert of(refused).findtext("type") == "epcisException:ValidationException"
    facts = {fact.get("name"): fact.text for fact in of(refused).iter(f"{OURS}fact")}
    assert facts["code"] == "payload-malformed"
    wrong = document(AGGREGATION.replace(">OBSERVE<", ">MOVE<"))
    assert (
        client.post("/epcis/capture", data=wrong, content_type=XML, base_url=SECURE)
        .get_json()["where"]
        .endswith(".action")
    )


def test_all_events_of_the_drum_come_as_xml(reader):
    page = reader.get("/epcis/events?perPage=100", headers=ACCEPT)
    root = of(page)
    assert (root.tag, root.get("schemaVersion")) == (f"{QUERY}EPCISQueryDocument", "2.0")
    results = root.find(f"EPCISBody/{QUERY}QueryResults")
    assert results.findtext("queryName") == "SimpleEventQuery"
    events = list(results.find("resultsBody/EventList"))
    entries = list(results.iter(f"{OURS}entry"))
    as_json = reader.get("/epcis/events?perPage=100").get_json()["epcisBody"]["queryResults"]["resultsBody"]
    assert [event.tag for event in events] == [event["type"] for event in as_json["eventList"]]
    assert [int(entry.get("entry")) for entry in entries] == [one["entry"] for one in as_json["suzheng:entries"]]
    assert [event.findtext("recordTime") for event in events] == [entry.get("recordTime") for entry in entries]
    assert len(events) > 5


@pytest.mark.parametrize(
    ("wanted", "given", "spelled"),
    [
        (None, "Always_URN", "urn:epcglobal:cbv:bizstep:shipping"),
        ("No_Preference", "Always_URN", "urn:epcglobal:cbv:bizstep:shipping"),
        ("Always_URN", "Always_URN", "urn:epcglobal:cbv:bizstep:shipping"),
        ("Always_Web_URI", "Always_Web_URI", "https://ref.gs1.org/cbv/BizStep-shipping"),
    ],
)
def test_words_are_spelled_as_asked_for(reader, wanted, given, spelled):
    headers = ACCEPT | ({"GS1-CBV-XML-Format": wanted} if wanted else {})
    page = reader.get("/epcis/bizSteps/shipping/events", headers=headers)
    assert page.headers["GS1-CBV-XML-Format"] == given
    assert "GS1-CBV-XML-Format" in page.headers["Vary"]
    assert [step.text for step in of(page).iter("bizStep")] == [spelled]


@pytest.mark.parametrize("wanted", ["Never_Translates", "Sometimes"])
def test_words_that_are_not_to_be_translated_do_not_come_as_xml(reader, wanted):
    headers = {"GS1-CBV-XML-Format": wanted}
    assert of(reader.get("/epcis/events", headers=ACCEPT | headers)).findtext("status") == "406"
    # Of JSON nothing is translated, so that may well be asked for.
    assert reader.get("/epcis/events", headers=headers).status_code == (200 if wanted == "Never_Translates" else 406)


def test_an_event_that_xml_can_not_say_is_named(client, world):
    world.say("maker", "epcis.recorded", eventID="urn:uuid:1", **{"ex:note": {"@value": "1"}})
    refused = client.get("/epcis/events", headers=ACCEPT)
    facts = {fact.get("name"): fact.text for fact in of(refused).iter(f"{OURS}fact")}
    assert (refused.status_code, facts["code"], facts["where"]) == (406, "not-acceptable", "@value")
    entry = client.get(f"/api/v1/entries/{facts['entry']}").get_json()
    assert "ex:note" in entry["payload"]
