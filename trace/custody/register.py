"""What is known of hands: who shipped what to whom, who received it, and who holds each lot now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Index, Select, String, bindparam, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.doubts import drop_unbelieved
from trace.epcis.events import Quantity, make_quantity, party_of, read_lots, transaction_of
from trace.epcis.mapping import FLAGS
from trace.epcis.vocabulary import cbv_word
from trace.kinds import Said
from trace.ledger.asking import ask, find_rows
from trace.ledger.ink import add_row
from trace.ledger.tables import Base, freeze
from trace.packing.register import PACKED, CarriedRow, Goods, PackingRow, goods_of
from trace.production import register as production


class MovementRow(CarriedRow, Base):
    """A lot leaving or arriving."""

    __tablename__ = "movement"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lot: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(String(10))
    party: Mapped[str] = mapped_column(String(18), index=True)
    other: Mapped[str | None] = mapped_column(String(300))
    at: Mapped[datetime]
    quantity: Mapped[Decimal | None]
    unit: Mapped[str | None] = mapped_column(String(3))
    place: Mapped[str | None] = mapped_column(String(300))
    contract: Mapped[str | None] = mapped_column(String(300), index=True)


class HoldingRow(CarriedRow, Base):
    """A statement by which its signer holds a lot. The last that is believed says who holds it at present."""

    __tablename__ = "holding"
    # Few are on their way: the others cost the door nothing here.
    __table_args__ = (
        Index(
            "ix_holding_sent_to",
            "sent_to",
            sqlite_where=text("sent_to IS NOT NULL"),
            postgresql_where=text("sent_to IS NOT NULL"),
        ),
    )
    lot: Mapped[str] = mapped_column(String(80), primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    party: Mapped[str] = mapped_column(String(18), index=True)
    since: Mapped[datetime]
    place: Mapped[str | None] = mapped_column(String(300))
    sent_to: Mapped[str | None] = mapped_column(String(300))


class FlagRow(CarriedRow, Base):
    """That somebody has a lot on record as recalled, not conforming, or not what it should be."""

    __tablename__ = "lot_flag"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lot: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    party: Mapped[str] = mapped_column(String(18))
    at: Mapped[datetime]
    disposition: Mapped[str] = mapped_column(String(40))


_HOLDING: Any = HoldingRow.__table__
_LATER: Any = _HOLDING.alias()
_LOT: Any = production.LotRow.__table__
_PACKING: Any = PackingRow.__table__


def _last_holdings(wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The last holding of each lot, where it is as wanted."""
    is_last = ~select(_LATER.c.entry).where(_LATER.c.lot == _HOLDING.c.lot, _LATER.c.entry > _HOLDING.c.entry).exists()
    newest = (_HOLDING.c.entry.desc(), _HOLDING.c.lot)
    return select(_HOLDING).where(wanted, is_last).order_by(*newest).limit(bindparam("most"))


