"""How far a recall has come, from any lot: who holds what of it, who has answered, what came back, what is missing.

The same material down from the lot is counted to the metre (`trace/whereabouts.py`); what was made from it, or joined
with other lots, is told lot by lot, since its metres can't be told apart there. Without an order the same says whom one
would have to tell.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trace.balance import Part, State, Whereabouts
from trace.epcis.events import Quantity
from trace.lineage import lots_below
from trace.material import Material
from trace.oversight.register import Recall, RecallAnswer, RecallClosing
from trace.quantities import EXACT
from trace.whereabouts import whereabouts

# Where it still is with somebody who can be asked for it.
WITH_SOMEBODY = (State.HELD, State.ON_WAY, State.INSTALLED, State.UNKNOWN)


class Progress(StrEnum):
    """How far it has come. Only its authority's own word closes a recall."""

    OPEN = "open"
    ANSWERED = "answered"
    """All who hold any of it have answered, and every metre is accounted for."""
    CLOSED = "closed"


class Missing(StrEnum):
    """Why a recall is not through yet."""

    SILENT = "silent"
    UNKNOWN = "unknown"
    ON_WAY = "on_way"
    OVER = "over"
    UNMEASURED = "unmeasured"
    """Nobody has said how much the lot is."""
    CUT = "cut"
    """The lineage is larger than what is followed."""


@dataclass(frozen=True, slots=True)
class Made:
    """A lot that was made from the recalled material, or joined of it and others, and who holds it."""

    lot: str
    type: str | None
    quantity: Quantity | None
    party: str | None
    has_answered: bool


@dataclass(frozen=True, slots=True)
class Keeper:
    """A party that has some of it: how much, where, and what it answered. `expects` is what is on its way to it."""

    party: str
    amount: Decimal
    answered: Decimal
    """Of `amount`, what it has answered for."""
    expects: Decimal
    parts: tuple[Part, ...]
    made: tuple[Made, ...]
    answers: tuple[RecallAnswer, ...]

    @property
    def has_answered(self) -> bool:
        """For all that it holds."""
        return self.answered == self.amount and all(made.has_answered for made in self.made)


@dataclass(frozen=True, slots=True)
class Reach:
    """A recall seen from one lot. Amounts are in the unit of the lot; percentages are rounded down."""

    lot: str
    order: Recall | None
    where: Whereabouts
    keepers: tuple[Keeper, ...]
    returned: Decimal
    destroyed: Decimal
    holders_pct: int
    """Of those who hold any, how many have answered for all of it."""
    quantity_pct: int
    """Of what is with somebody, was returned or destroyed, how much is answered for."""
    progress: Progress
    missing: tuple[Missing, ...]
    unheld: tuple[str, ...] = ()
    """Lots made of it that are with nobody who is known."""
    closing: RecallClosing | None = None


def reach_recall(material: Material, order: Recall | None = None, closings: Iterable[RecallClosing] = ()) -> Reach:
    """How far a recall of this lot, or of one above it that it was cut from, has come."""
    where = whereabouts(material)
    number = order.number if order is not None else None
    answers = tuple(answer for answer in material.recall_answers if answer.number == number)
    asked = _asker(material, order, answers)
    made = tuple(_made(material, where, asked))
    keepers = tuple(_keepers(where, made, answers, asked))
    unheld = tuple(each.lot for each in made if each.party is None)
    ended = where.total(State.RETURNED, State.DESTROYED)
    held, answered = (_sum(getattr(keeper, name) for keeper in keepers) for name in ("amount", "answered"))
    holding = [keeper for keeper in keepers if keeper.amount or keeper.made]
    missing = tuple(_missing(where, holding, is_lost=bool(unheld)))
    closing = next((each for each in closings if order is not None and _closes(each, order)), None)
    return Reach(
        lot=material.lot_id,
        order=order,
        where=where,
        keepers=keepers,
        returned=where.total(State.RETURNED),
        destroyed=where.total(State.DESTROYED),
        holders_pct=_percent(Decimal(sum(keeper.has_answered for keeper in holding)), Decimal(len(holding))),
        quantity_pct=_percent(EXACT.add(answered, ended), EXACT.add(held, ended)),
        progress=Progress.CLOSED if closing else Progress.OPEN if missing or order is None else Progress.ANSWERED,
        missing=missing,
        unheld=unheld,
        closing=closing,
    )


