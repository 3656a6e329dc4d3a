"""Where from, where to: both directions, same material apart from the rest, and no circle that does not end."""

from collections.abc import Iterator

import pytest

from api.database import Database
from tests.factories import BATCH, DRUM, ROD, SISTER
from tests.world import MADE, PREPARED, World
from trace.lineage import Lineage, trace_lot


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Rod, drawn into a batch, cut into two drums."""
    database = Database(database_url)
    world = World.found(database)
    world.tell(PREPARED + MADE)
    yield world
    database.close()


def trace(world: World, lot: str) -> Lineage:
    """The lineage as it stands."""
    with world.database.reading() as session:
        return trace_lot(session, lot)


def test_drum_comes_from_its_batch_and_from_the_rod(world: World) -> None:
    lineage = trace(world, DRUM)
    assert set(lineage.up) == {BATCH, ROD}
    assert lineage.down == ()
    assert lineage.same_up == (BATCH,)
    assert lineage.up[0] == BATCH, "nearest first"


def test_rod_leads_to_both_drums_as_another_material(world: World) -> None:
    lineage = trace(world, ROD)
    assert set(lineage.down) == {BATCH, DRUM, SISTER}
    assert lineage.same_material == (ROD,)


def test_sister_drum_is_not_in_a_drums_lineage(world: World) -> None:
    assert SISTER not in trace(world, DRUM).lots


def test_up_and_down_are_inverse(world: World) -> None:
    lots = (ROD, BATCH, DRUM, SISTER)
    for above in lots:
        for below in lots:
            assert (below in trace(world, above).down) == (above in trace(world, below).up)


def test_unknown_lot_has_no_lineage(world: World) -> None:
    assert trace(world, "01/06901234567892/10/NOBODY").lots == ("01/06901234567892/10/NOBODY",)


def test_circle_of_statements_ends_where_it_began(world: World) -> None:
    """A maker may sign nonsense: a batch cut out of its own drum. It is recorded, and following it ends."""
    world.say("maker", "lot.split", taken={DRUM: 500}, given={BATCH: 500})
    lineage = trace(world, DRUM)
    assert set(lineage.lots) == {ROD, BATCH, DRUM, SISTER}
    assert not lineage.is_cut
