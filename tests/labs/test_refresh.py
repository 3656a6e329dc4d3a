"""What an entry touches, or a date that passes, is judged again; nothing that waits is forgotten."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from api.database import Database
from keys.keyring import generate_key
from labs.casework.register import count_stale, read_stale, read_words
from labs.refresh import list_judged, look_at, refresh_lot
from tests.factories import BATCH, DRUM, ROD, ROD_GTIN, SISTER, lot_at, uscc_of
from tests.world import HONEST, World

ALL = {ROD, BATCH, DRUM, SISTER}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The honest drum's whole life, judged."""
    database = Database(database_url)
    world = World.told(database, HONEST)
    judge_waiting(world)
    yield world
    database.close()


def waiting(world: World) -> set[str]:
    """The lots that wait now."""
    with world.database.reading() as session:
        lots = read_stale(session, world.at, 1000)
        assert count_stale(session, world.at) == len(lots)
        return set(lots)


def judge_waiting(world: World) -> None:
    """Judge all that waits, as of the world's present."""
    for lot in waiting(world):
        with world.database.writing() as session:
            refresh_lot(session, lot, world.house.rules, world.house.pack, world.at)
    assert waiting(world) == set()


def word(world: World, lot: str) -> str:
    """The word on the list."""
    with world.database.reading() as session:
        return read_words(session, [lot])[lot]


def test_statement_on_a_drum_touches_its_lineage(world: World) -> None:
    world.say("contractor", "lot.removed")
    assert waiting(world) == {ROD, BATCH, DRUM}


def test_lots_that_a_batch_itself_makes_touch_what_it_made_them_of(world: World) -> None:
    """Of a lot that is new with the batch nothing need be looked up: whatever it hangs on is in the batch."""
    cut, joined = lot_at("A1", "D001-1"), lot_at("J1")
    first = world.seal("maker", "lot.split", taken={DRUM: 500}, given={cut: 500})
    follows = tuple(sorted({first.leaf, *world.heads([SISTER])}))
    header = {"subject": joined, "follows": follows}
    second = world.seal("maker", "lot.joined", taken={cut: 500, SISTER: 500}, given={joined: 1000}, header=header)
    world.send(first, second)
    assert waiting(world) == {*ALL, cut, joined}


def test_new_lots_alone_touch_nothing_else(world: World) -> None:
    rod, cable = lot_at("R9", gtin=ROD_GTIN), lot_at("A9")
    first = world.seal("smelter", "lot.commissioned", amounts={rod: 24})
    header = {"subject": cable, "follows": (first.leaf,)}
    second = world.seal("maker", "lot.transformed", taken={rod: 24}, given={cable: 1000}, header=header)
    world.send(first, second)
    assert waiting(world) == {rod, cable}


def test_failed_check_of_a_drum_touches_its_makers_type(world: World) -> None:
    world.say("regulator", "spotcheck.reported", lots=[f"/{DRUM}"], is_passed=False)
    assert waiting(world) == ALL
    judge_waiting(world)
    assert (word(world, DRUM), word(world, BATCH), word(world, SISTER)) == ("STOP", "STOP", "HOLD")


@pytest.mark.parametrize(
    ("alias", "tag", "changes", "touched"),
    [
        ("regulator", "penalty.imposed", {"party": uscc_of("maker")}, {BATCH, DRUM, SISTER, ROD}),
        ("regulator", "ban.imposed", {"party": uscc_of("contractor")}, {DRUM}),
        ("regulator", "accreditation.suspended", {"lab": uscc_of("lab")}, {DRUM}),
        ("lab", "signatory.authorised", {}, {DRUM}),
        ("lab", "hosts.stated", {}, {DRUM}),
        ("contractor", "paper.examined", {}, {DRUM, BATCH, ROD}),
        ("regulator", "anchor.trusted", {}, set()),
        ("supervisor", "post.held", {}, {DRUM}),
        ("supervisor", "post.ended", {"person": "witness-1", "duty": "witness"}, {DRUM}),
        ("owner", "suppliers.qualified", {}, {DRUM}),
        ("owner", "tender.published", {"ocid": "ocds-of-nothing"}, set()),
    ],
)
def test_statement_without_lots_touches_those_of_its_parties(
    world: World, alias: str, tag: str, changes: dict[str, object], touched: set[str]
) -> None:
    world.say(alias, tag, **changes)  # type: ignore[arg-type]
    assert waiting(world) == touched


