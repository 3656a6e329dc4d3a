"""Targets above the ledger: identifiers, EPCIS documents, the bodies of every kind of statement."""

import json

from api.wiring import build_house
from keys.payload import read_json
from tests.factories import BODIES, DRUM
from tests.fuzz.target import Target, as_text
from trace.epcis.compression import decompress
from trace.epcis.digital_link import parse_link
from trace.epcis.documents import check_document, cut_events
from trace.epcis.elements import check_element, read_elements
from trace.epcis.geo import read_geo
from trace.epcis.identifiers import parse_goods, parse_lot
from trace.epcis.queries import read_query
from trace.epcis.statements import EVENT_RECORDED
from trace.epcis.xml import cut_xml_events, is_xml
from trace.epcis.xml_nodes import read_nodes
from trace.epcis.xml_writer import write_xml_event
from trace.intake import read_payload
from trace.uscc import check_uscc

CATALOGUE = build_house().catalogue
_KID = "9f" * 32


def _bodies() -> list[bytes]:
    """A good body of each kind that the tests' factories know, after its tag and a line's end."""
    made = []
    for tag, factory in BODIES.items():
        own = {"kid": _KID} if tag in ("post.held", "signatory.authorised") else {}
        made.append(f"{tag}\n{json.dumps(factory(**own), ensure_ascii=False)}".encode())
    return made


