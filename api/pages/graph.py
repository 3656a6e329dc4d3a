"""The picture of a trace: which lots, hands and places are drawn, what stands in each box, and where the lines run.

What is too many for a column is drawn as one box that counts the rest: nobody reads an endless column.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from api.naming import lot_label, lot_path, quantity_label
from api.pages.picture import Box, Edge, Placed, lay_out
from api.tracing import Row, Trace
from api.words import CHINA, say
from labs.judge import Word
from trace.production.register import Flow
from trace.site.register import SiteAct

# Ours to choose: a column of so many boxes can still be read; of longer ones the gravest are shown.
MOST_BESIDE = 40
_SHOWN_OF_MANY = 8
_PLACES_OF_ONE = 6
_HEAD = 34
"""Height of the line with the stages' names, px."""
# Width of a lot's box, of a flow's, and the room between, px: five stages fit a desk's width.
_WIDE, _NARROW = (176, 100, 18), (148, 72, 14)
_LOT_HEIGHT, _FLOW_HEIGHT, _PLACE_HEIGHT, _MORE_HEIGHT = 66, 46, 50, 34
_GRAVITY = {Word.STOP: 0, Word.HOLD: 1, Word.UNKNOWN: 2, Word.USE: 3}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A box: `kind` is lot, flow, place or more; `lines` are cut to its width, `title` says all."""

    kind: str
    place: Placed
    lines: tuple[str, ...]
    title: str
    href: str
    row: Row | None = None
    is_asked: bool = False


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
    """What the walk from the asked lot chose: lots, and where how many were left out (beside which lot, which way)."""

    lots: Mapping[str, Row]
    left_out: Mapping[tuple[str, str], int]


def draw(told: Trace) -> Drawing:
    """The whole picture of a trace."""
    shown = _choose(told)
    flows = [flow for flow in told.history.lineage.flows if _sides(flow, shown.lots)[0] and _sides(flow, shown.lots)[1]]
    edges = [edge for flow in flows for edge in _edges_of(flow, shown.lots)]
    texts: dict[str, tuple[str, tuple[str, ...], str, str]] = {}
    for flow in flows:
        texts[f"flow {flow.entry}"] = ("flow", _flow_lines(told, flow), "", f"/entries/{flow.entry}")
        edges += _siblings(told, flow, shown.lots, texts)
    for row in shown.lots.values():
        edges += _built_in(told, row, texts)
    for (lot_id, way), count in shown.left_out.items():
        key = f"more {way} {lot_id}"
        texts[key] = ("more", (say("picture.more", "says", count=count),), "", "#lots")
        edges.append((key, lot_id) if way == "up" else (lot_id, key))
    return _compose(told, shown, texts, edges)


def _choose(told: Trace) -> _Shown:
    rows = {row.lot_id: row for row in told.rows}
    lots, left_out = {told.lot_id: rows[told.lot_id]}, {}
    for way in ("up", "down"):
        frontier = [told.lot_id]
        while frontier:
            ahead: list[str] = []
            for lot_id in frontier:
                beside = [rows[key] for key in _beside(told, lot_id, way) if key in rows]
                if len(beside) > MOST_BESIDE:
                    beside.sort(key=lambda row: (_GRAVITY[Word(row.word)], row.lot_id))
                    left_out[lot_id, way] = len(beside) - _SHOWN_OF_MANY
                    beside = beside[:_SHOWN_OF_MANY]
                ahead += [row.lot_id for row in beside if row.lot_id not in lots]
                lots.update((row.lot_id, row) for row in beside)
            frontier = ahead
    return _Shown(lots, left_out)


def _beside(told: Trace, lot_id: str, way: str) -> list[str]:
    found: dict[str, None] = {}
    for flow in told.history.lineage.flows:
        here, there = (flow.outputs, flow.inputs) if way == "up" else (flow.inputs, flow.outputs)
        if any(portion.lot == lot_id for portion in here):
            found.update((portion.lot, None) for portion in there)
    return list(found)


def _sides(flow: Flow, lots: Mapping[str, Row]) -> tuple[list[str], list[str]]:
    """The inputs and outputs of a flow that are shown."""
    into, out = ([portion.lot for portion in side if portion.lot in lots] for side in (flow.inputs, flow.outputs))
    return into, out


def _edges_of(flow: Flow, lots: Mapping[str, Row]) -> Iterator[Edge]:
    into, out = _sides(flow, lots)
    knot = f"flow {flow.entry}"
    yield from ((lot, knot) for lot in into)
    yield from ((knot, lot) for lot in out)


def _siblings(
    told: Trace, flow: Flow, lots: Mapping[str, Row], texts: dict[str, tuple[str, tuple[str, ...], str, str]]
) -> Iterator[Edge]:
    """What else came out of the same act and is no part of this lineage, as one box that leads to the parent."""
    lineage = set(told.history.lineage.lots)
    others = [portion.lot for portion in flow.outputs if portion.lot not in lineage]
    if others:
        key = f"sisters {flow.entry}"
        labels = ", ".join(lot_label(lot) for lot in others)
        href = lot_path(_sides(flow, lots)[0][0], "/trace")
        texts[key] = ("more", (say("picture.sisters", "says", count=len(others)),), labels, href)
        yield f"flow {flow.entry}", key


def _built_in(told: Trace, row: Row, texts: dict[str, tuple[str, tuple[str, ...], str, str]]) -> Iterator[Edge]:
    for act in row.installed[:_PLACES_OF_ONE]:
        knot, key = f"act {act.entry} {row.lot_id}", f"place {act.entry} {row.lot_id}"
        hands = (say("act.installed", "title"), told.names.get(act.party, act.party), f"{act.at.astimezone(CHINA):%F}")
        texts[knot] = ("flow", hands, "", f"/entries/{act.entry}")
        texts[key] = ("place", _place_lines(act), "", f"/entries/{act.entry}")
        yield row.lot_id, knot
        yield knot, key
    if len(row.installed) > _PLACES_OF_ONE:
        key = f"more places {row.lot_id}"
        count = len(row.installed) - _PLACES_OF_ONE
        texts[key] = ("more", (say("picture.more", "says", count=count),), "", "#lots")
        yield row.lot_id, key


def _place_lines(act: SiteAct) -> tuple[str, ...]:
    span = ""
    if act.from_m is not None and act.to_m is not None:
        span = say("picture.metres", "says", from_m=act.from_m, to_m=act.to_m)
    elif act.quantity:
        span = quantity_label(act.quantity)
    return tuple(text for text in (act.station or "—", act.circuit, span) if text)


def _flow_lines(told: Trace, flow: Flow) -> tuple[str, ...]:
    return (
        say(f"flow.{flow.kind}", "title"),
        told.names.get(flow.party, flow.party),
        f"{flow.at.astimezone(CHINA):%F}",
    )


def _compose(
    told: Trace,
    shown: _Shown,
    texts: Mapping[str, tuple[str, tuple[str, ...], str, str]],
    edges: Iterable[Edge],
) -> Drawing:
    stages = {row.stage for row in shown.lots.values()} | {kind for kind, *_ in texts.values() if kind == "place"}
    lot_width, flow_width, channel = _WIDE if len(stages) <= 4 else _NARROW
    sizes = {"flow": (flow_width, _FLOW_HEIGHT), "place": (lot_width, _PLACE_HEIGHT), "more": (lot_width, _MORE_HEIGHT)}
    boxes = [Box(lot_id, lot_width, _LOT_HEIGHT) for lot_id in shown.lots]
    boxes += [Box(key, *sizes[kind], is_last=kind == "place") for key, (kind, *_) in texts.items()]
    picture = lay_out(boxes, edges, channel)
    drawn = [_draw_lot(told, row, picture.places[row.lot_id]) for row in shown.lots.values()]
    for key, (kind, lines, title, href) in texts.items():
        place = _lower(picture.places[key])
        cut = tuple(clip(line, place.width - (4 if kind == "flow" else 18)) for line in lines)
        drawn.append(Drawn(kind, place, cut, title or " · ".join(lines), href))
    return Drawing(
        tuple(drawn),
        tuple(_path(points) for points in picture.lines.values()),
        tuple(_heads(drawn)),
        picture.width,
        picture.height + _HEAD,
    )


def _draw_lot(told: Trace, row: Row, place: Placed) -> Drawn:
    room = place.width - 18
    number = row.lot_id.split("/")[-1]
    amount = quantity_label(row.lot.quantity) if row.lot and row.lot.quantity else ""
    hands = _hands(told, row)
    what = row.lot.type if row.lot and row.stage in ("material", "batch") else hands
    said = (lot_label(row.lot_id), row.lot.type if row.lot else "", amount, hands)
    title = " · ".join(filter(None, said))
    since = f"{row.since.astimezone(CHINA):%F}" if row.since else ""
    lines = (clip(number, room - 26 - _width(amount)), amount, clip(what, room), since)
    href = lot_path(row.lot_id, "/trace")
    return Drawn("lot", _lower(place), lines, title, href, row, row.lot_id == told.lot_id)


def _hands(told: Trace, row: Row) -> str:
    """Through whose hands it went, as far as they signed for it."""
    chain = [row.lot.maker] if row.lot and row.lot.origin in ("commissioned", "transformed") else []
    chain += [move.party for move in told.movements.get(row.lot_id, ())]
    chain += [row.holder] if row.holder else []
    passed = [code for index, code in enumerate(chain) if index == 0 or chain[index - 1] != code]
    return " → ".join(told.names.get(code, code) for code in passed)


def _heads(drawn: Iterable[Drawn]) -> Iterator[tuple[int, str]]:
    """The names of the stages over the columns in which they stand."""
    columns: dict[int, dict[str, int]] = {}
    for box in drawn:
        stage = box.row.stage if box.row else box.kind
        if stage not in ("flow", "more"):
            columns.setdefault(box.place.layer, {}).setdefault(stage, box.place.x + box.place.width // 2)
    for _, stages in sorted(columns.items()):
        yield next(iter(stages.values())), " / ".join(say(f"stage.{stage}", "title") for stage in stages)


def _lower(place: Placed) -> Placed:
    return Placed(place.key, place.layer, place.x, place.y + _HEAD, place.width, place.height)


def _path(points: tuple[tuple[int, int], ...]) -> str:
    """SVG path data through points: straight over boxes' stand-ins, curved in the channels."""
    (x, y), *rest = points
    data = f"M{x} {y + _HEAD}"
    for index, (to_x, to_y) in enumerate(rest):
        if index % 2 == 0 and to_y != y:
            middle = (x + to_x) // 2
            data += f"C{middle} {y + _HEAD} {middle} {to_y + _HEAD} {to_x} {to_y + _HEAD}"
        else:
            data += f"L{to_x} {to_y + _HEAD}"
        x, y = to_x, to_y
    return data


def _width(text: str, size: float = 12.5) -> float:
    """About how wide a text is in px: Chinese characters are square, Latin letters a little over half as wide."""
    return sum(size if ord(char) > 0x2E80 else size * 0.6 for char in text)


def clip(text: str, room: float) -> str:
    """A text that fits `room` px, with an ellipsis where it was cut."""
    if _width(text) <= room:
        return text
    while text and _width(text + "…") > room:
        text = text[:-1]
    return text + "…"
