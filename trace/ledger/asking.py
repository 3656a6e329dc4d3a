"""Questions that are made once, and asked past the session: what verdicts and batches ask most.

    ask(session, _HEADS_OF, lots=["01/…"])
    find_rows(session, LotRow, {"lot_id": ["01/…"]}, "entry")
    ask_ahead(session, (read_movements, lots), (read_acts, lots))

Each sees what the session has not written yet. A question that is put together anew and asked through the session costs
140 µs; one that is made once and asked here 15, of which SQLite's own work is 2. On PostgreSQL each is a message, which
costs more than all that; so those that are known at the same time go in one.
"""

import json
import re
from collections import namedtuple
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from typing import Any

from sqlalchemy import BindParameter, Connection, CursorResult, Dialect, Executable, Select, bindparam
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.orm import Session

from trace.ledger.ink import connect
from trace.ledger.tables import Base

KEPT = "kept"
"""The key, in the `info` of a session that only reads, of what it keeps (`kept.py`)."""
_AHEAD = "what is asked together"
# SQLite takes 32,766 values in a question; from here on a list goes as one, in JSON.
_MOST_PLACES, _AS_JSON = 1024, -1
# From so many rows on it pays to remember what has been read.
_MANY = 50


def any_of(name: str) -> BindParameter[Any]:
    """The place, in a question that is made once, of a list of values: `column.in_(any_of("lots"))`."""
    return bindparam(name, expanding=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows that a question was answered with, by the names of their columns."""

    rows: Sequence[Any]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def first(self) -> Any | None:
        """The first row, or None where there is none."""
        return self.rows[0] if self.rows else None

    def one(self) -> Any:
        """The row, of a question that has always one. Raises ValueError where there is another number."""
        (row,) = self.rows
        return row

    def scalars(self) -> list[Any]:
        """The first value of every row."""
        return [row[0] for row in self.rows]

    def scalar(self) -> Any | None:
        """The first value of the first row, or None where there is none."""
        return self.rows[0][0] if self.rows else None


def ask(session: Session, question: Select[Any], **values: Any) -> Answer:
    """Put a question to the database that was made once, with bound parameters for its `values`, and of columns alone.

    It sees what the session has not written yet.
    """
    connection = connect(session)
    asked = _compile(connection.dialect.name, question)
    return Answer(asked.read(_fetch(session, connection, asked.text, asked.bind(values))))


def change(session: Session, statement: Executable, **values: Any) -> None:
    """Have the database change rows that nobody holds as objects, by a statement that was made once."""
    connect(session).execute(statement, values)


def find_rows(session: Session, table: type[Base], among: Mapping[str, Collection[Any]], *order: str) -> Sequence[Any]:
    """The rows of which one of these columns is any of its values, in this order: what registers are asked for most.

    Not objects of the session, and not to be changed. Where there are no values at all nothing is asked.
    """
    wanted = {column: list(values) for column, values in among.items() if values}
    if not wanted:
        return ()
    connection = connect(session)
    key = (connection.dialect.name, table, tuple(wanted), order)
    question = _questions.get(key)
    if question is None:
        question = _questions[key] = _make_question(connection.dialect, table, tuple(wanted), order)
    return question.read(_fetch(session, connection, question.text, list(wanted.values())))


@dataclass(frozen=True, slots=True)
class _Question:
    """A SELECT as the driver takes it, with `IN *` for each list and `?` for each other value; what its rows are; and
    what reads their values, by place, where anything must. `takes` are the values' names in turn, each with what it
    always is, if it is, and what writes it.
    """

    text: str
    row: Any
    readers: Sequence[tuple[int, Callable[[Any], Any]]]
    takes: Sequence[tuple[str, Any, Callable[[Any], Any] | None]] = ()

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        """What stands in the places of the text, in turn."""
        bound = []
        for name, always, write in self.takes:
            value = values.get(name, always)
            if write is not None:
                value = [write(one) for one in value] if type(value) is list else write(value)
            bound.append(value)
        return bound

    def read(self, rows: Sequence[Any]) -> list[Any]:
        """The rows by the names of their columns, with values as the columns' types have them."""
        if not self.readers:
            return list(map(self.row._make, rows))
        read = []
        readers = [(place, _once(reader) if len(rows) > _MANY else reader) for place, reader in self.readers]
        for row in rows:
            values = list(row)
            for place, reader in readers:
                values[place] = reader(values[place])
            read.append(self.row(*values))
        return read


def _once(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What reads each text but once: of many rows most have the same times, attributes and lengths."""
    known: dict[str, Any] = {}

    def read(value: Any) -> Any:
        if type(value) is not str:
            return reader(value)
        if value not in known:
            known[value] = reader(value)
        return known[value]

    return read


_questions: dict[tuple[str, type[Base], tuple[str, ...], tuple[str, ...]], _Question] = {}
"""By dialect, table, columns and order. SQLAlchemy's own execution takes thrice as long for a question."""


def _make_question(dialect: Dialect, table: type[Base], columns: Sequence[str], order: Sequence[str]) -> _Question:
    made: Any = table.__table__
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in made.columns)
    either = " OR ".join(f"{quote(made.columns[column].name)} IN *" for column in columns)
    text = f"SELECT {names} FROM {quote(made.name)} WHERE {either}"  # noqa: S608 - our own tables
    if order:
        text += " ORDER BY " + ", ".join(quote(made.columns[column].name) for column in order)
    return _Question(text, _make_row(table.__name__, made.columns.keys()), _readers_of(made.columns, dialect))


# By place, as drivers take values. Which of their dialects' settings an engine has changes nothing in a SELECT.
_DIALECTS: Mapping[str, Dialect] = {
    "sqlite": SQLiteDialect_pysqlite(paramstyle="qmark"),
    "postgresql": PGDialect_psycopg(paramstyle="format"),  # type: ignore[no-untyped-call]
}
# As SQLAlchemy writes a list that it would fill in later.
_A_LIST = re.compile(r"\(__\[POSTCOMPILE_\w+\]\)")


@lru_cache(maxsize=1024)
def _compile(dialect_name: str, question: Select[Any]) -> _Question:
    """Once a question: SQLAlchemy's own execution takes five times as long for one."""
    dialect = _DIALECTS[dialect_name]
    compiled: Any = question.compile(dialect=dialect)
    text = _A_LIST.sub("*", str(compiled))
    if dialect_name == "postgresql":
        text = text.replace("%s", "?").replace("%%", "%")
    columns = question.selected_columns
    row = _make_row("Row", [column.key or "_" for column in columns])
    takes = []
    for name in compiled.positiontup:
        place = compiled.binds[name]
        takes.append((place.key, place.value, place.type.dialect_impl(dialect).bind_processor(dialect)))
    return _Question(text, row, _readers_of(columns, dialect), takes)


_make_row: Callable[[str, Sequence[str]], Any] = partial(namedtuple, rename=True)


def _readers_of(columns: Iterable[Any], dialect: Dialect) -> list[tuple[int, Callable[[Any], Any]]]:
    readers = (column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
    return [(place, reader) for place, reader in enumerate(readers) if reader is not None]


def ask_driver(session: Session, question: str, values: tuple[Any, ...]) -> CursorResult[*tuple[Any, ...]]:
    """As `ask`, for a question with so many values that binding them by name is what costs: `?` stands for each."""
    connection = connect(session)
    return connection.exec_driver_sql(_in_words_of(connection.dialect.paramstyle, question), values)


def ask_among(session: Session, question: str, values: Sequence[Any]) -> Sequence[Any]:
    """The rows of a question about one column that is to be any of `values`, `IN *` in it; values as the driver has
    them.
    """
    return _fetch(session, connect(session), question, [list(values)])


def ask_ahead(session: Session, *readings: tuple[Callable[..., object], *tuple[Any, ...]]) -> None:
    """Ask in one message what these readings, each a function with what it takes after the session, are going to ask.

    On PostgreSQL alone, where a question by itself costs a message each way: the readings are run once for what they
    ask and find nothing, and then find the answer here when they are run in earnest. It is a hint: what it leaves out
    is asked when its turn comes. In a session that may write it does nothing: an answer may be old when it is fetched.
    """
    if KEPT not in session.info:
        return
    connection = connect(session)
    if connection.dialect.name != "postgresql" or _is_heard(connection) or is_noting(session):
        return
    ahead = session.info.setdefault(_AHEAD, _Ahead())
    noted = ahead.note(lambda: [read(session, *about) for read, *about in readings])
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline() if len(noted) > 1 else _begun_with(connection, driver):
            told = [driver.execute(*_bind("postgresql", *asked)) for asked in noted.values()]
        ahead.answers |= {key: cursor.fetchall() for key, cursor in zip(noted, told, strict=True)}
    except connection.dialect.loaded_dbapi.Error:
        pass  # asked again one by one, so that it comes as the error that everybody knows


def is_noting(session: Session) -> bool:
    """Is it only noted now what is asked, and everything found empty?"""
    ahead: _Ahead | None = session.info.get(_AHEAD)
    return ahead is not None and ahead.is_noting


@dataclass(slots=True)
class _Ahead:
    """Questions that are asked together, and the answers that nobody has fetched yet."""

    answers: dict[Any, Sequence[Any]] = field(default_factory=dict)
    noted: dict[Any, tuple[str, Sequence[Any]]] = field(default_factory=dict)
    is_noting: bool = False

    def note(self, read: Callable[[], object]) -> Mapping[Any, tuple[str, Sequence[Any]]]:
        """What is asked meanwhile that is not known yet."""
        self.noted, self.is_noting = {}, True
        try:
            read()
        finally:
            self.is_noting = False
        return self.noted

    def look(self, question: str, asked: Sequence[Any]) -> Sequence[Any] | None:
        """What is known already, and while questions are noted an empty answer to one that is not."""
        key = (question, *(tuple(value) if type(value) is list else value for value in asked))
        if not self.is_noting:
            return self.answers.pop(key, None)
        if key not in self.answers:
            self.noted[key] = (question, asked)
        return self.answers.get(key, ())


def _begun_with(connection: Connection, driver: Any) -> AbstractContextManager[Any]:
    """Sends PostgreSQL's BEGIN along with the first question, which the driver would have a message of its own for."""
    if connection.dialect.name != "postgresql":
        return nullcontext()
    psycopg: Any = connection.dialect.loaded_dbapi
    is_idle = driver.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    return driver.pipeline() if is_idle and not driver.autocommit else nullcontext()


def _is_heard(connection: Connection) -> bool:
    """Does somebody listen to what SQLAlchemy executes?"""
    dispatch: Any = connection.dispatch
    return bool(dispatch.before_cursor_execute)


def _fetch(session: Session, connection: Connection, question: str, asked: Sequence[Any]) -> Sequence[Any]:
    """The answer as the driver gives it, past SQLAlchemy where nobody listens to what it executes."""
    ahead: _Ahead | None = session.info.get(_AHEAD)
    known = ahead.look(question, asked) if ahead is not None else None
    if known is not None:
        return known
    text, values = _bind(connection.dialect.name, question, asked)
    if not _is_heard(connection):
        driver: Any = connection.connection.driver_connection
        try:
            with _begun_with(connection, driver):
                cursor = driver.execute(text, values)
            rows: Sequence[Any] = cursor.fetchall()
        except connection.dialect.loaded_dbapi.Error:
            pass  # asked again, so that it comes as the error that everybody knows
        else:
            return rows
    return connection.exec_driver_sql(text, values).all()


def _bind(dialect: str, question: str, asked: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """The question in the driver's words, and what is put in its places: of a list on SQLite each value, filled up with
    the last, so that there are few texts and the driver knows them all.
    """
    if dialect == "postgresql":
        return _of_postgresql(question), tuple(asked)
    counts: list[int] = []
    put: list[Any] = []
    for value in asked:
        if type(value) is not list:
            put.append(value)
            continue
        count = len(value)
        if count > _MOST_PLACES and not isinstance(value[0], bytes):
            counts.append(_AS_JSON)
            put.append(json.dumps(value))
        else:
            wide = count if count < 4 else 1 << (count - 1).bit_length()
            counts.append(wide)
            put += value
            put += value[-1:] * (wide - count)
    return _with_places(question, tuple(counts)), tuple(put)


@lru_cache(maxsize=1024)
def _of_postgresql(question: str) -> str:
    return question.replace("%", "%%").replace("IN *", "= ANY(%b)").replace("?", "%b")


@lru_cache(maxsize=1024)
def _with_places(question: str, counts: tuple[int, ...]) -> str:
    for count in counts:
        places = "SELECT value FROM json_each(?)" if count == _AS_JSON else ", ".join("?" * count)
        question = question.replace("IN *", f"IN ({places})", 1)
    return question


@cache
def _in_words_of(paramstyle: str, question: str) -> str:
    return question if paramstyle == "qmark" else question.replace("?", "%s")
