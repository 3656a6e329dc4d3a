"""Counting where a lot's metres are: everything that was said of it and of what was cut from it, in order of record.

Each lot has a book of its own (`trace/book.py`). A split or a join moves metres from its inputs' books to its outputs';
so the books together always sum to the whole and what is over.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from trace.balance import Spot, State, Whereabouts, Why
from trace.book import Book, Choice, held_by, installed, installed_at, lies_at, movable, on_way, unknown
from trace.custody.register import Movement
from trace.days import start_of_day
from trace.epcis.events import Quantity
from trace.lineage import lots_below
from trace.material import Material
from trace.oversight.register import RecallAnswer
from trace.production.register import SAME_MATERIAL, Flow, Lot, Portion
from trace.quantities import EXACT, METRE, convert
from trace.site.register import SiteAct
from trace.stretches import span_of

_NONE = Decimal(0)
_ENDS = {"destroyed": State.DESTROYED, "returned": State.RETURNED, "sampled": State.SAMPLED}


def whereabouts(material: Material) -> Whereabouts:
    """Every part of the lot's material, by where it is: told in `trace/balance.py`."""
    lot = material.lot
    whole = lot.quantity if lot is not None else None
    if lot is None:
        return Whereabouts(material.lot_id, None, (), is_cut=material.lineage.is_cut)
    unit = whole.unit if whole is not None else METRE
    count = _Count(material, unit)
    count.open(lot, whole.value if whole is not None else _NONE)
    for _, _, event in sorted(_events(material), key=lambda each: each[:2]):
        count.take(event)
    for answer in material.recall_answers:
        count.answer(answer)
    parts = tuple(part for book in count.books.values() for part in book.parts(unit))
    return Whereabouts(material.lot_id, whole, parts, count.over if whole else _NONE, material.lineage.is_cut)


def left_of(material: Material) -> Quantity | None:
    """How much of the lot itself somebody holds or has sent; what was cut from it has a number of its own.

    None where nobody has said how much it is, or somebody took of it and did not say how much.
    """
    told = whereabouts(material)
    own = [part for part in told.parts if part.lot == material.lot_id]
    if told.whole is None or any(part.spot.why is Why.UNMEASURED and not part.spot.into for part in own):
        return None
    left = _sum(part.quantity.value for part in own if movable(part.spot))
    return Quantity(left, told.whole.unit)


Event = Movement | SiteAct | Flow


def _events(material: Material) -> Iterator[tuple[int, int, Event]]:
    """(when it counts, number, event): what was said of a lot before it began counts when it has begun."""
    begun = {lot: known.entry for lot, known in material.lots.items()}
    told: list[Movement | SiteAct] = [*material.movements, *material.site_acts]
    for number, said in enumerate(told):
        yield max(said.entry, begun.get(said.lot, 0)), number + 1, said
    for flow in material.lineage.flows:
        if flow.entry not in material.doubted:
            yield flow.entry, 0, flow


