"""Random histories that come through the one door: lots split, joined, made into others, packed, moved, built in, taken
out, sampled, destroyed, recalled, answered for, and events taken back.

Amounts and metres are said, left unsaid, or more than there is; lots are named that nobody made.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.envelope import parse_statement
from keys.errors import RefusedError
from tests.factories import lot_at, pallet_at, uri_of
from tests.world import World
from trace.intake import Accepted
from trace.kinds import Duty
from trace.ledger.store import read_entry
from trace.ledger.tables import register_tables

LOTS, MADE = 41, 3
"""So many names there are in a story, and so many of them are lots from its beginning."""
AMOUNTS = st.one_of(st.none(), st.integers(1, 600), st.decimals("0.001", "900", places=3))
_METRES = st.one_of(st.none(), st.decimals(0, 520, places=1))
FLOWS, MOVES = ("lot.split", "lot.split", "lot.joined", "lot.transformed"), ("goods.shipped", "goods.received")
ON_SITE = ("lot.installed", "lot.installed", "lot.removed", "lot.destroyed", "sample.drawn")
OTHERS = ("recall.answered", "epcis.withdrawn")
# What is said of a logistic unit: its contents come and go, it moves, and it goes into another.
UNITS = ("goods.packed", "goods.packed", "goods.unpacked", "unit.shipped", "unit.received", "unit.packed")
HISTORIES = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from((*FLOWS, *MOVES, *ON_SITE, *UNITS, *OTHERS)),
            "taken": st.lists(st.integers(0, 30), min_size=1, max_size=3, unique=True),
            "made": st.dictionaries(st.integers(0, LOTS - 1), AMOUNTS, min_size=1, max_size=3),
            "amount": AMOUNTS,
            "span": st.tuples(_METRES, _METRES),
            "which": st.integers(0, 3),
        }
    ),
    min_size=1,
    max_size=10,
)
"""Stories of up to ten steps. Most speak of the few lots with small numbers, so that they meet."""
_SIGNERS = {
    "goods.received": "dealer",
    "unit.received": "dealer",
    "lot.installed": "contractor",
    "lot.removed": "contractor",
}
_SIGNERS |= {"sample.drawn": "contractor", "lot.destroyed": "contractor", "recall.answered": "contractor"}
# Judged and screened, not replayed.
JUDGED = {"finding", "verdict", "summary", "stale_lot", "screen_tally", "screened", "screen_progress"}


def prepare(world: World) -> None:
    """What a story needs beforehand: somebody who may draw samples."""
    world.at = datetime(2015, 6, 1, tzinfo=UTC)
    world.say("contractor", "post.held", person="sampler-1", duty=Duty.SAMPLER)


def tell(world: World, story: int, steps: list[Mapping[str, Any]]) -> list[str]:
    """Say the steps; the names of all lots that they may speak of. Nothing but a lot that comes out of itself, or a
    unit in itself, is refused, however inconvenient.
    """
    lots = [lot_at(f"Q{story}-{number}", "U") for number in range(LOTS)]
    for lot in lots[:MADE]:
        world.say("maker", "lot.commissioned", amounts={lot: 500})
    world.say("regulator", "recall.ordered", number=f"K-{story}", lots=[uri_of(lot) for lot in lots[:2]])
    said: list[tuple[str, Accepted]] = []
    for step in steps:
        alias = _SIGNERS.get(step["kind"], "maker")
        if step["kind"] == "epcis.withdrawn":
            _take_back(world, said, step["which"])
            continue
        words = _words_of_unit if step["kind"] in UNITS else _words
        kind = step["kind"].replace("unit.", "goods.")
        outcome = world.try_saying(alias, kind, **words(story, lots, step))
        if isinstance(outcome, RefusedError):
            refusals = ("other lots than the inputs", "other things than the parent")
            assert any(refusal in str(outcome) for refusal in refusals), outcome
        else:
            said.append((alias, outcome))
    return lots


def rows_of(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Every register's rows as values, in order of their keys, but for those that are judged."""
    return {
        table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))]
        for table in register_tables()
        if table.name not in JUDGED
    }


def _words(story: int, lots: list[str], step: Mapping[str, Any]) -> dict[str, Any]:
    """What of the factory's body a step says in its own way."""
    kind, amount, first = step["kind"], step["amount"], lots[step["taken"][0]]
    start, end = (None if metre is None else format(metre, "f") for metre in step["span"])
    if kind in FLOWS:
        taken, given = (
            {lots[number]: amount for number in step["taken"]},
            {lots[n]: made for n, made in step["made"].items()},
        )
        return _sized(taken=taken, given=given)
    if kind == "sample.drawn":
        length = None if amount is None else format(Decimal(amount), "f")
        return {"sample": f"S-{story}", "lot": uri_of(first), "position_m": start, "length_m": length}
    if kind == "recall.answered":
        action = ("returned", "destroyed", "quarantined", "not_held")[step["which"]]
        size = {
            "quantity": None if amount is None else format(Decimal(amount), "f"),
            "unit": None if amount is None else "MTR",
        }
        return {"number": f"K-{story}", "lot": uri_of(first), "action": action, **size}
    said = _sized(amounts={first: amount})
    metres = {name: metre for name, metre in (("from_m", start), ("to_m", end)) if metre is not None}
    if kind in ("lot.installed", "lot.removed"):
        return said | {"place": {"station": f"station {step['which'] % 2}", **metres}}
    return said | ({"place": metres} if kind == "lot.destroyed" else {})


def _words_of_unit(story: int, lots: list[str], step: Mapping[str, Any]) -> dict[str, Any]:
    """As `_words`, for one of the story's three logistic units."""
    units = [pallet_at(3 * story + number) for number in range(3)]
    outer, inner = units[step["which"] % 3], units[step["taken"][0] % 3]
    if step["kind"] == "unit.packed":
        return {"amounts": {inner: None}, "unit": outer}
    if step["kind"].startswith("unit."):
        return {"amounts": {outer: None}}
    # An unpacking that names nothing takes all out.
    is_all = step["kind"] == "goods.unpacked" and step["amount"] is None
    return {"amounts": {} if is_all else {lots[number]: None for number in step["taken"]}, "unit": outer}


def _sized(**sides: dict[str, Any]) -> dict[str, Any]:
    """The amounts as a factory takes them; of those that are not said, no quantity is written."""
    said = {lot: amount for side in sides.values() for lot, amount in side.items() if amount is not None}
    sizes = [{"epc": uri_of(lot), "quantity": float(amount), "uom": "MTR"} for lot, amount in said.items()]
    return {**sides, "quantities": sizes}


def _take_back(world: World, said: list[tuple[str, Accepted]], which: int) -> None:
    """Declare one of the newest events of the story an error."""
    events = [(alias, one) for alias, one in said if one.said is not None and "eventTime" in one.said.body]
    if not events:
        return
    alias, one = events[-1 - which % len(events)]
    with world.database.reading() as session:
        event = json.loads(parse_statement(read_entry(session, one.position).statement).payload)
    event["errorDeclaration"] = {"declarationTime": "2016-01-01T00:00:00Z", "reason": "did_not_occur"}
    world.say(alias, "epcis.withdrawn", event)
