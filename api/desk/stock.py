"""What waits at a party's desk: what it holds, what is on its way to it, which recalls it has to answer.

A bounded number of questions however much there is; lists end at MOST lots, the newest first, and say so.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from trace.custody.register import Holder, read_coming, read_held, read_holders, read_unmoved, read_unmoved_units
from trace.doubts import drop_unbelieved
from trace.epcis.events import Quantity
from trace.epcis.identifiers import is_logistic, parse_lot
from trace.history import gather_single
from trace.packing.register import inside, read_packings
from trace.production.register import Lot
from trace.site.register import SiteAct, read_site_acts
from trace.stretches import Claim, claims_of, still_installed
from trace.whereabouts import left_of

MOST = 500


@dataclass(frozen=True, slots=True)
class Item:
    """A lot, unit or logistic unit as its holder sees it. `left` is how much of it somebody still holds or has sent."""

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

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What is said of its metres one by one."""
        return claims_of(self.acts)

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
    """Those that somebody made, and logistic units, which nobody makes, by what was done with them."""
    single = gather_single(session, sorted(holders))
    packings = drop_unbelieved(session, read_packings(session, list(holders)))
    around = {packing.child: packing.parent for packing in inside(packings).values()}
    logistic = [lot for lot in holders if is_logistic(lot)]
    acts = drop_unbelieved(session, read_site_acts(session, logistic))
    items = [
        Item(lot, told.lot, holders[lot], left_of(told), told.site_acts, around.get(lot))
        for lot, told in single.items()
    ]
    items += [
        Item(unit, None, holders[unit], None, tuple(act for act in acts if act.lot == unit), around.get(unit))
        for unit in logistic
    ]
    return tuple(items)


def by_batch(items: Iterable[Item]) -> list[tuple[str, list[Item]]]:
    """Items under the batch that they belong to, in order; the batch with the newest drum first."""
    batches: dict[str, list[Item]] = {}
    for item in items:
        batches.setdefault(item.batch, []).append(item)
    return sorted(batches.items(), key=lambda batch: -max(item.lot.entry if item.lot else 0 for item in batch[1]))
