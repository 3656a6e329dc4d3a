"""What regulators work through: the findings and verdicts last reached for each lot, which lots wait to be judged
again, and rulings.

Findings and verdicts are derived: they are replaced whole, lot by lot, by `labs/refresh.py`. Rulings are statements.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    String,
    bindparam,
    delete,
    func,
    or_,
    select,
    tuple_,
    union,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from labs.edition import edition
from trace.doubts import read_doubts
from trace.findings import Finding, Severity
from trace.kinds import Said
from trace.ledger.asking import ask, change, find_rows
from trace.ledger.ink import insert_rows
from trace.ledger.tables import Base, freeze
from trace.production.register import LotRow


class FindingRow(Base):
    """A finding on a lot, as last judged. `ordinal` is its place among the lot's findings, gravest first."""

    __tablename__ = "finding"
    lot: Mapped[str] = mapped_column(String(80), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(10), index=True)
    case: Mapped[str] = mapped_column(String(40))
    severity: Mapped[str] = mapped_column(String(10), index=True)
    weight: Mapped[int] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]]
    entries: Mapped[list[Any]]
    maker: Mapped[str | None] = mapped_column(String(18), index=True)
    proved_by: Mapped[int] = mapped_column(BigInteger, index=True)
    """The newest entry that proves it, -1 where a date passed."""


class VerdictRow(Base):
    """The verdict last reached on a lot."""

    __tablename__ = "verdict"
    lot: Mapped[str] = mapped_column(String(80), primary_key=True)
    word: Mapped[str] = mapped_column(String(10), index=True)
    reason: Mapped[str] = mapped_column(String(60))
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    """When it has to be judged again though nobody says anything: a deadline passes."""


class SummaryRow(Base):
    """What is told of a lot, as last judged (`labs/summary.py`). Only the edition that wrote it can read it."""

    __tablename__ = "summary"
    lot: Mapped[str] = mapped_column(String(80), primary_key=True)
    edition: Mapped[str] = mapped_column(String(16), index=True)
    judged_at: Mapped[datetime]
    document: Mapped[bytes] = mapped_column(LargeBinary)


class StaleRow(Base):
    """A lot that waits to be judged again because of the entry that touched it."""

    __tablename__ = "stale_lot"
    lot: Mapped[str] = mapped_column(String(80), primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger)


class RulingRow(Base):
    """A regulator's ruling on a finding."""

    __tablename__ = "ruling"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lot: Mapped[str] = mapped_column(String(80), index=True)
    code: Mapped[str] = mapped_column(String(10))
    ruling: Mapped[str] = mapped_column(String(10))
    party: Mapped[str] = mapped_column(String(18))
    reason: Mapped[str] = mapped_column(String(1000))
    ruled_at: Mapped[datetime]


# Neither database takes any number of values in one question.
_AT_ONCE = 5000
_WITHOUT_FINDINGS = delete(FindingRow).where(FindingRow.lot == bindparam("of"))
_WITHOUT_MARK = delete(StaleRow).where(StaleRow.lot == bindparam("of"))
_SUMMARY, _VERDICT = SummaryRow.__table__.c, VerdictRow.__table__.c
_KEPT = (
    select(_SUMMARY.document)
    .join_from(SummaryRow.__table__, VerdictRow.__table__, _VERDICT.lot == _SUMMARY.lot)
    .where(
        _SUMMARY.lot == bindparam("lot"),
        _SUMMARY.edition == edition(),
        _SUMMARY.judged_at <= bindparam("at"),
        or_(_VERDICT.due_at.is_(None), _VERDICT.due_at > bindparam("at")),
        ~select(StaleRow.lot).where(StaleRow.lot == _SUMMARY.lot).exists(),
    )
)


