"""What is known of labs: accreditation with scope rows and dates, suspensions, authorised signatories."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.kinds import Said
from trace.ledger.asking import find_rows
from trace.ledger.kept import kept_by
from trace.ledger.tables import Base, freeze


class AccreditationRow(Base):
    """What an accrediting body says that a lab may do."""

    __tablename__ = "accreditation"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18), index=True)
    body: Mapped[str] = mapped_column(String(18))
    cma: Mapped[str | None] = mapped_column(String(12), index=True)
    cnas: Mapped[str | None] = mapped_column(String(10), index=True)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    scope: Mapped[list[Any]]


class SuspensionRow(Base):
    """A time in which a lab's accreditation rests."""

    __tablename__ = "suspension"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18), index=True)
    suspended_from: Mapped[date] = mapped_column(Date)
    suspended_to: Mapped[date | None] = mapped_column(Date)


class SignatoryRow(Base):
    """A person whom a lab authorises to sign reports."""

    __tablename__ = "signatory"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18), index=True)
    person: Mapped[str] = mapped_column(String(60))
    kid: Mapped[bytes] = mapped_column(LargeBinary)
    parameters: Mapped[list[Any]]
    authorised_from: Mapped[date] = mapped_column(Date)
    authorised_to: Mapped[date | None] = mapped_column(Date)


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """One line of a scope: object tested, parameter, method standard, between two days (both included)."""

    object: str
    parameter: str
    method: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class Accreditation:
    """A lab's accreditation by one body."""

    entry: int
    lab: str
    body: str
    cma: str | None
    cnas: str | None
    valid_from: date
    valid_to: date
    scope: tuple[ScopeRow, ...]


@dataclass(frozen=True, slots=True)
class Suspension:
    """Accreditation at rest, both days included; an open end lasts."""

    entry: int
    lab: str
    suspended_from: date
    suspended_to: date | None


@dataclass(frozen=True, slots=True)
class Signatory:
    """An authorised signatory: for these parameters ("*" for all), between two days."""

    entry: int
    lab: str
    person: str
    kid: bytes
    parameters: tuple[str, ...]
    authorised_from: date
    authorised_to: date | None


def accredit_lab(session: Session, said: Said) -> None:
    """Effect of `lab.accredited`."""
    body = said.body
    session.add(
        AccreditationRow(
            entry=said.position,
            lab=body["lab"],
            body=said.issuer,
            cma=body["cma"],
            cnas=body["cnas"],
            valid_from=body["valid_from"],
            valid_to=body["valid_to"],
            scope=[
                line | {"valid_from": line["valid_from"].isoformat(), "valid_to": line["valid_to"].isoformat()}
                for line in body["scope"]
            ],
        )
    )


def suspend_accreditation(session: Session, said: Said) -> None:
    """Effect of `accreditation.suspended`."""
    body = said.body
    session.add(
        SuspensionRow(
            entry=said.position,
            lab=body["lab"],
            suspended_from=body["suspended_from"],
            suspended_to=body["suspended_to"],
        )
    )


def authorise_signatory(session: Session, said: Said) -> None:
    """Effect of `signatory.authorised`: the signing lab names the person and the key."""
    body = said.body
    session.add(
        SignatoryRow(
            entry=said.position,
            lab=said.issuer,
            person=body["person"],
            kid=bytes.fromhex(body["kid"]),
            parameters=body["parameters"],
            authorised_from=body["authorised_from"],
            authorised_to=body["authorised_to"],
        )
    )


def read_accreditations(session: Session, labs: Collection[str] | None = None) -> tuple[Accreditation, ...]:
    """The accreditations of these labs, or of all, in order."""
    if labs is not None:
        return _read_of_labs(session, labs)
    return tuple(map(_accreditation, session.scalars(select(AccreditationRow).order_by(AccreditationRow.entry))))


@kept_by(lambda one: one.lab, lambda one: one.entry)
def read_suspensions(session: Session, labs: Collection[str]) -> tuple[Suspension, ...]:
    """The suspensions of these labs."""
    rows = find_rows(session, SuspensionRow, {"lab": labs}, "entry")
    return tuple(freeze(Suspension, row) for row in rows)


@kept_by(lambda one: one.lab, lambda one: one.entry)
def read_signatories(session: Session, labs: Collection[str]) -> tuple[Signatory, ...]:
    """The authorised signatories of these labs."""
    rows = find_rows(session, SignatoryRow, {"lab": labs}, "entry")
    return tuple(freeze(Signatory, row) for row in rows)


def find_accredited(session: Session, number: str) -> tuple[str, ...]:
    """The labs that hold this CMA or CNAS number."""
    query = select(AccreditationRow.lab).where((AccreditationRow.cma == number) | (AccreditationRow.cnas == number))
    return tuple(sorted(set(session.scalars(query))))


@kept_by(lambda one: one.lab, lambda one: one.entry)
def _read_of_labs(session: Session, labs: Collection[str]) -> Iterable[Accreditation]:
    return map(_accreditation, find_rows(session, AccreditationRow, {"lab": labs}))


def _accreditation(row: Any) -> Accreditation:
    return freeze(Accreditation, row, scope=tuple(_scope_row(line) for line in row.scope))


def _scope_row(line: dict[str, str]) -> ScopeRow:
    return ScopeRow(
        line["object"],
        line["parameter"],
        line["method"],
        date.fromisoformat(line["valid_from"]),
        date.fromisoformat(line["valid_to"]),
    )
