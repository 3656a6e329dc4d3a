"""An account book: how much of one lot is at which spot, after each thing that was said of it, in order of record.

    book.move(amount, from_=[held_by(a)], to=Spot(State.ON_WAY, party=a, to=b), entry=7, at=…)

Taking never fails. Where the spots that a statement means have not enough, it is taken from where the rest is, and what
is not there at all is counted as `over`: the sum of all spots is the whole and `over` together, after every step.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from trace.balance import Part, Spot, State
from trace.epcis.events import Quantity
from trace.quantities import EXACT

Choice = Callable[[Spot], bool]
"""Which spots to take from."""
_MOVABLE = (State.HELD, State.ON_WAY)
_NONE = Decimal(0)


class Book:
    """The book of one lot, which begins with `whole` at `start`. Numbers are in one unit, which the caller knows."""

    def __init__(self, lot: str, whole: Decimal, start: Spot, at: datetime | None, entry: int | None) -> None:
        self.lot, self.whole, self.over = lot, whole, _NONE
        self._spots: dict[Spot, Decimal] = {start: whole}
        self._marks: dict[Spot, tuple[datetime | None, tuple[int, ...]]] = {
            start: (at, () if entry is None else (entry,))
        }

    def at(self, choice: Choice) -> Decimal:
        """How much is at the spots of a choice."""
        return _sum(amount for spot, amount in self._spots.items() if choice(spot))

    def move(self, amount: Decimal, choices: Sequence[Choice], to: Spot, entry: int, at: datetime | None) -> None:
        """Take from the first choice that has it, the newest spot first, then from the next; put it to `to`."""
        self._take(amount, choices)
        self._put(amount, to, entry, at)

    def withdraw(self, amount: Decimal, choices: Sequence[Choice]) -> None:
        """Take it out of this book, as `move` does: another begins with it."""
        self._take(amount, choices)
        self.whole = EXACT.subtract(self.whole, amount)

    def deposit(self, amount: Decimal, to: Spot, entry: int, at: datetime | None) -> None:
        """Put back what was withdrawn and went into no other book."""
        self.whole = EXACT.add(self.whole, amount)
        self._put(amount, to, entry, at)

    def move_all(self, choice: Choice, to: Spot, entry: int, at: datetime | None) -> None:
        """All that is at the spots of a choice goes to `to`."""
        self.move(self.at(choice), [choice], to, entry, at)

    def parts(self, unit: str) -> Iterable[Part]:
        """What is at each spot that has anything, in order of what was put there last."""
        for spot, amount in self._spots.items():
            if amount:
                since, entries = self._marks[spot]
                yield Part(self.lot, Quantity(amount, unit), spot, since, entries)

    def _take(self, amount: Decimal, choices: Sequence[Choice]) -> None:
        missing = amount
        for choice in choices:
            for spot in [spot for spot in reversed(self._spots) if choice(spot)]:
                taken = min(missing, self._spots[spot])
                self._spots[spot] = EXACT.subtract(self._spots[spot], taken)
                missing = EXACT.subtract(missing, taken)
        self.over = EXACT.add(self.over, missing)

    def _put(self, amount: Decimal, spot: Spot, entry: int, at: datetime | None) -> None:
        held, (_, entries) = self._spots.pop(spot, _NONE), self._marks.pop(spot, (None, ()))
        # Last in, so that the newest is the first to be taken from.
        self._spots[spot] = EXACT.add(held, amount)
        self._marks[spot] = (at, (*entries, entry) if held else (entry,))


def held_by(party: str | None) -> Choice:
    """What a party holds; with None, what anybody does."""
    return lambda spot: spot.state is State.HELD and party in (None, spot.party)


def on_way(giver: str | None = None, taker: str | None = None) -> Choice:
    """What is on its way from a giver to a taker; None is anybody."""
    return lambda spot: spot.state is State.ON_WAY and giver in (None, spot.party) and taker in (None, spot.to)


def movable(spot: Spot) -> bool:
    """What somebody holds or has sent."""
    return spot.state in _MOVABLE


def installed_at(station: str | None, circuit: str | None = None) -> Choice:
    """What is built in at a station, and in a circuit where one is named."""
    return lambda spot: spot.state is State.INSTALLED and spot.place == station and circuit in (None, spot.circuit)


def installed(spot: Spot) -> bool:
    """What is built in, wherever."""
    return spot.state is State.INSTALLED


def lies_at(start: Decimal, end: Decimal) -> Choice:
    """What is built in of these metres of the drum."""

    def is_here(spot: Spot) -> bool:
        if spot.state is not State.INSTALLED or spot.from_m is None or spot.to_m is None:
            return False
        return max(start, min(spot.from_m, spot.to_m)) < min(end, max(spot.from_m, spot.to_m))

    return is_here


def unknown(spot: Spot) -> bool:
    """What somebody took without saying how much."""
    return spot.state is State.UNKNOWN


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = _NONE
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
