"""Events are found by the standard's own queries, by the page, and come out as their signers wrote them."""

from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import event as sqlalchemy_event

from api.wiring import build_house
from tests.api.v1.conftest import shell_of
from tests.factories import BATCH, DRUM, ROD, SISTER, RecordedEvent, ShippedEvent, uri_of, uscc_of
from tests.trace.epcis.judge import document_schema_of
from tests.world import HONEST
from trace.epcis.documents import cut_events
from trace.epcis.register import event_kinds

CONTRACT = "urn:suzheng:contract:HT-01"


def ids(response) -> list[int]:
    """The entries of an answer."""
    assert response.status_code == 200, response.get_json()
    return [one["entry"] for one in response.get_json()["epcisBody"]["queryResults"]["resultsBody"]["suzheng:entries"]]


def follow(client, address: str) -> tuple[list[int], int]:
    """All entries of a list, and in how many pages."""
    found, pages = [], 0
    while address:
        page = client.get(address)
        found += ids(page)
        pages += 1
        address = page.headers.get("Link", "").partition("<")[2].partition(">")[0]
    return found, pages


def kinds_of(client, address: str) -> list[str]:
    return [client.get(f"/api/v1/entries/{entry}").get_json()["kind"] for entry in follow(client, address)[0]]


@pytest.fixture(scope="module")
def said() -> list[str]:
    """The kinds of the honest drum's events, in order."""
    kinds = event_kinds(build_house().catalogue)
    return [tag for _, _, tag, _ in HONEST if tag in kinds]


def test_all_events_come_in_the_order_of_record_and_as_they_were_signed(reader, said, told, conformance):
    page = reader.get("/epcis/events?perPage=100")
    assert document_schema_of(conformance / "gs1-epcis").is_valid(page.get_json())
    entries = ids(page)
    assert entries == sorted(entries)
    bodies = [reader.get(f"/api/v1/entries/{entry}").get_json() for entry in entries]
    assert [body["kind"] for body in bodies] == said
    assert cut_events(page.data) == [body["payload"].encode() for body in bodies]


@pytest.mark.parametrize("per_page", [1, 2, 3, 100])
def test_pages_neither_skip_nor_repeat(reader, said, per_page):
    for order in ("", "&orderBy=eventTime", "&orderBy=recordTime&orderDirection=ASC"):
        entries, pages = follow(reader, f"/epcis/events?perPage={per_page}{order}")
        assert len(entries) == len(set(entries)) == len(said)
        assert pages == -(-len(said) // per_page)


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("EQ_bizStep=shipping", ["goods.shipped"]),
        ("EQ_bizStep=shipping|receiving&eventType=ObjectEvent", ["goods.shipped", "goods.received"]),
        ("EQ_bizStep=https://ref.gs1.org/cbv/BizStep-installing", ["lot.installed"]),
        ("eventType=TransformationEvent&MATCH_inputEPCClass=" + uri_of(BATCH), ["lot.split"]),
        ("EQ_action=ADD", ["lot.commissioned"]),
        ("MATCH_outputEPC=" + uri_of(DRUM), ["lot.split"]),
        ("MATCH_epc=https://elsewhere.example/" + DRUM + "&EQ_bizStep=installing", ["lot.installed"]),
        (
            "MATCH_anyEPCClass=" + uri_of(ROD) + "&orderBy=eventTime&orderDirection=ASC",
            ["lot.commissioned", "lot.transformed"],
        ),
        (f"EQ_bizTransaction_po={CONTRACT}&EQ_bizStep=arriving", ["goods.delivered"]),
        (f"EQ_destination_possessing_party=urn:suzheng:party:{uscc_of('contractor')}", ["goods.shipped"]),
        (f"EQ_source_possessing_party=urn:suzheng:party:{uscc_of('maker')}", ["goods.received"]),
        ("GE_eventTime=2015-05-20T00:00:00%2B08:00", ["lot.installed"]),
        ("LT_eventTime=2015-05-01T00:00:00Z", ["lot.commissioned"]),
        ("EQ_quantity=24&MATCH_epcClass=" + uri_of(ROD), ["lot.commissioned"]),
        ("GT_quantity=24&LE_quantity=1000&eventType=ObjectEvent", ["lot.inspected"]),
        ("EQ_suzheng:passed=true", ["lot.inspected"]),
        ("EXISTS_ILMD_suzheng:product=true&eventType=ObjectEvent", ["lot.commissioned"]),
        ("EQ_INNER_ILMD_standard=x&EXISTS_suzheng:place=true", None),
        ("EQ_INNER_suzheng:station=x", []),
        ("EXISTS_errorDeclaration=true", []),
        ("EQ_eventID=urn:uuid:none", []),
        ("EQ_disposition=conformant", ["goods.accepted"]),
    ],
)
def test_the_simple_event_query_finds_what_it_names_and_nothing_else(reader, query, kinds):
    if kinds is None:
        assert reader.get(f"/epcis/events?{query}").get_json()["code"] == "query-parameter-unknown"
        return
    assert kinds_of(reader, f"/epcis/events?{query}") == kinds


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("bizSteps/shipping", ["goods.shipped"]),
        ("dispositions/conformant", ["goods.accepted"]),
        ("eventTypes/TransformationEvent", ["lot.transformed", "lot.split"]),
        (f"epcs/{quote(uri_of(SISTER), safe='')}", ["lot.split"]),
        (f"epcs/{uri_of(SISTER)}", ["lot.split"]),
        (f"epcs/{quote(uri_of(ROD), safe='')}", ["lot.commissioned", "lot.transformed"]),
    ],
)
def test_events_are_found_below_what_they_have(reader, path, kinds):
    assert kinds_of(reader, f"/epcis/{path}/events") == kinds
    assert reader.get(f"/epcis/{path}").get_json()["member"] == ["events"]


