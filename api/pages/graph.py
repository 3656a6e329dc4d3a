"""The picture of a trace: what was sketched, with everything in its place and lines as wide as their metres."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from api.pages.boxes import (
    NARROW,
    WIDE,
    Content,
    Line,
    Tallied,
)
from api.pages.collapse import Shown, collapse
from api.pages.picture import Placed, lay_out
from api.pages.sketch import Sketch, make_sketch
from api.pages.trace_view import MOST_MARKED, View, find_rows
from api.tracing import STAGES, Trace
from api.words import say
from trace.production.register import Flow

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
    is_odd: bool
    """It contradicts how its lots began."""

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


def draw(told: Trace, view: View) -> Drawing:
    """The whole picture of a trace."""
    way = follow(told, view.path) if view.path else frozenset[str]()
    found = {row.lot_id for row in find_rows(told, view.find)[:MOST_MARKED]}
    shown = collapse(told, view, {told.lot_id, *way, *found})
    sketch = make_sketch(told, view, shown, way)
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


def _compose(told: Trace, shown: Shown, sketch: Sketch, found: Collection[str]) -> Drawing:
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
            (left, right) in sketch.odd,
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
