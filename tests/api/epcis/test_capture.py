"""Events come in by the standard's own interface: signed, or as a document whose party signs afterwards."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from keys.envelope import seal_statement
from tests.api.v1.conftest import shell_of
from tests.factories import BODIES, DRUM, ShippedEvent
from tests.histories import rows_of
from tests.trace.epcis.judge import document_schema_of, examples_of
from tests.trace.test_replay import rebuild
from tests.world import HONEST
from trace.epcis.documents import cut_events
from trace.epcis.register import Progress, read_progress
from trace.ledger.store import read_entry, size_of

COSE, SEQUENCE = "application/cose", "application/cbor-seq"
# Published with two members "eventID" in one event, which RFC 8259 leaves to chance and the door refuses.
TWICE = "AssociationEvent-h.jsonld"
DECLARATION = {"declarationTime": "2016-01-02T09:00:00+08:00", "reason": "did_not_occur"}
SECURE = "https://localhost"


def document(*events: object, **more: object) -> dict[str, Any]:
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2015-05-06T09:00:00+08:00",
        "epcisBody": {"eventList": list(events)},
        **more,
    }


def size(app) -> int:
    with shell_of(app).database.reading() as session:
        return size_of(session)


def sign(world, alias: str, job: dict[str, Any]) -> bytes:
    """What a client does with the drafts of a job."""
    key = world.keys[alias]
    leaves: list[bytes] = []
    envelopes: list[bytes] = []
    for draft in job["suzheng:drafts"]:
        payload = base64.b64decode(draft["payload"])
        follows = tuple(map(bytes.fromhex, draft["follows"])) + tuple(leaves[place] for place in draft["after"])
        said = seal_statement(
            key,
            kind=draft["kind"],
            issuer=draft["issuer"],
            subject=draft["subject"],
            issued_at=world.at.replace(microsecond=0),
            payload=payload,
            nonce=bytes.fromhex(draft["nonce"]),
            follows=follows,
            content_type=draft["content_type"],
        )
        leaves.append(said.leaf)
        envelopes.append(said.to_bytes())
    return b"".join(envelopes)


def test_signed_events_are_captured_in_one_request(app, client, world):
    said = [world.seal("maker", "epcis.recorded", eventID=f"urn:uuid:{number}") for number in range(3)]
    before = size(app)
    response = client.post("/epcis/capture", data=b"".join(s.to_bytes() for s in said), content_type=SEQUENCE)
    assert response.status_code == 202
    job = client.get(response.headers["Location"]).get_json()
    assert (job["running"], job["success"], job["errors"]) == (False, True, [])
    assert [result["entry"] for result in job["suzheng:events"]] == [before, before + 1, before + 2]
    assert [result["eventID"] for result in job["suzheng:events"]] == ["urn:uuid:0", "urn:uuid:1", "urn:uuid:2"]
    assert job["suzheng:progress"] == {"done": 3, "of": 3}
    assert response.headers["GS1-EPCIS-Version"] == "2.0.0"
    assert size(app) == before + 3


def test_statements_come_as_json_too(app, client, world):
    said = [base64.b64encode(world.seal("maker", "epcis.recorded").to_bytes()).decode()]
    assert client.post("/epcis/capture", json={"statements": said}).status_code == 202


@pytest.mark.parametrize(("behaviour", "recorded"), [("rollback", 0), ("proceed", 2)])
def test_where_one_is_refused_all_are_or_only_that_one(app, client, world, behaviour, recorded):
    good = [world.seal("maker", "epcis.recorded", eventID=f"urn:uuid:{number}") for number in range(2)]
    # Its schema is in order; that its signer may not say it is found under the lock.
    bad = world.seal("lab", "goods.shipped")
    before = size(app)
    response = client.post(
        "/epcis/capture",
        data=good[0].to_bytes() + bad.to_bytes() + good[1].to_bytes(),
        content_type=SEQUENCE,
        headers={"GS1-Capture-Error-Behaviour": behaviour},
    )
    job = response.get_json()
    assert (job["success"], job["running"], job["captureErrorBehaviour"]) == (False, False, behaviour)
    codes = [result["problem"] and result["problem"]["code"] for result in job["suzheng:events"]]
    others = "capture-rolled-back" if behaviour == "rollback" else None
    assert codes == [others, "role-not-allowed", others]
    assert size(app) == before + recorded


def test_what_was_rolled_back_can_be_sent_again(app, client, world):
    good, bad = world.seal("maker", "epcis.recorded"), world.seal("lab", "goods.shipped")
    client.post("/epcis/capture", data=good.to_bytes() + bad.to_bytes(), content_type=SEQUENCE)
    job = client.post("/epcis/capture", data=good.to_bytes(), content_type=COSE).get_json()
    assert job["success"]
    with shell_of(app).database.reading() as session:
        assert read_entry(session, job["suzheng:events"][0]["entry"]).leaf == good.leaf


def test_a_statement_that_is_no_event_goes_elsewhere(client, world):
    said = world.seal("owner", "tender.published")
    job = client.post("/epcis/capture", data=said.to_bytes(), content_type=COSE).get_json()
    assert job["errors"][0]["code"] == "no-event"


def test_a_document_waits_for_the_signatures_of_the_party_that_brought_it(app, client, world, sign_in):
    world.tell(HONEST[:16])
    sign_in(client, world, "maker")
    shipped: Any = ShippedEvent(amounts={DRUM: 500})
    again = shipped | {"eventTime": "2015-05-06T10:00:00+08:00"}
    before = size(app)
    response = client.post("/epcis/capture", json=document(shipped, again), base_url=SECURE)
    assert response.status_code == 202
    job = response.get_json()
    assert (job["running"], job["suzheng:state"], size(app)) == (True, "awaiting_signature", before)
    # The second follows the first, which nobody has signed yet.
    assert [draft["after"] for draft in job["suzheng:drafts"]] == [[], [0]]
    signed = sign(world, "maker", job)
    done = client.post(response.headers["Location"], data=signed, content_type=SEQUENCE, base_url=SECURE)
    assert done.status_code == 202
    assert (done.get_json()["success"], done.get_json()["running"]) == (True, False)
    assert [result["kind"] for result in done.get_json()["suzheng:events"]] == ["goods.shipped"] * 2
    assert size(app) == before + 2
    twice = client.post(response.headers["Location"], data=signed, content_type=SEQUENCE, base_url=SECURE)
    assert (twice.status_code, twice.get_json()["code"]) == (409, "capture-done")


def test_a_job_is_its_partys(app, client, world, sign_in):
    sign_in(client, world, "maker")
    response = client.post("/epcis/capture", json=document(BODIES["epcis.recorded"]()), base_url=SECURE)
    where = response.headers["Location"]
    assert client.get("/epcis/capture", base_url=SECURE).get_json()["jobs"][0]["captureID"] in where
    for stranger in (app.test_client(), app.test_client()):
        assert stranger.get(where).get_json()["code"] == "not-your-party"
    other = app.test_client()
    sign_in(other, world, "dealer")
    assert other.get(where, base_url=SECURE).get_json()["code"] == "not-your-party"
    assert other.get("/epcis/capture", base_url=SECURE).get_json() == {"jobs": []}
    wrong = world.seal("maker", "epcis.recorded", eventID="urn:uuid:9").to_bytes()
    refused = client.post(where, data=wrong, content_type=COSE, base_url=SECURE)
    assert refused.get_json()["code"] == "capture-differs"


def test_jobs_are_listed_by_the_page_newest_first(client, world, sign_in):
    sign_in(client, world, "maker")
    for number in range(3):
        said = world.seal("maker", "epcis.recorded", eventID=f"urn:uuid:{number}").to_bytes()
        client.post("/epcis/capture", data=said, content_type=COSE, base_url=SECURE)
        world.at += timedelta(seconds=1)
    first = client.get("/epcis/capture?perPage=2", base_url=SECURE)
    rest = client.get(first.headers["Link"].partition("<")[2].partition(">")[0], base_url=SECURE)
    jobs = [*first.get_json()["jobs"], *rest.get_json()["jobs"]]
    assert len({job["captureID"] for job in jobs}) == 3
    assert [job["createdAt"] for job in jobs] == sorted((job["createdAt"] for job in jobs), reverse=True)
    assert "Link" not in rest.headers


def test_without_a_session_a_document_is_not_taken(client):
    refused = client.post("/epcis/capture", json=document(BODIES["epcis.recorded"]()))
    assert (refused.status_code, refused.get_json()["code"]) == (401, "not-signed-in")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (document(BODIES["epcis.recorded"](), creationDate="yesterday"), "creationDate"),
        (document(BODIES["epcis.recorded"](), shipTo=1), "shipTo"),
        ({k: v for k, v in document(BODIES["epcis.recorded"]()).items() if k != "@context"}, "@context"),
        (document(BODIES["epcis.recorded"](), BODIES["epcis.recorded"](action="MOVE")), "epcisBody.eventList.1.action"),
        (
            document(BODIES["epcis.recorded"](sensorElementList=[{"sensorReport": [{"value": 1}]}])),
            "epcisBody.eventList.0.sensorElementList.0.sensorReport.0.type",
        ),
    ],
)
def test_a_document_that_the_schema_refuses_is_refused_with_the_place_of_the_fault(
    app, client, world, sign_in, body, where, conformance
):
    assert not document_schema_of(conformance / "gs1-epcis").is_valid(body)
    sign_in(client, world, "maker")
    refused = client.post("/epcis/capture", json=body, base_url=SECURE)
    assert (refused.status_code, refused.get_json()["code"]) == (400, "schema-violated")
    assert refused.get_json()["where"] == where


def test_proceeding_the_good_events_of_a_document_are_drafted(app, client, world, sign_in):
    sign_in(client, world, "maker")
    events = [
        BODIES["epcis.recorded"](),
        BODIES["epcis.recorded"](action="MOVE"),
        BODIES["epcis.recorded"](eventID="urn:x:1"),
    ]
    response = client.post(
        "/epcis/capture", json=document(*events), base_url=SECURE, headers={"GS1-Capture-Error-Behaviour": "proceed"}
    )
    job = response.get_json()
    assert (len(job["suzheng:drafts"]), len(job["errors"]), job["running"]) == (2, 1, True)
    where = response.headers["Location"]
    done = client.post(where, data=sign(world, "maker", job), content_type=SEQUENCE, base_url=SECURE).get_json()
    assert [(result["event"], result["entry"] is None) for result in done["suzheng:events"]] == [
        (0, False),
        (1, True),
        (2, False),
    ]


def test_the_published_examples_are_captured_and_come_back_byte_for_byte(app, client, world, sign_in, conformance):
    sign_in(client, world, "maker")
    captured: list[bytes] = []
    for path in examples_of(conformance / "gs1-epcis"):
        data = path.read_bytes()
        response = client.post("/epcis/capture", data=data, content_type="application/ld+json", base_url=SECURE)
        if path.name == TWICE:
            assert response.get_json()["code"] == "payload-malformed"
            continue
        assert response.status_code == 202, (path.name, response.get_json())
        done = client.post(
            response.headers["Location"],
            data=sign(world, "maker", response.get_json()),
            content_type=SEQUENCE,
            base_url=SECURE,
        )
        assert done.get_json()["success"], (path.name, done.get_json())
        captured += cut_events(data)
    address, found = "/epcis/events?perPage=20", []
    while address:
        page = client.get(address)
        assert document_schema_of(conformance / "gs1-epcis").is_valid(page.get_json())
        found += cut_events(page.data)
        address = page.headers.get("Link", "").partition("<")[2].partition(">")[0]
    assert found == captured
    assert len(captured) > 50


@pytest.mark.parametrize(
    ("headers", "content_type", "code"),
    [
        ({"GS1-Capture-Error-Behaviour": "maybe"}, COSE, "request-malformed"),
        ({"GS1-EPCIS-Min": "2.1.0"}, COSE, None),
        ({"GS1-EPCIS-Min": "3.0.0"}, COSE, "not-acceptable"),
        ({"GS1-EPCIS-Max": "1.2"}, COSE, "not-acceptable"),
        ({"GS1-EPC-Format": "Always_EPC_URN"}, COSE, "not-acceptable"),
        ({}, "text/xml", "media-type-unknown"),
    ],
)
def test_what_the_headers_ask_for_must_be_ours_to_give(client, world, headers, content_type, code):
    said = world.seal("maker", "epcis.recorded").to_bytes()
    answer = client.post("/epcis/capture", data=said, content_type=content_type, headers=headers).get_json()
    assert answer.get("code") == code


def test_what_is_captured_is_indexed_with_its_commit_and_with_it_what_was_behind(app, client, world, monkeypatch):
    monkeypatch.setattr("api.shell.Shell.catch_up", lambda shell, most=0: Progress(0, 0))
    for number in range(3):
        world.say("maker", "epcis.recorded", eventID=f"urn:uuid:{number}")
    again = BODIES["epcis.recorded"](eventID="urn:uuid:1")
    said = [
        world.seal("maker", "epcis.recorded", eventID="urn:uuid:3"),
        world.seal("maker", "epcis.recorded"),
        world.seal("maker", "epcis.withdrawn", {**again, "errorDeclaration": DECLARATION}),
    ]
    database = shell_of(app).database
    with database.reading() as session:
        assert read_progress(session).is_behind
    body = b"".join(one.to_bytes() for one in said)
    for _ in range(2):  # the second time nothing of it is new
        assert client.post("/epcis/capture", data=body, content_type=SEQUENCE).status_code == 202
        with database.reading() as session:
            incremental, progress = rows_of(session), read_progress(session)
        assert not progress.is_behind
    assert len(incremental["epcis_event"]) >= 6
    assert len(incremental["epcis_withdrawn"]) == 1
    with database.writing() as session:
        rebuild(world, session, session)
    with database.reading() as session:
        assert rows_of(session) == incremental


def test_the_judge_rests_while_events_are_captured(app, client, world, monkeypatch):
    shell, busy = shell_of(app), []
    monkeypatch.setattr("api.shell.check_anchor", lambda *_: busy.append(shell.sequencer.is_busy))
    said = world.seal("maker", "epcis.recorded")
    assert client.post("/epcis/capture", data=said.to_bytes(), content_type=COSE).status_code == 202
    assert busy == [True]
    assert not shell.sequencer.is_busy


def test_events_and_their_job_are_one_commit(app, client, world):
    shell, commits = shell_of(app), []
    event.listen(shell.database.engine, "commit", lambda connection: commits.append(connection.get_execution_options()))
    said = world.seal("maker", "epcis.recorded")
    response = client.post("/epcis/capture", data=said.to_bytes(), content_type=COSE)
    assert response.status_code == 202
    assert [options.get("begin") for options in commits].count("IMMEDIATE") == 1
    assert client.get(response.headers["Location"]).get_json()["success"]
