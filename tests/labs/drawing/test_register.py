"""Draws on record: announced, seeded by the ledger when it is long enough, and believed or not."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.database import Database
from keys.envelope import parse_statement
from keys.errors import RefusedError
from keys.payload import read_json
from labs.casework.register import read_stale
from labs.drawing.draw import pick, seed_of
from labs.drawing.register import read_site_bounds
from labs.refresh import refresh_lot
from labs.sampling.register import read_measurements, read_receptions, read_samples, read_steps
from tests.draws import DELIVERED, announce, delivery, read_draw, say_more
from tests.factories import BATCH, DRUM, ROD, SISTER, uri_of, uscc_of
from tests.world import MADE, PREPARED, World
from trace.kinds import Duty
from trace.ledger.issuing import issue_receipt
from trace.ledger.receipt import read_receipt
from trace.ledger.shelf import show_inclusion
from trace.ledger.store import read_entry
from trace.production.register import read_certificates


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    database = Database(database_url)
    told = World.told(database, PREPARED + MADE + DELIVERED)
    yield told
    database.close()


def test_until_the_ledger_is_long_enough_nobody_knows(world: World) -> None:
    accepted = announce(world)
    say_more(world, 2)
    draw = read_draw(world)
    assert (draw.root, draw.seed, draw.picks, draw.feeders, draw.is_ahead) == (None, None, (), (), True)
    assert (draw.entry, draw.leaf, draw.party) == (accepted.position, accepted.leaf.hex(), uscc_of("supervisor"))
    assert draw.delivered == {DRUM, SISTER}
    assert draw.delivery_entry == accepted.position - 1


def test_root_of_the_announced_size_is_the_seed_whatever_is_said_later(world: World) -> None:
    announce(world)
    say_more(world, 3)
    with world.database.reading() as session:
        root = show_inclusion(session, 0, None).root
    draw = read_draw(world)
    assert draw.root == root
    assert draw.feeders == (uscc_of("owner"), uscc_of("lab"), uscc_of("owner"))
    assert draw.seed == seed_of(root, draw.ledger_size, bytes.fromhex(draw.delivery))
    assert draw.picks == pick(draw.seed, draw.units, 2, draw.margin_pct)
    say_more(world, 4)
    assert read_draw(world) == draw


def test_root_within_a_batch_is_that_of_its_beginning(world: World) -> None:
    """No checkpoint was signed at that size; the tree has a root at it all the same."""
    announce(world, ahead=1)
    batch = [world.seal("lab", "post.held", person=f"p-{number}", duty=Duty.WITNESS) for number in range(3)]
    world.send(*batch)
    draw = read_draw(world)
    with world.database.reading() as session:
        assert draw.root == show_inclusion(session, 0, draw.ledger_size).root
        assert read_receipt(issue_receipt(session, draw.entry + 1))[1][0] == draw.ledger_size + 2


def test_announcement_that_names_no_delivery_is_recorded(world: World) -> None:
    announce(world, delivery="9" * 64)
    assert (read_draw(world).delivery_entry, read_draw(world).delivered) == (None, frozenset())


def test_delivery_that_is_taken_back_is_none(world: World) -> None:
    announce(world)
    event = {"errorDeclaration": {"declarationTime": "2016-01-01T00:00:00Z", "reason": "did_not_occur"}}
    with world.database.reading() as session:
        body = read_json(parse_statement(read_entry(session, read_draw(world).delivery_entry or 0).statement).payload)
    world.say("contractor", "epcis.withdrawn", body | event)
    assert read_draw(world).delivered == frozenset()


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"n": 3}, "n"),
        ({"n": 0}, "n"),
        ({"n": True}, "n"),
        ({"n": 2, "c": 2}, "c"),
        ({"units": []}, "units"),
        ({"units": [{"lot": uri_of(DRUM), "length_m": "500"}] * 2, "n": 1}, "units"),
        ({"units": [{"lot": uri_of(DRUM), "length_m": "1"}], "n": 1}, "units"),
        ({"units": [{"lot": uri_of(DRUM), "length_m": "0"}], "n": 1}, "units"),
        ({"margin_pct": "50"}, "margin_pct"),
        ({"margin_pct": "-1"}, "margin_pct"),
        ({"delivery": "xyz"}, "delivery"),
    ],
)
def test_what_can_not_be_drawn_is_refused_at_its_field(world: World, changes: dict[str, Any], where: str) -> None:
    given: dict[str, Any] = {"delivery": delivery(world).hex(), "ledger_size": 99, "n": 2} | changes
    outcome = world.try_saying("supervisor", "draw.announced", **given)
    assert isinstance(outcome, RefusedError)
    assert outcome.code == "schema-violated"
    assert str(outcome.facts["where"]).startswith(where)


@pytest.mark.parametrize("alias", ["maker", "dealer", "contractor", "lab"])
def test_neither_who_sells_nor_who_cuts_announces_a_draw(world: World, alias: str) -> None:
    outcome = world.try_saying(alias, "draw.announced", delivery="9" * 64)
    assert isinstance(outcome, RefusedError)
    assert outcome.code == "role-not-allowed"


# --- what it touches ---


def waiting(world: World) -> set[str]:
    with world.database.reading() as session:
        return set(read_stale(session, world.at, 1000))


def judge_waiting(world: World) -> None:
    for lot in waiting(world):
        with world.database.writing() as session:
            refresh_lot(session, lot, world.house.rules, world.house.pack, world.at)
    assert waiting(world) == set()


def test_the_entry_that_fills_the_tree_touches_the_drums(world: World) -> None:
    announce(world)
    say_more(world, 2)
    judge_waiting(world)
    world.say("other_lab", "post.held", person="p-9", duty=Duty.WITNESS)
    assert waiting(world) == {ROD, BATCH, DRUM, SISTER}
    judge_waiting(world)
    world.say("other_lab", "post.held", person="p-10", duty=Duty.WITNESS)
    assert waiting(world) == set()


def test_sample_and_report_of_one_drum_touch_the_others_of_the_draw(world: World) -> None:
    announce(world)
    say_more(world, 3)
    judge_waiting(world)
    world.say("contractor", "sample.drawn")
    assert waiting(world) == {ROD, BATCH, DRUM, SISTER}
    judge_waiting(world)
    world.say("lab", "report.issued")
    assert SISTER in waiting(world)


def test_bounds_of_a_site_touch_what_was_moved_under_the_contract(world: World) -> None:
    judge_waiting(world)
    world.say("owner", "site.bounded")
    assert waiting(world) == {ROD, BATCH, DRUM, SISTER}
    judge_waiting(world)
    world.say("owner", "site.bounded", contracts=["HT-99"])
    assert waiting(world) == set()


def test_stolen_key_takes_its_draw_with_it(world: World) -> None:
    since = world.at.isoformat()
    announce(world)
    say_more(world, 3)
    assert "no_draw" not in reasons(world)
    judge_waiting(world)
    world.say("regulator", "key.revoked", kid=world.kid("supervisor"), reason="stolen", compromised_since=since)
    assert {DRUM, SISTER} <= waiting(world)
    assert "no_draw" in reasons(world)


def reasons(world: World) -> set[str]:
    return {one.reason for one in world.judge(DRUM).unchecked if one.code == "S05"}


# --- a draw from end to end ---


def test_an_obeyed_draw_is_found_clean_and_a_disobeyed_one_is_not(world: World) -> None:
    announce(world)
    say_more(world, 3)
    draw = read_draw(world)
    metre = next(one.metre for one in draw.picks if one.lot == DRUM)
    world.say("contractor", "sample.drawn", position_m=str(metre), draw=draw.leaf)
    codes = {one.code for one in world.judge(DRUM).findings}
    assert not {"S05", "S08"} & codes
    world.say("contractor", "sample.drawn", sample="S-2", position_m="3", draw=draw.leaf)
    (found,) = (one for one in world.judge(DRUM).findings if one.code == "S05")
    assert (found.case, found.facts["drawn_m"]) == ("position", metre)


def test_draw_with_its_seed_behind_it_is_recorded_and_found(world: World) -> None:
    announce(world, ahead=0)
    cases = {one.case for one in world.judge(DRUM).findings if one.code == "S08"}
    assert "behind" in cases


# --- what became of samples, and what else is new ---


def test_what_is_new_of_samples_stands_in_the_registers(world: World) -> None:
    photo, leaf = "3" * 64, "4" * 64
    where = {"latitude_deg": "31.2304", "longitude_deg": "121.4737"}
    world.say("contractor", "sample.drawn", photos=[photo], draw=leaf, where=where)
    world.say("lab", "sample.received", seal="seal-1", condition="dry")
    for kind, alias in (("handed", "contractor"), ("retained", "lab"), ("sought", "regulator"), ("destroyed", "lab")):
        world.say(alias, f"sample.{kind}")
    world.say("supervisor", "drum.measured", net_mass_kg="16.1")
    world.say("regulator", "certificate.issued", number="C-2", masses=[{"type": "BV 2.5", "kg_per_m": "0.032"}])
    world.say("owner", "site.bounded")
    with world.database.reading() as session:
        (sample,), (got,) = read_samples(session, [DRUM]), read_receptions(session, ["S-1"])
        steps = read_steps(session, ["S-1"])
        (measured,), (bound,) = read_measurements(session, [DRUM]), read_site_bounds(session, ["HT-01"])
        masses = read_certificates(session, (), ["C-2"])[0].masses
        older = read_certificates(session, (), ["CCC-0001"])[0].masses
    assert (sample.photos, sample.draw, str(sample.latitude_deg)) == ((photo,), leaf, "31.2304")
    assert (got.seal, got.condition) == ("seal-1", "dry")
    assert [step.step for step in steps] == ["handed_over", "retained", "sought", "destroyed"]
    assert (steps[0].to, steps[1].until and steps[1].until.isoformat(), steps[2].is_there) == (
        uscc_of("lab"),
        "2015-11-10",
        True,
    )
    assert (str(measured.net_mass_kg), {k: str(v) for k, v in masses.items()}, older) == (
        "16.1",
        {"BV 2.5": "0.032"},
        {},
    )
    assert (bound.party, len(bound.corners)) == (uscc_of("owner"), 4)


@pytest.mark.parametrize(
    ("alias", "tag", "changes", "where"),
    [
        ("owner", "site.bounded", {"corners": []}, "corners"),
        ("owner", "site.bounded", {"contracts": ["A", "A"]}, "contracts"),
        ("supervisor", "drum.measured", {"net_mass_kg": "0"}, "net_mass_kg"),
        ("contractor", "sample.drawn", {"photos": ["a.jpg"]}, "photos"),
        ("contractor", "sample.drawn", {"where": {"latitude_deg": "91", "longitude_deg": "0"}}, "where"),
        (
            "regulator",
            "certificate.issued",
            {"masses": [{"type": "BV 2.5", "kg_per_m": "1"}, {"type": "BV 2.5", "kg_per_m": "2"}]},
            "masses",
        ),
    ],
)
def test_what_is_wrong_is_named(world: World, alias: str, tag: str, changes: dict[str, Any], where: str) -> None:
    outcome = world.try_saying(alias, tag, **changes)
    assert isinstance(outcome, RefusedError)
    assert outcome.code == "schema-violated"
    assert str(outcome.facts["where"]).startswith(where)
