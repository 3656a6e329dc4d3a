"""What is known of packing: what was put into which logistic unit, and taken out again.

What is said of a logistic unit holds for all that is in it at that entry. So the door asks `read_contents` before an
entry's effects, and these write their rows for the contents too (`goods_of`), each with the packings that it rests on:
where one of those is not believed any more, the row counts for nothing (`trace/doubts.py`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.doubts import drop_unbelieved
from trace.epcis.events import Quantity, make_quantity, parent_of, read_lots
from trace.epcis.identifiers import is_logistic
from trace.kinds import Carried, Said
from trace.ledger.asking import find_rows
from trace.ledger.ink import add_row
from trace.ledger.tables import Base, freeze
from trace.quantities import EXACT, convert

# Ours to choose: boxes in cases on pallets in containers are four. What lies deeper, or beyond so many, doesn't travel.
MAX_DEPTH = 8
MAX_CONTENTS = 10_000
PACKED, UNPACKED = "packed", "unpacked"


class PackingRow(Base):
    """One thing put into a logistic unit, or taken out of it."""

    __tablename__ = "packing"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    child: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    parent: Mapped[str] = mapped_column(String(80), index=True)
    act: Mapped[str] = mapped_column(String(10))
    party: Mapped[str] = mapped_column(String(18), index=True)
    at: Mapped[datetime]
    quantity: Mapped[Decimal | None]
    unit: Mapped[str | None] = mapped_column(String(3))


class CarriedRow:
    """The column of a row that is written for what is in a logistic unit: the packings by which it is there, outermost
    first; nothing for what the entry names itself.
    """

    packings: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))


@dataclass(frozen=True, slots=True)
class Packing:
    """`child` was `packed` into, or `unpacked` from, the logistic unit `parent`, by `party` at `at` (UTC)."""

    entry: int
    child: str
    parent: str
    act: str
    party: str
    at: datetime
    quantity: Quantity | None


@dataclass(frozen=True, slots=True)
class Goods:
    """What an event is said of. `packings` are empty where it names it itself."""

    lot: str
    quantity: Quantity | None
    packings: tuple[int, ...] = ()

    @property
    def rests_on(self) -> list[int] | None:
        """The packings as `CarriedRow` keeps them."""
        return list(self.packings) or None


def goods_of(said: Said) -> Iterable[Goods]:
    """What an event names, each once, and then what is in the logistic units among that."""
    goods = {lot: Goods(lot, quantity) for lot, quantity in read_lots(said.body)}
    for one in said.carried:
        goods.setdefault(one.lot, Goods(one.lot, one.quantity, one.packings))
    return goods.values()


def pack_goods(session: Session, said: Said) -> None:
    """Effect of `goods.packed`."""
    _record(session, said, PACKED, dict(read_lots(said.body, "child")))


def unpack_goods(session: Session, said: Said) -> None:
    """Effect of `goods.unpacked`: of those that it names, or of all that is in it."""
    named = dict(read_lots(said.body, "child"))
    parent = parent_of(said.body)
    _record(session, said, UNPACKED, named or {one.lot: None for one in said.carried if one.parent == parent})


def read_packings(session: Session, children: Collection[str]) -> tuple[Packing, ...]:
    """What was said of these as contents, in order of record."""
    return tuple(map(_packing, find_rows(session, PackingRow, {"child": children}, "entry", "child")))


def read_packings_into(session: Session, parents: Collection[str]) -> tuple[Packing, ...]:
    """What was said of the contents of these logistic units, in order of record."""
    return tuple(map(_packing, find_rows(session, PackingRow, {"parent": parents}, "entry", "child")))


def read_packings_around(session: Session, goods: Collection[str]) -> tuple[Packing, ...]:
    """What was said of these as contents, and of every logistic unit that any of them ever was in, in order of record:
    a question for each level.
    """
    found, seen, level = list[Packing](), set(goods), set(goods)
    for _ in range(MAX_DEPTH):
        if not level:
            break
        packings = read_packings(session, sorted(level))
        found += packings
        level = {packing.parent for packing in packings} - seen
        seen |= level
    return tuple(sorted(found, key=lambda packing: (packing.entry, packing.child)))


def inside(packings: Iterable[Packing]) -> dict[tuple[str, str], Packing]:
    """Of what was said, in order of record, what still holds: by (parent, child) the last packing, with the quantity
    that is in there now. Of a batch so much may be taken out as was put in, in one unit or several.
    """
    there: dict[tuple[str, str], Packing] = {}
    for packing in packings:
        place = (packing.parent, packing.child)
        before = there.pop(place, None)
        if packing.act == PACKED:
            amount = packing.quantity if before is None else _add(before.quantity, packing.quantity, 1)
            there[place] = replace(packing, quantity=amount)
        elif before is not None and packing.quantity is not None:
            left = _add(before.quantity, packing.quantity, -1)
            if left is None or left.value > 0:
                there[place] = replace(before, quantity=left)
    return there


def packed_in(packings: Iterable[Packing], child: str) -> tuple[Packing, ...]:
    """Where a thing is now, by what was said in order of record: in no unit, in one, or, against reason, in several."""
    return tuple(packing for packing in inside(packings).values() if packing.child == child)


def gone_from(packings: Sequence[Packing]) -> tuple[Packing, ...]:
    """Of what was said of a unit's contents, in order of record, the last unpacking of each that is not in it now; the
    latest first.
    """
    there = inside(packings)
    gone = {one.child: one for one in packings if one.act == UNPACKED and (one.parent, one.child) not in there}
    return tuple(sorted(gone.values(), key=lambda packing: (-packing.entry, packing.child)))


def read_contents(session: Session, units: Collection[str], *, is_believed: bool = False) -> tuple[Carried, ...]:
    """What is in these logistic units and in those that are in them, nearest first, each once: a question for each
    level. Of a batch that is in several of them, all of it.

    Whether the packings are believed is asked with `is_believed` alone: that may change, and rows that rest on them say
    so.
    """
    found: dict[str, Carried] = {}
    level: dict[str, tuple[int, ...]] = dict.fromkeys(units, ())
    for _ in range(MAX_DEPTH):
        if not level:
            break
        below: dict[str, tuple[int, ...]] = {}
        packings = read_packings_into(session, sorted(level))
        there = inside(drop_unbelieved(session, packings) if is_believed else packings)
        for (parent, child), packing in there.items():
            carried = Carried(child, packing.quantity, parent, (*level[parent], packing.entry))
            if child in units or len(found) >= MAX_CONTENTS:
                continue
            known = found.get(child)
            if known is None:
                found[child] = carried
                if is_logistic(child):
                    below[child] = carried.packings
            elif known.quantity is not None:
                found[child] = _merge(known, carried)
        level = below
    return tuple(found.values())


def _merge(one: Carried, other: Carried) -> Carried:
    """Some of a batch in one unit, and some in another."""
    packings = tuple(dict.fromkeys((*one.packings, *other.packings)))
    return replace(one, quantity=_add(one.quantity, other.quantity, 1), packings=packings)


def _add(one: Quantity | None, other: Quantity | None, sign: int) -> Quantity | None:
    """Their sum or difference; None, for all that there is, where it can't be told."""
    if one is None or other is None or (same := convert(other, one.unit)) is None:
        return None
    return Quantity(EXACT.add(one.value, EXACT.multiply(same.value, sign)), one.unit)


def _record(session: Session, said: Said, act: str, children: Mapping[str, Quantity | None]) -> None:
    for child, quantity in children.items():
        add_row(
            session,
            PackingRow,
            entry=said.position,
            child=child,
            parent=parent_of(said.body),
            act=act,
            party=said.issuer,
            at=said.body["eventTime"],
            quantity=quantity.value if quantity else None,
            unit=quantity.unit if quantity else None,
        )


def _packing(row: Any) -> Packing:
    return freeze(Packing, row, quantity=make_quantity(row.quantity, row.unit))
