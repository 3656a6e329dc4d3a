"""Entries by the page, oldest first: what lists ask of the ledger."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.ledger.store import Entry, EntryRow


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries: those for which every given value matches. `among` are positions."""

    kind: str | None = None
    issuer: str | None = None
    subject: str | None = None
    leaf: bytes | None = None
    among: Collection[int] | None = None


def page_entries(session: Session, wanted: EntryFilter, after: int, most: int) -> list[Entry]:
    """Up to `most` matching entries with a position above `after` (-1 for the beginning), in order."""
    query = select(EntryRow).where(EntryRow.position > after).order_by(EntryRow.position).limit(most)
    for column, value in (
        (EntryRow.kind, wanted.kind),
        (EntryRow.issuer, wanted.issuer),
        (EntryRow.subject, wanted.subject),
        (EntryRow.leaf, wanted.leaf),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.among is not None:
        query = query.where(EntryRow.position.in_(wanted.among))
    return [
        Entry(row.position, row.leaf, row.kind, row.issuer, row.subject, row.recorded_at, row.statement)
        for row in session.scalars(query)
    ]
