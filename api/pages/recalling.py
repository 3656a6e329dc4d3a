"""A recall as its regulator follows it from one lot: each order that reaches it with how far it has come.

Counting is `trace/recalling.py`'s; here it is asked once for every order, or without one for whom one would have to
tell. Orders for parts of the lot, or for what it was made from, have pages of their own.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from api.pages.standing import Line, list_lines
from api.tracing import Recalled, Trace, add_up, recalls
from trace.balance import State
from trace.days import civil_day
from trace.epcis.events import Quantity
from trace.history import material_of
from trace.material import Material
from trace.oversight.register import Recall, RecallAnswer
from trace.quantities import METRE
from trace.recalling import Keeper, Reach, reach_recall

MOST_FOLLOWED = 5
"""The newest orders are followed; more than that on one lot is no recall any more."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One hand with what it has, put together by state and place; what was made of it by type; and what it answered for
    this lot. An order names many lots: its answers for others say nothing here.
    """

    keeper: Keeper
    lines: tuple[Line, ...]
    made: tuple[tuple[str, tuple[Quantity, ...]], ...]
    lots: tuple[str, ...]
    answers: tuple[RecallAnswer, ...]

    @property
    def has_some(self) -> bool:
        """Of the lot itself, or of what was made of it."""
        return bool(self.keeper.amount or self.keeper.made)


@dataclass(frozen=True, slots=True)
class Followed:
    """An order, or none, with how far it has come. `overdue_days` is how long the deadline has passed; `set_apart` what
    holders say that they have put aside, which is still with them.
    """

    order: Recall | None
    lots: tuple[str, ...]
    """All that the order names."""
    reach: Reach
    contacts: tuple[Contact, ...]
    unknown: tuple[Line, ...]
    set_apart: Decimal
    overdue_days: int

    @property
    def progress(self) -> str:
        """none, open, answered or closed."""
        return self.reach.progress if self.order is not None else "none"


@dataclass(frozen=True, slots=True)
class Recalling:
    """All orders that reach a lot, the newest first, and those of its lineage that don't. `unit` is of all amounts."""

    told: Trace
    unit: str
    followed: tuple[Followed, ...]
    elsewhere: tuple[Recalled, ...]


def follow_recalls(told: Trace) -> Recalling:
    """What became of the lot asked for, seen as a recall."""
    orders = recalls(told)
    reaching = {order.order.entry: recall for order in orders if (recall := _reaching(told, order)) is not None}
    material = material_of(told.history)
    newest = sorted(reaching, reverse=True)[:MOST_FOLLOWED]
    named = {order.order.entry: order.lots for order in orders}
    followed = [_follow(told, material, reaching[entry], named[entry]) for entry in newest]
    whole = told.history.lot.quantity if told.history.lot is not None else None
    return Recalling(
        told,
        whole.unit if whole is not None else METRE,
        tuple(followed) or (_follow(told, material, None, ()),),
        tuple(order for order in orders if order.order.entry not in reaching),
    )


def _reaching(told: Trace, order: Recalled) -> Recall | None:
    """The order for the lot itself, else for the nearest lot above that it was cut from; None where there is none."""
    for lot in (told.lot_id, *told.history.lineage.same_up):
        if lot in order.lots:
            return next(
                recall for recall in told.history.recalls if recall.entry == order.order.entry and recall.lot == lot
            )
    return None


def _follow(told: Trace, material: Material, order: Recall | None, lots: tuple[str, ...]) -> Followed:
    reach = reach_recall(material, order, told.history.recall_closings)
    late = (civil_day(told.at) - order.deadline_on).days if order is not None else 0
    below = {told.lot_id, *told.history.lineage.down}
    contacts = tuple(_contacts(reach, below | ({order.lot} if order is not None else set())))
    return Followed(
        order=order,
        lots=lots,
        reach=reach,
        contacts=contacts,
        unknown=list_lines(part for part in reach.where.parts if part.spot.state is State.UNKNOWN),
        set_apart=_set_apart(reach, contacts, below),
        overdue_days=max(late, 0),
    )


def _contacts(reach: Reach, lots: Collection[str]) -> Iterator[Contact]:
    """Those who have, or are to get, some of it, and those who have answered for one of these lots."""
    for keeper in reach.keepers:
        answers = tuple(answer for answer in keeper.answers if answer.lot in lots)
        if keeper.amount or keeper.expects or keeper.made or answers:
            own = dict.fromkeys((*(part.lot for part in keeper.parts), *(made.lot for made in keeper.made)))
            yield Contact(keeper, list_lines(keeper.parts), tuple(_by_type(keeper)), tuple(own), answers)


def _by_type(keeper: Keeper) -> Iterator[tuple[str, tuple[Quantity, ...]]]:
    types: dict[str, list[Quantity | None]] = {}
    for made in keeper.made:
        types.setdefault(made.type or "", []).append(made.quantity)
    for type_, amounts in sorted(types.items()):
        yield type_, add_up(amounts)


def _set_apart(reach: Reach, contacts: Sequence[Contact], lots: Collection[str]) -> Decimal:
    """What answers for the lot or a part of it say; one for a lot above says nothing of how much of this one it is."""
    unit = reach.where.whole.unit if reach.where.whole else METRE
    said = (answer for contact in contacts for answer in contact.answers if answer.action == "quarantined")
    amounts = (answer.quantity for answer in said if answer.lot in lots)
    return sum((amount.value for amount in amounts if amount is not None and amount.unit == unit), Decimal(0))
