"""Entries are immutable and say so; bodies are for those who may read them."""

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import scitt_cose
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import BATCH, DRUM, uscc_of
from tests.world import HONEST, World
from trace.ledger.store import size_of

COSE = "application/cose"
Counter = Callable[[], AbstractContextManager[list[str]]]
SignIn = Callable[[FlaskClient, World, str], str]
SECURE = "https://localhost"


def _first(reader: FlaskClient, kind: str) -> int:
    items = reader.get("/api/v1/entries", query_string={"kind": kind}).get_json()["items"]
    position: int = items[0]["position"]
    return position


def test_entry_gives_back_the_payload_as_it_was_signed(client: FlaskClient, world: World) -> None:
    statement = world.seal("smelter", "lot.commissioned")
    (accepted,) = world.send(statement)
    entry = client.get(f"/api/v1/entries/{accepted.position}").get_json()
    assert entry["payload"].encode() == statement.payload
    assert entry["leaf"] == statement.leaf.hex()
    assert entry["recorded_at"].endswith("Z")
    assert (entry["is_withheld"], entry["nonce"]) == (False, statement.nonce.hex())


def test_signed_statement_comes_back_byte_for_byte(client: FlaskClient, world: World) -> None:
    statement = world.seal("smelter", "lot.commissioned")
    (accepted,) = world.send(statement)
    response = client.get(f"/api/v1/entries/{accepted.position}/statement")
    assert (response.mimetype, response.data) == (COSE, statement.to_bytes())


def test_pages_hold_every_entry_once_and_in_order(client: FlaskClient, world: World) -> None:
    url, seen = "/api/v1/entries?limit=4", []
    while url:
        page = client.get(url).get_json()
        assert len(page["items"]) <= 4
        seen += [item["position"] for item in page["items"]]
        # What is added meanwhile neither repeats nor hides an entry.
        if len(seen) == 4:
            world.say("owner", "tender.published", ocid=f"ocds-{len(seen)}")
        url = page["next"]
    with world.database.reading() as session:
        assert seen == list(range(size_of(session)))


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ({"kind": "lot.commissioned"}, lambda entry: entry["kind"] == "lot.commissioned"),
        ({"issuer": uscc_of("maker")}, lambda entry: entry["issuer"] == uscc_of("maker")),
        ({"subject": uscc_of("lab")}, lambda entry: entry["subject"] == uscc_of("lab")),
        ({"lot": DRUM}, lambda entry: DRUM in entry["lots"]),
        ({"lot": BATCH, "issuer": uscc_of("maker")}, lambda entry: BATCH in entry["lots"]),
    ],
)
def test_filter_gives_all_that_match_and_nothing_else(
    reader: FlaskClient, query: dict[str, str], holds: Callable[[dict[str, Any]], bool]
) -> None:
    everything = reader.get("/api/v1/entries?limit=200").get_json()["items"]
    found = reader.get("/api/v1/entries", query_string=query).get_json()["items"]
    wanted = [entry for entry in everything if holds(entry) and query.get("issuer", entry["issuer"]) == entry["issuer"]]
    assert found == wanted
    assert 0 < len(found) < len(everything)


def test_entry_is_found_by_its_leaf(reader: FlaskClient) -> None:
    entry = reader.get("/api/v1/entries/7").get_json()
    (found,) = reader.get("/api/v1/entries", query_string={"leaf": entry["leaf"]}).get_json()["items"]
    assert found["position"] == 7


def test_page_of_entries_takes_two_queries_however_many_there_are(reader: FlaskClient, count_queries: Counter) -> None:
    for limit in (2, 30):
        with count_queries() as sent:
            reader.get("/api/v1/entries", query_string={"limit": limit})
        assert len([query for query in sent if query.startswith("SELECT")]) == 2


