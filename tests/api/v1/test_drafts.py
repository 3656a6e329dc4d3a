"""What a browser asks for before it signs: drafts that the door accepts once they are signed, and nothing else."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import cbor2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from api.drafting import MAX_DRAFTS, draft, draft_all
from keys import cbor
from keys.envelope import parse_statement, sig_structure, write_header
from keys.errors import RefusedError
from tests.api.v1.conftest import count_rows, shell_of
from tests.factories import BATCH, BODIES, DRUM, lot_at, uscc_of
from tests.world import World
from trace.chains import read_heads

SignIn = Callable[[FlaskClient, World, str], str]
PATH = "/api/v1/drafts"


def wanted(tag: str, **changes: Any) -> dict[str, str]:
    return {"kind": tag, "payload": json.dumps(BODIES[tag](**changes), ensure_ascii=False)}


def ask(client: FlaskClient, token: str, *drafts: Mapping[str, str], status: int = 200) -> dict[str, Any]:
    answer = client.post(PATH, json={"drafts": drafts}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == status, answer.get_json()
    told: dict[str, Any] = answer.get_json()
    return told


def sign(world: World, alias: str, drafts: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """The envelopes, put together from the JSON alone, as a browser does."""
    envelopes: list[bytes] = []
    for one in drafts:
        leaves = [parse_statement(envelopes[place]).leaf for place in one["after"]]
        header = write_header(
            algorithm_id=one["algorithm_id"],
            kid=bytes.fromhex(one["kid"]),
            kind=one["kind"],
            issuer=one["issuer"],
            subject=one["subject"],
            issued_at=datetime.fromisoformat(one["issued_at"]),
            nonce=bytes.fromhex(one["nonce"]),
            follows=[*map(bytes.fromhex, one["follows"]), *leaves],
            content_type=one["content_type"],
        )
        assert one["protected"] is None if leaves else base64.b64decode(one["protected"]) == header
        payload = base64.b64decode(one["payload"])
        signature = world.keys[alias].sign(sig_structure(header, payload))
        envelopes.append(cbor.encode(cbor2.CBORTag(18, [header, {}, payload, signature])))
    return envelopes


def test_what_is_drafted_and_signed_is_accepted_together(
    app: Flask, world: World, client: FlaskClient, sign_in: SignIn
) -> None:
    token = sign_in(client, world, "maker")
    batch = wanted("lot.commissioned", amounts={BATCH: 1000})
    told = ask(client, token, batch, wanted("lot.inspected"), wanted("lot.split"), wanted("goods.shipped"))
    assert [one["after"] for one in told["drafts"]] == [[], [0], [1], [2]]
    assert [one["subject"] for one in told["drafts"]] == [BATCH, BATCH, DRUM, DRUM]
    outcomes = shell_of(app).accept(sign(world, "maker", told["drafts"]))
    assert [one for one in outcomes if isinstance(one, RefusedError)] == []


def test_payload_is_handed_back_byte_for_byte(world: World, client: FlaskClient, sign_in: SignIn) -> None:
    given = wanted("lot.commissioned")
    given["payload"] = "  " + given["payload"].replace('"', '"', 1) + "\n"
    (one,) = ask(client, sign_in(client, world, "smelter"), given)["drafts"]
    assert base64.b64decode(one["payload"]).decode() == given["payload"]


def test_heads_that_have_moved_are_a_conflict_and_a_new_draft_helps(
    app: Flask, world: World, client: FlaskClient, sign_in: SignIn
) -> None:
    world.say("maker", "lot.commissioned", amounts={BATCH: 1000})
    token = sign_in(client, world, "maker")
    stale = ask(client, token, wanted("lot.inspected"))["drafts"]
    world.say("maker", "lot.inspected")
    (refused,) = shell_of(app).accept(sign(world, "maker", stale))
    assert isinstance(refused, RefusedError)
    assert refused.code == "head-stale"
    fresh = ask(client, token, wanted("lot.inspected"))["drafts"]
    with world.database.reading() as session:
        assert fresh[0]["follows"] == [leaf.hex() for leaf in read_heads(session, [BATCH])]
    (accepted,) = shell_of(app).accept(sign(world, "maker", fresh))
    assert not isinstance(accepted, RefusedError)


@pytest.mark.parametrize(
    ("tag", "changes", "code", "status"),
    [
        ("goods.accepted", {}, "role-not-allowed", 403),
        ("lot.inspected", {"passed": "yes"}, "schema-violated", 422),
        ("lot.inspected", {"amounts": {}}, "schema-violated", 422),
    ],
)
def test_what_the_door_would_refuse_is_refused_before_signing(
    world: World, client: FlaskClient, sign_in: SignIn, tag: str, changes: dict[str, Any], code: str, status: int
) -> None:
    token, before = sign_in(client, world, "maker"), count_rows(world)
    told = ask(client, token, wanted("lot.inspected"), wanted(tag, **changes), status=status)
    assert (told["code"], told["draft"]) == (code, 1)
    assert count_rows(world) == before


def test_a_duty_is_asked_for(world: World, client: FlaskClient, sign_in: SignIn) -> None:
    told = ask(client, sign_in(client, world, "contractor"), wanted("sample.drawn"), status=403)
    assert told["code"] == "post-not-held"


def test_nobody_drafts_without_a_session_or_from_another_site(
    world: World, client: FlaskClient, sign_in: SignIn
) -> None:
    body = {"drafts": [wanted("lot.inspected")]}
    assert client.post(PATH, json=body).status_code == 401
    headers = {"Authorization": f"Bearer {sign_in(client, world, 'maker')}"}
    foreign = client.post(PATH, json=body, headers={**headers, "Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.get_json()["code"]) == (403, "origin-foreign")
    as_form = client.post(PATH, data=json.dumps(body), headers={**headers, "Content-Type": "text/plain"})
    assert (as_form.status_code, as_form.get_json()["code"]) == (415, "media-type-unknown")


@pytest.mark.parametrize("body", [{}, {"drafts": 1}, {"drafts": [{"kind": "lot.inspected"}]}, {"drafts": [], "x": 1}])
def test_what_is_no_request_is_refused(
    world: World, client: FlaskClient, sign_in: SignIn, body: dict[str, Any]
) -> None:
    answer = client.post(PATH, json=body, headers={"Authorization": f"Bearer {sign_in(client, world, 'maker')}"})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "request-malformed")


def test_more_than_a_hundred_or_none_are_refused(world: World, client: FlaskClient, sign_in: SignIn) -> None:
    token = sign_in(client, world, "maker")
    for drafts in ([], [wanted("lot.inspected")] * (MAX_DRAFTS + 1)):
        assert ask(client, token, *drafts, status=413)["code"] == "too-many-statements"


def test_a_statement_that_would_be_too_large_is_refused_first(app: Flask, world: World) -> None:
    amounts = {lot_at("A1", f"D{number:04}"): 500 for number in range(500)}
    payload = json.dumps(BODIES["goods.shipped"](amounts=amounts)).encode()
    with pytest.raises(RefusedError, match="statement-too-large"):
        draft(shell_of(app), "goods.shipped", uscc_of("maker"), world.keys["maker"].public.kid, payload)


def test_a_key_speaks_for_its_own_party_only(app: Flask, world: World) -> None:
    given = [("lot.inspected", json.dumps(BODIES["lot.inspected"]()).encode())]
    with pytest.raises(RefusedError, match="issuer-mismatch"):
        draft_all(shell_of(app), uscc_of("dealer"), world.keys["maker"].public.kid, given)


def test_heads_of_many_lots_are_one_question(app: Flask, world: World) -> None:
    lots = [lot_at("A1", f"M{number:03d}") for number in range(40)]
    for some in (lots[:20], lots[20:]):
        world.say("maker", "lot.commissioned", amounts=dict.fromkeys(some, 10))
    payload = json.dumps(BODIES["goods.shipped"](amounts=dict.fromkeys(lots, 10))).encode()
    sent: list[str] = []
    listener = lambda *arguments: sent.append(arguments[2])  # noqa: E731
    event.listen(shell_of(app).database.readers, "before_cursor_execute", listener)
    made = draft(shell_of(app), "goods.shipped", uscc_of("maker"), bytes.fromhex(world.kid("maker")), payload)
    event.remove(shell_of(app).database.readers, "before_cursor_execute", listener)
    assert made.follows == world.heads(lots)
    assert len([one for one in sent if "FROM chain_head" in one]) == 1
