"""Rows that wait to be written together: what a batch writes in bulk, past the objects.

    add_row(session, LotRow, lot_id="01/…", maker="91…", …)

1. What waits is written before the session asks the database anything and before a commit: whoever looks finds it.
2. What waits when a transaction or a savepoint is rolled back is gone with it; so a savepoint MUST be set by
   `savepoint`, which first writes what was there before.
3. Every row of a table MUST come with the same columns.

A row as an object costs some 70 µs from its making to its flush, one here less than 5. It suits what is added and never
changed in the same batch; whatever is looked up to be changed stays an object. Questions are in `asking.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, event, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from trace.ledger.tables import Base

_WAITING = "rows that wait"
_CONNECTED = "the transaction and its connection"


def add_row(session: Session, table: type[Base], **values: Any) -> None:
    """Have a row written with the next that are."""
    waiting = session.info.get(_WAITING)
    if waiting is None:
        if not session.in_transaction():
            session.begin()  # else there would be nothing to roll back
        waiting = session.info[_WAITING] = {}
    waiting.setdefault(table, []).append(values)


def write_rows(session: Session) -> None:
    """Write what waits, a statement a table."""
    waiting = session.info.pop(_WAITING, None)
    if waiting:
        for table, rows in waiting.items():
            _insert(session.connection(), table, rows)


def insert_rows(session: Session, table: type[Base], rows: Sequence[dict[str, Any]], *, replaces: bool = False) -> None:
    """Write rows now, all with the same columns. With `replaces`, each in place of the one with its primary key where
    there is one; then no two of them may have the same.
    """
    if rows:
        _insert(connect(session), table, rows, replaces=replaces)


def connect(session: Session) -> Connection:
    """The session's connection, with all written that waits."""
    session.flush()
    write_rows(session)
    # The session would look up engine, options and state each time: a tenth of what a question costs.
    began, connection = session.info.get(_CONNECTED, (None, None))
    if began is None or began is not session.get_transaction():
        connection = session.connection()
        session.info[_CONNECTED] = (session.get_transaction(), connection)
    known: Connection = connection
    return known


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """A savepoint that the block is rolled back to when it raises."""
    write_rows(session)
    with session.begin_nested():
        yield
        write_rows(session)
        session.flush()


# From so many rows on they are written as a table and not as lists.
_MANY = 50


@dataclass(frozen=True, slots=True)
class _Insertion:
    """An INSERT as the driver takes it: its text, and of each column in turn its name and what writes its values, if
    anything must. `takes_columns`: one list a column, not one tuple a row.
    """

    text: str
    columns: Sequence[tuple[str, Callable[[Any], Any] | None]]
    takes_columns: bool
    copy: str | None = None
    """What says that rows follow by themselves: PostgreSQL then writes many at a time."""

    def bind(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """The values of rows as this INSERT takes them."""
        bound = tuple(_write([row[name] for row in rows], write) for name, write in self.columns)
        return bound if self.takes_columns else list(zip(*bound, strict=True))


def _write(values: list[Any], write: Callable[[Any], Any] | None) -> list[Any]:
    if write is None:
        return values
    written, last, said = [], object(), None
    for value in values:
        # One and the same in all rows of a batch, as the time of record is, is written once.
        if value is not last:
            last, said = value, write(value)
        written.append(said)
    return written


_insertions: dict[tuple[str, type[Base]], _Insertion] = {}
"""By dialect and table. Made once; SQLAlchemy's own binding takes thrice as long for a row."""


def _insert(
    connection: Connection, table: type[Base], rows: Sequence[Mapping[str, Any]], *, replaces: bool = False
) -> None:
    dialect = connection.dialect
    made = _insertions.get((dialect.name, table))
    if made is None:
        make = _make_postgresql if dialect.name == "postgresql" else _make_insertion
        made = _insertions[dialect.name, table] = make(table.__table__, dialect)
    if made.copy is not None and len(rows) >= _MANY and not replaces:
        _copy(connection, made.copy, zip(*made.bind(rows), strict=True))
        return
    connection.exec_driver_sql(made.text + (_or_replace(table.__table__) if replaces else ""), made.bind(rows))


def _copy(connection: Connection, text: str, rows: Iterable[Sequence[Any]]) -> None:
    """Raises DBAPIError as SQLAlchemy's own execution does, without what PostgreSQL repeats of the rows."""
    driver: Any = connection.connection.driver_connection
    dialect, errors = connection.dialect, connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(text) as copy:
            for row in rows:
                copy.write_row(row)
    except errors as error:
        if error.diag.message_primary is not None:
            error.args = (error.diag.message_primary,)
        raise DBAPIError.instance(text, None, error, errors, hide_parameters=True, dialect=dialect) from error


@cache
def _or_replace(table: Any) -> str:
    """In both databases' words."""
    keys = [column.name for column in table.primary_key]
    others = ", ".join(f"{column.name} = excluded.{column.name}" for column in table.columns if column.name not in keys)
    return f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {others}"


def _make_insertion(table: Any, dialect: Dialect) -> _Insertion:
    compiled: Any = insert(table).compile(dialect=dialect)
    return _Insertion(str(compiled), [_column(table.columns[name], dialect) for name in compiled.positiontup], False)


def _make_postgresql(table: Any, dialect: Dialect) -> _Insertion:
    """One statement however many rows there are, which it prepares once: a row by itself costs a message each way. Of
    many the server writes whole pages at a time where they come as a COPY.
    """
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    # The order of a column's texts is the column's; a list of them has a type alone.
    types = (column.type.compile(dialect).partition(" COLLATE ")[0] for column in table.columns)
    lists = ", ".join(f"%b::{type_}[]" for type_ in types)
    text = f"INSERT INTO {quote(table.name)} ({names}) SELECT * FROM unnest({lists})"  # noqa: S608 - our own tables
    copy = f"COPY {quote(table.name)} ({names}) FROM STDIN"
    return _Insertion(text, [_column(column, dialect) for column in table.columns], True, copy)


def _column(column: Any, dialect: Dialect) -> tuple[str, Callable[[Any], Any] | None]:
    return column.name, column.type.dialect_impl(dialect).bind_processor(dialect)


@event.listens_for(Session, "do_orm_execute")
def _before_a_question(state: ORMExecuteState) -> None:
    write_rows(state.session)


@event.listens_for(Session, "before_flush")
def _before_a_flush(session: Session, *_: object) -> None:
    write_rows(session)


@event.listens_for(Session, "before_commit")
def _before_a_commit(session: Session) -> None:
    write_rows(session)


@event.listens_for(Session, "after_soft_rollback")
def _after_a_rollback(session: Session, _: SessionTransaction) -> None:
    session.info.pop(_WAITING, None)