@dataclass(frozen=True, slots=True)
class Ruling:
    """`confirmed` or `dismissed`, for one rule's findings on one lot. A dismissal reaches findings proved by entries
    before it only.
    """

    entry: int
    lot: str
    code: str
    ruling: str
    party: str
    reason: str
    ruled_at: datetime


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A finding in the list, with its lot."""

    lot: str
    ordinal: int
    code: str
    case: str
    severity: str
    facts: Mapping[str, Any]
    entries: tuple[int, ...]
    maker: str | None
    proved_by: int
    """The newest entry that proves it, -1 where a date passed."""

    @property
    def place(self) -> tuple[int, int, str, int]:
        """Where it stands in the list: gravest first, newest first, then by lot."""
        return (-Severity(self.severity).weight, -self.proved_by, self.lot, self.ordinal)


@dataclass(frozen=True, slots=True)
class Listed:
    """A lot in the list of lots, with the verdict last reached (None while it waits for its first)."""

    lot: str
    maker: str
    family: str
    type: str
    name_zh: str
    name_en: str | None
    made_at: datetime
    entry: int
    verdict: str | None


def confirm_finding(session: Session, said: Said) -> None:
    """Effect of `finding.confirmed`."""
    _rule(session, said, "confirmed")


def dismiss_finding(session: Session, said: Said) -> None:
    """Effect of `finding.dismissed`."""
    _rule(session, said, "dismissed")


def read_rulings(session: Session, lot: str) -> tuple[Ruling, ...]:
    """The rulings on a lot's findings, in order, without those that are not believed."""
    rows = find_rows(session, RulingRow, {"lot": [lot]}, "entry")
    doubts = read_doubts(session, {row.entry for row in rows}) if rows else {}
    return tuple(freeze(Ruling, row) for row in rows if row.entry not in doubts)


def read_open_findings(
    session: Session,
    most: int,
    after: tuple[int, int, str, int] | None = None,
    **wanted: str | None,
) -> tuple[OpenFinding, ...]:
    """Up to `most` findings, gravest first, that stand after a `place`; `wanted` may name code, severity, maker and
    lot.
    """
    place = (-FindingRow.weight, -FindingRow.proved_by, FindingRow.lot, FindingRow.ordinal)
    query = select(FindingRow).order_by(*place).limit(most)
    for name, value in wanted.items():
        if value is not None:
            query = query.where(getattr(FindingRow, name) == value)
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    return tuple(freeze(OpenFinding, row) for row in session.scalars(query))


def read_listed_lots(
    session: Session,
    most: int,
    after: str = "",
    *,
    maker: str | None = None,
    type_: str | None = None,
    word: str | None = None,
) -> tuple[Listed, ...]:
    """Up to `most` lots by id, after a lot id, of a maker, of a product type, with a verdict's word."""
    query = select(LotRow, VerdictRow.word).outerjoin(VerdictRow, VerdictRow.lot == LotRow.lot_id)
    for column, value in ((LotRow.maker, maker), (LotRow.type, type_), (VerdictRow.word, word)):
        if value is not None:
            query = query.where(column == value)
    rows = session.execute(query.where(LotRow.lot_id > after).order_by(LotRow.lot_id).limit(most))
    return tuple(
        Listed(row.lot_id, row.maker, row.family, row.type, row.name_zh, row.name_en, row.made_at, row.entry, verdict)
        for row, verdict in rows
    )


def read_words(session: Session, lots: Collection[str]) -> dict[str, str]:
    """The verdicts' words last reached, by lot."""
    query = select(VerdictRow.lot, VerdictRow.word).where(VerdictRow.lot.in_(lots))
    return dict(session.execute(query).all())


def read_gravity(session: Session, lots: Collection[str]) -> dict[str, tuple[int, Severity]]:
    """How many findings each lot has, and the gravest severity among them; lots without are left out."""
    query = select(FindingRow.lot, func.count(), func.max(FindingRow.weight)).where(FindingRow.lot.in_(lots))
    grades = list(Severity)
    return {lot: (count, grades[weight]) for lot, count, weight in session.execute(query.group_by(FindingRow.lot))}


def mark_stale(session: Session, lots: Iterable[str], entry: int) -> None:
    """Queue lots to be judged again, as touched by `entry`, the newest."""
    wanted = sorted(set(lots))
    for at in range(0, len(wanted), _AT_ONCE):
        some = wanted[at : at + _AT_ONCE]
        # Whoever is judging one of them now must see that it was touched again.
        insert_rows(session, StaleRow, [{"lot": lot, "entry": entry} for lot in some], replaces=True)


