"""What a picture of a trace is drawn from: boxes, and edges with the metres that flow along them.

Small lineages are sketched whole: each act, each place. Of large ones acts of one kind between the same boxes are one
knot, and places are stations: what is drawn is bounded, whatever the lineage.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from api.naming import lot_label, lot_path
from api.pages.boxes import (
    Content,
    flow_box,
    group_box,
    installing_box,
    lot_box,
    more_box,
    place_box,
    station_box,
)
from api.pages.collapse import Shown
from api.pages.picture import Edge
from api.pages.trace_view import View
from api.tracing import Trace
from api.words import say
from trace.production.register import Flow, Portion
from trace.quantities import METRE
from trace.site.register import SiteAct
from trace.whereabouts import length_of

# Ours to choose, so that what is drawn stays bounded.
MOST_KNOTS = 40
MOST_ACTS = 24
MOST_STATIONS = 16
MOST_TO_STATIONS = 48
"""More lines than this from groups to stations are a thicket: then all stations are one box."""


@dataclass(slots=True)
class Sketch:
    """Boxes and edges while they are collected; `metres` is how much flows along an edge, as far as that is said."""

    boxes: dict[str, Content] = field(default_factory=dict)
    metres: dict[Edge, Decimal | None] = field(default_factory=dict)
    way: set[str] = field(default_factory=set)
    odd: set[Edge] = field(default_factory=set)
    """Edges that nothing but contradictions speak for."""

    def draw_line(self, left: str, right: str, metres: Decimal | None, *, is_odd: bool = False) -> None:
        """One more line, or more metres on one that is there."""
        if is_odd and (left, right) not in self.metres:
            self.odd.add((left, right))
        elif not is_odd:
            self.odd.discard((left, right))
        before = self.metres.get((left, right))
        self.metres[left, right] = metres if before is None else before + (metres or 0)


def make_sketch(told: Trace, view: View, shown: Shown, way: Collection[str]) -> Sketch:
    """All boxes and edges of a picture; `way` are the lots of a way that is followed."""
    sketch = Sketch(way=set(way))
    for row in shown.singles:
        sketch.boxes[row.lot_id] = lot_box(told, row)
    for group in shown.groups:
        sketch.boxes[group.key] = group_box(told, view, group)
    for flows in _gather_flows(told, shown):
        _draw_flows(told, shown, sketch, flows)
    _draw_places(told, shown, sketch)
    return sketch


def _gather_flows(told: Trace, shown: Shown) -> Iterable[Sequence[Flow]]:
    """The flows that make one knot each: every flow its own in a picture that is whole and not too full, else those of
    one kind and hand out of the same boxes, else those of one kind.
    """
    drawn = [(flow, into) for flow in told.history.lineage.flows if (into := _ends(flow, shown)[0])]
    knots: dict[object, list[Flow]] = {}
    for key in (_by_entry, _by_hand, _by_kind)[not shown.is_whole :]:
        knots = {}
        for flow, into in drawn:
            knots.setdefault(key(flow, into), []).append(flow)
        if len(knots) <= MOST_KNOTS:
            break
    return knots.values()


def _by_entry(flow: Flow, into: Collection[str]) -> object:
    return flow.entry


def _by_hand(flow: Flow, into: Collection[str]) -> object:
    return flow.kind, flow.party, frozenset(into)


def _by_kind(flow: Flow, into: Collection[str]) -> object:
    return flow.kind


def _ends(flow: Flow, shown: Shown) -> tuple[dict[str, None], dict[str, None]]:
    """The boxes that a flow leads out of and into; none where it stays within its boxes, or leaves what is drawn."""
    into, out = (
        dict.fromkeys(shown.box_of[portion.lot] for portion in side if portion.lot in shown.box_of)
        for side in (flow.inputs, flow.outputs)
    )
    ahead = {box: None for box in out if box not in into}
    return (into, ahead) if into and ahead else ({}, {})


def _draw_flows(told: Trace, shown: Shown, sketch: Sketch, flows: Sequence[Flow]) -> None:
    """One knot with its lines; what else came out of it and is no part of this lineage is counted."""
    knot = flow_box(told, flows)
    sketch.boxes[knot.key] = knot
    sisters: dict[str, None] = {}
    for flow in flows:
        into, out = _ends(flow, shown)
        for portion in flow.inputs:
            if (box := shown.box_of.get(portion.lot)) in into and box is not None:
                is_odd = _begun(told, portion, -1) >= flow.entry
                sketch.draw_line(box, knot.key, _metres(told, portion), is_odd=is_odd)
        for portion in flow.outputs:
            if (box := shown.box_of.get(portion.lot)) in out and box is not None:
                is_odd = _begun(told, portion, flow.entry) != flow.entry
                sketch.draw_line(knot.key, box, _metres(told, portion), is_odd=is_odd)
        sisters |= {portion.lot: None for portion in flow.outputs if portion.lot not in shown.box_of}
        if all(any(portion.lot in sketch.way for portion in side) for side in (flow.inputs, flow.outputs)):
            sketch.way.add(knot.key)
    if sisters:
        text = say("picture.sisters", "says", count=len(sisters))
        title = ", ".join(lot_label(lot) for lot in list(sisters)[:12])
        more = more_box(f"sisters {knot.key}", text, lot_path(flows[0].inputs[0].lot, "/trace"), title)
        sketch.boxes[more.key] = more
        sketch.draw_line(knot.key, more.key, None)


def _begun(told: Trace, portion: Portion, otherwise: int) -> int:
    """The entry that brought a lot into being. One that comes out of another, or goes into one before it, contradicts
    that: it is drawn, and drawn as such (`trace.lineage.straighten` leaves it out of counting).
    """
    lot = told.history.lots.get(portion.lot)
    return lot.entry if lot is not None else otherwise


def _metres(told: Trace, portion: Portion) -> Decimal | None:
    """How many metres a portion is; the whole lot where the flow does not say."""
    lot = told.history.lots.get(portion.lot)
    amount = portion.quantity or (lot.quantity if lot is not None else None)
    return amount.value if amount is not None and amount.unit == METRE else None


def _draw_places(told: Trace, shown: Shown, sketch: Sketch) -> None:
    """Where it is built in: each act where there are few and all lots are drawn, else a box a station."""
    acts = [act for row in told.rows for act in row.installed]
    if shown.is_whole and len(acts) <= MOST_ACTS:
        for act in acts:
            hands, place = installing_box(told, act), place_box(act)
            sketch.boxes |= {hands.key: hands, place.key: place}
            sketch.draw_line(act.lot, hands.key, _length(act))
            sketch.draw_line(hands.key, place.key, _length(act))
            if act.lot in sketch.way and act.lot != told.lot_id:
                sketch.way |= {hands.key, place.key}
        return
    stations: dict[str, list[SiteAct]] = {}
    for act in acts:
        stations.setdefault(act.station or "", []).append(act)
    ordered = sorted(stations.items(), key=lambda item: (-len(item[1]), item[0]))
    lines = {(shown.box_of[act.lot], act.station) for act in acts}
    apart = 0 if len(lines) > MOST_TO_STATIONS else MOST_STATIONS
    boxes = [(station_box(name, of_one), of_one) for name, of_one in ordered[:apart]]
    if rest := [act for _, of_one in ordered[apart:] for act in of_one]:
        boxes.append((station_box(None, rest, len(ordered) - apart), rest))
    for box, of_one in boxes:
        sketch.boxes[box.key] = box
        for act in of_one:
            sketch.draw_line(shown.box_of[act.lot], box.key, _length(act))


def _length(act: SiteAct) -> Decimal | None:
    length = length_of(act)
    return length.value if length is not None and length.unit == METRE else None
