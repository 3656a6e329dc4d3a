"""XML documents become events of the JSON binding that say the same, and lead nowhere out of themselves."""

import json
from typing import Any

import pytest

from keys.errors import RefusedError
from tests.trace.epcis.judge import schema_of
from trace.epcis import xml, xml_nodes
from trace.epcis.statements import EVENT_RECORDED, EVENT_WITHDRAWN
from trace.epcis.xml import cut_xml_events, is_xml
from trace.intake import read_payload


def document(events: str, version: str = "1.2", head: str = "") -> bytes:
    space = f"urn:epcglobal:epcis:xsd:{version[0]}"
    return f"""<?xml version="1.0" encoding="UTF-8"?>{head}
<epcis:EPCISDocument xmlns:epcis="{space}" xmlns:ex="http://ns.example.com/epcis" schemaVersion="{version}"
    creationDate="2015-05-06T09:00:00Z">
  <EPCISHeader><extension><EPCISMasterData/></extension></EPCISHeader>
  <EPCISBody><EventList>{events}</EventList></EPCISBody>
</epcis:EPCISDocument>""".encode()


WHEN = """<eventTime>2015-05-06T09:00:00.5+08:00</eventTime><recordTime>2015-05-07T09:00:00Z</recordTime>
<eventTimeZoneOffset>+08:00</eventTimeZoneOffset>"""
OBJECT = f"""<ObjectEvent>{WHEN}
  <baseExtension><eventID>urn:uuid:1</eventID></baseExtension>
  <epcList><epc>urn:epc:id:sgtin:0614141.107346.2017</epc><epc>urn:epc:id:sgtin:0614141.107346.2018</epc></epcList>
  <action>ADD</action><bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep>
  <disposition>urn:epcglobal:cbv:disp:active</disposition>
  <readPoint><id>urn:epc:id:sgln:0614141.07346.1234</id></readPoint>
  <bizTransactionList>
    <bizTransaction type="urn:epcglobal:cbv:btt:po">http://transaction.acme.com/po/1</bizTransaction>
  </bizTransactionList>
  <extension>
    <quantityList><quantityElement><epcClass>urn:epc:class:lgtin:4012345.012345.998877</epcClass>
      <quantity>200.50</quantity><uom>KGM</uom></quantityElement></quantityList>
    <sourceList><source type="urn:epcglobal:cbv:sdt:possessing_party">urn:epc:id:pgln:4012345.00001</source>
    </sourceList>
    <ilmd><ex:batch ex:grade="A">17</ex:batch></ilmd>
  </extension>
  <ex:note>one</ex:note><ex:note>two</ex:note>
</ObjectEvent>"""
AGGREGATION = f"""<AggregationEvent>{WHEN}<parentID>urn:epc:id:sscc:0614141.1234567890</parentID>
  <childEPCs><epc>urn:epc:id:sgtin:0614141.107346.2017</epc></childEPCs><action>OBSERVE</action>
  <extension><childQuantityList><quantityElement><epcClass>urn:epc:idpat:sgtin:4012345.098765.*</epcClass>
  <quantity>10</quantity></quantityElement></childQuantityList></extension></AggregationEvent>"""
TRANSACTION = f"""<TransactionEvent><bizTransactionList>
  <bizTransaction>http://transaction.acme.com/po/1</bizTransaction></bizTransactionList>{WHEN}
  <epcList><epc>urn:epc:id:sgtin:0614141.107346.2017</epc></epcList><action>ADD</action></TransactionEvent>"""
TRANSFORMATION = f"""<extension><TransformationEvent>{WHEN}
  <inputEPCList><epc>urn:epc:id:sgtin:4012345.011122.25</epc></inputEPCList>
  <outputQuantityList><quantityElement><epcClass>urn:epc:class:lgtin:4012345.077889.1</epcClass></quantityElement>
  </outputQuantityList><transformationID>urn:epc:id:gdti:0614141.12345.1</transformationID></TransformationEvent>
</extension>"""
ASSOCIATION = f"""<AssociationEvent>{WHEN}<parentID>urn:epc:id:grai:4012345.55555.987</parentID>
  <childEPCs><epc>urn:epc:id:giai:4000001.12345</epc></childEPCs><action>ADD</action>
  <sensorElementList><sensorElement><sensorMetadata time="2015-05-06T09:00:00Z" deviceID="urn:epc:id:giai:4000001.111"/>
  <sensorReport type="gs1:Temperature" value="26.0" uom="CEL" ex:x="1"/>
  <sensorReport type="Altitude" booleanValue="true"/>
  </sensorElement></sensorElementList>
</AssociationEvent>"""
COUNT = f"""<QuantityEvent>{WHEN}<epcClass>urn:epc:idpat:sgtin:0614141.107346.*</epcClass><quantity>3</quantity>
  <bizStep>urn:epcglobal:cbv:bizstep:cycle_counting</bizStep></QuantityEvent>"""
