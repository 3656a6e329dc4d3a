"""The one door: what gets in stands in the ledger with its receipt; what is refused leaves nothing behind."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from api.database import Database
from keys.algorithms import ALGORITHMS, Algorithm
from keys.envelope import MAX_STATEMENT_BYTES, parse_statement
from keys.errors import RefusedError
from keys.keyring import PrivateKey, PublicKey, generate_key
from tests.databases import fresh_sqlite
from tests.factories import BODIES, uscc_of
from tests.world import MADE, ORIGIN, PREPARED, World
from trace.chains import MentionRow
from trace.epcis.events import Quantity
from trace.intake import Accepted, accept, admit, find_public_keys, prepare
from trace.kinds import Catalogue, Duty, Said
from trace.ledger.checkpoint import Sealer
from trace.ledger.ink import add_row
from trace.ledger.issuing import issue_receipt
from trace.ledger.receipt import verify_receipt
from trace.ledger.store import HeadRow, find_identity, read_entry, size_of
from trace.ledger.tables import Base
from trace.parties.register import find_key, read_posts
from trace.production.register import read_lots_by_id

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """A registry in which a batch has been made and cut."""
    database = Database(database_url)
    world = World.told(database, PREPARED + MADE)
    yield world
    database.close()


def count_rows(world: World) -> dict[str, int]:
    """How many rows each table has."""
    with world.database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def refusal(world: World, *args: Any, **kwargs: Any) -> RefusedError:
    """Say something that must be refused; checks that nothing whatever was left behind."""
    before = count_rows(world)
    outcome = world.try_saying(*args, **kwargs)
    assert isinstance(outcome, RefusedError), outcome
    assert count_rows(world) == before
    return outcome


def test_accepted_statement_is_kept_byte_for_byte_and_proved(world: World) -> None:
    statement = world.seal("maker", "goods.shipped")
    (outcome,) = world.send(statement)
    with world.database.reading() as session:
        entry = read_entry(session, outcome.position)
        assert entry.statement == statement.to_bytes()
        assert parse_statement(entry.statement).payload == statement.payload
        shown = verify_receipt(issue_receipt(session, entry.position), entry.leaf, world.sealer.key.public)
    assert (shown.position, shown.recorded_at) == (outcome.position, entry.recorded_at)


def test_same_statement_again_gets_the_same_entry_and_receipt(world: World) -> None:
    statement = world.seal("maker", "goods.shipped")
    (first,) = world.send(statement)
    with world.database.reading() as session:
        receipt = issue_receipt(session, first.position)
    world.say("contractor", "goods.received")
    before = count_rows(world)
    (again,) = world.send(statement)
    assert (again.position, again.leaf, again.is_new) == (first.position, first.leaf, False)
    assert count_rows(world) == before
    with world.database.reading() as session:
        assert issue_receipt(session, again.position) == receipt


def test_malleated_signature_is_the_same_statement(world: World) -> None:
    statement = world.seal("owner", "tender.published", ocid="ocds-2")
    (first,) = world.send(statement)
    s = int.from_bytes(statement.signature[32:], "big")
    twin = statement.to_bytes()[:-32] + (P256_ORDER - s).to_bytes(32, "big")
    (again,) = world.send(twin)
    assert (again.position, again.leaf, again.is_new) == (first.position, first.leaf, False)


def test_known_content_under_a_broken_signature_is_refused(world: World) -> None:
    statement = world.seal("maker", "goods.shipped")
    world.send(statement)
    broken = statement.to_bytes()[:-1] + bytes([statement.to_bytes()[-1] ^ 1])
    (outcome,) = world.try_sending(broken)
    assert isinstance(outcome, RefusedError)
    assert outcome.code == "signature-invalid"


def test_twins_in_one_batch_are_one_entry(world: World) -> None:
    statement = world.seal("maker", "goods.shipped")
    first, again = world.send(statement, statement)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.position == again.position


def test_broken_copy_in_the_same_batch_is_refused(world: World) -> None:
    statement = world.seal("maker", "goods.shipped")
    broken = statement.to_bytes()[:-1] + bytes([statement.to_bytes()[-1] ^ 1])
    first, copy = world.try_sending(statement, broken)
    assert isinstance(first, Accepted)
    assert isinstance(copy, RefusedError)
    assert copy.code == "signature-invalid"


def test_one_refusal_does_not_stop_the_others(world: World) -> None:
    tender = world.seal("owner", "tender.published", ocid="ocds-2")
    stranger = world.seal("maker", "tender.published", ocid="ocds-3")
    another = world.seal("owner", "tender.published", ocid="ocds-4")
    first, refused, last = world.try_sending(tender, stranger, another)
    assert isinstance(first, Accepted)
    assert isinstance(refused, RefusedError)
    assert isinstance(last, Accepted)
    assert last.position == first.position + 1


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"issuer": uscc_of("owner")}, "issuer-mismatch"),
        ({"subject": "01/06901234567892/10/OTHER"}, "subject-mismatch"),
        ({"kind": "goods.conjured"}, "kind-unknown"),
        ({"content_type": "text/plain"}, "content-type-unknown"),
        ({"follows": ()}, "head-stale"),
        ({"follows": (b"x" * 32,)}, "head-stale"),
    ],
)
def test_header_that_does_not_fit_is_refused(world: World, header: dict[str, Any], code: str) -> None:
    assert refusal(world, "maker", "goods.shipped", header=header).code == code


def test_stale_head_names_the_present_heads(world: World) -> None:
    stale = world.seal("maker", "goods.shipped")
    world.say("maker", "goods.shipped")
    (outcome,) = world.try_sending(stale)
    assert isinstance(outcome, RefusedError)
    assert outcome.facts["expected"] == [leaf.hex() for leaf in world.heads(outcome.facts["lots"])]  # type: ignore[arg-type]


def test_statement_from_the_future_is_refused_and_a_fast_clock_forgiven(world: World) -> None:
    late = world.at + timedelta(minutes=6)
    assert refusal(world, "maker", "goods.shipped", header={"issued_at": late}).code == "issued-in-future"
    world.say("maker", "goods.shipped", header={"issued_at": world.at + timedelta(minutes=4)})


def test_key_nobody_knows_is_refused(world: World) -> None:
    world.keys["maker"] = generate_key()
    assert refusal(world, "maker", "goods.shipped").code == "key-unknown"


def test_signature_by_another_key_is_refused(world: World) -> None:
    statement = world.seal("maker", "goods.shipped")
    forged = world.keys["smelter"].sign(statement.signed_bytes)
    (outcome,) = world.try_sending(statement.to_bytes()[:-64] + forged)
    assert isinstance(outcome, RefusedError)
    assert outcome.code == "signature-invalid"


def test_revoked_key_speaks_no_more_and_what_it_said_stays(world: World) -> None:
    said = world.say("maker", "goods.shipped")
    world.say("regulator", "key.revoked", kid=world.kid("maker"), reason="lost", compromised_since=None)
    assert refusal(world, "maker", "goods.shipped").code == "key-revoked"
    with world.database.reading() as session:
        assert read_entry(session, said.position).issuer == uscc_of("maker")


def test_rotated_key_hands_on_to_the_new_one(world: World) -> None:
    old, new = world.keys["maker"], generate_key("ES256")
    world.say("maker", "key.rotated", key=new.public.to_jwk())
    assert refusal(world, "maker", "goods.shipped").code == "key-revoked"
    world.keys["maker"] = new
    world.say("maker", "goods.shipped")
    assert old.public.kid != new.public.kid


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_party_may_speak_by_a_key_of_any_admitted_algorithm(world: World, algorithm: str) -> None:
    kid = world.enroll("maker", "signer", algorithm)
    said = world.say("maker.signer", "goods.shipped")
    with world.database.reading() as session:
        statement = parse_statement(read_entry(session, said.position).statement)
        key = find_key(session, bytes.fromhex(kid))
        assert find_identity(session, statement.identity) is not None
    assert key is not None
    assert (statement.kid.hex(), key.public.algorithm.name) == (kid, algorithm)
    assert (statement.algorithm_id, len(statement.signature)) == (
        ALGORITHMS[algorithm].cose_id,
        ALGORITHMS[algorithm].signature_bytes,
    )


@pytest.mark.parametrize("registered", ALGORITHMS)
def test_the_algorithm_is_that_of_the_key_on_record(world: World, registered: str) -> None:
    """The header names another algorithm, under which nobody ever enrolled this key."""
    world.enroll("maker", "signer", registered)
    key = world.keys["maker.signer"]
    for other in (row for row in ALGORITHMS.values() if row is not key.algorithm):
        posing = _Posing(other, key)
        world.keys["maker.posing"] = posing  # type: ignore[assignment]
        assert refusal(world, "maker.posing", "goods.shipped").code == "algorithm-mismatch"


@dataclass(frozen=True)
class _Posing:
    """Signs by a key, and says that it did so by another algorithm."""

    algorithm: Algorithm
    key: PrivateKey

    @property
    def public(self) -> PublicKey:
        return self.key.public

    def sign(self, signed: bytes) -> bytes:
        return self.key.sign(signed)


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "OKP", "crv": "Ed25519", "x": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "A" * 1749},
        {"kty": "AKP", "alg": "ML-DSA-65", "pub": "A" * 1750},
        {"kty": "EC", "crv": "SM2", "x": "A" * 43, "y": "A" * 43},
    ],
    ids=["small-order", "short", "another-set", "off-the-curve"],
)
def test_a_key_that_is_none_is_never_enrolled(world: World, key: dict[str, str]) -> None:
    refused = refusal(world, "maker", "key.enrolled", party=uscc_of("maker"), key=key)
    assert refused.code == "schema-violated"
    assert refused.facts["where"] == "key"


def test_a_key_speaks_from_its_first_day_to_its_last(world: World) -> None:
    key = world.keys["maker.term"] = generate_key()
    first, last = world.at.date() + timedelta(days=3), world.at.date() + timedelta(days=5)
    term: dict[str, Any] = {"valid_from": first.isoformat(), "valid_to": last.isoformat()}
    world.say("maker", "key.enrolled", party=uscc_of("maker"), key=key.public.to_jwk(), **term)
    world.at = datetime.combine(first, time(0), UTC) - timedelta(seconds=1)
    refused = refusal(world, "maker.term", "goods.shipped")
    assert (refused.code, refused.facts["expected"]) == ("key-not-yet-valid", f"use from {first} on")
    world.at = datetime.combine(first, time(0), UTC)
    world.say("maker.term", "goods.shipped")
    world.at = datetime.combine(last, time(23, 59, 59), UTC)
    world.say("maker.term", "goods.received")
    assert refusal(world, "maker.term", "goods.shipped").code == "key-expired"


def test_role_that_may_not_say_it_is_refused(world: World) -> None:
    assert refusal(world, "maker", "report.issued").code == "role-not-allowed"


def test_post_is_asked_for_on_the_day_of_record(world: World) -> None:
    assert refusal(world, "owner", "sample.drawn").code == "post-not-held"
    day = world.at.date()
    post: dict[str, Any] = {"person": "x", "duty": Duty.SAMPLER, "held_to": str(day), "held_from": str(day)}
    world.say("owner", "post.held", **post)
    assert isinstance(world.try_saying("owner", "sample.drawn"), Accepted)
    world.at += timedelta(days=2)
    assert refusal(world, "owner", "sample.drawn").code == "post-not-held"


def test_a_post_that_is_ended_is_held_to_the_day_that_is_named(world: World) -> None:
    post: dict[str, Any] = {"person": "x", "duty": Duty.SAMPLER, "held_to": None, "held_from": str(world.at.date())}
    world.say("owner", "post.held", **post)
    last = world.at.date() + timedelta(days=1)
    for person, duty in (("x", Duty.WITNESS), ("y", Duty.SAMPLER)):  # another's, or another duty, is not meant
        world.say("owner", "post.ended", person=person, duty=duty, held_to=str(world.at.date()))
    world.say("owner", "post.ended", person="x", duty=Duty.SAMPLER, held_to=str(last))
    world.say("maker", "post.ended", person="x", duty=Duty.SAMPLER, held_to=str(world.at.date()))
    world.at += timedelta(days=1)
    assert isinstance(world.try_saying("owner", "sample.drawn"), Accepted)
    world.at += timedelta(days=1)
    assert refusal(world, "owner", "sample.drawn").code == "post-not-held"
    world.say("owner", "post.ended", person="x", duty=Duty.SAMPLER, held_to=str(world.at.date() + timedelta(days=9)))
    assert refusal(world, "owner", "sample.drawn", sample="S-9").code == "post-not-held"


def test_a_post_is_never_ended_before_the_day_of_record(world: World) -> None:
    """Else a party could disown, afterwards, what its sampler has signed."""
    first = world.at.date()
    post: dict[str, Any] = {"person": "x", "duty": Duty.SAMPLER, "held_to": None, "held_from": str(first)}
    world.say("owner", "post.held", **post)
    world.at += timedelta(days=3)
    world.say("owner", "post.ended", person="x", duty=Duty.SAMPLER, held_to=str(first))
    with world.database.reading() as session:
        (ended,) = (one for one in read_posts(session, {uscc_of("owner")}) if one.person == "x")
    assert ended.held_to == first + timedelta(days=3)


def test_key_of_another_party_can_be_revoked_by_regulators_only(world: World) -> None:
    outcome = refusal(world, "maker", "key.revoked", kid=world.kid("owner"), reason="x", compromised_since=None)
    assert outcome.code == "not-your-party"


@pytest.mark.parametrize("algorithm", [name for name in ALGORITHMS if name != "EdDSA"])
def test_a_registry_whose_ledger_could_sign_no_note_is_not_founded(tmp_path: Path, shared_folder: Path, algorithm: str):
    database = Database(fresh_sqlite(tmp_path, shared_folder, is_migrated=True))
    world = World(database, Sealer(ORIGIN, generate_key()), {"regulator": generate_key()})
    keys = {"ledger_key": generate_key(algorithm).public.to_jwk(), "key": world.jwk("regulator")}
    refused = world.try_saying("regulator", "party.founded", origin=ORIGIN, **keys)
    assert isinstance(refused, RefusedError)
    assert (refused.code, refused.facts["where"]) == ("schema-violated", "ledger_key")
    database.close()


def test_registry_is_founded_once(world: World) -> None:
    founding = BODIES["party.founded"](
        ledger_key=world.sealer.key.public.to_jwk(), key=world.jwk("regulator"), origin="suzheng.example/again"
    )
    assert refusal(world, "regulator", "party.founded", founding).code == "founding-misplaced"


@pytest.mark.parametrize("origin", ["a registry", "a+b", "a\u3000b"])
def test_ledger_has_a_name_that_a_note_can_bear(world: World, origin: str) -> None:
    founding = BODIES["party.founded"](
        ledger_key=world.sealer.key.public.to_jwk(), key=world.jwk("regulator"), origin=origin
    )
    outcome = refusal(world, "regulator", "party.founded", founding)
    assert (outcome.code, outcome.facts["where"]) == ("schema-violated", "origin")


@pytest.mark.parametrize(
    "payload",
    [
        b'{"ocid": "a", "ocid": "b"}',
        b'{"value": NaN}',
        b'{"value": 9007199254740992}',
        b'{"name": "\\ud800"}',
        b'{"name": "\\u0000"}',
        b'{"a": ' * 33 + b"1" + b"}" * 33,
        b"{} ",
        b"[]",
        b"\xff",
        b"",
    ],
    ids=range(10),
)
def test_malformed_payload_is_refused(world: World, payload: bytes) -> None:
    if payload == b"{} ":  # white space may follow; another value may not
        payload += b"{}"
    assert refusal(world, "owner", "tender.published", payload).code == "payload-malformed"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"surprise": 1}, "surprise"),
        ({"published_on": "2015-02-30"}, "published_on"),
        ({"buyer": "91110000600037341X"}, "buyer"),
        ({"title": "line\nbreak"}, "title"),
        ({"title": None}, "title"),
        ({"technical_terms": [1]}, "technical_terms.0"),
    ],
)
def test_body_outside_its_schema_is_refused_with_the_place(world: World, changes: dict[str, Any], where: str) -> None:
    outcome = refusal(world, "owner", "tender.published", **changes)
    assert (outcome.code, outcome.facts["where"]) == ("schema-violated", where)


def test_statement_over_64_kib_is_refused(world: World) -> None:
    payload = json.dumps({"ocid": "x" * MAX_STATEMENT_BYTES}).encode()
    assert refusal(world, "owner", "tender.published", payload).code == "statement-too-large"


def test_garbage_is_refused(world: World) -> None:
    (outcome,) = world.try_sending(b"\x00garbage")
    assert isinstance(outcome, RefusedError)
    assert outcome.code.startswith("cbor-")


def test_clock_that_goes_back_records_nothing(world: World) -> None:
    statement = world.seal("maker", "goods.shipped")
    before = count_rows(world)
    with pytest.raises(RefusedError) as refused, world.database.writing() as session:
        accept(
            session,
            [statement.to_bytes()],
            catalogue=world.house.catalogue,
            sealer=world.sealer,
            at=world.at - timedelta(minutes=2),
        )
    assert refused.value.code == "clock-went-back"
    assert count_rows(world) == before


def test_what_is_authentic_but_contradictory_is_recorded(world: World) -> None:
    """A second beginning of the same lot by another maker: recorded, found by C01, and the first one stands."""
    again = world.seal("maker", "lot.transformed")
    (outcome,) = world.send(again)
    assert outcome.is_new
    with world.database.reading() as session:
        assert find_identity(session, again.identity) is not None
        assert size_of(session) == outcome.position + 1
    assert "C01" in {finding.code for lot in outcome.lots for finding in world.judge(lot).findings}


def test_batch_too_large_is_refused_as_a_whole(world: World) -> None:
    with pytest.raises(RefusedError) as refused:
        world.try_sending(*[b""] * 1001)
    assert refused.value.code == "too-many-statements"


def test_a_lot_number_with_a_percent_sign_is_no_other_lot(world: World) -> None:
    lot, other = "01/06901234567892/10/P%41", "01/06901234567892/10/PA"
    world.say("maker", "lot.commissioned", amounts={other: 10})
    world.say("maker", "lot.commissioned", amounts={lot.replace("%", "%25"): 20})
    with world.database.reading() as session:
        made = read_lots_by_id(session, [lot, other])
    assert made[lot].quantity == Quantity(Decimal(20), "MTR")
    assert made[other].quantity == Quantity(Decimal(10), "MTR")


# --- batches ---


def test_of_two_that_follow_the_same_head_one_wins_and_the_other_learns_the_present_one(world: World) -> None:
    first = world.seal("maker", "goods.shipped")
    second = world.seal("maker", "goods.shipped", eventTime="2015-05-06T10:00:00+08:00")
    assert first.follows == second.follows
    won, lost = world.try_sending(first, second)
    assert isinstance(won, Accepted)
    assert isinstance(lost, RefusedError)
    assert (lost.code, lost.facts["expected"]) == ("head-stale", [first.leaf.hex()])


def test_a_key_may_speak_in_the_batch_that_enrols_it(world: World) -> None:
    new = world.keys["owner.second"] = generate_key()
    enrolled = world.seal("owner", "key.enrolled", party=uscc_of("owner"), key=new.public.to_jwk())
    said = world.seal("owner.second", "tender.published", ocid="ocds-2")
    forged = world.seal("owner.second", "tender.published", ocid="ocds-3").to_bytes()
    forged = forged[:-1] + bytes([forged[-1] ^ 1])
    outcomes = world.try_sending(enrolled, said, forged)
    assert [isinstance(outcome, Accepted) for outcome in outcomes] == [True, True, False]
    assert isinstance(outcomes[2], RefusedError)
    assert outcomes[2].code == "signature-invalid"


def test_a_key_may_not_speak_after_its_revocation_in_the_same_batch(world: World) -> None:
    kid = world.enroll("owner", "second")
    before = world.seal("owner.second", "tender.published", ocid="ocds-2")
    revoked = world.seal("owner", "key.revoked", kid=kid)
    after = world.seal("owner.second", "tender.published", ocid="ocds-3")
    outcomes = world.try_sending(before, revoked, after)
    assert isinstance(outcomes[0], Accepted)
    assert isinstance(outcomes[2], RefusedError)
    assert outcomes[2].code == "key-revoked"


def test_what_was_verified_before_its_turn_is_still_asked_whether_its_key_may_speak(world: World) -> None:
    kid = world.enroll("owner", "second")
    said = world.seal("owner.second", "tender.published", ocid="ocds-2")
    with world.database.reading() as session:
        prepared = prepare(
            [said.to_bytes()], catalogue=world.house.catalogue, find_keys=lambda kids: find_public_keys(session, kids)
        )
    world.say("owner", "key.revoked", kid=kid)
    with world.database.writing() as session:
        (outcome,) = admit(session, prepared, sealer=world.sealer, at=world.at)
    assert isinstance(outcome, RefusedError)
    assert outcome.code == "key-revoked"


def _fail_at_once(session: Session, said: Said) -> None:
    raise ValueError("a defect")


def _fail_when_written(session: Session, said: Said) -> None:
    for _ in range(2):
        add_row(session, MentionRow, lot="twice the same key", position=said.position)


@pytest.mark.parametrize("effect", [_fail_at_once, _fail_when_written])
def test_what_no_check_has_foreseen_takes_no_neighbour_with_it(world: World, effect: Any) -> None:
    kinds = [replace(kind, effect=effect) if kind.tag == "contract.signed" else kind for kind in world.house.catalogue]
    world.house = replace(world.house, catalogue=Catalogue(kinds))
    first = world.seal("owner", "tender.published", ocid="ocds-2")
    broken = world.seal("owner", "contract.signed", number="C-2")
    last = world.seal("maker", "goods.shipped")
    before = count_rows(world)
    outcomes = world.try_sending(first, broken, last)
    assert [getattr(outcome, "code", "accepted") for outcome in outcomes] == ["accepted", "not-recordable", "accepted"]
    after = count_rows(world)
    assert (after["entry"], after["contract"]) == (before["entry"] + 2, before["contract"])
    with world.database.reading() as session:
        assert session.get(MentionRow, ("twice the same key", before["entry"] + 1)) is None


def test_nothing_is_signed_on_top_of_a_head_that_was_changed(world: World) -> None:
    with world.database.writing() as session:
        session.execute(update(HeadRow).values(root=bytes(32)))
    before = count_rows(world)
    with pytest.raises(RefusedError, match="checkpoint-invalid"):
        world.say("maker", "goods.shipped")
    assert count_rows(world) == before


def test_a_new_entrys_receipt_is_that_of_the_ledger(world: World) -> None:
    outcomes = world.send(*(world.seal("owner", "tender.published", ocid=f"ocds-{number}") for number in range(5)))
    with world.database.reading() as session:
        for outcome in outcomes:
            assert outcome.batch is not None
            assert outcome.batch.issue_receipt(outcome.position) == issue_receipt(session, outcome.position)
