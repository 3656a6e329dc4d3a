"""Where from, where to: both directions, same material apart from the rest, and no circle that does not end."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import event

from api.database import Database
from keys.errors import RefusedError
from tests.factories import BATCH, DRUM, ROD, SISTER
from tests.world import MADE, PREPARED, World
from trace.lineage import Lineage, lots_below, measure_ways, reach_lots, straighten, trace_lot
from trace.production.register import read_lots_by_id

Counter = Callable[[World], AbstractContextManager[list[str]]]


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Rod, drawn into a batch, cut into two drums."""
    database = Database(database_url)
    world = World.told(database, PREPARED + MADE)
    yield world
    database.close()


@pytest.fixture
def count_queries() -> Counter:
    """What the database is asked inside the block."""

    @contextmanager
    def counting(world: World) -> Iterator[list[str]]:
        sent: list[str] = []
        listener = lambda *arguments: sent.append(arguments[2])  # noqa: E731
        event.listen(world.database.readers, "before_cursor_execute", listener)
        yield sent
        event.remove(world.database.readers, "before_cursor_execute", listener)

    return counting


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


def test_no_lot_comes_out_of_itself(world: World) -> None:
    with pytest.raises(RefusedError) as refused:
        world.say("maker", "lot.split", taken={DRUM: 500}, given={DRUM: 400, f"{DRUM}a": 100})
    assert (refused.value.code, refused.value.facts["where"]) == ("schema-violated", "outputEPCList")


def test_what_is_drawn_and_counted_has_no_circle(world: World) -> None:
    """Two circles: one through a batch that is given out again, one through a lot that was used before it began."""
    world.say("maker", "lot.split", taken={DRUM: 500}, given={BATCH: 500})
    early, late = f"{SISTER}a", f"{SISTER}b"
    world.say("maker", "lot.split", taken={early: 500}, given={late: 500})
    world.say("maker", "lot.joined", taken={late: 500, SISTER: 500}, given={early: 1000})
    with world.database.reading() as session:
        lineage = trace_lot(session, ROD)
        lots = read_lots_by_id(session, lineage.lots)
    assert early in trace(world, late).up
    assert late in trace(world, early).up
    ways = [(i.lot, o.lot) for flow in straighten(lineage.flows, lots) for i in flow.inputs for o in flow.outputs]
    begun = {lot: known.entry for lot, known in lots.items()}
    assert all(begun.get(above, -1) < begun[below] for above, below in ways)
    assert set(ways) == {(ROD, BATCH), (BATCH, DRUM), (BATCH, SISTER), (SISTER, early), (late, early)}


def test_each_lot_is_so_many_steps_away(world: World) -> None:
    world.say("maker", "lot.split", taken={DRUM: 500}, given={BATCH: 500})
    with world.database.reading() as session:
        lineage = trace_lot(session, DRUM)
        lots = read_lots_by_id(session, lineage.lots)
        ways = measure_ways(lineage, lots)
    assert {lot: steps for lot, (steps, _) in ways.items()} == {BATCH: 1, ROD: 2}
    assert ways[BATCH][1] == lots[DRUM].entry


def test_a_lineage_takes_two_questions(world: World, count_queries: Counter) -> None:
    before = DRUM
    for number in range(30):
        piece = f"{SISTER}{number}"
        world.say("maker", "lot.split", taken={before: 500}, given={piece: 500})
        before = piece
    with count_queries(world) as sent:
        lineage = trace(world, BATCH)
    assert len(lineage.down) == 32
    assert len([query for query in sent if "SELECT" in query]) == 2


def test_too_large_a_lineage_is_cut_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trace.lineage.MAX_LOTS", 1)
    assert trace(world, ROD).is_cut
    assert trace(world, ROD).down == (BATCH,)
    monkeypatch.setattr("trace.lineage.MAX_LOTS", 10)
    assert not trace(world, ROD).is_cut
    monkeypatch.setattr("trace.lineage.MAX_FLOWS", 1)
    assert trace(world, ROD).is_cut


def test_many_lots_at_once_are_reached(world: World) -> None:
    with world.database.reading() as session:
        assert reach_lots(session, {DRUM, SISTER}) == {ROD, BATCH, DRUM, SISTER}
        assert reach_lots(session, ["nobody", DRUM]) == {"nobody", ROD, BATCH, DRUM}
        assert lots_below(trace_lot(session, ROD), BATCH) == {BATCH, DRUM, SISTER}
