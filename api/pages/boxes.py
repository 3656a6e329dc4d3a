"""What stands in the boxes of a trace's picture, cut to their width; the whole is in each box's title."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from api.naming import lot_label, lot_path, quantity_label
from api.pages.picture import Box
from api.tracing import Row, Trace
from api.words import say
from trace.days import civil_day
from trace.production.register import Flow
from trace.site.register import SiteAct

_LINE, _HEAD, _FOOT = 16, 30, 8
"""Heights in px: of a line of text, of a lot's first line, of the room below the last."""
_NAME_PX, _PX = 12.5, 11
"""Font sizes in the style sheet: of a lot's number, of everything else."""
_HANDS = 3
"""Hand-overs told in a lot's box: the last ones. The page of the lot has all."""


@dataclass(frozen=True, slots=True)
class Widths:
    """Widths in px: of a lot's box and an act's, and of the channel between them."""

    lot: int
    act: int
    channel: int


# Five stages fit a desk's 1280 px with its margins; where there are fewer they may be wider.
WIDE, NARROW = Widths(176, 100, 18), Widths(159, 76, 11)


Line = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Content:
    """What a box says: `kind` is lot, act, place or more; each line has a left and a right end."""

    key: str
    kind: str
    lines: tuple[Line, ...]
    href: str
    title: str = ""
    row: Row | None = None

    def size(self, widths: Widths) -> Box:
        """The box that it takes."""
        if self.kind == "act":
            return Box(self.key, widths.act, 46)
        if self.kind == "lot":
            return Box(self.key, widths.lot, _HEAD + _LINE * (len(self.lines) - 1) + _FOOT)
        if self.kind == "place":
            return Box(self.key, widths.lot, 10 + _LINE * len(self.lines), is_last=True)
        return Box(self.key, widths.lot, 32)

    def cut(self, widths: Widths) -> tuple[Line, ...]:
        """Its lines as far as they fit; the right ends are whole."""
        if self.kind == "act":
            return tuple((clip(left, widths.act - 6, _PX), right) for left, right in self.lines)
        room = widths.lot - 22
        name = room - 24 if self.kind == "lot" else room
        (first, amount), *others = self.lines
        if others and not others[0][1] and width_of(first, _NAME_PX) + width_of(amount, _PX) > name - 4:
            others[0], amount = (others[0][0], amount), ""  # a number is never cut to make room for its quantity
        cut = [(clip(first, name - _room_for(amount), _NAME_PX if self.kind == "lot" else _PX), amount)]
        cut += [(clip(left, room - _room_for(right), _PX), right) for left, right in others]
        return tuple(cut)


def lot_box(told: Trace, row: Row) -> Content:
    """A lot: its number and quantity, what it is unless its batch says so, and through whose hands it went."""
    amount = quantity_label(row.lot.quantity) if row.lot and row.lot.quantity else ""
    what = ((row.lot.type, ""),) if row.lot and row.stage in ("material", "batch") else ()
    hands = tuple(_hands(told, row))
    number = row.lot_id.split("/")[-1]
    said = (lot_label(row.lot_id), row.lot.type if row.lot else "", amount, *map(" ".join, hands))
    lines = ((number, amount), *what, *hands[-_HANDS:])
    return Content(row.lot_id, "lot", lines, lot_path(row.lot_id, "/trace"), " · ".join(filter(None, said)), row)


def flow_box(told: Trace, flow: Flow) -> Content:
    """Who made, cut or joined something, and when."""
    return _act(told, f"flow {flow.entry}", say(f"flow.{flow.kind}", "title"), flow)


def installing_box(told: Trace, act: SiteAct) -> Content:
    """Who built it in, and when."""
    return _act(told, f"act {act.entry} {act.lot}", say("act.installed", "title"), act)


def place_box(act: SiteAct) -> Content:
    """Where it is built in, and which metres of it."""
    span = quantity_label(act.quantity) if act.quantity else ""
    if act.from_m is not None and act.to_m is not None:
        span = say("picture.metres", "says", from_m=act.from_m, to_m=act.to_m)
    lines = tuple((text, "") for text in (act.station or "—", act.circuit, span) if text)
    return Content(f"place {act.entry} {act.lot}", "place", lines, f"/entries/{act.entry}")


def more_box(key: str, text: str, href: str, title: str = "") -> Content:
    """What is not drawn, counted."""
    return Content(key, "more", ((text, ""),), href, title)


def _act(told: Trace, key: str, word: str, done: Flow | SiteAct) -> Content:
    lines = ((word, ""), (told.names.get(done.party, done.party), ""), (_day(done.at), ""))
    return Content(key, "act", lines, f"/entries/{done.entry}")


def _hands(told: Trace, row: Row) -> Iterator[Line]:
    """Each hand that took it over, and the day; a dashed arrow for what was sent and never signed for."""
    moves = told.movements.get(row.lot_id, ())
    taken = {move.party for move in moves if move.kind == "received"}
    for move in moves:
        if move.kind == "received":
            yield f"→ {told.names.get(move.party, move.party)}", _day(move.at)
        elif move.other and move.other not in taken:
            yield f"⇢ {told.names.get(move.other, move.other)}", _day(move.at)
    if not moves and row.holder and row.since:
        yield told.names.get(row.holder, row.holder), _day(row.since)


def _day(at: datetime) -> str:
    """The day as tables and drawings give it: ten characters in every language."""
    return civil_day(at).isoformat()


def _room_for(right: str) -> float:
    return width_of(right, _PX) + 4 if right else 0


def width_of(text: str, size: float = 12) -> float:
    """About how wide a text is, in px at a font size: Chinese characters are square, others a little over half."""
    return size * sum(1 if ord(char) > 0x2E80 else 0.65 if char.isdigit() or char.isupper() else 0.58 for char in text)


def clip(text: str, room: float, size: float = 12) -> str:
    """A text that fits `room` px, cut in its middle: names of the same trade differ at their ends."""
    if width_of(text, size) <= room:
        return text
    kept = len(text)
    while kept > 1:
        kept -= 1
        tail = kept * 3 // 4
        cut = f"{text[: kept - tail].rstrip()}…{text[len(text) - tail :].lstrip()}"
        if width_of(cut, size) <= room:
            return cut
    return "…"
