"""Entries by the page, oldest first, and receipts by the batch: what lists ask of the ledger."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.ledger.checkpoint import SignedRoot, write_receipt
from trace.ledger.store import CheckpointRow, Entry, EntryRow, stored_nodes
from trace.ledger.tree import prove_inclusion


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


def issue_receipts(session: Session, positions: Sequence[int]) -> dict[int, bytes]:
    """The receipts of recorded entries, each against the checkpoint that recorded it: the bytes of `issue_receipt`.

    Entries of one batch share most of their paths, so tree nodes are read once for all.
    """
    nodes = cache(stored_nodes(session))
    receipts: dict[int, bytes] = {}
    row: CheckpointRow | None = None
    start = 0
    for position in sorted(set(positions)):
        if row is None or not start <= position < row.size:
            later = select(CheckpointRow).where(CheckpointRow.size > position).order_by(CheckpointRow.size).limit(1)
            row, start = session.scalars(later).one(), position
        path = prove_inclusion(position, row.size, nodes)
        receipts[position] = write_receipt(SignedRoot(row.protected, row.signature), row.size, position, path)
    return receipts


def stream_receipts(session: Session, positions: Sequence[int], size: int) -> Iterator[bytes]:
    """The receipts of recorded entries in the order given, all against the checkpoint of `size`: as `issue_receipt`.

    Raises NoResultFound where there is no such checkpoint.
    """
    nodes = cache(stored_nodes(session))
    row = session.scalars(select(CheckpointRow).where(CheckpointRow.size == size)).one()
    signed = SignedRoot(row.protected, row.signature)
    for position in positions:
        yield write_receipt(signed, size, position, prove_inclusion(position, size, nodes))
