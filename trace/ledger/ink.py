"""Rows that wait to be written together, and questions that are made once: what a batch does in bulk, past the objects.

    add_row(session, LotRow, lot_id="01/…", maker="91…", …)
    ask(session, _HEADS_OF, lots=["01/…"])

1. What waits is written before the session asks the database anything and before a commit: whoever looks finds it.
2. What waits when a transaction or a savepoint is rolled back is gone with it; so a savepoint MUST be set by
   `savepoint`, which first writes what was there before.
3. Every row of a table MUST come with the same columns.

A row as an object costs some 70 µs from its making to its flush, one here less than 5. It suits what is added and never
changed in the same batch; whatever is looked up to be changed stays an object. A question that is put together anew and
asked through the session costs 140 µs, one made once and asked here 35, of which SQLite's own work is 2.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, CursorResult, Dialect, Executable, bindparam, event, insert
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from trace.ledger.tables import Base

_WAITING = "rows that wait"


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


def ask(session: Session, question: Executable, **values: Any) -> CursorResult[*tuple[Any, ...]]:
    """Put a question to the database that was made once, with bound parameters for its `values`, and of columns alone.

    It sees what the session has not written yet. To change rows with it is for those that nobody holds as objects.
    """
    session.flush()
    write_rows(session)
    return session.connection().execute(question, values)


def insert_rows(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Write rows now, all with the same columns."""
    if rows:
        session.flush()
        write_rows(session)
        _insert(session.connection(), table, rows)


def any_of(name: str) -> BindParameter[Any]:
    """The place, in a question that is made once, of a list of values: `column.in_(any_of("lots"))`."""
    return bindparam(name, expanding=True)


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """A savepoint that the block is rolled back to when it raises."""
    write_rows(session)
    with session.begin_nested():
        yield
        write_rows(session)
        session.flush()


@dataclass(frozen=True, slots=True)
class _Insertion:
    """An INSERT as the driver takes it: its text, and of each column its name and what writes its values, if anything
    must.
    """

    text: str
    writers: Sequence[tuple[str, Callable[[Any], Any] | None]]
    is_positional: bool

    def bind(self, row: Mapping[str, Any]) -> Any:
        """A row's values as this INSERT takes them."""
        if self.is_positional:
            return tuple([row[name] if write is None else write(row[name]) for name, write in self.writers])
        return {name: row[name] if write is None else write(row[name]) for name, write in self.writers}


_insertions: dict[tuple[str, type[Base]], _Insertion] = {}
"""By dialect and table: made once, by SQLAlchemy, whose own binding takes thrice as long for a row."""


def _insert(connection: Connection, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    dialect = connection.dialect
    made = _insertions.get((dialect.name, table))
    if made is None:
        made = _insertions[dialect.name, table] = _make_insertion(table.__table__, dialect)
    connection.exec_driver_sql(made.text, [made.bind(row) for row in rows])


def _make_insertion(table: Any, dialect: Dialect) -> _Insertion:
    compiled: Any = insert(table).compile(dialect=dialect)
    names = compiled.positiontup if compiled.positional else [column.name for column in table.columns]
    types = {column.name: column.type.dialect_impl(dialect) for column in table.columns}
    writers = [(name, types[name].bind_processor(dialect)) for name in names]
    return _Insertion(str(compiled), writers, compiled.positional)


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
