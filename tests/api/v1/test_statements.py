"""What comes in by HTTP is in the ledger before the reply leaves, or has left nothing behind."""

import base64
import hashlib
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import cbor2
import pytest
import scitt_cose
from flask import Flask
from flask.testing import FlaskClient

from api.problems import PROBLEMS
from api.v1.statements import DOOR_REFUSALS
from keys import cbor
from keys.envelope import ALG, MAX_STATEMENT_BYTES, Statement, sig_structure
from keys.keyring import PrivateKey, generate_key
from tests import facts
from tests.api.v1.conftest import count_rows, shell_of
from tests.factories import ROD, uscc_of
from tests.world import World
from trace.intake import MAX_BATCH

URL = "/api/v1/statements"
UNADMITTED = facts.uscc(9_999)
COSE, SEQUENCE = "application/cose", "application/cbor-seq"


def _send(client: FlaskClient, data: bytes, content_type: str = COSE, **headers: str) -> Any:
    return client.post(URL, data=data, content_type=content_type, headers=headers)


def _text(statement: Statement) -> str:
    return base64.b64encode(statement.to_bytes()).decode()


def _holds(receipt: bytes, leaf: str, world: World) -> bool:
    """As an implementation of receipts that is not ours sees it."""
    pem = world.sealer.key.public.to_pem()
    # It hashes what it is given as the leaf's content, as RFC 9162 does.
    return bool(scitt_cose.verify_receipt(receipt, leaf_entry_hex=leaf, log_public_key_pem=pem).ok)


def test_statement_is_answered_with_its_entry_and_a_receipt_that_holds_elsewhere(
    client: FlaskClient, world: World
) -> None:
    statement = world.seal("owner", "tender.published")
    response = _send(client, statement.to_bytes())
    answer = response.get_json()
    assert response.status_code == 201
    assert response.headers["Location"] == answer["url"] == f"/api/v1/entries/{answer['entry']}"
    assert answer["leaf"] == hashlib.sha256(statement.to_bytes()).hexdigest()
    assert _holds(base64.b64decode(answer["receipt"]), answer["leaf"], world)
    assert client.get(answer["url"]).get_json()["leaf"] == answer["leaf"]


def test_receipt_with_any_byte_changed_holds_no_more(client: FlaskClient, world: World) -> None:
    answer = _send(client, world.seal("owner", "tender.published").to_bytes()).get_json()
    receipt = base64.b64decode(answer["receipt"])
    for place in range(len(receipt)):
        flipped = bytearray(receipt)
        flipped[place] ^= 1
        assert not _holds(bytes(flipped), answer["leaf"], world), place
    assert not _holds(receipt, "00" + answer["leaf"][2:], world)


def test_same_statement_again_is_answered_with_the_same_receipt(client: FlaskClient, world: World) -> None:
    envelope = world.seal("owner", "tender.published").to_bytes()
    first = _send(client, envelope)
    world.say("owner", "tender.published", ocid="ocds-2")
    before = count_rows(world)
    again = _send(client, envelope)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json() | {"status": 201} == first.get_json()
    assert count_rows(world) == before


def test_program_that_accepts_cose_gets_the_bare_receipt(client: FlaskClient, world: World) -> None:
    statement = world.seal("owner", "tender.published")
    response = _send(client, statement.to_bytes(), Accept=COSE)
    assert (response.status_code, response.mimetype) == (201, COSE)
    assert _holds(response.data, statement.leaf.hex(), world)
    assert "Accept" in response.headers["Vary"]


def test_nothing_is_let_in_for_who_accepts_no_answer_of_ours(client: FlaskClient, world: World) -> None:
    before = count_rows(world)
    response = _send(client, world.seal("owner", "tender.published").to_bytes(), Accept="text/csv")
    assert response.status_code == 406
    assert response.get_json()["code"] == "not-acceptable"
    assert count_rows(world) == before


