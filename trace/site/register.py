"""What is known of the site: what was delivered against which contract, accepted or rejected, installed where,
removed, stored, destroyed; and which metres samples took.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.epcis.events import Quantity, make_quantity, read_party, transaction_of
from trace.kinds import Said
from trace.ledger.asking import find_rows
from trace.ledger.ink import add_row
from trace.ledger.tables import Base, freeze
from trace.packing.register import CarriedRow, goods_of
from trace.quantities import EXACT, METRE


class SiteActRow(CarriedRow, Base):
    """One act on site on one lot."""

    __tablename__ = "site_act"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lot: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    act: Mapped[str] = mapped_column(String(10))
    party: Mapped[str] = mapped_column(String(18))
    at: Mapped[datetime]
    contract: Mapped[str | None] = mapped_column(String(300), index=True)
    invoicer: Mapped[str | None] = mapped_column(String(300))
    quantity: Mapped[Decimal | None]
    unit: Mapped[str | None] = mapped_column(String(3))
    station: Mapped[str | None] = mapped_column(String(120), index=True)
    circuit: Mapped[str | None] = mapped_column(String(120))
    from_m: Mapped[Decimal | None]
    to_m: Mapped[Decimal | None]


@dataclass(frozen=True, slots=True)
class SiteAct:
    """An act: delivered, accepted, rejected, installed, removed, stored, destroyed or sampled. `from_m` to `to_m` are
    metres along the drum's cable, from its outer end.
    """

    entry: int
    lot: str
    act: str
    party: str
    at: datetime
    contract: str | None
    invoicer: str | None
    quantity: Quantity | None
    station: str | None
    circuit: str | None
    from_m: Decimal | None
    to_m: Decimal | None
    packings: tuple[int, ...] | None = None


def record_act(act: str) -> Callable[[Session, Said], None]:
    """The effect that writes down `act` for every lot of an event."""

    def record(session: Session, said: Said) -> None:
        place = said.body.get("place") or {}
        invoicer = said.body.get("invoicer")
        for goods in goods_of(said):
            quantity = goods.quantity
            add_row(
                session,
                SiteActRow,
                entry=said.position,
                lot=goods.lot,
                act=act,
                party=said.issuer,
                at=said.body["eventTime"],
                contract=transaction_of(said.body, "po"),
                invoicer=read_party(invoicer) if invoicer else None,
                quantity=quantity.value if quantity else None,
                unit=quantity.unit if quantity else None,
                station=place.get("station"),
                circuit=place.get("circuit"),
                from_m=place.get("from_m"),
                to_m=place.get("to_m"),
                packings=goods.rests_on,
            )

    return record


def take_sample(
    session: Session, said: Said, lot: str, at: datetime, length_m: Decimal, position_m: Decimal | None
) -> None:
    """Metres of a lot are gone into a sample, from `position_m` on where that is known: an effect for the kinds of
    whoever tests.
    """
    add_row(
        session,
        SiteActRow,
        entry=said.position,
        lot=lot,
        act="sampled",
        party=said.issuer,
        at=at,
        contract=None,
        invoicer=None,
        quantity=length_m,
        unit=METRE,
        station=None,
        circuit=None,
        from_m=position_m,
        to_m=None if position_m is None else EXACT.add(position_m, length_m),
        packings=None,
    )


def read_site_acts(session: Session, lots: Collection[str]) -> tuple[SiteAct, ...]:
    """Acts on these lots, in order of record."""
    rows = find_rows(session, SiteActRow, {"lot": lots}, "entry", "lot")
    return tuple(freeze(SiteAct, row, quantity=make_quantity(row.quantity, row.unit)) for row in rows)


def read_lots_handed_over(session: Session, contracts: Collection[str], invoicer: str | None = None) -> tuple[str, ...]:
    """The lots on which there are acts under these contracts, or invoiced by this party. Looks at every act for it."""
    either = [SiteActRow.contract.in_(contracts), *([SiteActRow.invoicer == invoicer] if invoicer is not None else [])]
    return tuple(session.scalars(select(SiteActRow.lot).where(or_(*either)).distinct()))


def read_acts_of(session: Session, entries: Collection[int]) -> tuple[SiteAct, ...]:
    """The acts that these entries tell of, in order of record."""
    rows = find_rows(session, SiteActRow, {"entry": entries}, "entry", "lot")
    return tuple(freeze(SiteAct, row, quantity=make_quantity(row.quantity, row.unit)) for row in rows)
