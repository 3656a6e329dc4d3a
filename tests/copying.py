"""All rows of a database as it keeps them itself, to be put into an empty one of the same kind and schema.

No type of ours reads or writes them on the way: what comes out is byte for byte what was there. Alembic's own table
stays as it is. Numbers that a database counts up itself are not carried along: what has them is never kept.
"""

from typing import Any

from api.database import Database
from trace.ledger.tables import Base

# COPY's signature, flags, length of no more header, and -1 at the end.
_NO_ROWS_BYTES = 11 + 4 + 4 + 2

# By table that has rows: its columns, and the rows as SQLite's driver or PostgreSQL's binary format has them.
Rows = dict[str, tuple[str, Any]]


def read_rows(database: Database) -> Rows:
    """The rows of every table that has any."""
    connection = database.engine.raw_connection()
    try:
        read = {name: (columns, _read(connection, name, columns)) for name, columns in _tables()}
        return {name: (columns, rows) for name, (columns, rows) in read.items() if rows}
    finally:
        connection.close()


def write_rows(database: Database, rows: Rows) -> None:
    """Put the rows into a database in which nothing was said yet."""
    connection: Any = database.engine.raw_connection()
    try:
        if _is_sqlite(connection):
            connection.cursor().execute("BEGIN IMMEDIATE")
        # The migration has put its only row there.
        connection.cursor().execute("DELETE FROM head")
        for name, (columns, kept) in rows.items():
            _write(connection, name, columns, kept)
        connection.commit()
    finally:
        connection.close()


def _tables() -> list[tuple[str, str]]:
    return [
        (table.name, ", ".join(f'"{column.name}"' for column in table.columns))
        for table in Base.metadata.sorted_tables
        if table.autoincrement_column is None
    ]


def _is_sqlite(connection: Any) -> bool:
    return type(connection.driver_connection).__module__ == "sqlite3"


def _read(connection: Any, name: str, columns: str) -> Any:
    cursor = connection.cursor()
    if _is_sqlite(connection):
        return cursor.execute(f'SELECT {columns} FROM "{name}"').fetchall()
    with cursor.copy(f'COPY "{name}" ({columns}) TO STDOUT (FORMAT binary)') as copied:
        rows = b"".join(copied)
    return rows if len(rows) > _NO_ROWS_BYTES else b""


def _write(connection: Any, name: str, columns: str, kept: Any) -> None:
    cursor = connection.cursor()
    if _is_sqlite(connection):
        marks = ", ".join("?" * len(columns.split(", ")))
        cursor.executemany(f'INSERT INTO "{name}" ({columns}) VALUES ({marks})', kept)
        return
    with cursor.copy(f'COPY "{name}" ({columns}) FROM STDIN (FORMAT binary)') as copied:
        copied.write(kept)
