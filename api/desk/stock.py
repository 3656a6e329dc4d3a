"""What waits at a party's desk: what it holds, what is on its way to it, which recalls it has to answer.

A bounded number of questions however much there is; lists end at MOST lots, the newest first, and say so.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy.orm import Session

from api.answer import still_installed
from trace.custody.register import Holder, read_coming, read_held, read_holders, read_unmoved, read_unmoved_units
from trace.doubts import drop_unbelieved, read_doubts
from trace.epcis.events import Quantity
from trace.epcis.identifiers import is_logistic, parse_lot
from trace.packing.register import inside, read_packings
from trace.production.register import Flow, Lot, read_flows_from, read_lots_by_id
from trace.site.register import SiteAct, read_site_acts
from trace.whereabouts import length_of

MOST = 500


@dataclass(frozen=True, slots=True)
class Item:
    """A lot, unit or logistic unit as its holder sees it. `left` is what neither flows nor installations have taken of
    it.
    """

    lot_id: str
    lot: Lot | None
    holder: Holder | None
    """None where nobody has moved it since it was made."""
    left: Quantity | None
    acts: tuple[SiteAct, ...]
    packed_in: str | None = None
    """The logistic unit that it is in."""

    @property
    def batch(self) -> str:
        """The lot that its name belongs to: itself, where it is no unit."""
        if self.is_logistic:
            return self.lot_id
        name = parse_lot(self.lot_id)
        return str(name.parent or name)

    @property
    def is_unit(self) -> bool:
        """Is it a drum, and no batch?"""
        return "/21/" in self.lot_id

    @property
    def is_logistic(self) -> bool:
        """Is it a pallet, case or container?"""
        return is_logistic(self.lot_id)

    @property
    def is_used_up(self) -> bool:
        """Is nothing left of it?"""
        return self.left is not None and self.left.value <= 0

    @property
    def installed(self) -> tuple[SiteAct, ...]:
        """The installations that no removal has undone."""
        return tuple(still_installed(self.acts))

    def has(self, act: str) -> bool:
        """Has this been done with it on site?"""
        return any(one.act == act for one in self.acts)


@dataclass(frozen=True, slots=True)
class Stock:
    """`held` is here, `sent` is on its way to others and still this party's, `coming` on its way to it."""

    held: tuple[Item, ...] = ()
    sent: tuple[Item, ...] = ()
    coming: tuple[Item, ...] = ()
    is_cut: bool = False

    def among(self, lots: Collection[str]) -> tuple[Item, ...]:
        """Those of these lots that are in any of its lists."""
        return tuple(item for item in (*self.held, *self.sent, *self.coming) if item.lot_id in lots)


def read_stock(session: Session, party: str) -> Stock:
    """All that is at a party's, or on its way from or to it."""
    holders, coming = read_held(session, party, MOST), read_coming(session, party, MOST)
    unmoved = read_unmoved(session, party, MOST)
    unmoved += read_unmoved_units(session, party, MOST)
    by_lot: dict[str, Holder | None] = {**dict.fromkeys(unmoved), **{one.lot: one for one in (*coming, *holders)}}
    items = _describe(session, by_lot)
    here = [item for item in items if item.holder is None or item.holder.party == party]
    return Stock(
        held=tuple(item for item in here if item.holder is None or item.holder.sent_to is None),
        sent=tuple(item for item in here if item.holder is not None and item.holder.sent_to is not None),
        coming=tuple(item for item in items if item.holder is not None and item.holder.sent_to == party),
        is_cut=max(len(holders), len(coming), len(unmoved)) == MOST,
    )


def read_items(session: Session, lots: Collection[str]) -> tuple[Item, ...]:
    """These lots and logistic units, wherever they are; a lot that nobody made is left out."""
    holders = read_holders(session, lots)
    items = _describe(session, {lot: holders.get(lot) for lot in lots})
    return tuple(item for item in items if item.lot is not None or item.is_logistic)


def _describe(session: Session, holders: Mapping[str, Holder | None]) -> tuple[Item, ...]:
    lots = sorted(holders)
    known, flows, acts = read_lots_by_id(session, lots), read_flows_from(session, lots), read_site_acts(session, lots)
    doubts = read_doubts(session, {flow.entry for flow in flows} | {act.entry for act in acts})
    taken = _taken(known, (flow for flow in flows if flow.entry not in doubts))
    packings = drop_unbelieved(session, read_packings(session, lots))
    units = {packing.child: packing.parent for packing in inside(packings).values()}
    acts_on: dict[str, tuple[SiteAct, ...]] = {}
    for act in acts:
        if act.entry not in doubts:
            acts_on[act.lot] = (*acts_on.get(act.lot, ()), act)
    return tuple(
        _less(
            Item(lot, known.get(lot), holders[lot], None, acts_on.get(lot, ()), units.get(lot)),
            taken.get(lot, Decimal(0)),
        )
        for lot in lots
    )


def _taken(known: Mapping[str, Lot], flows: Iterable[Flow]) -> dict[str, Decimal]:
    """What flows took of each lot; one that does not say how much took it whole."""
    taken: dict[str, Decimal] = {}
    for flow in flows:
        for portion in flow.inputs:
            lot = known.get(portion.lot)
            whole = portion.quantity or (lot.quantity if lot is not None else None)
            if whole is not None:
                taken[portion.lot] = taken.get(portion.lot, Decimal(0)) + whole.value
    return taken


def _less(item: Item, taken: Decimal) -> Item:
    whole = item.lot.quantity if item.lot is not None else None
    if whole is None:
        return item
    lengths = (length_of(act) for act in item.installed)
    built = sum((length.value for length in lengths if length and length.unit == whole.unit), Decimal(0))
    return replace(item, left=Quantity(whole.value - taken - built, whole.unit))


def by_batch(items: Iterable[Item]) -> list[tuple[str, list[Item]]]:
    """Items under the batch that they belong to, in order; the batch with the newest drum first."""
    batches: dict[str, list[Item]] = {}
    for item in items:
        batches.setdefault(item.batch, []).append(item)
    return sorted(batches.items(), key=lambda batch: -max(item.lot.entry if item.lot else 0 for item in batch[1]))