DECLARED = OBJECT.replace(
    "</eventID>",
    "</eventID><errorDeclaration><declarationTime>2015-05-08T09:00:00Z</declarationTime>"
    "<reason>urn:epcglobal:cbv:er:incorrect_data</reason><correctiveEventIDs><correctiveEventID>urn:uuid:2"
    "</correctiveEventID></correctiveEventIDs></errorDeclaration>",
)


def event_of(xml_text: str, version: str = "1.2") -> dict[str, Any]:
    (event,) = cut_xml_events(document(xml_text, version))
    read: dict[str, Any] = json.loads(event)
    return read


def test_an_event_says_the_same_as_it_did():
    assert event_of(OBJECT) == {
        "@context": [
            "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            {
                "ex": {"@id": "http://ns.example.com/epcis", "@prefix": True},
                "suzheng": "https://suzheng.example/vocabulary/",
            },
        ],
        "type": "ObjectEvent",
        "eventTime": "2015-05-06T09:00:00.5+08:00",
        "eventTimeZoneOffset": "+08:00",
        "eventID": "urn:uuid:1",
        "epcList": ["urn:epc:id:sgtin:0614141.107346.2017", "urn:epc:id:sgtin:0614141.107346.2018"],
        "action": "ADD",
        "bizStep": "commissioning",
        "disposition": "active",
        "readPoint": {"id": "urn:epc:id:sgln:0614141.07346.1234"},
        "bizTransactionList": [{"type": "po", "bizTransaction": "http://transaction.acme.com/po/1"}],
        "quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.012345.998877", "quantity": 200.5, "uom": "KGM"}],
        "sourceList": [{"type": "possessing_party", "source": "urn:epc:id:pgln:4012345.00001"}],
        "ilmd": {"ex:batch": {"ex:grade": "A", "#text": "17"}},
        "ex:note": ["one", "two"],
        "suzheng:convertedFrom": "EPCIS XML 1.2",
    }


def test_amounts_keep_every_digit():
    (event,) = cut_xml_events(document(OBJECT))
    assert b'"quantity": 200.50,' in event


@pytest.mark.parametrize(
    ("events", "version"),
    [
        (OBJECT, "1.2"),
        (AGGREGATION, "1.2"),
        (TRANSACTION, "1.2"),
        (TRANSFORMATION, "1.2"),
        (COUNT, "1.2"),
        (OBJECT, "2.0"),
        (ASSOCIATION, "2.0"),
        (DECLARED, "1.2"),
    ],
)
def test_every_type_becomes_an_event_that_the_schema_accepts(events, version, conformance):
    event = event_of(events, version)
    schema_of(conformance / "gs1-epcis").validate(event)
    kind = EVENT_WITHDRAWN if "errorDeclaration" in event else EVENT_RECORDED
    assert read_payload(json.dumps(event).encode(), kind)["type"] == event["type"]


