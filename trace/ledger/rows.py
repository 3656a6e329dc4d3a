"""The rows of the log's tables as they are stored, read by those who do not trust them.

Values come as the driver gives them, past every type of SQLAlchemy's: SQLite stores any value in any column, and what
only one of several spellings of a time, say, is must not be read as another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn, cast

from sqlalchemy import ColumnElement, Row, select, type_coerce
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import NullType

from trace.ledger.store import CheckpointRow
from trace.ledger.tables import UtcDateTime

# Ours to choose: how many rows are held in memory at a time. An entry is at most 64 KiB.
CHUNK = 500
# What column types raise over a value that is not of their kind.
UNREADABLE = (ValueError, TypeError, OverflowError)


RawRow = tuple[Any, ...]
"""Values in the order of the columns that were asked for."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong: a stable code, the row that it was met at, and the facts."""

    code: str
    table: str
    """entry, node, checkpoint or head."""
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


def read_raw(
    session: Session,
    columns: Sequence[InstrumentedAttribute[Any]],
    within: ColumnElement[bool],
    most: int | None = None,
) -> Sequence[RawRow]:
    """Up to `most` rows as stored, in order of the first column. A value that the driver can't read comes as None."""
    query = select(*(type_coerce(column, NullType()) for column in columns)).where(within).order_by(columns[0])
    query = query.limit(most)
    try:
        return cast(Sequence[RawRow], session.execute(query).all())
    except OperationalError:
        # Text that is no UTF-8, of which SQLite's driver reads nothing at all. PostgreSQL never stores such.
        if session.get_bind().dialect.name != "sqlite":
            raise
    return [
        _read_alone(session, columns, columns[0] == key)
        for key in session.scalars(select(type_coerce(columns[0], NullType())).where(within).order_by(columns[0]))
    ]


def check_types(row: RawRow, columns: Sequence[InstrumentedAttribute[Any]], types: Sequence[type], key: int) -> None:
    """Is each value of the row, up to the last of `types`, of its column's type? Raises FaultError `row-unreadable`."""
    for column, value, kind in zip(columns, row, types, strict=False):
        if type(value) is not kind:
            fail("row-unreadable", column.class_.__tablename__, key, where=column.key)


def as_stored(session: Session, at: datetime) -> object:
    """What the driver gives for a time that was stored as it should be."""
    dialect = session.get_bind().dialect
    write = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    return write(at) if write is not None else at


def read_time(session: Session, value: Any) -> datetime | None:
    """The time that a stored value stands for, in whatever spelling; None where that is none."""
    dialect = session.get_bind().dialect
    read = UtcDateTime().dialect_impl(dialect).result_processor(dialect, None)
    try:
        at = read(value) if read is not None else value
    except UNREADABLE:
        return None
    return at if isinstance(at, datetime) else None


def read_checkpoints(session: Session) -> Iterator[Row[Any]]:
    """All checkpoints in order of size, a page at a time, believed as they are."""
    whole = select(*CheckpointRow.__table__.columns).order_by(CheckpointRow.size).limit(CHUNK)
    page = session.execute(whole).all()
    while page:
        yield from page
        page = session.execute(whole.where(CheckpointRow.size > page[-1].size)).all()


def _read_alone(session: Session, columns: Sequence[InstrumentedAttribute[Any]], within: ColumnElement[bool]) -> RawRow:
    """A row whose unreadable values are None."""
    values: list[Any] = []
    for column in columns:
        try:
            values.append(session.scalar(select(type_coerce(column, NullType())).where(within)))
        except OperationalError:
            values.append(None)
    return tuple(values)
