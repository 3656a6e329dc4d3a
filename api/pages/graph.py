"""The picture of a trace: which lots, hands and places are drawn, and where the lines between them run.

What is too many for a column is drawn as one box that counts the rest: nobody reads an endless column.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from api.naming import lot_label, lot_path
from api.pages.boxes import (
    NARROW,
    WIDE,
    Content,
    Line,
    flow_box,
    installing_box,
    lot_box,
    more_box,
    place_box,
)
from api.pages.picture import Edge, Placed, lay_out
from api.tracing import STAGES, Row, Trace
from api.words import say
from labs.judge import Word
from trace.production.register import Flow

# Ours to choose: a column of so many boxes can still be read; of longer ones the gravest are shown.
MOST_BESIDE = 40
SHOWN_OF_MANY = 3
_PLACES_OF_ONE = 6
_HEAD = 34
"""Height of the line with the stages' names, px."""
_GRAVITY = {Word.STOP: 0, Word.HOLD: 1, Word.UNKNOWN: 2, Word.USE: 3}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A box in its place, its lines cut to its width."""

    content: Content
    place: Placed
    lines: tuple[Line, ...]
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the template draws: boxes, lines as SVG path data, headings with their middle x, and the size in px."""

    boxes: tuple[Drawn, ...]
    lines: tuple[str, ...]
    heads: tuple[tuple[int, str], ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the walk from the asked lot chose: lots, and how many were left out above or below which of them."""

    lots: Mapping[str, Row]
    left_out: Mapping[tuple[str, str], int]


def draw(told: Trace) -> Drawing:
    """The whole picture of a trace."""
    shown = _choose(told)
    boxes = [lot_box(told, row) for row in shown.lots.values()]
    edges: list[Edge] = []
    for more_boxes, more_edges in (
        *(_flow(told, flow, shown.lots) for flow in told.history.lineage.flows),
        *(_built_in(told, row) for row in shown.lots.values()),
        _left_out(shown),
    ):
        boxes += more_boxes
        edges += more_edges
    return _compose(told, boxes, edges)


def _choose(told: Trace) -> _Shown:
    """Walk from the asked lot both ways; of too many beside each other take the gravest."""
    rows = {row.lot_id: row for row in told.rows}
    lots, left_out = {told.lot_id: rows[told.lot_id]}, {}
    for way in ("up", "down"):
        beside_of = _neighbours(told, way)
        frontier = [told.lot_id]
        while frontier:
            ahead: list[str] = []
            for lot_id in frontier:
                beside = [rows[key] for key in beside_of.get(lot_id, ()) if key in rows]
                if len(beside) > MOST_BESIDE:
                    beside.sort(key=lambda row: (_GRAVITY[Word(row.word)], row.lot_id))
                    left_out[lot_id, way] = len(beside) - SHOWN_OF_MANY
                    beside = beside[:SHOWN_OF_MANY]
                ahead += [row.lot_id for row in beside if row.lot_id not in lots]
                lots.update((row.lot_id, row) for row in beside)
            frontier = ahead
    return _Shown(lots, left_out)


def _neighbours(told: Trace, way: str) -> dict[str, dict[str, None]]:
    """For each lot those that it was made from (`up`) or that were made from it (`down`), each once."""
    found: dict[str, dict[str, None]] = {}
    for flow in told.history.lineage.flows:
        here, there = (flow.outputs, flow.inputs) if way == "up" else (flow.inputs, flow.outputs)
        for portion in here:
            found.setdefault(portion.lot, {}).update((other.lot, None) for other in there)
    return found


def _flow(told: Trace, flow: Flow, lots: Mapping[str, Row]) -> tuple[list[Content], list[Edge]]:
    """A flow between lots that are shown; what else came out of it and is no part of this lineage is counted."""
    into, out = ([portion.lot for portion in side if portion.lot in lots] for side in (flow.inputs, flow.outputs))
    if not into or not out:
        return [], []
    box = flow_box(told, flow)
    boxes, edges = [box], [*((lot, box.key) for lot in into), *((box.key, lot) for lot in out)]
    lineage = {row.lot_id for row in told.rows}
    sisters = [portion.lot for portion in flow.outputs if portion.lot not in lineage]
    if sisters:
        text = say("picture.sisters", "says", count=len(sisters))
        href, title = lot_path(into[0], "/trace"), ", ".join(lot_label(lot) for lot in sisters)
        boxes.append(more_box(f"sisters {flow.entry}", text, href, title))
        edges.append((box.key, boxes[-1].key))
    return boxes, edges


def _built_in(told: Trace, row: Row) -> tuple[list[Content], list[Edge]]:
    boxes: list[Content] = []
    edges: list[Edge] = []
    for act in row.installed[:_PLACES_OF_ONE]:
        hands, place = installing_box(told, act), place_box(act)
        boxes += [hands, place]
        edges += [(row.lot_id, hands.key), (hands.key, place.key)]
    rest = len(row.installed) - _PLACES_OF_ONE
    if rest > 0:
        boxes.append(more_box(f"places {row.lot_id}", say("picture.more", "says", count=rest), "#lots"))
        edges.append((row.lot_id, boxes[-1].key))
    return boxes, edges


def _left_out(shown: _Shown) -> tuple[list[Content], list[Edge]]:
    boxes: list[Content] = []
    edges: list[Edge] = []
    for (lot_id, way), count in shown.left_out.items():
        box = more_box(f"{way} {lot_id}", say("picture.more", "says", count=count), "#lots")
        boxes.append(box)
        edges.append((box.key, lot_id) if way == "up" else (lot_id, box.key))
    return boxes, edges


def _compose(told: Trace, boxes: Sequence[Content], edges: Sequence[Edge]) -> Drawing:
    stages = {_stage(box) for box in boxes} - {""}
    widths = WIDE if len(stages) <= 4 else NARROW
    picture = lay_out([box.size(widths) for box in boxes], edges, widths.channel)
    drawn = tuple(
        Drawn(box, replace(place, y=place.y + _HEAD), box.cut(widths), box.key == told.lot_id)
        for box in boxes
        for place in (picture.places[box.key],)
    )
    lines = tuple(_path(points) for points in picture.lines.values())
    return Drawing(drawn, lines, tuple(_heads(drawn)), picture.width, picture.height + _HEAD)


def _stage(box: Content) -> str:
    if box.row is not None:
        return box.row.stage
    return "place" if box.kind == "place" else ""


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