@pytest.mark.parametrize("content_type", [COSE, SEQUENCE])
def test_sequence_is_answered_one_by_one(client: FlaskClient, world: World, content_type: str) -> None:
    statements = [world.seal("owner", "tender.published", ocid=f"ocds-{number}") for number in range(5)]
    sequence = b"".join(statement.to_bytes() for statement in statements)
    response = _send(client, sequence, content_type)
    results = response.get_json()["results"]
    assert response.status_code == 201
    assert [result["accepted"]["leaf"] for result in results] == [one.leaf.hex() for one in statements]
    for result in results:
        assert _holds(base64.b64decode(result["accepted"]["receipt"]), result["accepted"]["leaf"], world)
    again = _send(client, sequence, content_type)
    assert again.status_code == 200
    receipts = [result["accepted"]["receipt"] for result in results]
    assert [result["accepted"]["receipt"] for result in again.get_json()["results"]] == receipts


def test_batch_receipts_are_those_that_the_entries_give(client: FlaskClient, world: World) -> None:
    for size in (3, 1, 6):
        data = b"".join(world.seal("owner", "tender.published", ocid=f"o-{size}-{n}").to_bytes() for n in range(size))
        for result in _send(client, data, SEQUENCE).get_json()["results"]:
            receipt = client.get(f"/api/v1/entries/{result['accepted']['entry']}/receipt").data
            assert base64.b64decode(result["accepted"]["receipt"]) == receipt


def test_one_refusal_among_many_is_told_and_stops_no_other(client: FlaskClient, world: World) -> None:
    good, bad = world.seal("owner", "tender.published"), world.seal("maker", "tender.published", ocid="ocds-2")
    response = client.post(URL, json={"statements": [_text(good), _text(bad)]})
    kept, refused = response.get_json()["results"]
    assert response.status_code == 207
    assert (kept["status"], kept["problem"]) == (201, None)
    assert (refused["status"], refused["accepted"], refused["problem"]["code"]) == (403, None, "role-not-allowed")


def test_json_takes_base64_for_people_with_curl(client: FlaskClient, world: World) -> None:
    statement = world.seal("owner", "tender.published")
    assert client.post(URL, json={"statement": _text(statement)}).status_code == 201
    assert client.post(URL, json={"statements": [_text(statement)]}).get_json()["results"][0]["status"] == 200


@pytest.mark.parametrize(
    ("data", "content_type", "code"),
    [
        (b"", COSE, "request-malformed"),
        (b"", SEQUENCE, "request-malformed"),
        (b"\xd2\x84", COSE, "cbor-malformed"),
        (b"\xff", SEQUENCE, "cbor-malformed"),
        (b"{}", "application/json", "request-malformed"),
        (b'{"statement": 1}', "application/json", "request-malformed"),
        (b'{"statements": []}', "application/json", "request-malformed"),
        (b'{"statement": ""}', "application/json", "request-malformed"),
        (b'{"statement": "AA"}', "application/json", "request-malformed"),
        (b'{"statement": "AB=="}', "application/json", "request-malformed"),
        (b'{"statement": "AA==\\n"}', "application/json", "request-malformed"),
        (b'{"statement": "-_8="}', "application/json", "request-malformed"),
        (b'{"statement": "AAAA", "statements": ["AAAA"]}', "application/json", "request-malformed"),
        (b'{"statement": "AAAA", "statement": "AAAA"}', "application/json", "payload-malformed"),
        (b'["AAAA"]', "application/json", "payload-malformed"),
        (b"\x80", "application/cbor", "media-type-unknown"),
        (b"statement=AAAA", "application/x-www-form-urlencoded", "media-type-unknown"),
        (b"\x00" * (MAX_BATCH + 1), SEQUENCE, "too-many-statements"),
    ],
)
def test_request_that_holds_no_statements_is_refused(
    reader: FlaskClient, data: bytes, content_type: str, code: str
) -> None:
    response = _send(reader, data, content_type)
    assert response.get_json()["code"] == code
    assert response.status_code == PROBLEMS[code]


def test_thousand_and_one_statements_in_json_are_too_many(reader: FlaskClient) -> None:
    response = reader.post(URL, json={"statements": ["AAAA"] * (MAX_BATCH + 1)})
    assert (response.status_code, response.get_json()["code"]) == (413, "too-many-statements")


def test_unknown_query_parameter_is_refused(client: FlaskClient, world: World) -> None:
    before = count_rows(world)
    response = client.post(f"{URL}?dry_run=1", data=world.seal("owner", "tender.published").to_bytes())
    assert response.get_json()["code"] == "request-malformed"
    assert count_rows(world) == before


# --- a refusal leaves nothing behind ---


