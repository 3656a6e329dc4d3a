"""Whoever had it in hand and says that something is wrong holds the lot, until it takes its word back."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from api.database import Database
from labs.judge import Word
from tests.databases import fresh_sqlite
from tests.factories import BATCH, DRUM, SISTER, FlaggedEvent, ReceivedEvent
from tests.world import HONEST, World
from trace.epcis.events import Quantity
from trace.site.register import read_site_acts


@pytest.fixture
def world(tmp_path, shared_folder) -> Iterator[World]:
    database = Database(fresh_sqlite(tmp_path, shared_folder, is_migrated=True))
    told = World.told(database, HONEST)
    yield told
    database.close()


def flags(world: World, lot: str) -> list[str]:
    return [str(one.facts["disposition"]) for one in world.judge(lot).findings if one.code == "C15"]


@pytest.mark.parametrize("disposition", ["recalled", "non_conformant", "mismatch_class"])
def test_goods_that_somebody_flags_are_held(world, disposition):
    assert world.judge(DRUM).word is Word.USE
    world.say("owner", "goods.flagged", disposition=disposition)
    assert world.judge(DRUM).word is Word.HOLD
    assert flags(world, DRUM) == [disposition]
    assert flags(world, SISTER) == []


def test_a_flag_on_the_batch_reaches_its_drums(world):
    world.say("owner", "goods.flagged", amounts={BATCH: 1000})
    assert flags(world, DRUM) == flags(world, SISTER) == ["mismatch_quantity"]


def test_a_movement_flags_what_it_moves(world):
    world.say("contractor", "goods.received", ReceivedEvent(disposition="mismatch_quantity"))
    assert flags(world, DRUM) == ["mismatch_quantity"]


def test_a_flag_is_taken_back_by_whoever_set_it(world):
    event: Any = FlaggedEvent()
    world.say("owner", "goods.flagged", event)
    declared = {"errorDeclaration": {"declarationTime": "2016-01-01T00:00:00Z"}}
    world.say("dealer", "epcis.withdrawn", event | declared)
    assert flags(world, DRUM) == ["mismatch_quantity"]
    world.say("owner", "epcis.withdrawn", event | declared)
    assert flags(world, DRUM) == []


def test_what_is_destroyed_or_stored_is_on_record(world):
    world.say("maker", "goods.stored", amounts={SISTER: 500})
    world.say("maker", "lot.destroyed", amounts={SISTER: 500})
    with world.database.reading() as session:
        acts = read_site_acts(session, [SISTER])
    assert [act.act for act in acts] == ["stored", "destroyed"]
    assert {act.quantity for act in acts} == {Quantity(Decimal(500), "MTR")}