def test_the_events_of_an_epc_take_few_questions_however_many_there_are(reader, told_app):
    counted = []
    engine = shell_of(told_app).database.readers
    listen = lambda *arguments: counted.append(arguments[2])  # noqa: E731
    for per_page in (1, 100):
        counted.clear()
        sqlalchemy_event.listen(engine, "before_cursor_execute", listen)
        reader.get(f"/epcis/epcs/{quote(uri_of(DRUM), safe='')}/events?perPage={per_page}")
        sqlalchemy_event.remove(engine, "before_cursor_execute", listen)
        assert len([one for one in counted if not one.startswith(("BEGIN", "SAVEPOINT"))]) == 2


@pytest.mark.parametrize(
    ("query", "code", "where"),
    [
        ("EQ_bizstep=shipping", "query-parameter-unknown", "EQ_bizstep"),
        ("MATCH_foo=urn:x:1", "query-parameter-unknown", "MATCH_foo"),
        ("EQATTR_colour=red", "query-parameter-unknown", "EQATTR_colour"),
        ("EQ_action=", "query-parameter-invalid", "EQ_action"),
        ("GE_eventTime=yesterday", "query-parameter-invalid", "GE_eventTime"),
        ("EXISTS_errorDeclaration=maybe", "query-parameter-invalid", "EXISTS_errorDeclaration"),
        ("orderBy=colour", "query-parameter-invalid", "orderBy"),
        ("orderBy=eventTime&orderDirection=UP", "query-parameter-invalid", "orderDirection"),
        ("eventCountLimit=3", "query-parameter-invalid", "eventCountLimit"),
        ("orderBy=eventTime&eventCountLimit=3&maxEventCount=3", "query-parameter-invalid", "eventCountLimit"),
        ("maxEventCount=0", "query-parameter-invalid", "maxEventCount"),
        ("GT_quantity=many", "query-parameter-invalid", "GT_quantity"),
        ("perPage=0", "request-malformed", "perPage"),
        ("nextPageToken=forged", "request-malformed", "nextPageToken"),
        ("MATCH_epc=urn:epc:idpat:sgtin:*.1.*", "query-parameter-invalid", "MATCH"),
    ],
)
def test_a_parameter_that_is_not_known_or_not_in_order_is_refused_by_its_name(reader, query, code, where):
    refused = reader.get(f"/epcis/events?{query}")
    assert (refused.status_code, refused.get_json()["code"]) == (400, code)
    assert refused.get_json()["where"] == where
    assert refused.mimetype == "application/problem+json"


def test_a_count_limits_what_is_answered_or_refuses_it(reader, said):
    entries, pages = follow(reader, "/epcis/events?orderBy=eventTime&eventCountLimit=5&perPage=2")
    assert (len(entries), pages) == (5, 3)
    newest = follow(reader, "/epcis/events?orderBy=eventTime&perPage=100")[0]
    assert entries == newest[:5]
    assert len(ids(reader.get(f"/epcis/events?maxEventCount={len(said)}"))) == len(said)
    refused = reader.get(f"/epcis/events?maxEventCount={len(said) - 1}")
    assert (refused.status_code, refused.get_json()["code"]) == (413, "query-too-large")


def test_a_token_serves_the_query_that_it_came_from_alone(reader):
    link = reader.get("/epcis/events?perPage=1").headers["Link"]
    assert link.endswith('>; rel="next"')
    token = link.partition("nextPageToken=")[2].partition(">")[0]
    refused = reader.get(f"/epcis/events?perPage=1&EQ_action=ADD&nextPageToken={token}")
    assert refused.get_json()["code"] == "request-malformed"


