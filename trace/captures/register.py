"""Capture jobs and named queries: kept for those who made them, and in no ledger.

They can't be rebuilt, so they are no registers (`OWN_TABLES`): what a job did to the ledger is in the ledger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, delete, select, tuple_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.ledger.asking import find_rows
from trace.ledger.ink import insert_rows
from trace.ledger.tables import Base, freeze

AWAITING, DONE = "awaiting_signature", "done"


class CaptureRow(Base):
    """A capture job."""

    __tablename__ = "epcis_capture"
    capture_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    party: Mapped[str | None] = mapped_column(String(18), index=True)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    behaviour: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(20))
    events: Mapped[list[Any]]
    results: Mapped[list[Any]]


class NamedQueryRow(Base):
    """A query under a name."""

    __tablename__ = "epcis_query"
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    party: Mapped[str] = mapped_column(String(18))
    created_at: Mapped[datetime]
    query: Mapped[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Capture:
    """A job. `events` are the payloads that wait to be signed, as text; `results` what became of each event."""

    capture_id: str
    party: str | None
    created_at: datetime
    finished_at: datetime | None
    behaviour: str
    state: str
    events: tuple[str, ...]
    results: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query under a name, made by a party: its parameters as they were given."""

    name: str
    party: str
    created_at: datetime
    query: Mapping[str, Any]


def add_capture(session: Session, capture: Capture) -> None:
    """Keep a job."""
    row = {name: getattr(capture, name) for name in Capture.__slots__}
    insert_rows(session, CaptureRow, [row | {"events": list(capture.events), "results": list(capture.results)}])


def finish_capture(session: Session, capture_id: str, results: Sequence[Mapping[str, Any]], at: datetime) -> bool:
    """Say what became of a job's events. False where somebody has said so before."""
    changed = session.execute(
        update(CaptureRow)
        .where(CaptureRow.capture_id == capture_id, CaptureRow.state == AWAITING)
        .values(state=DONE, finished_at=at, events=[], results=list(results))
        .returning(CaptureRow.capture_id)
    )
    return changed.first() is not None


def find_capture(session: Session, capture_id: str) -> Capture | None:
    """The job with this id."""
    rows = find_rows(session, CaptureRow, {"capture_id": [capture_id]})
    return freeze(Capture, rows[0]) if rows else None


def list_captures(session: Session, party: str, after: tuple[datetime, str] | None, most: int) -> tuple[Capture, ...]:
    """Up to `most` jobs of a party, newest first, after one."""
    query = select(CaptureRow).where(CaptureRow.party == party)
    if after is not None:
        query = query.where(tuple_(CaptureRow.created_at, CaptureRow.capture_id) < after)
    ordered = query.order_by(CaptureRow.created_at.desc(), CaptureRow.capture_id.desc()).limit(most)
    return tuple(freeze(Capture, row) for row in session.scalars(ordered))


def add_query(session: Session, query: NamedQuery) -> bool:
    """Keep a named query. False where the name is taken."""
    if find_rows(session, NamedQueryRow, {"name": [query.name]}):
        return False
    row = {"name": query.name, "party": query.party, "created_at": query.created_at, "query": dict(query.query)}
    insert_rows(session, NamedQueryRow, [row])
    return True


def find_query(session: Session, name: str) -> NamedQuery | None:
    """The query with this name."""
    rows = find_rows(session, NamedQueryRow, {"name": [name]})
    return freeze(NamedQuery, rows[0]) if rows else None


def list_queries(session: Session, after: str, most: int) -> tuple[NamedQuery, ...]:
    """Up to `most` named queries after a name, in order of name."""
    query = select(NamedQueryRow).where(NamedQueryRow.name > after).order_by(NamedQueryRow.name).limit(most)
    return tuple(freeze(NamedQuery, row) for row in session.scalars(query))


def drop_query(session: Session, name: str) -> None:
    """Forget a named query."""
    session.execute(delete(NamedQueryRow).where(NamedQueryRow.name == name))