_HELD = _last_holdings(_HOLDING.c.party == bindparam("party"))
_COMING = _last_holdings(_HOLDING.c.sent_to == bindparam("party"))
_UNMOVED = (
    select(_LOT.c.lot_id)
    .where(
        _LOT.c.maker == bindparam("maker"),
        _LOT.c.origin.in_(("commissioned", "transformed")),
        ~select(_HOLDING.c.lot).where(_HOLDING.c.lot == _LOT.c.lot_id).exists(),
    )
    .order_by(_LOT.c.entry.desc(), _LOT.c.lot_id)
    .limit(bindparam("most"))
)
_UNMOVED_UNITS = (
    select(_PACKING.c.parent)
    .where(
        _PACKING.c.party == bindparam("party"),
        _PACKING.c.act == PACKED,
        ~select(_HOLDING.c.lot).where(_HOLDING.c.lot == _PACKING.c.parent).exists(),
    )
    .group_by(_PACKING.c.parent)
    .order_by(func.max(_PACKING.c.entry).desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Flag:
    """A party's word that something is wrong with a lot: a disposition of CBV (`epcis/mapping.py`)."""

    entry: int
    lot: str
    party: str
    at: datetime
    disposition: str
    packings: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """`shipped` by `party` to `other`, or `received` by `party` from `other`. `contract` is the purchase order named,
    if any.
    """

    entry: int
    lot: str
    kind: str
    party: str
    other: str | None
    at: datetime
    quantity: Quantity | None
    place: str | None
    contract: str | None
    packings: tuple[int, ...] | None = None
    """The packings by which it went along in a logistic unit; None where it was named itself."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lot since when; `sent_to` is set while it is on its way to somebody else."""

    lot: str
    party: str
    since: datetime
    place: str | None
    sent_to: str | None
    entry: int
    packings: tuple[int, ...] | None = None


def ship_lots(session: Session, said: Said) -> None:
    """Effect of `goods.shipped`: on its way to the destination; still the shipper's until it is received."""
    other = party_of(said.body, "destination")
    _record(session, said, "shipped", other)
    for goods in goods_of(said):
        hold_lot(session, said, goods, sent_to=other)


def receive_lots(session: Session, said: Said) -> None:
    """Effect of `goods.received`: the signer holds it."""
    _record(session, said, "received", party_of(said.body, "source"))
    for goods in goods_of(said):
        hold_lot(session, said, goods)


def split_lots(session: Session, said: Said) -> None:
    """Effect of `lot.split`."""
    production.regroup_lots(session, said, "split")
    _hold_outputs(session, said)


def join_lots(session: Session, said: Said) -> None:
    """Effect of `lot.joined`."""
    production.regroup_lots(session, said, "joined")
    _hold_outputs(session, said)


def hold_lot(session: Session, said: Said, goods: Goods, sent_to: str | None = None) -> None:
    """The signer holds the lot from the event's time on."""
    location = said.body["readPoint"] or said.body["bizLocation"]
    add_row(
        session,
        HoldingRow,
        lot=goods.lot,
        entry=said.position,
        party=said.issuer,
        since=said.body["eventTime"],
        place=location["id"] if location else None,
        sent_to=sent_to,
        packings=goods.rests_on,
    )


def flag_lots(session: Session, said: Said) -> None:
    """Effect of `goods.flagged`, and of a movement whose disposition says that something is wrong."""
    for goods in goods_of(said):
        add_row(
            session,
            FlagRow,
            entry=said.position,
            lot=goods.lot,
            party=said.issuer,
            at=said.body["eventTime"],
            disposition=cbv_word(said.body["disposition"]),
            packings=goods.rests_on,
        )


def read_flags(session: Session, lots: Collection[str]) -> tuple[Flag, ...]:
    """What is said to be wrong with these lots, in order of record."""
    return tuple(freeze(Flag, row) for row in find_rows(session, FlagRow, {"lot": lots}, "entry", "lot"))


def read_movements(session: Session, lots: Collection[str]) -> tuple[Movement, ...]:
    """All movements of these lots, in order of record."""
    rows = find_rows(session, MovementRow, {"lot": lots}, "entry", "lot")
    return tuple(freeze(Movement, row, quantity=make_quantity(row.quantity, row.unit)) for row in rows)


def read_received(session: Session, party: str, start: datetime, end: datetime) -> tuple[Movement, ...]:
    """What a party has received from `start` up to `end`, in order of record."""
    got = select(MovementRow.entry).where(
        MovementRow.party == party, MovementRow.kind == "received", MovementRow.at >= start, MovementRow.at < end
    )
    rows = find_rows(session, MovementRow, {"entry": sorted(set(session.scalars(got)))}, "entry", "lot")
    return tuple(freeze(Movement, row, quantity=make_quantity(row.quantity, row.unit)) for row in rows)


def read_lots_under(session: Session, contracts: Collection[str]) -> tuple[str, ...]:
    """The lots that were moved under these contracts."""
    query = select(MovementRow.lot).where(MovementRow.contract.in_(contracts)).distinct().order_by(MovementRow.lot)
    return tuple(session.scalars(query))


def read_lots_moved_with(session: Session, party: str) -> tuple[str, ...]:
    """The lots that somebody said to have sent to this party, or got from it. Looks at every movement."""
    return tuple(session.scalars(select(MovementRow.lot).where(MovementRow.other == party).distinct()))


def read_holders(session: Session, lots: Collection[str]) -> dict[str, Holder]:
    """Present holders, by lot: those of the last statement that is believed."""
    rows = find_rows(session, HoldingRow, {"lot": lots}, "entry")
    return {holder.lot: holder for holder in drop_unbelieved(session, tuple(freeze(Holder, row) for row in rows))}


def read_held(session: Session, party: str, most: int) -> tuple[Holder, ...]:
    """What a party holds, or has sent off and nobody has received yet: at most `most`, the newest first.

    Where the last statement on a lot is not believed, it is in nobody's list.
    """
    return _believed(session, ask(session, _HELD, party=party, most=most).rows)


def read_coming(session: Session, party: str, most: int) -> tuple[Holder, ...]:
    """What is on its way to a party: at most `most`, the newest first."""
    return _believed(session, ask(session, _COMING, party=party, most=most).rows)


def read_unmoved_units(session: Session, party: str, most: int) -> tuple[str, ...]:
    """The logistic units that a party has packed and nobody has moved since: at most `most`, the newest first."""
    return tuple(row.parent for row in ask(session, _UNMOVED_UNITS, party=party, most=most))


def read_unmoved(session: Session, maker: str, most: int) -> tuple[str, ...]:
    """The lots that a party has made and nobody has moved since: at most `most`, the newest first."""
    return tuple(row.lot_id for row in ask(session, _UNMOVED, maker=maker, most=most))


def _believed(session: Session, rows: Sequence[Any]) -> tuple[Holder, ...]:
    return drop_unbelieved(session, tuple(freeze(Holder, row) for row in rows))


def _hold_outputs(session: Session, said: Said) -> None:
    for lot in dict(read_lots(said.body, "output")):
        hold_lot(session, said, Goods(lot, None))


def _record(session: Session, said: Said, kind: str, other: str | None) -> None:
    if cbv_word(said.body["disposition"]) in FLAGS:
        flag_lots(session, said)
    location = said.body["readPoint"] or said.body["bizLocation"]
    for goods in goods_of(said):
        quantity = goods.quantity
        add_row(
            session,
            MovementRow,
            entry=said.position,
            lot=goods.lot,
            kind=kind,
            party=said.issuer,
            other=other,
            at=said.body["eventTime"],
            quantity=quantity.value if quantity else None,
            unit=quantity.unit if quantity else None,
            place=location["id"] if location else None,
            contract=transaction_of(said.body, "po"),
            packings=goods.rests_on,
        )