@pytest.mark.parametrize("media", ["application/json", "application/ld+json"])
def test_it_comes_as_json_or_json_ld(reader, media):
    page = reader.get("/epcis/events", headers={"Accept": media})
    assert page.mimetype == media
    for name in ("GS1-EPCIS-Version", "GS1-CBV-Version"):
        assert page.headers[name] == "2.0.0"
    assert page.headers["GS1-Extensions"].startswith("suzheng=")
    assert reader.get("/epcis/events", headers={"Accept": "text/turtle"}).get_json()["code"] == "not-acceptable"


def test_what_there_is_can_be_asked(reader):
    assert set(reader.get("/epcis").get_json()["member"]) >= {"events", "capture", "queries", "epcs"}
    assert "TransformationEvent" in reader.get("/epcis/eventTypes").get_json()["member"]
    assert "shipping" in reader.get("/epcis/bizSteps").get_json()["member"]
    assert DRUM in reader.get("/epcis/epcs").get_json()["member"]
    one = reader.get("/epcis/epcs?perPage=1")
    two = reader.get(one.headers["Link"].partition("<")[2].partition(">")[0])
    assert [*one.get_json()["member"], *two.get_json()["member"]] == [DRUM, SISTER]
    assert reader.get("/epcis/bizLocations").get_json()["member"] == []
    options = reader.options("/epcis/events")
    assert (options.status_code, "GET" in options.headers["Allow"]) == (204, True)


def test_an_event_is_found_by_its_id_or_the_name_that_it_got(client, app, world):
    world.say("maker", "epcis.recorded", eventID="urn:uuid:1")
    nameless = world.say("maker", "epcis.recorded")
    assert len(ids(client.get("/epcis/events/urn:uuid:1"))) == 1
    told = client.get("/epcis/events").get_json()["epcisBody"]["queryResults"]["resultsBody"]["suzheng:entries"]
    assert ids(client.get(f"/epcis/events/{told[1]['eventID']}")) == [nameless.position]
    missing = client.get("/epcis/events/urn:uuid:2")
    assert (missing.status_code, missing.get_json()["code"]) == (404, "event-unknown")


def test_what_was_taken_back_is_shown_as_such(client, world):
    event: Any = RecordedEvent(eventID="urn:uuid:1")
    first = world.say("maker", "epcis.recorded", event)
    declared = {
        "declarationTime": "2016-01-01T00:00:00Z",
        "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:uuid:2"],
    }
    taken = world.say("maker", "epcis.withdrawn", event | {"errorDeclaration": declared})
    told = client.get("/epcis/events/urn:uuid:1").get_json()["epcisBody"]["queryResults"]["resultsBody"]
    assert [(one["entry"], one["withdrawnBy"]) for one in told["suzheng:entries"]] == [
        (first.position, taken.position),
        (taken.position, None),
    ]
    for query in (
        "EXISTS_errorDeclaration=true",
        "EQ_errorReason=incorrect_data",
        "EQ_correctiveEventID=urn:uuid:2",
        "GE_errorDeclarationTime=2015-12-31T00:00:00Z",
    ):
        assert ids(client.get(f"/epcis/events?{query}")) == [taken.position]


SENSED: dict[str, Any] = {
    "readPoint": {"id": "urn:epc:id:sgln:0614141.07346.1234"},
    "sensorElementList": [
        {
            "sensorMetadata": {"startTime": "2015-05-06T08:00:00+08:00", "deviceID": "urn:epc:id:giai:4000001.111"},
            "sensorReport": [{"type": "Temperature", "value": 26.5, "uom": "CEL", "booleanValue": True}],
        }
    ],
    "example:note": {"example:inner": "deep", "example:count": 7},
}


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("EQ_type=Temperature", True),
        ("EQ_type=Mass", False),
        ("GE_value_CEL=26.5", True),
        ("GT_value_CEL=26.5", False),
        ("GE_value_FAH=1", False),
        ("LT_value=30", True),
        ("EQ_booleanValue=true", True),
        ("EQ_booleanValue=false", False),
        ("EQ_deviceID=urn:epc:id:giai:4000001.111", True),
        ("GE_startTime=2015-05-06T00:00:00Z", True),
        ("LT_startTime=2015-05-06T00:00:00Z", False),
        ("EQ_INNER_example:inner=deep|other", True),
        ("EQ_INNER_example:inner=other", False),
        ("EQ_example:inner=deep", False),
        ("GT_INNER_example:count=6", True),
        ("EXISTS_example:note=true", True),
        ("EQ_readPoint=urn:epc:id:sgln:0614141.07346.1234", True),
        ("WD_readPoint=urn:epc:id:sgln:0614141.07346.1234", True),
        ("MATCH_parentID=https://id.gs1.org/00/106141412345678908", True),
        ("MATCH_epc=https://id.gs1.org/01/10614141123459/21/2017", True),
    ],
)
def test_sensors_extensions_and_other_identifiers_are_searched_too(client, world, query, is_found):
    world.say("maker", "epcis.recorded", **SENSED)
    assert len(ids(client.get(f"/epcis/events?{query}"))) == is_found