def test_sensors_and_dispositions_of_2_0_are_read():
    event = event_of(ASSOCIATION, "2.0")
    both = "<persistentDisposition><set>completeness_verified</set><unset>completeness_inferred</unset>"
    object_event = event_of(OBJECT.replace("<extension>", f"<extension>{both}</persistentDisposition>"), "2.0")
    element = event["sensorElementList"][0]
    assert element["sensorMetadata"]["deviceID"] == "urn:epc:id:giai:4000001.111"
    assert element["sensorReport"][0]["value"] == 26.0
    assert element["sensorReport"][0]["type"] == "Temperature"
    assert element["sensorReport"][0]["ex:x"] == "1"
    assert element["sensorReport"][1]["booleanValue"] is True
    assert object_event["persistentDisposition"] == {
        "set": ["completeness_verified"],
        "unset": ["completeness_inferred"],
    }


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ('<ex:a xsi:type="xsd:boolean">true</ex:a>', True),
        ('<ex:a xsi:type="xsd:decimal">1.50</ex:a>', 1.5),
        ('<ex:a xsi:type="xsd:string"> a </ex:a>', " a "),
        ('<ex:a xsi:type="xsd:date">2015-05-06</ex:a>', {"xsi:type": "xsd:date", "#text": "2015-05-06"}),
        ('<ex:a xsi:type="xsd:integer">many</ex:a>', {"xsi:type": "xsd:integer", "#text": "many"}),
        ('<ex:a xsi:nil="true"/>', None),
        ('<ex:a suzheng:is="list"><suzheng:item>1</suzheng:item></ex:a>', ["1"]),
        ('<ex:a suzheng:is="list"/>', []),
        ('<ex:a suzheng:is="object"/>', {}),
        ("<ex:a/>", ""),
    ],
)
def test_values_of_extensions_have_their_types(element, value):
    spaces = (
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:suzheng="https://suzheng.example/vocabulary/" '
    )
    event = event_of(OBJECT.replace("<ex:note>one", f"{element.replace(' ', f' {spaces}', 1)}<ex:note>one"))
    assert event["ex:a"] == value


def test_attributes_of_other_namespaces_have_their_prefixes_explained():
    event = event_of(ASSOCIATION, "2.0")
    assert event["@context"][1]["ex"] == {"@id": "http://ns.example.com/epcis", "@prefix": True}


def test_an_error_declaration_comes_along():
    assert event_of(DECLARED)["errorDeclaration"] == {
        "declarationTime": "2015-05-08T09:00:00Z",
        "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:uuid:2"],
    }


def test_a_query_document_is_read_too():
    data = document(OBJECT + AGGREGATION).replace(b"EPCISDocument", b"EPCISQueryDocument")
    assert len(cut_xml_events(data)) == 2


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"<x/>", "EPCISDocument"),
        (b"<", "XML"),
        (b"<?xml version='1.0' encoding='klingon'?><x/>", ""),
        (document(OBJECT, head="<!DOCTYPE x>"), "no document type"),
        (document("&a;", head="<!DOCTYPE x [<!ENTITY a 'b'>]>"), "no document type"),
        (document("&a;", head="<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"), "no document type"),
        (document("<Parade/>"), "ObjectEvent"),
        (document(f"<ObjectEvent>{WHEN}<colour>red</colour></ObjectEvent>"), "an element of EPCIS"),
        (document(f"<ObjectEvent>{WHEN}{WHEN}</ObjectEvent>"), "each element once"),
        (document(OBJECT.replace("200.50", "many")), "a number"),
        (document(OBJECT.replace("<epc>", "<epd>").replace("</epc>", "</epd>")), "<epc>"),
        (document("<a>" * 30 + "</a>" * 30), "levels"),
        (document(OBJECT.replace("<action>ADD</action>", "<action><x/></action>")), "text"),
        (document(OBJECT.replace("<ex:note>two", '<ex:note xmlns:ex="urn:other">two')), "http://ns.example.com/epcis"),
    ],
)
def test_what_is_no_such_document_is_refused(data, expected):
    with pytest.raises(RefusedError) as refused:
        cut_xml_events(data)
    assert refused.value.code == "payload-malformed"
    assert expected in str(refused.value)


def test_documents_are_bounded(monkeypatch):
    monkeypatch.setattr(xml, "MAX_EVENTS", 1)
    with pytest.raises(RefusedError, match="too-large"):
        cut_xml_events(document(OBJECT + AGGREGATION))
    monkeypatch.setattr(xml_nodes, "MAX_NODES", 5)
    with pytest.raises(RefusedError, match="elements"):
        cut_xml_events(document(OBJECT))
    monkeypatch.setattr(xml, "MAX_DOCUMENT_BYTES", 10)
    with pytest.raises(RefusedError, match="too-large"):
        cut_xml_events(document(OBJECT))


def test_xml_is_told_from_json():
    assert is_xml(b"\xef\xbb\xbf\n <x/>")
    assert not is_xml(b' {"type": "<"}')
