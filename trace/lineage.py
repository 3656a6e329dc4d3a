"""Where from, where to: the lots and flows above and below a lot, all found by one question to the database.

The lineage is all that anybody ever claimed: bad news must travel along every way. So it is a set, and following it
ends where nothing new is met, even if somebody has stated a circle. What is drawn and counted is its straight part
(`straighten`), in which each lot comes out of the statement that brought it into being and goes into later ones only:
there is no circle in that, whatever is stated (`trace/DECISIONS.md`, 51).
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, bindparam, select, true
from sqlalchemy.orm import Session

from trace.ledger.asking import any_of, ask, find_rows
from trace.production.register import SAME_MATERIAL, Flow, FlowRow, Lot, Portion, make_flows

# Ours to choose: beyond this no page can show it and no verdict should wait for it; what lies beyond is counted as
# unknown.
MAX_LOTS = 50_000
MAX_FLOWS = 50_000
# A flow has a row for each lot that goes in or comes out, up to some thousands.
_MAX_ROWS, _AT_ONCE = 200_000, 2000


@dataclass(frozen=True, slots=True)
class Lineage:
    """All lots and flows that lead to a lot (`up`) and from it (`down`), nearest first. `is_cut` where MAX_LOTS or
    MAX_FLOWS was reached.
    """

    lot: str
    up: tuple[str, ...]
    down: tuple[str, ...]
    flows: tuple[Flow, ...]
    """In order of record."""
    same_up: tuple[str, ...]
    """Of `up`, the lots of the same material: reached through splits and joins alone."""
    same_down: tuple[str, ...]
    is_cut: bool = False

    @property
    def lots(self) -> tuple[str, ...]:
        """The lot with all above and below."""
        return (self.lot, *self.up, *self.down)

    @property
    def same_material(self) -> tuple[str, ...]:
        """The lot with all that is the same material."""
        return (self.lot, *self.same_up, *self.same_down)


def trace_lot(session: Session, lot: str) -> Lineage:
    """The lineage of a lot in both directions, in a question or two. An unknown lot has an empty one."""
    flows, is_cut = _read_reached(session, (lot,))
    up, up_cut = _walk(flows, lot, "up")
    down, down_cut = _walk(flows, lot, "down")
    same = [flow for flow in flows if flow.kind in SAME_MATERIAL]
    same_up, same_down = (frozenset(_walk(same, lot, way)[0]) for way in ("up", "down"))
    return Lineage(
        lot,
        up,
        down,
        flows,
        tuple(each for each in up if each in same_up),
        tuple(each for each in down if each in same_down),
        is_cut or up_cut or down_cut,
    )


def reach_lots(session: Session, lots: Collection[str]) -> set[str]:
    """These lots and all above and below any of them, as far as the bounds go."""
    flows, _ = _read_reached(session, lots)
    return {*lots, *_walk(flows, lots, "up")[0], *_walk(flows, lots, "down")[0]}


def read_flows_above(session: Session, lots: Collection[str]) -> tuple[Flow, ...]:
    """The flows that these lots came out of, and those before them, in order of record, in a question or two."""
    return _read_reached(session, lots, only_up=True)[0]


def lines_of(flows: Collection[Flow], lots: Collection[str]) -> dict[str, Lineage]:
    """Of flows that `read_flows_above` found, the lineage upwards of each of these lots."""
    leading = _leading(flows, _SIDES["up"][0])
    lines = {}
    for lot in lots:
        seen, waiting, found = {lot}, [lot], dict[int, Flow]()
        while waiting:
            for flow in leading.get(waiting.pop(), ()):
                found[flow.entry] = flow
                fresh = {portion.lot for portion in flow.inputs} - seen
                seen |= fresh
                waiting += fresh
        own = tuple(found[entry] for entry in sorted(found))
        same = _walk([flow for flow in own if flow.kind in SAME_MATERIAL], lot, "up")[0]
        lines[lot] = Lineage(lot, _walk(own, lot, "up")[0], (), own, same, ())
    return lines


def lots_below(lineage: Lineage, lot: str) -> frozenset[str]:
    """Of a lineage, a lot with all that came of it, whatever it was made into."""
    return frozenset((lot, *_walk(lineage.flows, lot, "down")[0]))


def straighten(flows: Iterable[Flow], lots: Mapping[str, Lot]) -> tuple[Flow, ...]:
    """The flows without what makes a circle: of each, the outputs that it has brought into being, and the inputs that
    were there before. Those that have none of either are left out.

    A lot begins once, so along these each begins later than what it came from. A lot that was there and is given out
    again is a contradiction (C01), as is one that was used before it began (C11); neither is a way of its material.
    """
    begun = {lot: known.entry for lot, known in lots.items()}
    kept = []
    for flow in flows:
        inputs = tuple(portion for portion in flow.inputs if begun.get(portion.lot, -1) < flow.entry)
        outputs = tuple(portion for portion in flow.outputs if begun.get(portion.lot) == flow.entry)
        if inputs and outputs:
            whole = (len(inputs), len(outputs)) == (len(flow.inputs), len(flow.outputs))
            kept.append(flow if whole else replace(flow, inputs=inputs, outputs=outputs))
    return tuple(kept)


def measure_ways(lineage: Lineage, lots: Mapping[str, Lot]) -> dict[str, tuple[int, int]]:
    """Of each lot of the lineage but the first, how many steps away it is, and the entry of the last step on the
    nearest straight way to it. What can only be reached through a contradiction is left out.
    """
    flows, ways = straighten(lineage.flows, lots), dict[str, tuple[int, int]]()
    for here, there in (_SIDES["up"], _SIDES["down"]):
        leading = _leading(flows, here)
        waiting = deque([(lineage.lot, 0)])
        while waiting:
            lot, steps = waiting.popleft()
            for flow in leading.get(lot, ()):
                for portion in there(flow):
                    if portion.lot not in ways and portion.lot != lineage.lot:
                        ways[portion.lot] = (steps + 1, flow.entry)
                        waiting.append((portion.lot, steps + 1))
    return ways


_Side = Callable[[Flow], tuple[Portion, ...]]
_SIDES: Mapping[str, tuple[_Side, _Side]] = {
    "up": (lambda flow: flow.outputs, lambda flow: flow.inputs),
    "down": (lambda flow: flow.inputs, lambda flow: flow.outputs),
}


def _walk(flows: Collection[Flow], lots: str | Collection[str], way: str) -> tuple[tuple[str, ...], bool]:
    """The lots that these flows lead to, level by level, so nearest first; and whether there were too many."""
    here, there = _SIDES[way]
    started = (lots,) if isinstance(lots, str) else lots
    leading, seen = _leading(flows, here), dict.fromkeys(started)
    waiting = deque(started)
    while waiting and len(seen) - len(started) < MAX_LOTS:
        for flow in leading.get(waiting.popleft(), ()):
            for portion in there(flow):
                if portion.lot not in seen:
                    seen[portion.lot] = None
                    waiting.append(portion.lot)
    reached = tuple(seen)[len(dict.fromkeys(started)) :]
    return reached, bool(waiting) and len(seen) - len(started) >= MAX_LOTS


def _leading(flows: Iterable[Flow], here: _Side) -> dict[str, list[Flow]]:
    """The flows that have a lot on a side, by lot, in order of record."""
    leading: dict[str, list[Flow]] = {}
    for flow in flows:
        for portion in here(flow):
            leading.setdefault(portion.lot, []).append(flow)
    return leading


_FLOW = FlowRow.__table__


def _reached(*, only_up: bool) -> Select[tuple[str, int]]:
    """The flows that have one of the lots on a side, each with the side that it was met on: where the way begins."""
    met = select(_FLOW.c.side.label("here"), _FLOW.c.entry.label("entry")).where(_FLOW.c.lot.in_(any_of("lots")))
    return met.where(_FLOW.c.side == "out") if only_up else met


def _ask_sqlite(*, only_up: bool = False) -> Select[tuple[int]]:
    """From a flow to the lots on its other side, and from those to the flows that have them on the side met first.

    UNION keeps each once, which ends every circle. A step takes a row for each lot of a flow, never one for each pair.
    """
    reached = _reached(only_up=only_up).cte("reached", recursive=True)
    lots, flows = _FLOW.alias("lots"), _FLOW.alias("flows")
    step = select(reached.c.here, flows.c.entry).where(
        lots.c.entry == reached.c.entry,
        lots.c.side != reached.c.here,
        flows.c.lot == lots.c.lot,
        flows.c.side == reached.c.here,
    )
    return select(reached.union(step).c.entry).limit(bindparam("most"))


def _ask_postgresql(*, only_up: bool = False) -> Select[tuple[int]]:
    """The same, with every step an own look into an index.

    The planner knows nothing of how many rows a recursion has, and would join whole tables once a level: seconds. An
    OFFSET is what it does not look behind.
    """
    reached = _reached(only_up=only_up).cte("reached", recursive=True)
    other, onward = _FLOW.alias(), _FLOW.alias()
    lots = select(other.c.lot).where(other.c.entry == reached.c.entry, other.c.side != reached.c.here)
    lots_of = lots.offset(0).lateral("lots")
    flows = select(onward.c.entry).where(onward.c.lot == lots_of.c.lot, onward.c.side == reached.c.here)
    flows_of = flows.offset(0).lateral("flows")
    step = select(reached.c.here, flows_of.c.entry).select_from(reached.join(lots_of, true()).join(flows_of, true()))
    return select(reached.union(step).c.entry).limit(bindparam("most"))


_QUESTIONS = {
    ("sqlite", False): _ask_sqlite(),
    ("sqlite", True): _ask_sqlite(only_up=True),
    ("postgresql", False): _ask_postgresql(),
    ("postgresql", True): _ask_postgresql(only_up=True),
}


def _read_reached(session: Session, lots: Collection[str], *, only_up: bool = False) -> tuple[tuple[Flow, ...], bool]:
    """All flows above and below these lots, or above them alone, in order of record, and whether there were too many.

    Of too many the nearest are taken: both databases follow a recursion level by level, and stop at a LIMIT.
    """
    question = _QUESTIONS[session.get_bind().dialect.name, only_up]
    # A flow can be met from either side.
    reached = ask(session, question, lots=list(lots), most=2 * MAX_FLOWS + 1)
    entries = tuple(dict.fromkeys(row[0] for row in reached))
    rows: list[Any] = []
    taken = 0
    while taken < min(len(entries), MAX_FLOWS) and len(rows) <= _MAX_ROWS:
        some = entries[taken : min(taken + _AT_ONCE, MAX_FLOWS)]
        rows += find_rows(session, FlowRow, {"entry": some}, "entry", "lot")
        taken += len(some)
    return make_flows(rows), taken < len(entries)