def test_revocation_touches_the_lots_of_the_keys_party_not_of_the_regulator(world: World) -> None:
    world.say(
        "regulator", "key.revoked", kid=world.kid("lab"), reason="stolen", compromised_since="2015-05-01T00:00:00Z"
    )
    assert DRUM in waiting(world)
    judge_waiting(world)
    assert word(world, DRUM) == "STOP"


def test_a_regulators_stolen_key_touches_all_that_it_decided(world: World) -> None:
    """The thief bans the contractor. When it turns out that he did, the contractor's lots are judged again."""
    world.enroll("regulator", "spare")
    since = world.at.isoformat()
    world.say("regulator.spare", "ban.imposed", party=uscc_of("contractor"), banned_from="2015-01-01", banned_to=None)
    judge_waiting(world)
    assert word(world, DRUM) == "STOP"
    world.say("regulator", "key.revoked", kid=world.kid("regulator.spare"), compromised_since=since)
    assert DRUM in waiting(world)
    judge_waiting(world)
    assert word(world, DRUM) == "USE"


def test_a_confirmed_key_touches_what_it_had_signed_and_a_new_one_nothing(world: World) -> None:
    world.enroll("regulator", "spare")
    since = world.at.isoformat()
    world.keys["supervisor.new"] = generate_key()
    key: dict[str, Any] = {"party": uscc_of("supervisor"), "key": world.jwk("supervisor.new")}
    judge_waiting(world)
    world.say("regulator.spare", "key.enrolled", **key)
    assert waiting(world) == set()
    world.say("supervisor.new", "drum.measured", resistance_ohm="4.400")
    world.say("regulator", "key.revoked", kid=world.kid("regulator.spare"), compromised_since=since)
    judge_waiting(world)
    assert word(world, DRUM) == "HOLD"
    world.say("regulator", "key.enrolled", **key)
    assert DRUM in waiting(world)
    judge_waiting(world)
    assert word(world, DRUM) == "STOP"


def test_deadline_that_passes_is_noticed_though_nobody_speaks(world: World) -> None:
    """A paper nobody registers: a question at first, and after three working days a stop."""
    world.say("contractor", "paper.presented", number="R-UNHEARD-OF", lots=[f"/{DRUM}"], pdf_sha256=None)
    judge_waiting(world)
    assert word(world, DRUM) == "HOLD"
    world.at += timedelta(days=2)
    assert waiting(world) == set()
    world.at += timedelta(days=5)
    assert DRUM in waiting(world)
    judge_waiting(world)
    assert word(world, DRUM) == "STOP"


def test_recalls_deadline_is_noticed(world: World) -> None:
    today = world.at.date()
    world.say(
        "regulator",
        "recall.ordered",
        lots=[f"/{DRUM}"],
        ordered_on=today.isoformat(),
        deadline_on=(today + timedelta(days=10)).isoformat(),
    )
    judge_waiting(world)
    world.at += timedelta(days=12)
    assert DRUM in waiting(world)
    assert world.at.date() > today + timedelta(days=10) > date(2015, 1, 1)


def test_goods_that_do_not_arrive_are_noticed_after_a_month(world: World) -> None:
    world.say("contractor", "goods.shipped", receiver=uscc_of("dealer"), eventTime=world.at.isoformat())
    judge_waiting(world)
    world.at += timedelta(days=29)
    assert DRUM not in waiting(world)
    world.at += timedelta(days=3)
    assert DRUM in waiting(world)


def test_a_lot_that_was_touched_while_it_was_looked_at_still_waits(world: World) -> None:
    world.say("contractor", "lot.removed")
    with world.database.reading() as session:
        looked = look_at(session, DRUM, world.house.rules, world.house.pack, world.at)
    world.say("regulator", "spotcheck.reported", lots=[f"/{DRUM}"], is_passed=False)
    with world.database.writing() as session:
        assert not list_judged(session, looked)
    assert (DRUM in waiting(world), word(world, DRUM)) == (True, "USE")
    with world.database.reading() as session:
        looked = look_at(session, DRUM, world.house.rules, world.house.pack, world.at)
    with world.database.writing() as session:
        assert list_judged(session, looked)
    assert (DRUM in waiting(world), word(world, DRUM)) == (False, "STOP")
