"""Where from, where to: the lots and flows above and below a lot, each level of the graph in a query.

A lot's inputs are older entries than itself only if its maker was honest; so a level never revisits a lot, and a
circle of statements ends where it began instead of going on for ever.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from trace.production.register import SAME_MATERIAL, Flow, read_flows

# Ours to choose: beyond this a page can't show it and a verdict should not wait for it; what lies beyond is counted as
# unknown.
MAX_LOTS = 5000


@dataclass(frozen=True, slots=True)
class Lineage:
    """All lots and flows that lead to a lot (`up`) and from it (`down`), nearest first. `is_cut` where MAX_LOTS was
    reached.
    """

    lot: str
    up: tuple[str, ...]
    down: tuple[str, ...]
    flows: tuple[Flow, ...]
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
    """The lineage of a lot in both directions. An unknown lot has an empty one."""
    flows: dict[int, Flow] = {}
    up, up_cut = _walk(session, [lot], "out", flows)
    down, down_cut = _walk(session, [lot], "in", flows)
    ordered = tuple(flows[entry] for entry in sorted(flows))
    same_up = _same_material(lot, up, ordered, "up")
    same_down = _same_material(lot, down, ordered, "down")
    return Lineage(lot, up, down, ordered, same_up, same_down, up_cut or down_cut)


def reach_lots(session: Session, lots: Collection[str]) -> set[str]:
    """These lots and all above and below any of them, as far as MAX_LOTS goes."""
    up, _ = _walk(session, lots, "out", {})
    down, _ = _walk(session, lots, "in", {})
    return {*lots, *up, *down}


def _walk(session: Session, lots: Collection[str], side: str, flows: dict[int, Flow]) -> tuple[tuple[str, ...], bool]:
    """Follow flows that have the frontier on `side` to the lots on the other side, nearest first."""
    seen, frontier = dict.fromkeys(lots), list(lots)
    started = len(seen)
    while frontier and len(seen) <= MAX_LOTS:
        met = read_flows(session, frontier, side)
        flows.update(met)
        frontier = []
        for entry in sorted(met):
            for portion in met[entry].inputs if side == "out" else met[entry].outputs:
                if portion.lot not in seen:
                    seen[portion.lot] = None
                    frontier.append(portion.lot)
    return tuple(seen)[started:], bool(frontier)


def _same_material(lot: str, among: tuple[str, ...], flows: tuple[Flow, ...], direction: str) -> tuple[str, ...]:
    reached, wanted, grew = {lot}, set(among), True
    while grew:
        grew = False
        for flow in flows:
            if flow.kind not in SAME_MATERIAL:
                continue
            inputs, outputs = ({portion.lot for portion in side} for side in (flow.inputs, flow.outputs))
            here, there = (outputs, inputs) if direction == "up" else (inputs, outputs)
            fresh = (there & wanted) - reached
            if here & reached and fresh:
                reached |= fresh
                grew = True
    return tuple(known for known in among if known in reached)
