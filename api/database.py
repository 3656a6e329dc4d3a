"""The engine and the two ways to a session: `reading` (nothing is written) and `writing` (one writer at a time,
committed at the end).

SQLite runs in WAL mode with `synchronous=FULL`: a commit that has returned is on the disk. Writers open with BEGIN
IMMEDIATE and queue before it, threads on a lock and processes in turn (`api/turn.py`), since several waiting IMMEDIATE
transactions starve one another.

Errors and logs of either tell the statement and never its values, which may be somebody's data.

On PostgreSQL a writer takes the ledger's lock before anything else: whoever judges a lot again must not overlook what
is being let in meanwhile, and a time of record is read when the turn has come, lest it lie before the last one. There
readers have connections of their own, which may write nothing and open no transactions: a question sees what is
committed when it is asked, as it would in one.
"""

import select as system
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, Dialect, Engine, create_engine, event, select
from sqlalchemy.engine import Connection, ExceptionContext, make_url
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from api.turn import Turn
from trace.ledger.asking import KEPT
from trace.ledger.kept import Kept
from trace.ledger.store import lock_for_append

_BUSY_TIMEOUT_MS = 30_000
# A verdict's questions, each for some lengths of its lists: the driver reads the text of one it knows no more.
_STATEMENTS = 512
# A batch of 500 in a long ledger changes up to 2,000 pages of 4 KiB, most of them in indexes of hashes. What SQLite's
# usual 2 MiB don't hold is written to the disk before the commit, and read again.
_CACHE_KIB = 8192
# Of a long ledger each page that a reader looks at is a call into the system, and a copy; where the file is mapped
# it is neither, a tenth of a scan page's time. SQLite itself stops at 2 GiB.
_MAPPED_BYTES = 8 << 30
# As many as a worker has threads, and one for judging: a connection that is over the number is made for each use.
# The one that was used last is used next: it has what it planned and read.
_POOL_SIZE = 17
# Ours to choose: for so long after its last use a connection to PostgreSQL is not asked whether it stands.
_STANDS_S = 1.0
_USED_AT = "used at"


class Database:
    """One database: SQLite (embedded) or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.url = normalise_url(url)
        self.engine = _open_engine(self.url)
        self.readers = _open_readers(self.engine)
        self._writing = self.engine.execution_options(begin="IMMEDIATE")
        self._write_lock, self._kept = threading.Lock(), Kept()
        path = make_url(self.url).database
        self._turn = Turn(Path(f"{path}.turn")) if path and self.engine.dialect.name == "sqlite" else None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that changes nothing: SQLite rolls back what it did, and PostgreSQL refuses to write with it."""
        with Session(self.readers, info={KEPT: self._kept}) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that holds the write lock, and is committed when the block ends without an error."""
        if self.engine.dialect.name == "sqlite":
            turn = self._turn.taken() if self._turn is not None else nullcontext()
            with self._write_lock, turn, Session(self._writing) as session, session.begin():
                session.connection()  # BEGIN now, and not with the first statement
                yield session
        else:
            with Session(self._writing) as session, session.begin():
                lock_for_append(session)
                yield session

    def is_reachable(self) -> bool:
        """Does it answer a query?"""
        try:
            with self.engine.connect() as connection:
                return connection.scalar(select(1)) == 1
        except SQLAlchemyError:
            return False

    def close(self) -> None:
        """Give back all connections."""
        self.readers.dispose()
        self.engine.dispose()


def is_outage(error: BaseException) -> bool:
    """Is it the database that can't be reached, or can't write, rather than what was asked of it?"""
    return isinstance(error, OperationalError | InterfaceError)


def normalise_url(url: str) -> str:
    """Name the driver: `postgresql://` and `postgres://` mean psycopg 3."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _open_engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return _open_postgresql(url, "READ COMMITTED")
    engine = create_engine(
        url,
        pool_size=_POOL_SIZE,
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args={
            "timeout": _BUSY_TIMEOUT_MS / 1000,
            "check_same_thread": False,
            "cached_statements": _STATEMENTS,
        },
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_readers(engine: Engine) -> Engine:
    """Of the same database, for sessions that only read."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(begin="DEFERRED")
    readers = _open_postgresql(engine.url, "AUTOCOMMIT")
    event.listen(readers, "connect", _refuse_to_write)
    return readers


def _open_postgresql(url: str | URL, isolation: IsolationLevel) -> Engine:
    engine = create_engine(
        url, isolation_level=isolation, pool_size=_POOL_SIZE, pool_use_lifo=True, hide_parameters=True
    )
    event.listen(engine, "handle_error", _forget_values)
    event.listen(engine, "connect", _configure_postgresql)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_see_that_it_stands, engine.dialect))
    return engine


def _note_use(_connection: Any, record: Any) -> None:
    record.info[_USED_AT] = time.monotonic()


def _see_that_it_stands(dialect: Dialect, connection: Any, record: Any, _fairy: Any) -> None:
    """Ask a connection whether its server is still there, where it may be gone: the pool then makes another.

    One that was used a moment ago, and from which nothing has come unasked, is taken at its word: asking costs as much
    as a question. A server that ends says so to its connections.
    """
    if time.monotonic() - record.info.get(_USED_AT, 0.0) > _STANDS_S or _has_come(connection):
        try:
            dialect.do_ping(connection)
        except psycopg.Error as error:
            raise DisconnectionError(str(error)) from error


def _has_come(connection: Any) -> bool:
    """Is there something to be read that nobody has asked for?"""
    if connection.closed:
        return True
    waiting = system.poll()
    waiting.register(connection.fileno(), system.POLLIN)
    return bool(waiting.poll(0))


def _forget_values(context: ExceptionContext) -> None:
    """PostgreSQL's DETAIL and CONTEXT repeat rows and keys. Errors go to logs, where nobody's data belong."""
    error, shown = context.original_exception, context.sqlalchemy_exception
    if isinstance(error, psycopg.Error) and error.diag.message_primary is not None:
        error.args = (error.diag.message_primary,)
        if shown is not None:
            shown.args = (f"({type(error).__module__}.{type(error).__name__}) {error}",)


def _configure_postgresql(connection: Any, _record: Any) -> None:
    # Whatever is asked here takes milliseconds. Compiling it first takes a hundred, and the planner does so where a
    # table has grown since its rows were last counted.
    connection.execute("SET jit = off")
    connection.commit()


def _refuse_to_write(connection: Any, _record: Any) -> None:
    connection.execute("SET default_transaction_read_only = on")
    connection.commit()


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling is switched off, so that the event below decides how a transaction begins.
    connection.isolation_level = None
    cursor: sqlite3.Cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    cursor.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    cursor.execute(f"PRAGMA mmap_size={_MAPPED_BYTES}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin")
    if mode == "IMMEDIATE":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        # Takes no lock and meets no error that would have to be told: by the driver alone, in a tenth of the time.
        driver: Any = connection.connection.driver_connection
        driver.execute("BEGIN")
