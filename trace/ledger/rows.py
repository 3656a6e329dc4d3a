"""The rows of the log's tables as they are stored, read by those who do not trust them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from trace.ledger.store import CheckpointRow, EntryRow, NodeRow

# Ours to choose: how many rows are held in memory at a time. An entry is at most 64 KiB.
CHUNK = 500
# What drivers and column types raise over a value that is not of its column's type. SQLite stores any value anywhere.
UNREADABLE = (ValueError, TypeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong: a stable code, the row that it was met at, and the facts."""

    code: str
    table: str
    """entry, node or checkpoint."""
    key: tuple[int, ...]
    """The row's primary key: position, (level, index) or size."""
    facts: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        told = "".join(f", {name} {value}" for name, value in self.facts.items())
        return f"{self.table} {'/'.join(map(str, self.key))}: {self.code}{told}"


class FaultError(Exception):
    """Ends an audit at the first fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def fail(code: str, table: str, *key: int, **facts: object) -> NoReturn:
    """Raise the FaultError of a row."""
    raise FaultError(Fault(code, table, key, facts))


def read_rows(
    session: Session,
    table: type[EntryRow | NodeRow | CheckpointRow],
    key: InstrumentedAttribute[int],
    within: ColumnElement[bool],
    *more: ColumnElement[Any],
) -> Sequence[Row[Any]]:
    """Rows in order of `key`, past what the session remembers. A value that can't be read is a fault of its row."""
    columns: list[Any] = list(table.__table__.columns)
    query = select(*columns, *more).order_by(key)
    try:
        rows = session.execute(query.where(within)).all()
    except UNREADABLE:
        rows = []
        for one in session.execute(select(*_keys_of(columns)).where(within).order_by(key)).all():
            rows += _read_one(session, query, columns, one, table.__tablename__)
    for row in rows:
        strange = [c.name for c, value in zip(columns, row, strict=False) if not isinstance(value, c.type.python_type)]
        if strange:
            place = [value for c, value in zip(columns, row, strict=False) if c.primary_key]
            fail("row-unreadable", table.__tablename__, *place, where=strange[0])
    return rows


def _read_one(
    session: Session, query: Select[Any], columns: list[Any], key: Sequence[Any], table: str
) -> Sequence[Row[Any]]:
    same = (column == value for column, value in zip(_keys_of(columns), key, strict=True))
    try:
        return session.execute(query.where(*same)).all()
    except UNREADABLE as error:
        fail("row-unreadable", table, *key, got=str(error)[:200])


def _keys_of(columns: list[Any]) -> list[Any]:
    return [column for column in columns if column.primary_key]


def read_checkpoints(session: Session) -> Iterator[Row[Any]]:
    """All checkpoints in order of size, a page at a time."""
    within: ColumnElement[bool] = CheckpointRow.size.is_not(None)
    while True:
        sizes = session.scalars(select(CheckpointRow.size).where(within).order_by(CheckpointRow.size).limit(CHUNK))
        page = list(sizes)
        if not page:
            return
        yield from read_rows(session, CheckpointRow, CheckpointRow.size, CheckpointRow.size.in_(page))
        within = CheckpointRow.size > page[-1]
