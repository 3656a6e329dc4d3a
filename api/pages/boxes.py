"""What stands in the boxes of a trace's picture, cut to their width; the whole is in each box's title."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from api.naming import lot_label, lot_path, number_label, quantity_label
from api.pages.collapse import OTHERS, Group
from api.pages.picture import Box
from api.pages.trace_view import View
from api.tracing import Row, Trace, add_up
from api.words import say
from trace.days import civil_day
from trace.production.register import Flow
from trace.site.register import SiteAct
from trace.whereabouts import length_of

_LINE, _HEAD, _FOOT, _TALLY = 16, 30, 8, 18
"""Heights in px: of a line of text, of a lot's first line, of the room below the last, of a line of verdicts."""
_NAME_PX, _PX = 12.5, 11
"""Font sizes in the style sheet: of a lot's number, of everything else."""
_TALLY_PX, _SIGN = 11.5, 17
"""Font size of a group's verdicts, and the room that a sign takes before them, px."""
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
class Tallied:
    """A verdict in a group's box: the word, what is written, and where from the box's upper left, in px."""

    word: str
    text: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Content:
    """What a box says: `kind` is lot, group, act, place or more; each line has a left and a right end."""

    key: str
    kind: str
    lines: tuple[Line, ...]
    href: str
    title: str = ""
    row: Row | None = None
    stage: str = ""
    """That of a lot or a group."""
    tally: tuple[tuple[str, int], ...] = ()
    """How many of a group have each verdict."""

    def size(self, widths: Widths) -> Box:
        """The box that it takes."""
        if self.kind == "act":
            return Box(self.key, widths.act, 4 + 14 * len(self.lines))
        if self.kind == "group":
            lowest = max((one.y for one in self.place_tally(widths)), default=_HEAD)
            return Box(self.key, widths.lot, lowest + _TALLY + _FOOT)
        if self.kind == "lot":
            return Box(self.key, widths.lot, _HEAD + _LINE * (len(self.lines) - 1) + _FOOT)
        if self.kind == "place":
            return Box(self.key, widths.lot, 10 + _LINE * len(self.lines), is_last=True)
        return Box(self.key, widths.lot, 32)

    def place_tally(self, widths: Widths) -> tuple[Tallied, ...]:
        """A group's verdicts with where they stand, from the box's upper left: two beside each other where they fit."""
        texts = [(word, f"{count} {say(f'verdict.{word}', 'title')}") for word, count in self.tally]
        needs = [_SIGN + width_of(text, _TALLY_PX) for _, text in texts]
        first, second = max(needs[::2], default=0), max(needs[1::2], default=0)
        columns = 2 if first + second + 8 <= widths.lot - 20 else 1
        top = _HEAD + _LINE * (len(self.lines) - 1)
        return tuple(
            Tallied(word, text, 13 + round((first + 8) * (index % columns)), top + _TALLY * (index // columns))
            for index, (word, text) in enumerate(texts)
        )

    def cut(self, widths: Widths) -> tuple[Line, ...]:
        """Its lines as far as they fit; the right ends are whole."""
        if self.kind == "act":
            return tuple((clip(left, widths.act - 6, _PX), right) for left, right in self.lines)
        room = widths.lot - 22
        name = room - 24 if self.kind == "lot" else room
        big = _NAME_PX if self.kind in ("lot", "group") else _PX
        (first, amount), *others = self.lines
        if others and not others[0][1] and width_of(first, _NAME_PX) + width_of(amount, _PX) > name - 4:
            others[0], amount = (others[0][0], amount), ""  # a number is never cut to make room for its quantity
        cut = [(clip(first, name - _room_for(amount), big), amount)]
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
    return Content(
        row.lot_id, "lot", lines, lot_path(row.lot_id, "/trace"), " · ".join(filter(None, said)), row, row.stage
    )


def group_box(told: Trace, view: View, group: Group) -> Content:
    """Lots that stand together: how many, how much, whose, and how many of them may be used. Opens on a click."""
    holders = group.holders
    who = told.names.get(group.holder, group.holder) or "—"
    if group.holder == OTHERS:
        who = say("picture.holders", "says", count=len(holders))
    count = say(f"stage.{group.stage}", "many", count=number_label(Decimal(len(group.rows))))
    amounts = ", ".join(quantity_label(total) for total in group.totals)
    tally = tuple(group.words.items())
    words = ", ".join(f"{number} {say(f'verdict.{word}', 'title')}" for word, number in tally)
    title = " · ".join(filter(None, (say("picture.open", "says"), count, amounts, who, words)))
    lines = ((count, amounts), (who, ""))
    return Content(group.key, "group", lines, view.opening(group.key, group.opens_at), title, None, group.stage, tally)


def flow_box(told: Trace, flows: Sequence[Flow]) -> Content:
    """Who made, cut or joined something, and when: one act, or several that are drawn as one."""
    first, *others = flows
    word = say(f"flow.{first.kind}", "title")
    if not others:
        return _act(told, f"flow {first.entry}", word, first)
    hands = sorted({flow.party for flow in flows})
    who = told.names.get(hands[0], hands[0]) if len(hands) == 1 else say("picture.hands", "says", count=len(hands))
    days = sorted({_day(flow.at) for flow in flows})
    # In a year's own days the year need not be said twice.
    end = days[-1][5:] if days[-1][:4] == days[0][:4] else days[-1]
    lines = (f"{word} ×{len(flows)}", who, days[0], *([f"– {end}"] if len(days) > 1 else []))
    return Content(f"flow {first.entry}", "act", tuple((line, "") for line in lines), "#lots", " · ".join(lines))


def installing_box(told: Trace, act: SiteAct) -> Content:
    """Who built it in, and when."""
    return _act(told, f"act {act.entry} {act.lot}", say("act.installed", "title"), act)


def station_box(station: str | None, acts: Sequence[SiteAct], count: int = 0) -> Content:
    """A station with all that is built in there; `station` is None for the rest, which are `count`."""
    name = say("picture.stations", "says", count=count) if station is None else station or "—"
    circuits = {act.circuit for act in acts if act.circuit}
    where = next(iter(circuits)) if len(circuits) == 1 else say("picture.circuits", "says", count=len(circuits))
    total = add_up(length_of(act) for act in acts)
    lines = (name, where if circuits else "", ", ".join(quantity_label(amount) for amount in total))
    key = f"station {'' if station is None else station} {count}"
    return Content(
        key, "place", tuple((line, "") for line in lines if line), "#places", " · ".join(filter(None, lines))
    )


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
