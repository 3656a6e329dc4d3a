"""What is known of regulators' acts: spot checks, penalties, bans, recalls, the answers to them and their ends."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Date, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.epcis.events import Quantity, make_quantity
from trace.kinds import Said
from trace.ledger.asking import ask, find_rows
from trace.ledger.kept import kept_by
from trace.ledger.tables import Base, freeze
from trace.production import register as production


class PenaltyRow(Base):
    """A penalty decision."""

    __tablename__ = "penalty"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    party: Mapped[str] = mapped_column(String(18), index=True)
    number: Mapped[str] = mapped_column(String(80))
    authority: Mapped[str] = mapped_column(String(18))
    family: Mapped[str] = mapped_column(String(40))
    facts: Mapped[str] = mapped_column(String(1000))
    decided_on: Mapped[date] = mapped_column(Date)


class BanRow(Base):
    """A ban from the trade between two days."""

    __tablename__ = "ban"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    party: Mapped[str] = mapped_column(String(18), index=True)
    banned_from: Mapped[date] = mapped_column(Date)
    banned_to: Mapped[date | None] = mapped_column(Date)


class SpotCheckRow(Base):
    """A regulator's check of one lot. Maker and type are copied from the lot, for the travelling of bad news."""

    __tablename__ = "spot_check"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lot: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    number: Mapped[str] = mapped_column(String(80))
    authority: Mapped[str] = mapped_column(String(18))
    is_passed: Mapped[bool]
    checked_on: Mapped[date] = mapped_column(Date)
    maker: Mapped[str | None] = mapped_column(String(18), index=True)
    type: Mapped[str | None] = mapped_column(String(80))


class RecallRow(Base):
    """A recall of one lot."""

    __tablename__ = "recall"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lot: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    number: Mapped[str] = mapped_column(String(80), index=True)
    authority: Mapped[str] = mapped_column(String(18))
    reason: Mapped[str] = mapped_column(String(1000))
    ordered_on: Mapped[date] = mapped_column(Date)
    deadline_on: Mapped[date] = mapped_column(Date)
    maker: Mapped[str | None] = mapped_column(String(18), index=True)
    type: Mapped[str | None] = mapped_column(String(80))


class RecallAnswerRow(Base):
    """What a holder answered to a recall."""

    __tablename__ = "recall_answer"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(80), index=True)
    lot: Mapped[str] = mapped_column(String(80), index=True)
    party: Mapped[str] = mapped_column(String(18))
    action: Mapped[str] = mapped_column(String(20))
    answered_on: Mapped[date] = mapped_column(Date)
    quantity: Mapped[Decimal | None]
    unit: Mapped[str | None] = mapped_column(String(3))


class RecallClosingRow(Base):
    """An authority's word that its recall of a lot has been carried out."""

    __tablename__ = "recall_closing"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lot: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[str] = mapped_column(String(80), index=True)
    authority: Mapped[str] = mapped_column(String(18))
    closed_on: Mapped[date] = mapped_column(Date)
    finding: Mapped[str] = mapped_column(String(1000))


@dataclass(frozen=True, slots=True)
class Penalty:
    """A penalty for goods of a material family."""

    entry: int
    party: str
    number: str
    authority: str
    family: str
    facts: str
    decided_on: date


@dataclass(frozen=True, slots=True)
class Ban:
    """A ban in force from `banned_from` to `banned_to`, both included."""

    entry: int
    party: str
    banned_from: date
    banned_to: date | None

    def is_in_force_on(self, day: date) -> bool:
        """Was it in force on that day?"""
        return self.banned_from <= day and (self.banned_to is None or day <= self.banned_to)


@dataclass(frozen=True, slots=True)
class SpotCheck:
    """A regulator's check of a lot."""

    entry: int
    lot: str
    number: str
    authority: str
    is_passed: bool
    checked_on: date
    maker: str | None
    type: str | None


@dataclass(frozen=True, slots=True)
class Recall:
    """A recall of a lot; holders answer by the deadline."""

    entry: int
    lot: str
    number: str
    authority: str
    reason: str
    ordered_on: date
    deadline_on: date
    maker: str | None
    type: str | None


@dataclass(frozen=True, slots=True)
class RecallAnswer:
    """A holder's answer: quarantined, returned, destroyed, removed, or not_held."""

    entry: int
    number: str
    lot: str
    party: str
    action: str
    answered_on: date
    quantity: Quantity | None


@dataclass(frozen=True, slots=True)
class RecallClosing:
    """An authority's word that its recall of a lot has been carried out, with what it found."""

    entry: int
    lot: str
    number: str
    authority: str
    closed_on: date
    finding: str


_RECALL: Any = RecallRow.__table__
_NEWEST_RECALLS = select(_RECALL).order_by(_RECALL.c.entry.desc(), _RECALL.c.lot).limit(bindparam("most"))


def impose_penalty(session: Session, said: Said) -> None:
    """Effect of `penalty.imposed`."""
    body = said.body
    session.add(
        PenaltyRow(
            entry=said.position,
            party=body["party"],
            number=body["number"],
            authority=said.issuer,
            family=body["family"],
            facts=body["facts"],
            decided_on=body["decided_on"],
        )
    )


def impose_ban(session: Session, said: Said) -> None:
    """Effect of `ban.imposed`."""
    body = said.body
    session.add(
        BanRow(
            entry=said.position,
            party=body["party"],
            banned_from=body["banned_from"],
            banned_to=body["banned_to"],
        )
    )


