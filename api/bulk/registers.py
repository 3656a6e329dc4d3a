"""What the registers know of a file's lots, asked for in bulk: some dozen questions for each 5,000 lots.

The heads of the chains are read first. Whatever is let in after that moves a head, and what was planned on older facts
is then refused as stale, never recorded twice.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from trace.chains import read_heads_by_lot
from trace.custody.register import Holder, Movement, read_holders, read_movements
from trace.doubts import read_doubts
from trace.production.register import Flow, Lot, read_flows_from, read_lots_by_id
from trace.site.register import SiteAct, read_site_acts

T = TypeVar("T", Movement, SiteAct)
# Neither database takes any number of values in one question.
_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record, and believed, about some lots. `flows` are those out of them."""

    heads: Mapping[str, frozenset[bytes]]
    lots: Mapping[str, Lot]
    holders: Mapping[str, Holder]
    movements: Mapping[str, list[Movement]] = field(default_factory=dict)
    acts: Mapping[str, list[SiteAct]] = field(default_factory=dict)
    flows: tuple[Flow, ...] = ()

    def holder_of(self, lot: str) -> tuple[str, str | None] | None:
        """Who holds a lot, and to whom it is on its way, if it is; its maker holds what nobody has moved."""
        holder = self.holders.get(lot)
        if holder is not None:
            return holder.party, holder.sent_to
        return (self.lots[lot].maker, None) if lot in self.lots else None


def read_known(session: Session, lots: Collection[str], batches: Collection[str] = ()) -> Known:
    """What is known of these lots, and of what was taken out of `batches`, which are among them."""
    heads = _gather(session, lots, read_heads_by_lot)
    known = _gather(session, lots, read_lots_by_id)
    holders = _gather(session, lots, read_holders)
    movements = [move for some in _cut(lots) for move in read_movements(session, some)]
    acts = [act for some in _cut(lots) for act in read_site_acts(session, some)]
    flows = _gather(
        session, batches, lambda session, some: {flow.entry: flow for flow in read_flows_from(session, some)}
    )
    entries = {move.entry for move in movements} | {act.entry for act in acts} | set(flows)
    doubts = read_doubts(session, entries)
    return Known(
        heads,
        known,
        holders,
        _by_lot([move for move in movements if move.entry not in doubts]),
        _by_lot([act for act in acts if act.entry not in doubts]),
        tuple(flow for entry, flow in sorted(flows.items()) if entry not in doubts),
    )


def _gather(
    session: Session, lots: Collection[str], read: Callable[[Session, Collection[str]], Mapping[Any, Any]]
) -> dict[Any, Any]:
    gathered: dict[Any, Any] = {}
    for some in _cut(lots):
        gathered |= read(session, some)
    return gathered


def _by_lot(records: list[T]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for record in records:
        found.setdefault(record.lot, []).append(record)
    return found


def _cut(lots: Collection[str]) -> Iterator[list[str]]:
    every = list(lots)
    return (every[at : at + _AT_ONCE] for at in range(0, len(every), _AT_ONCE))
