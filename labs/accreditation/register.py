"""What is known of labs: accreditation with sites, scope rows and dates, suspensions and what lifted them, authorised
signatories and analysts.

Longer than others: six kinds that are read together. What they come to on a day is worked out in `standing.py`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import JSON, BigInteger, Date, LargeBinary, String, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.days import civil_day
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
    sites: Mapped[list[Any]]


class ScopeLineRow(Base):
    """A line of a scope as it is looked for."""

    __tablename__ = "scope_line"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18))
    object: Mapped[str] = mapped_column(String(80))
    parameter: Mapped[str] = mapped_column(String(60), index=True)
    method: Mapped[str] = mapped_column(String(80))


class SuspensionRow(Base):
    """A time in which a lab's accreditation rests, or parts of its scope."""

    __tablename__ = "suspension"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18), index=True)
    suspended_from: Mapped[date] = mapped_column(Date)
    suspended_to: Mapped[date | None] = mapped_column(Date)
    scope: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))


class ReinstatementRow(Base):
    """A day from which on suspensions are lifted."""

    __tablename__ = "reinstatement"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18), index=True)
    reinstated_on: Mapped[date] = mapped_column(Date)
    suspended_from: Mapped[date | None] = mapped_column(Date)
    scope: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))


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
    objects: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))


class AnalystRow(Base):
    """A person whom a lab authorises to test."""

    __tablename__ = "analyst"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18), index=True)
    person: Mapped[str] = mapped_column(String(60))
    parameters: Mapped[list[Any]]
    authorised_from: Mapped[date] = mapped_column(Date)
    authorised_to: Mapped[date | None] = mapped_column(Date)
    site: Mapped[str | None] = mapped_column(String(20))


class AuthorisationEndingRow(Base):
    """A lab's word that a person may sign, or test, no more; for what was on record before it."""

    __tablename__ = "authorisation_ending"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18), index=True)
    person: Mapped[str] = mapped_column(String(60))
    duty: Mapped[str] = mapped_column(String(10))
    ended_on: Mapped[date] = mapped_column(Date)


class Tested(Protocol):
    """What is tested and how: a line of a scope, or a row of a report."""

    @property
    def object(self) -> str: ...
    @property
    def parameter(self) -> str: ...
    @property
    def method(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Site:
    """A place at which a lab was assessed; `site` is its number in scope lines."""

    site: str
    address: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """One line of a scope: object tested, parameter, method standard with its edition, between two days (both
    included). Values from `range_from` to `range_to` in `range_unit`, both included; at one site, or at all.
    """

    object: str
    parameter: str
    method: str
    valid_from: date
    valid_to: date
    range_from: Decimal | None = None
    range_to: Decimal | None = None
    range_unit: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class ScopePart:
    """The lines with this object, and with this parameter, method and site where they are given."""

    object: str
    parameter: str | None = None
    method: str | None = None
    site: str | None = None

    def covers(self, line: Tested) -> bool:
        """Is the line among them?"""
        same_site = self.site is None or getattr(line, "site", None) in (None, self.site)
        return (
            self.object == line.object
            and self.parameter in (None, line.parameter)
            and self.method in (None, line.method)
            and same_site
        )


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
    sites: tuple[Site, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspension:
    """Accreditation at rest, or these parts of its scope, both days included; an open end lasts until it is lifted."""

    entry: int
    lab: str
    suspended_from: date
    suspended_to: date | None
    scope: tuple[ScopePart, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reinstatement:
    """What was suspended counts again from `reinstated_on` on: by the suspension from a day, or by all that were on
    record; these parts, or the whole.
    """

    entry: int
    lab: str
    reinstated_on: date
    suspended_from: date | None
    scope: tuple[ScopePart, ...] | None = None


@dataclass(frozen=True, slots=True)
class Signatory:
    """An authorised signatory: for these parameters ("*" for all) of these objects (None for all), between two days."""

    entry: int
    lab: str
    person: str
    kid: bytes
    parameters: tuple[str, ...]
    authorised_from: date
    authorised_to: date | None
    objects: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Analyst:
    """Who may test these parameters ("*" for all), between two days, at a site (None for all)."""

    entry: int
    lab: str
    person: str
    parameters: tuple[str, ...]
    authorised_from: date
    authorised_to: date | None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class AuthorisationEnding:
    """From the day after `ended_on` a person's earlier authorisations in a duty (signatory, analyst) hold no more."""

    entry: int
    lab: str
    person: str
    duty: str
    ended_on: date


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
            scope=[_plain(line) for line in body["scope"]],
            sites=[_plain(site) for site in body["sites"]],
        )
    )
    session.add_all(
        ScopeLineRow(
            entry=said.position,
            place=place,
            lab=body["lab"],
            object=line["object"],
            parameter=line["parameter"],
            method=line["method"],
        )
        for place, line in enumerate(body["scope"])
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
            scope=_parts_of(body),
        )
    )


def reinstate_accreditation(session: Session, said: Said) -> None:
    """Effect of `accreditation.reinstated`."""
    body = said.body
    session.add(
        ReinstatementRow(
            entry=said.position,
            lab=body["lab"],
            reinstated_on=body["reinstated_on"],
            suspended_from=body["suspended_from"],
            scope=_parts_of(body),
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
            objects=body["objects"],
        )
    )