def test_public_entry_may_be_kept_for_ever_and_costs_nothing_twice(reader: FlaskClient) -> None:
    first = reader.get("/api/v1/entries/7")
    assert "immutable" in first.headers["Cache-Control"]
    assert "public" in first.headers["Cache-Control"]
    again = reader.get("/api/v1/entries/7", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = reader.get("/api/v1/entries/8", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("part", ["statement", "receipt"])
def test_statement_and_receipt_may_be_kept_for_ever(reader: FlaskClient, part: str) -> None:
    first = reader.get(f"/api/v1/entries/7/{part}")
    assert "immutable" in first.headers["Cache-Control"]
    again = reader.get(f"/api/v1/entries/7/{part}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_body_for_parties_is_withheld_from_strangers(reader: FlaskClient) -> None:
    position = _first(reader, "post.held")
    response = reader.get(f"/api/v1/entries/{position}")
    entry = response.get_json()
    assert (entry["is_withheld"], entry["payload"], entry["nonce"]) == (True, None, None)
    assert "sampler-1" not in response.text.replace(entry["subject"], "")
    refused = reader.get(f"/api/v1/entries/{position}/statement")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "body-withheld")
    assert reader.get(f"/api/v1/entries/{position}/receipt").status_code == 200


def test_body_for_parties_is_shown_to_who_is_signed_in_and_kept_from_shared_caches(
    told_app: Flask, told: World, sign_in: SignIn
) -> None:
    stranger, party = told_app.test_client(), told_app.test_client()
    position = _first(stranger, "post.held")
    sign_in(party, told, "dealer")
    closed = stranger.get(f"/api/v1/entries/{position}")
    opened = party.get(f"/api/v1/entries/{position}", base_url=SECURE)
    assert json.loads(opened.get_json()["payload"])["person"] == "sampler-1"
    assert closed.headers["ETag"] != opened.headers["ETag"]
    for response in (closed, opened):
        assert "private" in response.headers["Cache-Control"]
        assert "immutable" not in response.headers["Cache-Control"]
        assert {"Cookie", "Authorization"} <= set(response.vary)
    # The stranger's copy must not be confirmed as the party's.
    asked = party.get(f"/api/v1/entries/{position}", base_url=SECURE, headers={"If-None-Match": closed.headers["ETag"]})
    assert asked.status_code == 200
    assert party.get(f"/api/v1/entries/{position}/statement", base_url=SECURE).status_code == 200


def test_receipt_against_a_later_checkpoint_holds_too(told_app: Flask, told: World) -> None:
    reader = told_app.test_client()
    ledger = reader.get("/api/v1/ledger").get_json()
    leaf = reader.get("/api/v1/entries/7").get_json()["leaf"]
    own = reader.get("/api/v1/entries/7/receipt")
    later = reader.get(f"/api/v1/entries/7/receipt?size={ledger['size']}")
    for response in (own, later):
        verified = scitt_cose.verify_receipt(
            response.data, leaf_entry_hex=leaf, log_public_key_pem=ledger["ledger_key"]["pem"]
        )
        assert verified.ok
    assert verified.root == ledger["root"]
    assert own.headers["ETag"] != later.headers["ETag"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("entries/100000", 404, "entry-unknown"),
        ("entries/100000/receipt", 404, "entry-unknown"),
        ("entries/100000/statement", 404, "entry-unknown"),
        ("entries/7/receipt?size=5", 404, "checkpoint-unknown"),
        ("entries/7/receipt?size=99999", 404, "checkpoint-unknown"),
        ("entries/7/receipt?size=0", 400, "request-malformed"),
        ("entries/7/receipt?size=x", 400, "request-malformed"),
        ("entries/-1", 404, "not-found"),
        ("entries/seven", 404, "not-found"),
        ("entries?limit=0", 400, "request-malformed"),
        ("entries?limit=201", 400, "request-malformed"),
        ("entries?limit=1&limit=2", 400, "request-malformed"),
        ("entries?knd=lot.commissioned", 400, "request-malformed"),
        ("entries?leaf=ab", 400, "request-malformed"),
        ("entries?lot=A1", 400, "request-malformed"),
        ("entries?cursor=", 400, "request-malformed"),
        ("entries?cursor=WzBd.forged", 400, "request-malformed"),
    ],
)
def test_request_that_cannot_be_answered_says_why(reader: FlaskClient, path: str, status: int, code: str) -> None:
    response = reader.get(f"/api/v1/{path}")
    assert (response.status_code, response.get_json()["code"]) == (status, code)


def test_position_beyond_the_database_is_unknown_and_no_fault_of_ours(reader: FlaskClient) -> None:
    assert reader.get(f"/api/v1/entries/{2**63}").status_code == 404
    assert reader.get(f"/api/v1/entries/{2**200}/receipt").status_code == 404


def test_cursor_serves_only_the_list_and_filters_that_it_was_made_for(reader: FlaskClient) -> None:
    following = reader.get("/api/v1/entries?limit=1").get_json()["next"]
    cursor = following.partition("cursor=")[2]
    assert reader.get(f"/api/v1/entries?limit=2&cursor={cursor}").status_code == 200
    for url in ("/api/v1/entries?kind=lot.split", "/api/v1/lots?limit=1"):
        assert reader.get(f"{url}&cursor={cursor}").get_json()["code"] == "request-malformed"


def test_whole_life_of_the_drum_is_listed(reader: FlaskClient) -> None:
    kinds = [item["kind"] for item in reader.get("/api/v1/entries?limit=200").get_json()["items"]]
    assert kinds[-len(HONEST) :] == [kind for _, _, kind, _ in HONEST]


def test_leaf_is_the_hash_of_the_statement(reader: FlaskClient) -> None:
    entry = reader.get("/api/v1/entries/7").get_json()
    statement = reader.get("/api/v1/entries/7/statement").data
    assert hashlib.sha256(statement).hexdigest() == entry["leaf"]
    assert len(statement) == entry["size_bytes"]