def _closes(closing: RecallClosing, order: Recall) -> bool:
    return (closing.number, closing.authority, closing.lot) == (order.number, order.authority, order.lot)


def _asker(
    material: Material, order: Recall | None, answers: tuple[RecallAnswer, ...]
) -> Callable[[str | None, str], bool]:
    """Has a party answered for a lot: for itself, or for all of what it was cut from?"""
    named = {material.lot_id} | ({order.lot} if order is not None else set())
    said = {(answer.party, answer.lot) for answer in answers}
    return lambda party, lot: party is not None and any((party, each) in said for each in (lot, *named))


def _keepers(
    where: Whereabouts,
    made: Iterable[Made],
    answers: tuple[RecallAnswer, ...],
    has_answered: Callable[[str | None, str], bool],
) -> Iterable[Keeper]:
    """Those who have most first."""
    parts: dict[str, list[Part]] = {}
    expects: dict[str, Decimal] = {}
    for part in where.parts:
        if part.spot.state in WITH_SOMEBODY and part.spot.party is not None:
            parts.setdefault(part.spot.party, []).append(part)
            if part.spot.to is not None:
                expects[part.spot.to] = EXACT.add(expects.get(part.spot.to, Decimal(0)), part.quantity.value)
    made_by: dict[str, list[Made]] = {}
    for each in made:
        if each.party is not None:
            made_by.setdefault(each.party, []).append(each)
    keepers = [
        Keeper(
            party=party,
            amount=_sum(part.quantity.value for part in parts.get(party, ())),
            answered=_sum(part.quantity.value for part in parts.get(party, ()) if has_answered(party, part.lot)),
            expects=expects.get(party, Decimal(0)),
            parts=tuple(parts.get(party, ())),
            made=tuple(made_by.get(party, ())),
            answers=tuple(answer for answer in answers if answer.party == party),
        )
        for party in dict.fromkeys((*parts, *expects, *made_by, *(answer.party for answer in answers)))
    ]
    return sorted(keepers, key=lambda keeper: (-keeper.amount, -keeper.expects, keeper.party))


def _made(material: Material, where: Whereabouts, has_answered: Callable[[str | None, str], bool]) -> Iterable[Made]:
    """What came of the metres that went into other lots, as far as any of it is left."""
    into = {lot for part in where.parts if part.spot.state in (State.CONSUMED, State.MIXED) for lot in part.spot.into}
    below = sorted({lot for start in into for lot in lots_below(material.lineage, start)})
    used = {portion.lot for flow in material.lineage.flows for portion in flow.inputs}
    for lot in below:
        known, holder = material.lots.get(lot), material.holders.get(lot)
        # What went into others is with their holders; of one that was cut in part, its own holder is asked too.
        if lot in used and holder is None:
            continue
        party = holder.party if holder is not None else known.maker if known is not None else None
        yield Made(
            lot, known.type if known else None, known.quantity if known else None, party, has_answered(party, lot)
        )


def _missing(where: Whereabouts, holding: Iterable[Keeper], *, is_lost: bool) -> Iterable[Missing]:
    if any(not keeper.has_answered for keeper in holding):
        yield Missing.SILENT
    if where.whole is None:
        yield Missing.UNMEASURED
    if where.unknown or is_lost:
        yield Missing.UNKNOWN
    if where.total(State.ON_WAY):
        yield Missing.ON_WAY
    if where.over:
        yield Missing.OVER
    if where.is_cut:
        yield Missing.CUT


def _percent(part: Decimal, whole: Decimal) -> int:
    """Rounded down; of nothing, all."""
    return int(100 * part / whole) if whole else 100


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
