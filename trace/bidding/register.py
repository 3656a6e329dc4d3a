"""What is known of buying: tenders, who was qualified when, awards, contracts with winner and maker. OCDS
vocabulary.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Date, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.epcis.events import Quantity, make_quantity
from trace.kinds import Said
from trace.ledger.asking import find_rows
from trace.ledger.kept import kept_by
from trace.ledger.tables import Base, freeze


class TenderRow(Base):
    """A published tender."""

    __tablename__ = "tender"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    ocid: Mapped[str] = mapped_column(String(80), index=True)
    buyer: Mapped[str] = mapped_column(String(18))
    title: Mapped[str] = mapped_column(String(200))
    published_on: Mapped[date] = mapped_column(Date)
    terms: Mapped[list[Any]]


class QualifiedRow(Base):
    """A supplier on a project's list of qualified suppliers, between two days."""

    __tablename__ = "qualified_supplier"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    party: Mapped[str] = mapped_column(String(18), primary_key=True)
    ocid: Mapped[str] = mapped_column(String(80), index=True)
    listed_on: Mapped[date] = mapped_column(Date)
    suspended_on: Mapped[date | None] = mapped_column(Date)


class AwardRow(Base):
    """An award to a winner."""

    __tablename__ = "award"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    ocid: Mapped[str] = mapped_column(String(80), index=True)
    winner: Mapped[str] = mapped_column(String(18))
    awarded_on: Mapped[date] = mapped_column(Date)


class ContractRow(Base):
    """A signed contract."""

    __tablename__ = "contract"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(80), index=True)
    ocid: Mapped[str] = mapped_column(String(80), index=True)
    buyer: Mapped[str] = mapped_column(String(18))
    supplier: Mapped[str] = mapped_column(String(18))
    maker: Mapped[str] = mapped_column(String(18))
    signed_on: Mapped[date] = mapped_column(Date)
    type: Mapped[str] = mapped_column(String(80))
    standard: Mapped[str | None] = mapped_column(String(80))
    attributes: Mapped[dict[str, Any]]
    quantity: Mapped[Decimal]
    unit: Mapped[str] = mapped_column(String(3))
    authorised: Mapped[list[Any]]


@dataclass(frozen=True, slots=True)
class Tender:
    """A tender with its technical terms."""

    entry: int
    ocid: str
    buyer: str
    title: str
    published_on: date
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Qualified:
    """A party on the list of a contracting process from a day on, until suspended."""

    entry: int
    party: str
    ocid: str
    listed_on: date
    suspended_on: date | None


@dataclass(frozen=True, slots=True)
class Award:
    """Who won, when."""

    entry: int
    ocid: str
    winner: str
    awarded_on: date


@dataclass(frozen=True, slots=True)
class Contract:
    """What was contracted: `supplier` (the winner) sells goods of `maker`; `authorised` act for them by letter."""

    entry: int
    number: str
    ocid: str
    buyer: str
    supplier: str
    maker: str
    signed_on: date
    type: str
    standard: str | None
    attributes: Mapping[str, str]
    quantity: Quantity
    authorised: tuple[str, ...]


def publish_tender(session: Session, said: Said) -> None:
    """Effect of `tender.published`."""
    body = said.body
    session.add(
        TenderRow(
            entry=said.position,
            ocid=body["ocid"],
            buyer=body["buyer"],
            title=body["title"],
            published_on=body["published_on"],
            terms=body["technical_terms"],
        )
    )


def qualify_suppliers(session: Session, said: Said) -> None:
    """Effect of `suppliers.qualified`: the suppliers named join the process's list."""
    session.add_all(
        QualifiedRow(
            entry=said.position,
            party=supplier["party"],
            ocid=said.body["ocid"],
            listed_on=supplier["listed_on"],
            suspended_on=supplier["suspended_on"],
        )
        for supplier in {supplier["party"]: supplier for supplier in said.body["suppliers"]}.values()
    )


def make_award(session: Session, said: Said) -> None:
    """Effect of `award.made`."""
    body = said.body
    session.add(AwardRow(entry=said.position, ocid=body["ocid"], winner=body["winner"], awarded_on=body["awarded_on"]))


def sign_contract(session: Session, said: Said) -> None:
    """Effect of `contract.signed`."""
    body = said.body
    session.add(
        ContractRow(
            entry=said.position,
            number=body["number"],
            ocid=body["ocid"],
            buyer=said.issuer,
            supplier=body["supplier"],
            maker=body["maker"],
            signed_on=body["signed_on"],
            type=body["item"]["type"],
            standard=body["item"]["standard"],
            attributes=body["item"]["attributes"],
            quantity=body["item"]["quantity"],
            unit=body["item"]["unit"],
            authorised=body["authorised"],
        )
    )


@kept_by(lambda contract: contract.number, lambda contract: contract.entry)
def read_contracts(session: Session, numbers: Collection[str]) -> tuple[Contract, ...]:
    """Contracts with these numbers, in order."""
    rows = find_rows(session, ContractRow, {"number": numbers}, "entry")
    return tuple(freeze(Contract, row, quantity=make_quantity(row.quantity, row.unit)) for row in rows)


def read_contracts_of(session: Session, party: str) -> tuple[Contract, ...]:
    """The contracts in which a party buys, supplies or makes, in order."""
    parts = (ContractRow.buyer == party) | (ContractRow.supplier == party) | (ContractRow.maker == party)
    numbers = set(session.scalars(select(ContractRow.number).where(parts)))
    return tuple(
        contract
        for contract in read_contracts(session, numbers)
        if party in (contract.buyer, contract.supplier, contract.maker)
    )


def read_contract_numbers(session: Session, ocid: str) -> tuple[str, ...]:
    """The numbers of the contracts of a contracting process."""
    query = select(ContractRow.number).where(ContractRow.ocid == ocid).order_by(ContractRow.entry)
    return tuple(dict.fromkeys(session.scalars(query)))


@kept_by(lambda tender: tender.ocid, lambda tender: tender.entry)
def read_tenders(session: Session, ocids: Collection[str]) -> tuple[Tender, ...]:
    """Tenders of these contracting processes."""
    rows = find_rows(session, TenderRow, {"ocid": ocids}, "entry")
    return tuple(freeze(Tender, row) for row in rows)


@kept_by(lambda one: one.ocid, lambda one: (one.entry, one.party))
def read_qualified(session: Session, ocids: Collection[str]) -> tuple[Qualified, ...]:
    """The lists of qualified suppliers of these processes."""
    rows = find_rows(session, QualifiedRow, {"ocid": ocids}, "entry", "party")
    return tuple(freeze(Qualified, row) for row in rows)


@kept_by(lambda award: award.ocid, lambda award: award.entry)
def read_awards(session: Session, ocids: Collection[str]) -> tuple[Award, ...]:
    """The awards of these processes."""
    rows = find_rows(session, AwardRow, {"ocid": ocids}, "entry")
    return tuple(freeze(Award, row) for row in rows)
