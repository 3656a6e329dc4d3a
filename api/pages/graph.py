"""The picture of a trace: which lots, hands and places are drawn, and where the lines between them run.

Small lineages are drawn whole: each lot, each act, each place. Of large ones `collapse` makes groups; then acts of one
kind between the same boxes are one knot, and places are stations. What is drawn is bounded, whatever the lineage.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from api.naming import lot_label, lot_path
from api.pages.boxes import (
    NARROW,
    WIDE,
    Content,
    Line,
    Tallied,
    flow_box,
    group_box,
    installing_box,
    length_of,
    lot_box,
    more_box,
    place_box,
    station_box,
)
from api.pages.collapse import Shown, collapse
from api.pages.picture import Edge, Placed, lay_out
from api.pages.trace_view import MOST_MARKED, View, find_rows
from api.tracing import STAGES, Trace
from api.words import say
from trace.production.register import Flow, Portion
from trace.rules.quantity import METRE
from trace.site.register import SiteAct

# Ours to choose, so that what is drawn stays bounded.
MOST_KNOTS = 40
MOST_ACTS = 24
MOST_STATIONS = 16
MOST_TO_STATIONS = 48
"""More lines than this from groups to stations are a thicket: then all stations are one box."""
_HEAD = 34
"""Height of the line with the stages' names, px."""
_THIN, _MARKED, _THICK = 1.6, 3.0, 14.0
"""Widths of lines, px: where metres are not known or few, on a way that is followed at least, and for the most metres
in the picture.
"""
_WIDEST_WITH_ARROW = 5.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A box in its place, its lines cut to its width. `is_found` where its number was looked for."""

    content: Content
    place: Placed
    lines: tuple[Line, ...]
    is_asked: bool
    is_on_way: bool
    is_found: bool
    tally: tuple[Tallied, ...]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line: SVG path data, its width in px, and the boxes that it leads from and to, by their place in `boxes`."""

    data: str
    width: float
    left: int
    right: int
    is_on_way: bool

    @property
    def has_arrow(self) -> bool:
        """A broad band has no head: it would be narrower than the band."""
        return self.width <= _WIDEST_WITH_ARROW


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the template draws: boxes, lines, headings with their middle x, and the size in px.

    `thickest` is the number of metres that the thickest line stands for; None where all lines are thin.
    """

    boxes: tuple[Drawn, ...]
    lines: tuple[Stroke, ...]
    heads: tuple[tuple[int, str], ...]
    width: int
    height: int
    thickest: Decimal | None
    shown: Shown


@dataclass(slots=True)
class _Sketch:
    """Boxes and edges while they are collected; `metres` is how much flows along an edge, as far as that is said."""

    boxes: dict[str, Content] = field(default_factory=dict)
    metres: dict[Edge, Decimal | None] = field(default_factory=dict)
    way: set[str] = field(default_factory=set)

    def draw_line(self, left: str, right: str, metres: Decimal | None) -> None:
        """One more line, or more metres on one that is there."""
        before = self.metres.get((left, right))
        self.metres[left, right] = metres if before is None else before + (metres or 0)


def draw(told: Trace, view: View) -> Drawing:
    """The whole picture of a trace."""
    way = follow(told, view.path) if view.path else frozenset[str]()
    found = {row.lot_id for row in find_rows(told, view.find)[:MOST_MARKED]}
    shown = collapse(told, view, {told.lot_id, *way, *found})
    sketch = _Sketch(way=set(way))
    for row in shown.singles:
        sketch.boxes[row.lot_id] = lot_box(told, row)
    for group in shown.groups:
        sketch.boxes[group.key] = group_box(told, view, group)
    for flows in _gather_flows(told, shown):
        _draw_flows(told, shown, sketch, flows)
    _draw_places(told, shown, sketch)
    return _compose(told, shown, sketch, found)


def follow(told: Trace, lot_id: str) -> frozenset[str]:
    """The lots on every way between the lot asked for and another, both included."""
    down, up = _neighbours(told.history.lineage.flows)
    there = _reach(down, told.lot_id) & _reach(up, lot_id)
    back = _reach(up, told.lot_id) & _reach(down, lot_id)
    return frozenset(there | back | {told.lot_id, lot_id})


def _neighbours(flows: Iterable[Flow]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """For each lot those that were made from it, and those that it was made from."""
    down: dict[str, set[str]] = {}
    up: dict[str, set[str]] = {}
    for flow in flows:
        into, out = {portion.lot for portion in flow.inputs}, {portion.lot for portion in flow.outputs}
        for lot in into:
            down.setdefault(lot, set()).update(out)
        for lot in out:
            up.setdefault(lot, set()).update(into)
    return down, up


def _reach(ahead: Mapping[str, Collection[str]], start: str) -> set[str]:
    seen, frontier = {start}, [start]
    while frontier:
        fresh = {lot for here in frontier for lot in ahead.get(here, ())} - seen
        seen |= fresh
        frontier = list(fresh)
    return seen


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


def _draw_flows(told: Trace, shown: Shown, sketch: _Sketch, flows: Sequence[Flow]) -> None:
    """One knot with its lines; what else came out of it and is no part of this lineage is counted."""
    knot = flow_box(told, flows)
    sketch.boxes[knot.key] = knot
    sisters: dict[str, None] = {}
    for flow in flows:
        into, out = _ends(flow, shown)
        for portion in flow.inputs:
            if (box := shown.box_of.get(portion.lot)) in into and box is not None:
                sketch.draw_line(box, knot.key, _metres(told, portion))
        for portion in flow.outputs:
            if (box := shown.box_of.get(portion.lot)) in out and box is not None:
                sketch.draw_line(knot.key, box, _metres(told, portion))
        sisters |= {portion.lot: None for portion in flow.outputs if portion.lot not in shown.box_of}
        if all(any(portion.lot in sketch.way for portion in side) for side in (flow.inputs, flow.outputs)):
            sketch.way.add(knot.key)
    if sisters:
        text = say("picture.sisters", "says", count=len(sisters))
        title = ", ".join(lot_label(lot) for lot in list(sisters)[:12])
        more = more_box(f"sisters {knot.key}", text, lot_path(flows[0].inputs[0].lot, "/trace"), title)
        sketch.boxes[more.key] = more
        sketch.draw_line(knot.key, more.key, None)


def _metres(told: Trace, portion: Portion) -> Decimal | None:
    """How many metres a portion is; the whole lot where the flow does not say."""
    lot = told.history.lots.get(portion.lot)
    amount = portion.quantity or (lot.quantity if lot is not None else None)
    return amount.value if amount is not None and amount.unit == METRE else None


def _draw_places(told: Trace, shown: Shown, sketch: _Sketch) -> None:
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


def _compose(told: Trace, shown: Shown, sketch: _Sketch, found: Collection[str]) -> Drawing:
    boxes = list(sketch.boxes.values())
    widths = WIDE if len({_stage(box) for box in boxes} - {""}) <= 4 else NARROW
    picture = lay_out([box.size(widths) for box in boxes], sketch.metres, widths.channel)
    drawn = tuple(
        Drawn(
            box,
            replace(place, y=place.y + _HEAD),
            box.cut(widths),
            is_asked=box.key == told.lot_id,
            is_on_way=box.key in sketch.way,
            is_found=box.key in found,
            tally=box.place_tally(widths),
        )
        for box in boxes
        for place in (picture.places[box.key],)
    )
    number = {box.key: index for index, box in enumerate(boxes)}
    said = {metres for metres in sketch.metres.values() if metres}
    # One quantity alone, or none, has nothing to be compared with.
    most = max(said) if len(said) > 1 else None
    lines = tuple(
        Stroke(
            _path(points),
            _width(sketch.metres[left, right], most, is_on_way=is_on_way),
            number[left],
            number[right],
            is_on_way,
        )
        for (left, right), points in picture.lines.items()
        for is_on_way in ({left, right} <= sketch.way,)
    )
    return Drawing(drawn, lines, tuple(_heads(drawn)), picture.width, picture.height + _HEAD, most, shown)


def _width(metres: Decimal | None, most: Decimal | None, *, is_on_way: bool) -> float:
    share = float(metres / most) if metres and most else 0.0
    return round(max(_MARKED if is_on_way else _THIN, _THICK * share), 1)


def _stage(box: Content) -> str:
    return "place" if box.kind == "place" else box.stage


def _heads(drawn: Sequence[Drawn]) -> Iterator[tuple[int, str]]:
    """The names of the stages over the columns in which they stand."""
    order = (*STAGES, "place")
    columns: dict[int, set[str]] = {}
    for box in drawn:
        if stage := _stage(box.content):
            columns.setdefault(box.place.x + box.place.width // 2, set()).add(stage)
    for x, stages in sorted(columns.items()):
        yield x, " / ".join(say(f"stage.{stage}", "title") for stage in sorted(stages, key=order.index))


def _path(points: tuple[tuple[int, int], ...]) -> str:
    """SVG path data through points: curved in the channels, straight where the line passes a layer."""
    (x, y), *rest = points
    data = f"M{x} {y + _HEAD}"
    for to_x, to_y in rest:
        if to_y != y:
            middle = (x + to_x) // 2
            data += f"C{middle} {y + _HEAD} {middle} {to_y + _HEAD} {to_x} {to_y + _HEAD}"
        else:
            data += f"H{to_x}"
        x, y = to_x, to_y
    return data
