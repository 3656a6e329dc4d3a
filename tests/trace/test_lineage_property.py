"""For any history of splits, joins, transformations and packing that comes through the one door: metres balance, up and
down are inverse, no straight way is a circle, and registers built again are those that were there.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.database import Database
from keys.errors import RefusedError
from tests.databases import fresh_sqlite
from tests.factories import lot_at, pallet_at
from tests.world import World
from trace.chains import HeadRow, MentionRow
from trace.custody.register import HoldingRow, MovementRow
from trace.history import gather_material
from trace.ledger.tables import Base
from trace.lineage import straighten, trace_lot
from trace.packing.register import PackingRow
from trace.production.register import FlowRow, LotRow, read_lots_by_id
from trace.replay import replay
from trace.whereabouts import whereabouts

# A piece is taken from what is there, or from anywhere; some amounts are not said, some are more than there is.
AMOUNTS = st.one_of(st.none(), st.integers(1, 600), st.decimals("0.001", "900", places=3))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                *("lot.split", "lot.split", "lot.joined", "lot.transformed", "goods.shipped", "goods.received"),
                *("goods.packed", "goods.packed", "goods.unpacked", "unit.shipped", "unit.received", "unit.packed"),
            )
        ),
        st.lists(st.integers(0, 30), min_size=1, max_size=3, unique=True),
        st.lists(st.tuples(st.integers(0, 40), AMOUNTS), min_size=1, max_size=3, unique_by=lambda each: each[0]),
        AMOUNTS,
    ),
    min_size=1,
    max_size=8,
)
PARTIES = {"goods.received": "dealer", "unit.received": "dealer"}


@pytest.fixture(scope="module")
def founded(tmp_path_factory, shared_folder) -> Iterator[World]:
    """A registry to which each example adds lots of its own."""
    database = Database(fresh_sqlite(tmp_path_factory.mktemp("lots"), shared_folder, is_migrated=True))
    yield World.found(database)
    database.close()


def tell(world: World, story: int, steps: list[Any]) -> list[str]:
    """Say the steps; the names of all lots that they speak of. What the door refuses is left out."""
    name = f"Q{story}"
    lots = [lot_at(f"{name}-{number}", "U") for number in range(41)]
    units = [pallet_at(3 * story + number) for number in range(3)]
    for lot in lots[:3]:
        world.say("maker", "lot.commissioned", amounts={lot: 500})
    for kind, taken, made, amount in steps:
        unit = units[made[0][0] % 3]
        if kind in ("goods.packed", "goods.unpacked"):
            packed = {lots[number]: None for number in taken} if kind == "goods.packed" or amount else {}
            outcome = world.try_saying("maker", kind, amounts=packed, unit=unit)
        elif kind == "unit.packed":
            inner = units[taken[0] % 3]
            outcome = world.try_saying("maker", "goods.packed", amounts={inner: None}, unit=unit)
        elif kind.startswith("unit."):
            moved = kind.replace("unit", "goods")
            outcome = world.try_saying(PARTIES.get(kind, "maker"), moved, amounts={unit: None})
        elif kind.startswith("goods."):
            amounts = {lots[taken[0]]: amount}
            outcome = world.try_saying(PARTIES.get(kind, "maker"), kind, **_sized(amounts=amounts))
        else:
            sides = {"taken": {lots[number]: amount for number in taken}, "given": {lots[n]: a for n, a in made}}
            outcome = world.try_saying("maker", kind, **_sized(**sides))
        # Nothing but a lot that comes out of itself, or a unit in itself, is refused, however inconvenient.
        if isinstance(outcome, RefusedError):
            assert "other lots than the inputs" in str(outcome) or "other things than the parent" in str(outcome)
    return lots


def _sized(**sides: dict[str, Any]) -> dict[str, Any]:
    """The amounts as a factory takes them; of those that are not said, no quantity is written."""
    said = {lot: amount for side in sides.values() for lot, amount in side.items() if amount is not None}
    sizes = [
        {"epc": f"https://id.gs1.org/{lot}", "quantity": float(amount), "uom": "MTR"} for lot, amount in said.items()
    ]
    return {**sides, "quantities": sizes}


STORIES = iter(range(10_000))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_any_history_balances(founded: World, steps: list[Any]) -> None:
    lots = tell(founded, next(STORIES), steps)
    with founded.database.reading() as session:
        lineages = {lot: trace_lot(session, lot) for lot in lots}
        known = read_lots_by_id(session, lots)
        told = {lot: whereabouts(gather_material(session, lot)) for lot in known}
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


def test_registers_built_again_have_the_same_lots_and_flows(founded: World, tmp_path, shared_folder) -> None:
    steps: list[Any] = [("lot.split", [0], [(5, 200), (6, None)], 400), ("lot.joined", [5, 1], [(7, 500)], None)]
    steps += [("goods.packed", [6, 7, 2], [(0, None)], None), ("unit.packed", [0], [(1, None)], None)]
    steps += [("goods.shipped", [6], [(0, None)], None), ("unit.shipped", [0], [(1, None)], None)]
    steps += [("unit.received", [0], [(1, None)], None), ("goods.unpacked", [7], [(0, None)], 1)]
    tell(founded, 9999, steps)
    other = Database(fresh_sqlite(tmp_path, shared_folder, is_migrated=True))
    with founded.database.reading() as session, other.writing() as target:
        replay(session, target, catalogue=founded.house.catalogue, progress=lambda done, total: None)
        assert _rows(target) == _rows(session)
        assert len(_rows(session)) > 5
    other.close()


def _rows(session: Session) -> list[tuple[Any, ...]]:
    rows: tuple[type[Base], ...] = (FlowRow, LotRow, PackingRow, MovementRow, HoldingRow, HeadRow, MentionRow)
    tables: list[Any] = [row.__table__ for row in rows]
    return [
        tuple(row) for table in tables for row in session.execute(select(table).order_by(*table.primary_key.columns))
    ]