def report_spot_check(session: Session, said: Said) -> None:
    """Effect of `spotcheck.reported`."""
    body = said.body
    for lot, origin in _origins(session, body["lots"]).items():
        session.add(
            SpotCheckRow(
                entry=said.position,
                lot=lot,
                number=body["number"],
                authority=said.issuer,
                is_passed=body["is_passed"],
                checked_on=body["checked_on"],
                **origin,
            )
        )


def order_recall(session: Session, said: Said) -> None:
    """Effect of `recall.ordered`."""
    body = said.body
    for lot, origin in _origins(session, body["lots"]).items():
        session.add(
            RecallRow(
                entry=said.position,
                lot=lot,
                number=body["number"],
                authority=said.issuer,
                reason=body["reason"],
                ordered_on=body["ordered_on"],
                deadline_on=body["deadline_on"],
                **origin,
            )
        )


def answer_recall(session: Session, said: Said) -> None:
    """Effect of `recall.answered`."""
    body = said.body
    session.add(
        RecallAnswerRow(
            entry=said.position,
            number=body["number"],
            lot=body["lot"],
            party=said.issuer,
            action=body["action"],
            answered_on=body["answered_on"],
            quantity=body["quantity"],
            unit=body["unit"],
        )
    )


def close_recall(session: Session, said: Said) -> None:
    """Effect of `recall.closed`."""
    body = said.body
    for lot in dict.fromkeys(body["lots"]):
        session.add(
            RecallClosingRow(
                entry=said.position,
                lot=lot,
                number=body["number"],
                authority=said.issuer,
                closed_on=body["closed_on"],
                finding=body["finding"],
            )
        )


@kept_by(lambda penalty: penalty.party, lambda penalty: penalty.entry)
def read_penalties(session: Session, parties: Collection[str]) -> tuple[Penalty, ...]:
    """Penalties on these parties, in order."""
    rows = find_rows(session, PenaltyRow, {"party": parties}, "entry")
    return tuple(freeze(Penalty, row) for row in rows)


@kept_by(lambda ban: ban.party, lambda ban: ban.entry)
def read_bans(session: Session, parties: Collection[str]) -> tuple[Ban, ...]:
    """Bans on these parties, in order."""
    rows = find_rows(session, BanRow, {"party": parties}, "entry")
    return tuple(freeze(Ban, row) for row in rows)


def read_spot_checks(session: Session, lots: Collection[str], makers: Collection[str] = ()) -> tuple[SpotCheck, ...]:
    """Spot checks of these lots and of any lot of these makers, in order."""
    rows = find_rows(session, SpotCheckRow, {"lot": lots, "maker": makers}, "entry", "lot")
    return tuple(freeze(SpotCheck, row) for row in rows)


def read_recalls(session: Session, lots: Collection[str], makers: Collection[str] = ()) -> tuple[Recall, ...]:
    """Recalls of these lots and of any lot of these makers, in order."""
    rows = find_rows(session, RecallRow, {"lot": lots, "maker": makers}, "entry", "lot")
    return tuple(freeze(Recall, row) for row in rows)


def read_newest_recalls(session: Session, most: int) -> tuple[Recall, ...]:
    """The newest recalls, of whichever lots: at most `most` rows, a lot each."""
    rows: Sequence[Any] = ask(session, _NEWEST_RECALLS, most=most).rows
    return tuple(freeze(Recall, row) for row in rows)


def find_recalls(session: Session, number: str) -> tuple[Recall, ...]:
    """Recall orders with this number, a record for each lot that they name, in order."""
    rows = find_rows(session, RecallRow, {"number": [number]}, "entry", "lot")
    return tuple(freeze(Recall, row) for row in rows)


def read_recall_answers(session: Session, numbers: Collection[str]) -> tuple[RecallAnswer, ...]:
    """Answers to these recalls, in order."""
    rows = find_rows(session, RecallAnswerRow, {"number": numbers}, "entry")
    return tuple(freeze(RecallAnswer, row, quantity=make_quantity(row.quantity, row.unit)) for row in rows)


def read_recall_closings(session: Session, numbers: Collection[str]) -> tuple[RecallClosing, ...]:
    """Closings of these recalls, in order."""
    rows = find_rows(session, RecallClosingRow, {"number": numbers}, "entry", "lot")
    return tuple(freeze(RecallClosing, row) for row in rows)


def find_penalties(session: Session, number: str) -> tuple[Penalty, ...]:
    """Penalty decisions with this number, in order."""
    rows = session.scalars(select(PenaltyRow).where(PenaltyRow.number == number).order_by(PenaltyRow.entry))
    return tuple(
        Penalty(row.entry, row.party, row.number, row.authority, row.family, row.facts, row.decided_on) for row in rows
    )


def read_entries_against(session: Session, maker: str) -> tuple[int, ...]:
    """The entries of the spot checks and recalls of a maker's lots."""
    checks = session.scalars(select(SpotCheckRow.entry).where(SpotCheckRow.maker == maker))
    recalls = session.scalars(select(RecallRow.entry).where(RecallRow.maker == maker))
    return tuple(sorted({*checks, *recalls}))


def _origins(session: Session, lots: Collection[str]) -> dict[str, dict[str, Any]]:
    known = production.read_lots_by_id(session, lots)
    return {
        lot: {
            "maker": known[lot].maker if lot in known else None,
            "type": known[lot].type if lot in known else None,
        }
        for lot in dict.fromkeys(lots)
    }
