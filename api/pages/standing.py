"""Where every metre of a lot is now, as the page shows it: a bar of what became of it, and who has how much where.

Counting is `trace/whereabouts.py`'s; here its parts are put together by state, hand and place. They sum to the whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from api.tracing import Trace
from trace.balance import Part, Spot, State, Whereabouts
from trace.epcis.events import Quantity
from trace.history import material_of
from trace.quantities import METRE
from trace.whereabouts import whereabouts

WIDTH = 1000
"""Of the bar, in its own units."""
MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class Share:
    """A state with all that is in it, and where it stands in the bar."""

    state: State
    quantity: Quantity
    x: Decimal
    width: Decimal

    @property
    def percent(self) -> Decimal:
        """Of the whole bar."""
        return (self.width / 10).quantize(Decimal("0.1"))


@dataclass(frozen=True, slots=True)
class Line:
    """What one hand has in one state at one place: `where` is a place, or a station where it is built in."""

    state: State
    party: str | None
    to: str | None
    where: str | None
    why: str
    quantity: Quantity
    lots: tuple[str, ...]
    into: tuple[str, ...]
    since: datetime | None
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it: `found` is what the rules of counting give, `shares` and `lines` the same put together."""

    found: Whereabouts
    shares: tuple[Share, ...]
    lines: tuple[Line, ...]
    left_out: int
    """Lines beyond MOST_LINES."""


def stand(told: Trace) -> Standing:
    """Where the material of the lot asked for is."""
    found = whereabouts(material_of(told.history))
    lines = list_lines(found.parts)
    return Standing(found, tuple(_shares(found)), lines[:MOST_LINES], max(0, len(lines) - MOST_LINES))


def list_lines(parts: Iterable[Part]) -> tuple[Line, ...]:
    """Parts put together by state, hand and place, in the order of states, the largest first."""
    together: dict[object, list[Part]] = {}
    for part in parts:
        if part.quantity.value:
            spot = part.spot
            together.setdefault((spot.state, spot.party, spot.to, spot.place, spot.why), []).append(part)
    lines = [_line(of_one) for of_one in together.values()]
    order = list(State)
    return tuple(sorted(lines, key=lambda line: (order.index(line.state), -line.quantity.value, line.lots)))


def _line(parts: list[Part]) -> Line:
    spot: Spot = parts[0].spot
    return Line(
        state=spot.state,
        party=spot.party,
        to=spot.to,
        where=spot.place,
        why=spot.why or "",
        quantity=Quantity(sum((part.quantity.value for part in parts), Decimal(0)), parts[0].quantity.unit),
        lots=tuple(dict.fromkeys(part.lot for part in parts)),
        into=tuple(dict.fromkeys(lot for part in parts for lot in part.spot.into)),
        since=min((part.since for part in parts if part.since is not None), default=None),
        entries=tuple(dict.fromkeys(entry for part in parts for entry in part.entries[-1:])),
    )


def _shares(found: Whereabouts) -> list[Share]:
    unit = found.whole.unit if found.whole else METRE
    totals = dict.fromkeys(State, Decimal(0))
    for part in found.parts:
        totals[part.spot.state] += part.quantity.value
    whole = sum(totals.values(), Decimal(0))
    shares: list[Share] = []
    x = Decimal(0)
    for state, total in totals.items():
        if total > 0:
            width = (total / whole * WIDTH).quantize(Decimal("0.1"))
            shares.append(Share(state, Quantity(total, unit), x, width))
            x += width
    return shares