BODY_SEEDS = tuple(_bodies())
_EVENT = next(seed.partition(b"\n")[2] for seed in BODY_SEEDS if seed.startswith(b"goods.shipped"))
_DOCUMENT = b'{"type": "EPCISDocument", "epcisBody": {"eventList": [' + _EVENT + b", " + _EVENT + b"]}}"
_HEAD = b'{"@context": "https://example.org/", "schemaVersion": "2.0", "creationDate": "2015-05-06T09:00:00Z", '
_WHOLE = _HEAD + _DOCUMENT[1:]
_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" xmlns:e="http://e.example/" schemaVersion="1.2">
<EPCISBody><EventList><ObjectEvent><eventTime>2015-05-06T09:00:00Z</eventTime>
<eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList><epc>urn:epc:id:sgtin:0614141.107346.2017</epc></epcList>
<action>OBSERVE</action><bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep><e:note>x<e:in>y</e:in></e:note>
</ObjectEvent></EventList></EPCISBody></epcis:EPCISDocument>"""
_QUERY = b'{"type":"EPCISQueryDocument","epcisBody":{"queryResults":{"resultsBody":{"eventList":[' + _EVENT + b"]}}}}"
_JSON = (b'"', b"{", b"}", b"[", b"]", b",", b":", b"null", b"[]", b"{}")


def _read_lot(data: bytes) -> object:
    goods = parse_goods(as_text(data))
    assert parse_goods(goods) == goods
    lot = parse_lot(as_text(data))
    assert parse_lot(str(lot)) == lot
    return lot


def _read_link(data: bytes) -> object:
    link = parse_link(as_text(data))
    assert parse_link(link.address) == parse_link("https://id.gs1.org" + link.address)
    assert parse_link(link.address).path == link.path
    return link


def _decompress(data: bytes) -> object:
    elements = decompress(as_text(data))
    assert all(check_element(ai, value) == value for ai, value in elements)
    return elements


def _read_element(data: bytes) -> object:
    ai, _, value = as_text(data).partition(" ")
    return check_element(ai, value)


def _read_events(data: bytes) -> object:
    events = cut_events(data)
    at = 0
    for event in events:
        at = data.index(event, at) + len(event)
    return events


def _read_xml(data: bytes) -> object:
    events = cut_xml_events(data) if is_xml(data) else []
    for event in events:
        read_json(event)
    return events


def _write_xml(data: bytes) -> object:
    read_payload(data, EVENT_RECORDED)
    return write_xml_event(data)


def _read_shell(data: bytes) -> object:
    events = cut_events(data)
    check_document(data)
    return events


def _read_query(data: bytes) -> object:
    pairs = (pair.partition("=") for pair in as_text(data).split("&"))
    read_query({name: text for name, _, text in pairs})
    return len(data)


def _read_body(data: bytes) -> object:
    tag, _, payload = data.partition(b"\n")
    kind = CATALOGUE.find(as_text(tag))
    body = read_payload(payload, kind)
    # What the door does with a body before the database: its subject and its lots.
    return kind.subject(body), sorted(kind.lots(body))


TARGETS = (
    Target(
        "digital-link",
        _read_lot,
        (DRUM.encode(), f"https://id.gs1.org/{DRUM}".encode(), b"/01/06901234567892/10/A%2F1"),
        (b"/01/", b"/10/", b"/21/", b"%2F", b"%", b"https://", b"[", b"]:", b"?", b"#", b"0", b"\\"),
        (parse_lot, parse_goods),
    ),
    Target(
        "any-link",
        _read_link,
        (
            f"https://id.gs1.org/{DRUM}?17=261031&3103=000189".encode(),
            b"/00/106901234567890128",
            b"/414/6901234567892/254/12?linkType=all",
            b"/CwyNo0UVqI4rYKIkKHoE",
        ),
        (b"/01/", b"/10/", b"/21/", b"%2F", b"?", b"&", b"=", b"17=", b"3103=", b"/", b"@", b"#", b"\n", b"261031"),
        (parse_link,),
    ),
    Target(
        "compressed-link",
        _decompress,
        (b"CwyNo0UVqI4rYKIkKHoE", b"LQyNo0UVqAAXogygfa_4iJJcCQwuFdiV4w", b"nQIYyNo0UVqA", b"GgyNo0UVqI4rQIQn906HoG"),
        (b"A", b"Q", b"_", b"-", b"AQyNo0UVq", b"=="),
        (decompress,),
    ),
    Target(
        "element",
        _read_element,
        (b"01 06901234567892", b"10 A1", b"17 261031", b"3103 000189", b"240 a/b"),
        (b" ", b"0", b"/", b"\x1d", "９".encode()),
        (check_element,),
    ),
    Target(
        "element-string",
        lambda data: read_elements(as_text(data)),
        (b"(01)06901234567892(10)A1(21)D007", b"010690123456789210A1\x1d21D007", b"00106901234567890128"),
        (b"(", b")", b"\x1d", b"01", b"10", b"21", b"(10)", b"(99)"),
        (read_elements,),
    ),
    Target(
        "geo",
        lambda data: read_geo(as_text(data)),
        (b"geo:34.26,108.94", b"geo:34.26,108.94,400;crs=wgs84;u=35"),
        (b"geo:", b",", b".", b";u=", b";crs=", b"-", b"9" * 12, "９".encode()),
        (read_geo,),
    ),
    Target(
        "uscc",
        lambda data: check_uscc(as_text(data)),
        (b"91110000600037341L",),
        (b"9", b"L", b"X", "９".encode()),
        (check_uscc,),
    ),
    Target(
        "epcis-document",
        _read_events,
        (_DOCUMENT, _QUERY, _EVENT),
        (*_JSON, b'"type"', b'"EPCISDocument"', b'"epcisBody"', b'"eventList"', b'"ObjectEvent"', b"1" * 5000),
        (cut_events,),
    ),
    Target(
        "epcis-shell",
        _read_shell,
        (_WHOLE, _DOCUMENT, _QUERY),
        (*_JSON, b'"schemaVersion"', b'"creationDate"', b'"@context"', b'"2.0"'),
        (check_document,),
    ),
    Target(
        "epcis-xml",
        _read_xml,
        (_XML,),
        (b"<", b">", b"/>", b"</", b"<!DOCTYPE x>", b"<!ENTITY a 'b'>", b"&a;", b"&#0;", b"<![CDATA[", b"xmlns=", b'"'),
        (cut_xml_events, read_nodes),
    ),
    Target(
        "epcis-xml-event",
        _write_xml,
        (_EVENT,),
        (
            *_JSON,
            b'"ex:a"',
            b'"#text"',
            b'"@context"',
            b'"xmlns"',
            b'"xsi:type"',
            b'"readPoint"',
            b'"id"',
            b"null",
            b"true",
        ),
    ),
    Target(
        "epcis-query",
        _read_query,
        (
            b"EQ_bizStep=shipping|receiving&orderBy=eventTime&eventCountLimit=3",
            b"MATCH_epc=urn:epc:idpat:sgtin:1.2.*&GE_value_CEL=2.5&EQ_INNER_ILMD_a:b=c",
            b"GE_eventTime=2015-05-06T09:00:00+08:00&EXISTS_errorDeclaration=true&EQ_source_owning_party=urn:x:1",
        ),
        (b"EQ_", b"GT_", b"INNER_", b"ILMD_", b"|", b"&", b"=", b"_", b"9" * 50, b"true", b"*", b".*"),
    ),
    Target(
        "body",
        _read_body,
        BODY_SEEDS,
        (*_JSON, b"1e40", b"-1", b'"1"', b'"2015-02-30"', b"true"),
        (read_payload,),
    ),
)