def read_mark(session: Session, lot: str) -> int | None:
    """The newest entry that has touched a lot which waits to be judged; None where it does not wait."""
    return session.scalar(select(StaleRow.entry).where(StaleRow.lot == lot))


def read_kept(session: Session, lot: str, at: datetime) -> bytes | None:
    """The document that this edition last kept of a lot, if no entry and no date has touched it since, up to `at`."""
    document: bytes | None = ask(session, _KEPT, lot=lot, at=at).scalar()
    return document


def read_kept_lots(session: Session) -> list[str]:
    """The lots of which this edition has kept anything, in order."""
    return list(session.scalars(select(SummaryRow.lot).where(SummaryRow.edition == edition()).order_by(SummaryRow.lot)))


def read_stale(session: Session, at: datetime, most: int) -> list[str]:
    """Up to `most` lots that wait at `at` (UTC): those that entries touched, first first, then those whose date
    passed, then those that another edition judged.
    """
    touched = select(StaleRow.lot).order_by(StaleRow.entry, StaleRow.lot)
    due = select(VerdictRow.lot).where(VerdictRow.due_at <= at).order_by(VerdictRow.due_at, VerdictRow.lot)
    waiting: dict[str, None] = {}
    for query in (touched, due, select(SummaryRow.lot).where(_by_another_edition())):
        if len(waiting) < most:
            waiting |= dict.fromkeys(session.scalars(query.limit(most)))
    return list(waiting)[:most]


def count_stale(session: Session, at: datetime) -> int:
    """How many lots wait at `at` (UTC)."""
    due = select(VerdictRow.lot).where(VerdictRow.due_at <= at)
    old = select(SummaryRow.lot).where(_by_another_edition())
    return session.scalar(select(func.count()).select_from(union(select(StaleRow.lot), due, old).subquery())) or 0


def _by_another_edition() -> ColumnElement[bool]:
    # In two parts, each of which an index answers.
    return or_(SummaryRow.edition < edition(), SummaryRow.edition > edition())


def write_judged(
    session: Session,
    lot: str,
    *,
    maker: str | None,
    word: str,
    reason: str,
    findings: Collection[Finding],
    due_at: datetime | None,
    judged_at: datetime,
    document: bytes,
) -> None:
    """Replace what is kept of a lot, judged at `judged_at` (UTC) by this edition, and take it off the queue until
    `due_at` (UTC) or the next entry. `document` is what is told of it.
    """
    change(session, _WITHOUT_FINDINGS, of=lot)
    change(session, _WITHOUT_MARK, of=lot)
    insert_rows(session, VerdictRow, [{"lot": lot, "word": word, "reason": reason, "due_at": due_at}], replaces=True)
    told = {"lot": lot, "edition": edition(), "judged_at": judged_at, "document": document}
    insert_rows(session, SummaryRow, [told], replaces=True)
    rows = [
        {
            "lot": lot,
            "ordinal": ordinal,
            "code": finding.code,
            "case": finding.case,
            "severity": finding.severity,
            "weight": finding.severity.weight,
            "facts": {name: write_fact(value) for name, value in finding.facts.items()},
            "entries": list(finding.entries),
            "maker": maker,
            "proved_by": max(finding.entries, default=-1),
        }
        for ordinal, finding in enumerate(findings)
    ]
    insert_rows(session, FindingRow, rows)


def write_fact(value: object) -> str | int | bool:
    """A fact as JSON keeps it: decimals and dates as text."""
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"expected a fact, got {value!r}")


def _rule(session: Session, said: Said, ruling: str) -> None:
    session.add(
        RulingRow(
            entry=said.position,
            lot=said.body["lot"],
            code=said.body["code"],
            ruling=ruling,
            party=said.issuer,
            reason=said.body["reason"],
            ruled_at=said.recorded_at,
        )
    )
