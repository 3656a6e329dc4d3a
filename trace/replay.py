"""The registers built again from the ledger: here, or as of an earlier day into another database.

The ledger is the only source, so what comes out is what was there, row for row. Findings and verdicts are judged, not
replayed: whoever calls this judges all lots afterwards (`labs/refresh.py`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from keys.envelope import parse_statement
from keys.errors import RefusedError
from trace.epcis.register import event_kinds, index_span
from trace.intake import apply, check
from trace.kinds import Catalogue
from trace.ledger.audit import Progress
from trace.ledger.rows import CHUNK
from trace.ledger.store import CheckpointRow, EntryRow, NodeRow, settle_head, size_of, stream_entries
from trace.ledger.tables import register_tables


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many entries are in the registers now, and how many the source has."""

    entries: int
    of: int


def replay(
    source: Session,
    target: Session,
    *,
    catalogue: Catalogue,
    until: int | datetime | None = None,
    progress: Progress,
) -> Replayed:
    """Empty the registers of `target` and bring the entries of `source` into them, each through the door's checks.

    `until` is the last entry's position, or the last time of record (UTC), both included. A checkpoint is the least
    that anybody could have seen, so a batch that `until` cuts through is left out whole. With `until`, `target` is
    another database: registers that lag behind their own ledger would let stale statements in.

    The caller commits `target`, in one transaction with everything that has to change with the registers. Raises
    RefusedError of the door, with the `entry` that it refuses: `audit` says what is wrong with it.
    """
    if source is target and until is not None:
        raise ValueError("expected another database for the registers of an earlier day")
    end, whole = sealed_size(source, until), size_of(source)
    empty_registers(target)
    for start in range(0, end, CHUNK):
        for entry in list(stream_entries(source, start, min(start + CHUNK, end))):
            statement = parse_statement(entry.statement)
            try:
                checked = check(target, statement, position=entry.position, catalogue=catalogue, at=entry.recorded_at)
                apply(target, checked, entry.position, entry.recorded_at)
            except RefusedError as error:
                raise RefusedError(error.code, **(error.facts | {"entry": entry.position})) from error
            target.flush()
        target.expunge_all()
        index_span(target, source, event_kinds(catalogue), start, min(start + CHUNK, end))
        progress(min(start + CHUNK, end), end)
    return Replayed(end, whole)


def sealed_size(session: Session, until: int | datetime | None) -> int:
    """How many entries stood under a checkpoint at `until`; all of them where it is None."""
    query = select(func.coalesce(func.max(CheckpointRow.size), 0))
    if isinstance(until, datetime):
        query = query.where(CheckpointRow.recorded_at <= until)
    elif until is not None:
        query = query.where(CheckpointRow.size <= until + 1)
    return session.scalar(query) or 0


def empty_registers(session: Session) -> None:
    """Delete every row of every register, children first. The ledger's tables stay."""
    session.expunge_all()
    for table in reversed(register_tables()):
        session.execute(delete(table))


def copy_ledger(source: Session, target: Session, size: int) -> None:
    """Bring the first `size` entries with their subtrees and checkpoints into a database whose ledger is empty.

    Together with `replay(…, until=…)` this makes the copy a whole registry as of that day, with receipts and all, that
    the same application can show and `audit` can verify. It must not be appended to: it would be a second history.
    Raises ValueError where `target` has entries.
    """
    if size_of(target):
        raise ValueError(f"expected a database without entries, got one with {size_of(target)}")
    for start in range(0, size, CHUNK):
        end = min(start + CHUNK, size)
        _copy(source, target, EntryRow, and_(EntryRow.position >= start, EntryRow.position < end))
        _copy(source, target, CheckpointRow, and_(CheckpointRow.size > start, CheckpointRow.size <= end))
        completed = [
            and_(NodeRow.level == level, NodeRow.index >= start >> level, NodeRow.index < end >> level)
            for level in range(1, end.bit_length() + 1)
        ]
        _copy(source, target, NodeRow, or_(*completed))
    settle_head(target)


def _copy(source: Session, target: Session, table: type[EntryRow | NodeRow | CheckpointRow], within: Any) -> None:
    rows = source.execute(select(*table.__table__.columns).where(within)).mappings().all()
    if rows:
        target.execute(insert(table), [dict(row) for row in rows])
