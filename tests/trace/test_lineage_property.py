"""For any history that comes through the one door: metres balance, up and down are inverse, no straight way is a
circle, what is left of a lot is the same asked alone or among many, and registers built again are those that were
there.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from api.database import Database
from tests.databases import fresh_sqlite
from tests.histories import HISTORIES, prepare, rows_of, tell
from tests.world import World
from trace.history import gather_material, gather_single
from trace.lineage import straighten, trace_lot
from trace.production.register import read_lots_by_id
from trace.replay import replay
from trace.whereabouts import left_of, whereabouts

STORIES = count()
UNHURRIED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture(scope="module")
def founded(tmp_path_factory, shared_folder) -> Iterator[World]:
    """A registry to which each example adds lots of its own."""
    database = Database(fresh_sqlite(tmp_path_factory.mktemp("lots"), shared_folder, is_migrated=True))
    world = World.found(database)
    prepare(world)
    yield world
    database.close()


@settings(max_examples=40, suppress_health_check=UNHURRIED)
@given(steps=HISTORIES)
def test_any_history_balances(founded: World, steps: list[Any]) -> None:
    lots = tell(founded, next(STORIES), steps)
    with founded.database.reading() as session:
        lineages = {lot: trace_lot(session, lot) for lot in lots}
        known = read_lots_by_id(session, lots)
        materials = {lot: gather_material(session, lot) for lot in known}
        single = gather_single(session, lots)
    told = {lot: whereabouts(material) for lot, material in materials.items()}
    for lot, lineage in lineages.items():
        # Up and down are inverse.
        assert all(lot in lineages[other].down for other in lineage.up)
        assert all(lot in lineages[other].up for other in lineage.down)
        assert all(lot in lineages[other].same_down for other in lineage.same_up)
        # No straight way is a circle.
        for flow in straighten(lineage.flows, known):
            begun = {known[portion.lot].entry for portion in flow.outputs}
            assert begun == {flow.entry}
            assert all(known[portion.lot].entry < flow.entry for portion in flow.inputs if portion.lot in known)
    for counted in told.values():
        # Every metre is somewhere, and none is twice.
        total = sum((part.quantity.value for part in counted.parts), Decimal(0))
        if counted.whole is not None:
            assert total == counted.whole.value + counted.over
        assert all(part.quantity.value > 0 for part in counted.parts)
        assert counted.over >= 0
    assert {lot: left_of(one) for lot, one in single.items()} == {lot: left_of(one) for lot, one in materials.items()}


def test_registers_built_again_from_any_history_are_the_same_row_for_row(
    database_url: str, tmp_path, shared_folder
) -> None:
    database = Database(database_url)
    world = World.found(database)
    prepare(world)

    # Each example adds a story to the ledger, and all of them are replayed. PostgreSQL is the slower.
    @settings(max_examples=3 if database_url.startswith("postgresql") else 12, suppress_health_check=UNHURRIED)
    @given(steps=HISTORIES)
    def check(steps: list[Any]) -> None:
        tell(world, next(STORIES), steps)
        world.index()
        folder = tmp_path / f"again-{next(STORIES)}"
        folder.mkdir()
        other = Database(fresh_sqlite(folder, shared_folder, is_migrated=True))
        with database.reading() as session, other.writing() as target:
            replay(session, target, catalogue=world.house.catalogue, progress=lambda done, total: None)
            assert rows_of(target) == rows_of(session)
        other.close()

    check()
    database.close()
