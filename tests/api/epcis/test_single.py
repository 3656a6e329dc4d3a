"""One event comes in by the standard's address for one, and what the standard names is answered as it says."""

import pytest

from tests.api.epcis.test_capture import COSE, SECURE, document, sign, size
from tests.factories import BODIES


def test_a_signed_event_is_recorded_at_once_and_has_an_address(app, client, world):
    said = world.seal("maker", "epcis.recorded", eventID="urn:uuid:a/b")
    before = size(app)
    response = client.post("/epcis/events", data=said.to_bytes(), content_type=COSE)
    assert (response.status_code, size(app)) == (201, before + 1)
    assert response.data == said.payload
    assert response.headers["Location"] == "/epcis/events/urn%3Auuid%3Aa%2Fb"
    found = client.get(response.headers["Location"]).get_json()["epcisBody"]["queryResults"]["resultsBody"]
    assert found["suzheng:entries"][0]["entry"] == before
    # The same statement again is no second one.
    assert client.post("/epcis/events", data=said.to_bytes(), content_type=COSE).status_code == 201
    assert size(app) == before + 1


def test_an_event_without_an_id_is_found_under_the_name_that_it_gets(client, world):
    said = world.seal("maker", "epcis.recorded")
    where = client.post("/epcis/events", data=said.to_bytes(), content_type=COSE).headers["Location"]
    assert client.get(where).status_code == 200


def test_an_unsigned_event_waits_for_its_party(app, client, world, sign_in):
    event = BODIES["epcis.recorded"]()
    assert client.post("/epcis/events", json=event).status_code == 401
    sign_in(client, world, "maker")
    before = size(app)
    response = client.post("/epcis/events", json=event, base_url=SECURE)
    assert (response.status_code, size(app)) == (202, before)
    signed = sign(world, "maker", response.get_json())
    done = client.post(response.headers["Location"], data=signed, content_type=COSE, base_url=SECURE)
    assert done.get_json()["success"]
    assert size(app) == before + 1


@pytest.mark.parametrize(
    ("alias", "kind", "status", "code", "exception"),
    [
        ("lab", "goods.shipped", 403, "role-not-allowed", "epcisException:SecurityException"),
        ("owner", "tender.published", 400, "no-event", "epcisException:ValidationException"),
    ],
)
def test_what_the_door_refuses_is_refused_with_the_standards_exception(
    app, client, world, alias, kind, status, code, exception
):
    before = size(app)
    refused = client.post("/epcis/events", data=world.seal(alias, kind).to_bytes(), content_type=COSE)
    problem = refused.get_json()
    assert (refused.status_code, problem["code"], problem["type"]) == (status, code, exception)
    assert size(app) == before


def test_a_document_goes_elsewhere(client, world, sign_in):
    sign_in(client, world, "maker")
    refused = client.post("/epcis/events", json=document(BODIES["epcis.recorded"]()), base_url=SECURE)
    assert (refused.status_code, refused.get_json()["where"]) == (400, "type")


@pytest.mark.parametrize(
    ("address", "method", "status", "exception"),
    [
        ("/epcis/events?EQ_bizstep=x", "GET", 400, "QueryParameterException"),
        ("/epcis/events?perPage=many", "GET", 400, "ValidationException"),
        ("/epcis/events?maxEventCount=1", "GET", 413, "QueryTooLargeException"),
        ("/epcis/events/urn:uuid:none", "GET", 404, "NoSuchNameException"),
        ("/epcis/nothing", "GET", 404, "NoSuchNameException"),
        ("/epcis/capture", "GET", 401, "SecurityException"),
        ("/epcis/events", "POST", 415, "UnsupportedMediaTypeException"),
        ("/epcis/nextPageToken/WzEsIDJd", "DELETE", 501, "ImplementationException"),
    ],
)
def test_refusals_bear_the_standards_exceptions_and_our_code(reader, address, method, status, exception):
    response = reader.open(address, method=method, data=b"x" if method == "POST" else None)
    problem = response.get_json()
    assert (response.status_code, problem["status"]) == (status, status)
    assert problem["type"] == f"epcisException:{exception}"
    assert problem["code"]


def test_what_the_standard_has_no_exception_for_keeps_our_type(reader):
    problem = reader.delete("/epcis/events").get_json()
    assert (problem["type"], problem["status"]) == ("/problems/method-not-allowed", 405)
    assert reader.get("/api/v1/entries/999").get_json()["type"] == "/problems/entry-unknown"


def test_subscriptions_are_not_offered(client, world, sign_in):
    sign_in(client, world, "maker")
    refused = client.post("/epcis/queries/shipments/subscriptions", json={}, base_url=SECURE)
    assert (refused.status_code, refused.get_json()["code"]) == (501, "not-implemented")


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/epcis", {"GET", "HEAD", "OPTIONS"}),
        ("/epcis/capture", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/epcis/events", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/epcis/queries", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/epcis/queries/x", {"GET", "HEAD", "OPTIONS", "DELETE"}),
        ("/epcis/bizSteps/shipping/events", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_each_resource_says_what_it_can_do(reader, path, methods):
    options = reader.options(path)
    assert (options.status_code, options.data) == (204, b"")
    assert set(options.headers["Allow"].split(", ")) == methods
    for of in ("EPCIS", "CBV"):
        assert {options.headers[f"GS1-{of}-{name}"] for name in ("Version", "Min", "Max")} == {"2.0.0"}
    assert options.headers["GS1-EPC-Format"] == "Never_Translates"
    assert options.headers["GS1-CBV-XML-Format"] == "Always_URN"
    assert options.headers["GS1-Extensions"].startswith("suzheng=")
    assert ("GS1-EPCIS-Capture-Limit" in options.headers) == (path == "/epcis/capture")
    assert options.headers.get("GS1-Capture-Error-Behaviour") == ("all" if path == "/epcis/capture" else None)


def test_a_head_has_the_headers_of_the_answer_and_no_body(reader):
    head, whole = reader.head("/epcis/events?perPage=1"), reader.get("/epcis/events?perPage=1")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Link"] == whole.headers["Link"]


@pytest.mark.parametrize("path", ["/epcis", "/epcis/bizSteps", "/epcis/epcs", "/epcis/eventTypes/ObjectEvent"])
def test_lists_come_as_json_and_are_not_acceptable_otherwise(reader, path):
    assert reader.get(path, headers={"Accept": "application/ld+json"}).status_code == 200
    assert reader.get(path, headers={"Accept": "application/xml"}).status_code == 406