@dataclass
class _Count:
    """The books of the lot that was asked for and of all that is wholly cut from it, in one unit."""

    material: Material
    unit: str
    books: dict[str, Book] = field(default_factory=dict)
    _below: dict[str, list[str]] = field(default_factory=dict)
    """The books that each lot answered for leads to; all are there before the first answer."""
    _grown: Decimal = _NONE
    """How much more came out of splits and joins than went into them."""

    @property
    def over(self) -> Decimal:
        """How much more turns up than there is."""
        total = self._grown
        for book in self.books.values():
            total = EXACT.add(total, book.over)
        return total

    def open(self, lot: Lot, whole: Decimal, flow: Flow | None = None) -> None:
        """Begin a lot's book at whoever made it."""
        flow = flow or next((each for each in self.material.lineage.flows if each.entry == lot.entry), None)
        party, at = (flow.party, flow.at) if flow is not None else (lot.maker, lot.made_at)
        holder = self.material.holders.get(lot.lot_id)
        place = holder.place if holder is not None and holder.entry == lot.entry else None
        start = Spot(State.HELD, party, place=place)
        self.books[lot.lot_id] = Book(lot.lot_id, whole, start, at, lot.entry)

    def take(self, event: Event) -> None:
        """What one statement does to the books."""
        if isinstance(event, Flow):
            self._flow(event)
        elif (book := self.books.get(event.lot)) is not None:
            if isinstance(event, Movement):
                self._movement(book, event)
            else:
                self._act(book, event)

    def answer(self, answer: RecallAnswer) -> None:
        """What a holder returned or destroyed of the lot named and of what was cut from it.

        It says what became of what it held; where that is less than it says, no more has come to light by it.
        """
        if answer.action not in _ENDS or not self._can_be_told(answer.quantity, answer.lot):
            return
        left, to = self._amount(answer.quantity), Spot(_ENDS[answer.action], answer.party)
        for lot in self._lots_answered(answer):
            book = self.books[lot]
            for choice in (held_by(answer.party), on_way(taker=answer.party), on_way(giver=answer.party)):
                there = book.at(choice)
                amount = there if left is None else min(there, left)
                if amount:
                    book.move(amount, [choice], to, answer.entry, start_of_day(answer.answered_on))
                    left = None if left is None else EXACT.subtract(left, amount)

    def _lots_answered(self, answer: RecallAnswer) -> list[str]:
        """Those of the books that an answer speaks of. One for a lot above says of these nothing but where it is for
        all of that.
        """
        lineage, named = self.material.lineage, answer.lot
        if named in lineage.same_up:
            above = self.material.lots.get(named)
            whole = self._amount(above.quantity) if above is not None else None
            said = self._amount(answer.quantity)
            is_for_all = answer.quantity is None or (whole is not None and said is not None and said >= whole)
            return list(self.books) if is_for_all else []
        if named not in self._below:
            below = lots_below(lineage, named)
            self._below[named] = [lot for lot in self.books if lot in below]
        return self._below[named]

    def _movement(self, book: Book, move: Movement) -> None:
        party, other = move.party, move.other
        if move.kind == "shipped":
            choices = [held_by(party), on_way(taker=party), movable, unknown]
            to = Spot(State.ON_WAY, party, other)
        else:
            choices = [on_way(other, party), on_way(taker=party), on_way(giver=other), held_by(other), movable, unknown]
            to = Spot(State.HELD, party, place=move.place)
        amount = self._amount(move.quantity)
        if amount is not None:
            book.move(amount, choices, to, move.entry, move.at)
            return
        if not self._can_be_told(move.quantity, move.lot):
            # So many drums of a batch in metres: how many metres went, nobody can tell.
            to = Spot(State.UNKNOWN, party, why=Why.UNMEASURED)
        # Without a quantity, all that the party has of it; of a lot that it does not have, all that can be moved.
        all_of = next((choice for choice in choices if book.at(choice)), movable)
        book.move_all(all_of, to, move.entry, move.at)

    def _act(self, book: Book, act: SiteAct) -> None:
        amount, mine = self._amount(length_of(act)), _of_party(act.party)
        if act.act == "installed":
            to = Spot(State.INSTALLED, act.party, None, act.station, act.circuit, act.from_m, act.to_m)
            self._use(book, amount, mine, to, act)
        elif act.act in _ENDS:
            self._cut_out(book, amount, act)
        elif act.act == "removed":
            there = installed_at(act.station, act.circuit)
            if not book.at(there):
                there = installed_at(act.station)
            amount = book.at(there) if amount is None else min(amount, book.at(there))
            if amount:
                book.move(amount, [there], Spot(State.HELD, act.party), act.entry, act.at)

    def _cut_out(self, book: Book, amount: Decimal | None, act: SiteAct) -> None:
        """A sample or scrap: out of what lies at those metres, else of what can be moved, else of what lies anywhere.

        Whoever samples holds nothing. A sample in metres says nothing of a lot in kilograms.
        """
        span = span_of(act)
        here = (lies_at(*span),) if span is not None else ()
        to = Spot(_ENDS[act.act], act.party, from_m=act.from_m, to_m=act.to_m)
        if amount is not None or act.act != "sampled":
            self._use(book, amount, (*here, *_of_party(act.party), installed), to, act)

    def _use(
        self, book: Book, amount: Decimal | None, choices: Sequence[Choice], to: Spot, said: SiteAct | Flow
    ) -> None:
        """Take of it for good; where nobody said how much, nobody knows where the party's metres are now."""
        if amount is not None:
            book.move(amount, choices, to, said.entry, said.at)
            return
        lost = Spot(State.UNKNOWN, said.party, place=to.place, circuit=to.circuit, into=to.into, why=Why.UNMEASURED)
        all_of = next((choice for choice in choices if book.at(choice)), movable)
        book.move_all(all_of, lost, said.entry, said.at)

    def _flow(self, flow: Flow) -> None:
        ours = [portion for portion in flow.inputs if portion.lot in self.books]
        if not ours:
            return
        into = tuple(portion.lot for portion in flow.outputs)
        if flow.kind not in SAME_MATERIAL:
            self._use_all(ours, Spot(State.CONSUMED, flow.party, into=into), flow)
        elif len(ours) < len(flow.inputs) or not any(self._begins(lot, flow) for lot in into):
            self._use_all(ours, Spot(State.MIXED, flow.party, into=into), flow)
        else:
            self._regroup(flow, ours)

    def _use_all(self, ours: Sequence[Portion], to: Spot, flow: Flow) -> None:
        for portion in ours:
            amount = self._amount(portion.quantity)
            self._use(self.books[portion.lot], amount, _of_party(flow.party), to, flow)

    def _regroup(self, flow: Flow, ours: Sequence[Portion]) -> None:
        """Metres go from the inputs' books to those of the outputs that begin here; what is left over is unknown."""
        given = {portion.lot: self._amount(portion.quantity) for portion in flow.outputs}
        rest = EXACT.subtract(self._withdraw(flow, ours, given), _sum(given.values()))
        first = self.books[ours[0].lot]
        unsized = [lot for lot, amount in given.items() if amount is None]
        if rest > 0 and len(unsized) == 1:
            given[unsized[0]], rest = rest, _NONE
        for lot, amount in given.items():
            if self._begins(lot, flow):
                self.open(self.material.lots[lot], amount or _NONE, flow)
            else:
                # It was there before: a contradiction that C01 finds. Its own metres are not these.
                first.deposit(amount or _NONE, Spot(State.MIXED, flow.party, into=(lot,)), flow.entry, flow.at)
        if rest > 0:
            why = Why.NO_QUANTITY if unsized else Why.CUTTING
            to = Spot(State.UNKNOWN, flow.party, into=tuple(unsized), why=why)
            first.deposit(rest, to, flow.entry, flow.at)
        else:
            self._grown = EXACT.subtract(self._grown, rest)

    def _withdraw(self, flow: Flow, ours: Sequence[Portion], given: Mapping[str, Decimal | None]) -> Decimal:
        """Take the inputs out of their books: as much as is said; else, of a single one, what came out of it; else all
        that the party has.
        """
        choices, total = _of_party(flow.party), _NONE
        for portion in ours:
            book, amount = self.books[portion.lot], self._amount(portion.quantity)
            if amount is None and len(ours) == 1 and None not in given.values():
                amount = _sum(given.values())
            if amount is None:
                amount = book.at(next((choice for choice in choices if book.at(choice)), movable))
            book.withdraw(amount, choices)
            total = EXACT.add(total, amount)
        return total

    def _begins(self, lot: str, flow: Flow) -> bool:
        """Does the lot come into being by this flow?"""
        known = self.material.lots.get(lot)
        return known is not None and known.entry == flow.entry and lot not in self.books

    def _can_be_told(self, quantity: Quantity | None, lot: str) -> bool:
        """One drum is all of itself; how many metres so many drums of a batch are, nobody can tell."""
        return quantity is None or self._amount(quantity) is not None or is_unit(lot)

    def _amount(self, quantity: Quantity | None) -> Decimal | None:
        """In the unit of the books; None where nobody said it, or in a unit that is of something else."""
        same = convert(quantity, self.unit) if quantity is not None else None
        return same.value if same is not None else None


def is_unit(lot: str) -> bool:
    """Is it a single piece, and no batch?"""
    return "/21/" in lot


def length_of(act: SiteAct) -> Quantity | None:
    """The metres that an act speaks of: from–to where it says so, else its quantity."""
    span = span_of(act)
    return Quantity(EXACT.subtract(span[1], span[0]), METRE) if span is not None else act.quantity


def _of_party(party: str) -> tuple[Choice, ...]:
    """Where a party takes from: what it holds, what is on its way to it, what can be moved, what nobody can place."""
    return (held_by(party), on_way(taker=party), movable, unknown)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    total = _NONE
    for amount in amounts:
        total = EXACT.add(total, amount or _NONE)
    return total