def test_a_pattern_matches_what_begins_as_it_does(client, world):
    for number in (1, 2):
        world.say("maker", "epcis.recorded", childEPCs=[f"urn:epc:id:sgtin:0614141.10734{number}.2017"])
    assert len(ids(client.get("/epcis/events?MATCH_epc=urn:epc:idpat:sgtin:0614141.107341.*"))) == 1
    assert len(ids(client.get("/epcis/events?MATCH_epc=urn:epc:idpat:sgtin:0614141.*.*"))) == 2


def test_a_search_through_what_the_index_does_not_know_is_bounded_and_goes_on(client, world, monkeypatch):
    monkeypatch.setattr("trace.epcis.search.MAX_LOOKED_AT", 3)
    monkeypatch.setattr("trace.epcis.search._SPAN", 2)
    for number in range(7):
        world.say("maker", "epcis.recorded", eventID=f"urn:uuid:{number}", **({"example:x": 1} if number == 6 else {}))
    entries, pages = follow(client, "/epcis/events?EXISTS_example:x=true")
    assert (len(entries), pages) == (1, 3)


def test_a_query_that_finds_the_index_behind_catches_it_up(client, world, app):
    world.say("maker", "epcis.recorded")
    assert len(ids(client.get("/epcis/events"))) == 1
    world.say("maker", "epcis.recorded")
    assert len(ids(client.get("/epcis/events"))) == 2


def test_what_a_reader_may_not_see_is_not_found(client, world, app, monkeypatch):
    from dataclasses import replace

    from trace.kinds import Catalogue, Readers

    world.say("maker", "epcis.recorded", eventID="urn:uuid:secret")
    kinds = [
        replace(kind, readers=Readers.OFFICIALS) if kind.tag == "epcis.recorded" else kind
        for kind in world.house.catalogue
    ]
    shell_of(app).house = replace(world.house, catalogue=Catalogue(kinds))
    assert ids(client.get("/epcis/events")) == []
    assert client.get("/epcis/events/urn:uuid:secret").status_code == 404
    assert client.get("/epcis/epcs").get_json()["member"] == []


def test_its_own_signer_and_a_regulator_do_see_it(client, world, app, sign_in):
    from dataclasses import replace

    from trace.kinds import Catalogue, Readers

    world.say("maker", "epcis.recorded", eventID="urn:uuid:secret")
    kinds = [
        replace(kind, readers=Readers.OFFICIALS) if kind.tag == "epcis.recorded" else kind
        for kind in world.house.catalogue
    ]
    shell_of(app).house = replace(world.house, catalogue=Catalogue(kinds))
    for alias, count in (("maker", 1), ("dealer", 0), ("regulator", 1)):
        one = app.test_client()
        sign_in(one, world, alias)
        assert len(ids(one.get("/epcis/events", base_url="https://localhost"))) == count


def test_named_queries_are_kept_asked_and_forgotten(client, world, app, sign_in):
    base = {"base_url": "https://localhost"}
    world.say("maker", "goods.shipped", ShippedEvent(amounts={DRUM: 500}))
    world.say("maker", "epcis.recorded")
    assert client.get("/epcis/queries").get_json()["code"] == "not-signed-in"
    sign_in(client, world, "maker")
    body = {"name": "shipments", "query": {"eventType": ["ObjectEvent"], "EQ_bizStep": ["shipping", "receiving"]}}
    made = client.post("/epcis/queries", json=body, **base)
    assert (made.status_code, made.headers["Location"]) == (201, "/epcis/queries/shipments")
    assert client.post("/epcis/queries", json=body, **base).get_json()["code"] == "query-known"
    wrong = client.post("/epcis/queries", json={"name": "x", "query": {"EQ_colour": ["red"]}}, **base)
    assert wrong.get_json()["code"] == "query-parameter-unknown"
    assert client.get("/epcis/queries/shipments", **base).get_json()["query"]["EQ_bizStep"] == "shipping|receiving"
    page = client.get("/epcis/queries/shipments/events", **base)
    assert len(ids(page)) == 1
    assert page.get_json()["epcisBody"]["queryResults"]["queryName"] == "shipments"
    assert [one["name"] for one in client.get("/epcis/queries", **base).get_json()["queries"]] == ["shipments"]
    other = app.test_client()
    sign_in(other, world, "dealer")
    assert other.delete("/epcis/queries/shipments", **base).get_json()["code"] == "not-your-party"
    assert client.delete("/epcis/queries/shipments", **base).status_code == 204
    assert client.get("/epcis/queries/shipments", **base).get_json()["code"] == "query-unknown"