def _resign(statement: Statement, key: PrivateKey, change: Callable[[dict[Any, Any]], object]) -> bytes:
    """The statement with its protected header changed, signed anew."""
    header = cbor2.loads(statement.protected)
    change(header)
    protected = cbor.encode(header)
    signature = key.sign(sig_structure(protected, statement.payload))
    return cbor.encode(cbor2.CBORTag(18, [protected, {}, statement.payload, signature]))


def _wrong_algorithm(world: World) -> bytes:
    return _resign(world.seal("maker", "key.enrolled"), world.keys["maker"], lambda header: header.update({ALG: -7}))


def _label_missing(world: World) -> bytes:
    return _resign(world.seal("maker", "key.enrolled"), world.keys["maker"], lambda header: header.pop("nonce"))


def _not_deterministic(world: World) -> bytes:
    envelope = world.seal("owner", "tender.published").to_bytes()
    # The array's head in two bytes where one would do.
    return envelope[:1] + b"\x98\x04" + envelope[2:]


def _too_large(world: World) -> bytes:
    words = json.dumps({"ocid": "x" * MAX_STATEMENT_BYTES}).encode()
    return world.seal("owner", "tender.published", words).to_bytes()


def _broken_signature(world: World) -> bytes:
    envelope = world.seal("owner", "tender.published").to_bytes()
    return envelope[:-1] + bytes([envelope[-1] ^ 1])


def _stale(world: World) -> bytes:
    stale = world.seal("smelter", "lot.commissioned").to_bytes()
    world.say("smelter", "lot.commissioned")
    return stale


def _by_stranger(world: World) -> bytes:
    world.keys["owner.stranger"] = generate_key()
    return world.seal("owner.stranger", "tender.published").to_bytes()


def _by_revoked(world: World) -> bytes:
    kid = world.enroll("owner", "old")
    world.say("owner", "key.revoked", kid=kid)
    return world.seal("owner.old", "tender.published").to_bytes()


def _by_expired(world: World) -> bytes:
    world.keys["owner.short"] = generate_key()
    day = (world.at - timedelta(days=1)).date().isoformat()
    world.say("owner", "key.enrolled", party=uscc_of("owner"), key=world.jwk("owner.short"), valid_to=day)
    return world.seal("owner.short", "tender.published").to_bytes()


def _by_one_of_tomorrow(world: World) -> bytes:
    world.keys["owner.late"] = generate_key()
    day = (world.at + timedelta(days=1)).date().isoformat()
    world.say("owner", "key.enrolled", party=uscc_of("owner"), key=world.jwk("owner.late"), valid_from=day)
    return world.seal("owner.late", "tender.published").to_bytes()


def _by_thiefs_own(world: World) -> bytes:
    """A key that somebody enrolled with a stolen one."""
    world.enroll("owner", "second")
    stolen_at = world.at
    world.keys["owner.thief"] = generate_key()
    world.say("owner.second", "key.enrolled", party=uscc_of("owner"), key=world.jwk("owner.thief"))
    world.say("owner", "key.revoked", kid=world.kid("owner.second"), compromised_since=stolen_at.isoformat())
    return world.seal("owner.thief", "tender.published").to_bytes()


def _without_post(world: World) -> bytes:
    world.enroll("contractor", "new")
    return world.seal("contractor.new", "sample.drawn").to_bytes()


def _known_key(world: World) -> bytes:
    return world.seal("owner", "key.enrolled", party=uscc_of("owner"), key=world.jwk("owner")).to_bytes()


def _future(world: World) -> bytes:
    later = world.at + timedelta(hours=1)
    return world.seal("owner", "tender.published", header={"issued_at": later}).to_bytes()


