"""A maker's copper by month: what it received, what it put in, and what its cable must hold. P08's table.

One batch may be drawn from what another left over; over the months a works can't draw more than it has bought. What it
had before the first month is not known, so nothing is judged here: a regulator reads it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from trace.custody.register import Movement
from trace.days import civil_day
from trace.production.register import Flow, Lot
from trace.quantities import EXACT
from trace.rules.copper import CopperBalance, CopperUnknown, balance_copper, is_copper, weigh

_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class CopperMonth:
    """A month in China, by its first day; kilograms. `untold` are the entries whose copper can't be told."""

    month: date
    received_kg: Decimal = _NONE
    given_kg: Decimal = _NONE
    needed_kg: Decimal = _NONE
    entries: tuple[int, ...] = ()
    untold: tuple[int, ...] = ()


def balance_months(
    flows: Iterable[Flow], received: Iterable[Movement], lots: Mapping[str, Lot]
) -> tuple[CopperMonth, ...]:
    """The months in which anything was received or made, in order. `lots` are those of all flows and movements."""
    months: dict[date, CopperMonth] = {}
    for move in received:
        known = lots.get(move.lot)
        if known is not None and is_copper(known):
            weight = weigh(move.quantity or known.quantity)
            _add(months, move.at, move.entry, received_kg=weight)
    for flow in flows:
        balance = balance_copper(flow, lots)
        if isinstance(balance, CopperBalance):
            _add(months, flow.at, flow.entry, given_kg=balance.given_kg, needed_kg=balance.needed_kg)
        elif isinstance(balance, CopperUnknown):
            _add(months, flow.at, flow.entry, given_kg=None)
    return tuple(month for _, month in sorted(months.items()))


def _add(months: dict[date, CopperMonth], at: datetime, entry: int, **kilograms: Decimal | None) -> None:
    first = civil_day(at).replace(day=1)
    month = months.get(first, CopperMonth(first))
    said = {name: amount for name, amount in kilograms.items() if amount is not None}
    is_told = len(said) == len(kilograms)
    months[first] = CopperMonth(
        first,
        EXACT.add(month.received_kg, said.get("received_kg", _NONE)),
        EXACT.add(month.given_kg, said.get("given_kg", _NONE)),
        EXACT.add(month.needed_kg, said.get("needed_kg", _NONE)),
        (*month.entries, entry) if is_told else month.entries,
        month.untold if is_told else (*month.untold, entry),
    )