def authorise_analyst(session: Session, said: Said) -> None:
    """Effect of `analyst.authorised`."""
    body = said.body
    session.add(
        AnalystRow(
            entry=said.position,
            lab=said.issuer,
            person=body["person"],
            parameters=body["parameters"],
            authorised_from=body["authorised_from"],
            authorised_to=body["authorised_to"],
            site=body["site"],
        )
    )


def end_authorisation(session: Session, said: Said) -> None:
    """Effect of `authorisation.ended`. Never before the day of record: a lab can't disown afterwards what it had
    somebody sign.
    """
    body = said.body
    session.add(
        AuthorisationEndingRow(
            entry=said.position,
            lab=said.issuer,
            person=body["person"],
            duty=body["duty"],
            ended_on=max(body["ended_on"], civil_day(said.recorded_at)),
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
    return tuple(freeze(Suspension, row, scope=_parts(row.scope)) for row in rows)


@kept_by(lambda one: one.lab, lambda one: one.entry)
def read_reinstatements(session: Session, labs: Collection[str]) -> tuple[Reinstatement, ...]:
    """What lifted suspensions of these labs."""
    rows = find_rows(session, ReinstatementRow, {"lab": labs}, "entry")
    return tuple(freeze(Reinstatement, row, scope=_parts(row.scope)) for row in rows)


@kept_by(lambda one: one.lab, lambda one: one.entry)
def read_signatories(session: Session, labs: Collection[str]) -> tuple[Signatory, ...]:
    """The authorised signatories of these labs."""
    rows = find_rows(session, SignatoryRow, {"lab": labs}, "entry")
    return tuple(freeze(Signatory, row) for row in rows)


@kept_by(lambda one: one.lab, lambda one: one.entry)
def read_analysts(session: Session, labs: Collection[str]) -> tuple[Analyst, ...]:
    """The authorised analysts of these labs."""
    rows = find_rows(session, AnalystRow, {"lab": labs}, "entry")
    return tuple(freeze(Analyst, row) for row in rows)


@kept_by(lambda one: one.lab, lambda one: one.entry)
def read_authorisation_endings(session: Session, labs: Collection[str]) -> tuple[AuthorisationEnding, ...]:
    """What ended authorisations of these labs."""
    rows = find_rows(session, AuthorisationEndingRow, {"lab": labs}, "entry")
    return tuple(freeze(AuthorisationEnding, row) for row in rows)


def find_accredited(session: Session, number: str) -> tuple[str, ...]:
    """The labs that hold this CMA or CNAS number."""
    query = select(AccreditationRow.lab).where((AccreditationRow.cma == number) | (AccreditationRow.cnas == number))
    return tuple(sorted(set(session.scalars(query))))


def find_labs(session: Session, text: str, parameters: Collection[str] = ()) -> set[str]:
    """The labs whose CMA or CNAS number begins with `text`, or whose scope has a parameter that contains it or is one
    of `parameters`, or a method that contains it; whatever the case of letters. Two questions.
    """
    wanted = text.lower()
    numbers = (AccreditationRow.cma, func.lower(AccreditationRow.cnas))
    held = select(AccreditationRow.lab).where(or_(*(one.startswith(wanted, autoescape=True) for one in numbers)))
    inside = (ScopeLineRow.parameter, ScopeLineRow.method)
    contains = [func.lower(one).contains(wanted, autoescape=True) for one in inside]
    tests = select(ScopeLineRow.lab).where(or_(*contains, ScopeLineRow.parameter.in_(parameters))).distinct()
    return {*session.scalars(held), *session.scalars(tests)}


@kept_by(lambda one: one.lab, lambda one: one.entry)
def _read_of_labs(session: Session, labs: Collection[str]) -> Iterable[Accreditation]:
    return map(_accreditation, find_rows(session, AccreditationRow, {"lab": labs}))


def _accreditation(row: Any) -> Accreditation:
    sites = tuple(Site(**site) for site in row.sites)
    return freeze(Accreditation, row, scope=tuple(_scope_row(line) for line in row.scope), sites=sites)


def _scope_row(line: dict[str, Any]) -> ScopeRow:
    told = dict(line)
    for name, read in (
        *(("valid_from", date.fromisoformat), ("valid_to", date.fromisoformat)),
        *(("range_from", Decimal), ("range_to", Decimal)),
    ):
        if name in told:
            told[name] = read(told[name])
    return ScopeRow(**told)


def _parts(parts: list[Any] | None) -> tuple[ScopePart, ...] | None:
    return None if parts is None else tuple(ScopePart(**part) for part in parts)


def _parts_of(body: Any) -> list[dict[str, Any]] | None:
    return None if body["scope"] is None else [_plain(part) for part in body["scope"]]


def _plain(line: Any) -> dict[str, Any]:
    """As JSON keeps it: days and decimals as text, and nothing where nothing was said."""
    told = {name: value for name, value in line.items() if value is not None}
    return {name: str(value) if isinstance(value, Decimal | date) else value for name, value in told.items()}