REFUSED: dict[str, Callable[[World], bytes]] = {
    "algorithm-mismatch": _wrong_algorithm,
    "cbor-not-deterministic": _not_deterministic,
    "cbor-trailing-bytes": lambda world: world.seal("owner", "tender.published").to_bytes() + b"\x00",
    "cbor-malformed": lambda world: world.seal("owner", "tender.published").to_bytes()[:-1],
    "content-type-unknown": lambda world: world.seal(
        "owner", "tender.published", header={"content_type": "text/plain"}
    ).to_bytes(),
    "envelope-malformed": _label_missing,
    "founding-misplaced": lambda world: world.seal("regulator", "party.founded").to_bytes(),
    "head-stale": _stale,
    "issued-in-future": _future,
    "issuer-mismatch": lambda world: world.seal(
        "owner", "tender.published", header={"issuer": uscc_of("maker")}
    ).to_bytes(),
    "key-doubted": _by_thiefs_own,
    "key-expired": _by_expired,
    "key-known": _known_key,
    "key-not-yet-valid": _by_one_of_tomorrow,
    "key-revoked": _by_revoked,
    "key-unknown": _by_stranger,
    "kind-unknown": lambda world: world.seal("owner", "goods.conjured", {}).to_bytes(),
    "not-your-party": lambda world: world.seal("owner", "key.enrolled", party=uscc_of("maker")).to_bytes(),
    "party-unknown": lambda world: world.seal("regulator", "key.enrolled", party=UNADMITTED).to_bytes(),
    "payload-malformed": lambda world: world.seal("owner", "tender.published", b'{"a": NaN}').to_bytes(),
    "post-not-held": _without_post,
    "role-not-allowed": lambda world: world.seal("maker", "tender.published").to_bytes(),
    "schema-violated": lambda world: world.seal("owner", "tender.published", ocid=7).to_bytes(),
    "signature-invalid": _broken_signature,
    "statement-too-large": _too_large,
    "subject-mismatch": lambda world: world.seal("owner", "tender.published", header={"subject": "another"}).to_bytes(),
}


@pytest.mark.parametrize("code", REFUSED)
def test_refused_statement_leaves_nothing_behind(told: World, reader: FlaskClient, code: str) -> None:
    envelope = REFUSED[code](told)
    before = count_rows(told)
    response = reader.post(URL, json={"statement": base64.b64encode(envelope).decode()})
    problem = response.get_json()
    assert response.mimetype == "application/problem+json"
    assert (problem["code"], problem["status"], response.status_code) == (code, PROBLEMS[code], PROBLEMS[code])
    assert problem["title"]
    assert problem["title"] != "title"
    assert count_rows(told) == before


def test_refused_statement_among_many_leaves_nothing_behind(client: FlaskClient, world: World) -> None:
    envelopes = [make(world) for make in REFUSED.values()]
    before = count_rows(world)
    response = client.post(URL, json={"statements": [base64.b64encode(one).decode() for one in envelopes]})
    assert response.status_code == 207
    assert [result["problem"]["code"] for result in response.get_json()["results"]] == list(REFUSED)
    assert count_rows(world) == before


def test_every_refusal_of_the_door_is_a_problem_that_is_known() -> None:
    assert set(DOOR_REFUSALS) <= PROBLEMS.keys()
    assert REFUSED.keys() <= set(DOOR_REFUSALS)


def test_clock_that_went_back_refuses_the_request_and_leaves_nothing(client: FlaskClient, world: World) -> None:
    envelope = world.seal("owner", "tender.published").to_bytes()
    before, world.at = count_rows(world), world.at - timedelta(seconds=2)
    response = _send(client, envelope)
    assert (response.status_code, response.get_json()["code"]) == (503, "clock-went-back")
    assert count_rows(world) == before


def test_stale_head_is_answered_with_the_present_heads(client: FlaskClient, world: World) -> None:
    problem = _send(client, _stale(world)).get_json()
    heads = client.get("/api/v1/heads", query_string={"lot": problem["lots"]}).get_json()["heads"]
    assert problem["status"] == 409
    assert problem["expected"] == heads == [leaf.hex() for leaf in world.heads([ROD])]


# --- after the reply ---


def test_touched_lots_are_judged_once_the_reply_has_left(client: FlaskClient, world: World) -> None:
    _send(client, world.seal("smelter", "lot.commissioned").to_bytes())
    assert count_rows(world)["stale_lot"] == 0
    (listed,) = client.get("/api/v1/lots").get_json()["items"]
    assert listed["verdict"] == "HOLD"


def test_failure_to_judge_is_logged_and_is_nobodys_reply(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> int:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(shell_of(app), "refresh", fail)
    with caplog.at_level(logging.ERROR):
        response = _send(app.test_client(), world.seal("smelter", "lot.commissioned").to_bytes())
    assert response.status_code == 201
    assert "could not be judged" in caplog.text
    assert count_rows(world)["stale_lot"] == 1
