"""Reports that goods do not match their page: words and a photo, a number to follow them by, and the answer.

No register: anybody may report, nobody signs, and what is reported may be about persons, which is never a leaf. So it
is no projection of the ledger and changes no verdict: a stranger's word must not stop goods. A regulator who finds it
true says so in a statement, a spot check or a penalty, and that does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.ledger.tables import Base, freeze

RECEIVED, SEEN, ANSWERED = "received", "seen", "answered"
MOST_WORDS = 2000
# Civil Code of the People's Republic of China, article 188: three years to claim, counted from the answer.
KEPT_DAYS = 3 * 365 + 1


class MismatchRow(Base):
    """One report."""

    __tablename__ = "mismatch"
    number: Mapped[str] = mapped_column(String(13), primary_key=True)
    lot: Mapped[str] = mapped_column(String(80), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    words: Mapped[str] = mapped_column(String(MOST_WORDS))
    photo: Mapped[str | None] = mapped_column(String(64))
    media: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    answer: Mapped[str | None] = mapped_column(String(MOST_WORDS))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(18))


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A report. `photo` is the SHA-256 of its picture, of type `media`; `answered_by` the regulator's code."""

    number: str
    lot: str
    at: datetime
    words: str
    photo: str | None
    media: str | None
    state: str = RECEIVED
    answer: str | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None


def add_mismatch(session: Session, report: Mismatch) -> None:
    """Write a report down."""
    session.add(
        MismatchRow(
            number=report.number,
            lot=report.lot,
            at=report.at,
            words=report.words,
            photo=report.photo,
            media=report.media,
            state=report.state,
        )
    )


def find_mismatch(session: Session, number: str) -> Mismatch | None:
    """The report of a number."""
    row = session.get(MismatchRow, number)
    return freeze(Mismatch, row) if row is not None else None


def read_mismatches(session: Session, most: int, before: datetime | None = None) -> tuple[Mismatch, ...]:
    """Up to `most` reports, newest first, those before an instant (UTC) where that is given."""
    query = select(MismatchRow).order_by(MismatchRow.at.desc(), MismatchRow.number).limit(most)
    if before is not None:
        query = query.where(MismatchRow.at < before)
    return tuple(freeze(Mismatch, row) for row in session.scalars(query))


def mark_seen(session: Session, number: str) -> None:
    """Say that a regulator has looked at it, unless more is said already."""
    session.execute(
        update(MismatchRow).where(MismatchRow.number == number, MismatchRow.state == RECEIVED).values(state=SEEN)
    )


def answer_mismatch(session: Session, number: str, answer: str, by: str, at: datetime) -> None:
    """What the regulator answers; a later answer stands in the place of an earlier one."""
    said = {"state": ANSWERED, "answer": answer, "answered_by": by, "answered_at": at}
    session.execute(update(MismatchRow).where(MismatchRow.number == number).values(**said))


def forget_mismatches(session: Session, at: datetime) -> set[str]:
    """Delete the reports that were answered more than KEPT_DAYS before `at` (UTC); those that nobody has answered wait.

    Returns the SHA-256 of each photo that no report has any more.
    """
    is_old = MismatchRow.answered_at < at - timedelta(days=KEPT_DAYS)
    photos = {photo for photo in session.scalars(select(MismatchRow.photo).where(is_old)) if photo is not None}
    session.execute(delete(MismatchRow).where(is_old))
    return photos - set(session.scalars(select(MismatchRow.photo).where(MismatchRow.photo.in_(photos))))
