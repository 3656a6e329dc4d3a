"""A recall as its regulator follows it: who has what of the lot, who was told, who answered, how far it reached.

Contacts are all hands that have something of the lot now; an order reaches whoever has what it names or what came of
it. Before any order the same list says who would have to be told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from api.pages.standing import Line, list_lines
from api.tracing import Recalled, Trace, recalls
from trace.balance import Part, State, Whereabouts
from trace.days import civil_day
from trace.epcis.events import Quantity
from trace.history import material_of
from trace.oversight.register import Recall, RecallAnswer
from trace.quantities import METRE
from trace.whereabouts import whereabouts

OUT = (State.HELD, State.ON_WAY, State.INSTALLED)
"""States in which somebody has it and can act on a recall."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One hand: what it has, which orders reach it, and what it answered to them. `silent` are orders without an
    answer of its own; `overdue_days` is how long the latest of their deadlines has passed.
    """

    party: str
    lines: tuple[Line, ...]
    total: Quantity
    told: tuple[Recall, ...]
    answers: tuple[RecallAnswer, ...]
    silent: tuple[Recall, ...]
    overdue_days: int

    @property
    def has_answered(self) -> bool:
        """Has it answered every order that reaches it?"""
        return bool(self.told) and not self.silent


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an order came: hands and quantity told and answered, of all. `quantity_pct` and `hands_pct` are whole
    percents, rounded down: 100 is all.
    """

    hands: int
    answered: int
    quantity: Quantity
    answered_quantity: Quantity

    @property
    def hands_pct(self) -> int:
        """Of all hands that have something."""
        return 100 * self.answered // self.hands if self.hands else 100

    @property
    def quantity_pct(self) -> int:
        """Of all that is with somebody."""
        return int(100 * self.answered_quantity.value // self.quantity.value) if self.quantity.value else 100


@dataclass(frozen=True, slots=True)
class Recalling:
    """All of it. `closure` is none (no order), open, answered (all answered, but not all of it is back) or closed."""

    told: Trace
    found: Whereabouts
    orders: tuple[Recalled, ...]
    contacts: tuple[Contact, ...]
    reach: Reach
    set_apart: Quantity
    returned: Quantity
    destroyed: Quantity
    unknown: Quantity
    unknown_lines: tuple[Line, ...]
    closure: str


def follow_recall(told: Trace) -> Recalling:
    """What became of the lot asked for, seen as a recall."""
    found = whereabouts(material_of(told.history))
    unit = found.whole.unit if found.whole else METRE
    orders = tuple(order for order in recalls(told) if _reaches(told, order))
    contacts = _list_contacts(told, found.parts, orders, unit)
    reach = _measure(contacts, unit)
    amounts = {state: Quantity(found.total(state), unit) for state in State}
    unknown = tuple(part for part in found.parts if part.spot.state is State.UNKNOWN)
    return Recalling(
        told=told,
        found=found,
        orders=orders,
        contacts=contacts,
        reach=reach,
        set_apart=Quantity(_set_apart(contacts, unit), unit),
        returned=amounts[State.RETURNED],
        destroyed=amounts[State.DESTROYED],
        unknown=amounts[State.UNKNOWN],
        unknown_lines=list_lines(unknown),
        closure=_close(orders, contacts, reach, amounts[State.UNKNOWN]),
    )


def _reaches(told: Trace, order: Recalled) -> bool:
    """An order reaches the lot where it names it, what it came from, or a part of it."""
    lineage = told.history.lineage
    return bool({told.lot_id, *lineage.same_up, *lineage.down}.intersection(order.lots))


def _list_contacts(told: Trace, parts: Iterable[Part], orders: Sequence[Recalled], unit: str) -> tuple[Contact, ...]:
    """Everybody who has something, those who have most first; goods under way are with both ends."""
    of_party: dict[str, list[Part]] = {}
    for part in parts:
        if part.spot.state in OUT and part.quantity.value:
            for party in dict.fromkeys((part.spot.party, part.spot.to)):
                if party:
                    of_party.setdefault(party, []).append(part)
    today = civil_day(told.at)
    contacts = [_contact(told, party, of_one, orders, unit, today) for party, of_one in of_party.items()]
    return tuple(sorted(contacts, key=lambda contact: (-contact.total.value, contact.party)))


def _contact(told: Trace, party: str, parts: list[Part], orders: Sequence[Recalled], unit: str, today: date) -> Contact:
    lots = {part.lot for part in parts}
    reaching = [order for order in orders if _names(told, order, lots)]
    answers = tuple(answer for order in reaching for answer in order.answers if answer.party == party)
    numbers = {answer.number for answer in answers}
    silent = tuple(order.order for order in reaching if order.order.number not in numbers)
    late = max(((today - order.deadline_on).days for order in silent), default=0)
    total = sum((part.quantity.value for part in parts), Decimal(0))
    return Contact(
        party,
        list_lines(parts),
        Quantity(total, unit),
        tuple(order.order for order in reaching),
        answers,
        silent,
        max(late, 0),
    )


def _names(told: Trace, order: Recalled, lots: set[str]) -> bool:
    """Does an order name one of these lots or what all of it came from? One for a part leaves the others alone."""
    above = {told.lot_id, *told.history.lineage.same_up}
    return any(lot in above or lot in lots or any(held.startswith(f"{lot}/") for held in lots) for lot in order.lots)


def _measure(contacts: Sequence[Contact], unit: str) -> Reach:
    """What is under way counts once, with its sender."""
    total = answered = Decimal(0)
    for contact in contacts:
        own = sum((line.quantity.value for line in contact.lines if line.party == contact.party), Decimal(0))
        total += own
        answered += own if contact.has_answered else 0
    done = sum(contact.has_answered for contact in contacts)
    return Reach(len(contacts), done, Quantity(total, unit), Quantity(answered, unit))


def _set_apart(contacts: Sequence[Contact], unit: str) -> Decimal:
    """What holders say that they have put aside; it is still with them."""
    said = (answer.quantity for contact in contacts for answer in contact.answers if answer.action == "quarantined")
    return sum((amount.value for amount in said if amount is not None and amount.unit == unit), Decimal(0))


def _close(orders: Sequence[Recalled], contacts: Sequence[Contact], reach: Reach, unknown: Quantity) -> str:
    if not orders:
        return "none"
    if any(not contact.has_answered for contact in contacts):
        return "open"
    return "closed" if not reach.quantity.value and not unknown.value else "answered"
