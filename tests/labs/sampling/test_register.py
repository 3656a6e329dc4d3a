"""A sample that says how long it is takes its metres off the drum; one that does not is a mark on it, as ever."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from api.database import Database
from keys.errors import RefusedError
from labs.sampling.register import read_samples
from tests.factories import DRUM, uscc_of
from tests.world import MADE, PREPARED, SOLD, World
from trace.balance import State
from trace.epcis.events import Quantity
from trace.history import gather_material
from trace.site.register import read_site_acts
from trace.whereabouts import whereabouts

D = Decimal


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    database = Database(database_url)
    told = World.found(database)
    told.tell(PREPARED + MADE + SOLD)
    yield told
    database.close()


def test_a_length_is_cut_out_from_its_position_on(world: World) -> None:
    world.say("contractor", "sample.drawn", position_m="230", length_m="1.50")
    with world.database.reading() as session:
        (sample,), acts = read_samples(session, [DRUM]), read_site_acts(session, [DRUM])
        told = whereabouts(gather_material(session, DRUM))
    assert sample.length_m == D("1.5")
    act = acts[-1]
    assert (act.act, act.party, act.from_m, act.to_m) == ("sampled", uscc_of("contractor"), D(230), D("231.5"))
    assert (act.entry, act.at, act.quantity) == (sample.entry, sample.drawn_at, Quantity(D("1.5"), "MTR"))
    assert (told.total(State.SAMPLED), told.total(State.HELD), told.over) == (D("1.5"), D("498.5"), D(0))


def test_a_length_without_a_position_is_counted_all_the_same(world: World) -> None:
    world.say("contractor", "sample.drawn", position_m=None, length_m="2")
    with world.database.reading() as session:
        act = read_site_acts(session, [DRUM])[-1]
        told = whereabouts(gather_material(session, DRUM))
    assert (act.act, act.from_m, act.to_m) == ("sampled", None, None)
    assert told.total(State.SAMPLED) == 2


def test_a_sample_that_does_not_say_takes_nothing(world: World) -> None:
    world.say("contractor", "sample.drawn")
    with world.database.reading() as session:
        assert read_samples(session, [DRUM])[0].length_m is None
        assert "sampled" not in {act.act for act in read_site_acts(session, [DRUM])}
        assert whereabouts(gather_material(session, DRUM)).total(State.SAMPLED) == 0


@pytest.mark.parametrize("length", ["0", "-1", "0.0", 2, "2 m"])
def test_no_sample_is_of_no_length(world: World, length: object) -> None:
    outcome = world.try_saying("contractor", "sample.drawn", length_m=length)
    assert isinstance(outcome, RefusedError)
    assert "length_m" in str(outcome)
    assert "expected" in str(outcome)


def test_a_sample_beyond_the_end_of_its_drum_is_recorded_and_found(world: World) -> None:
    world.say("contractor", "sample.drawn", position_m="499", length_m="5")
    (found,) = (one for one in world.judge(DRUM).findings if one.code == "C16")
    assert (found.case, found.facts["to_m"]) == ("beyond_end", 504)


def test_what_was_destroyed_says_which_metres(world: World) -> None:
    place = {"from_m": "480", "to_m": "500"}
    world.say("contractor", "lot.destroyed", amounts={DRUM: 20}, place=place, eventTime="2015-05-10T09:00:00+08:00")
    world.say("contractor", "lot.installed", place={"station": "S", "from_m": "0", "to_m": "490"})
    with world.database.reading() as session:
        told = whereabouts(gather_material(session, DRUM))
    assert [(part.spot.state, part.quantity.value, part.spot.from_m, part.spot.to_m) for part in told.parts] == [
        (State.DESTROYED, D(20), D(480), D(500)),
        (State.INSTALLED, D(490), D(0), D(490)),
    ]
    assert told.over == 10
    (found,) = (one for one in world.judge(DRUM).findings if one.code == "C16")
    assert (found.case, found.facts["from_m"], found.facts["to_m"]) == ("laid_after_cut", 480, 490)
