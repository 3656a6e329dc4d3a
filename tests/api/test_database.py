"""A database has readers and one writer, whichever engine it is."""

import logging
import traceback
from contextlib import nullcontext, suppress
from threading import Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InternalError

from api.database import Database

SECRET = "张三-13800000000"
# A row without a place for nothing, one that is there already, and what is no number.
FAILING = {
    "missing": "INSERT INTO party (uscc, name_zh, entry) VALUES ('1', :secret, NULL)",
    "double": "INSERT INTO registry VALUES (:secret, true, '{}', '1', 'x'), (:secret, true, '{}', '1', 'x')",
    "nowhere": "INSERT INTO nowhere VALUES (:secret)",
}


def test_writer_waits_until_another_process_has_written(database_url: str) -> None:
    first, second = Database(database_url), Database(database_url)
    turns: list[str] = []

    def write() -> None:
        with second.writing():
            turns.append("second")

    waiting = Thread(target=write)
    with first.writing():
        waiting.start()
        waiting.join(0.3)
        turns.append("first")
    waiting.join()
    assert turns == ["first", "second"]
    first.close()
    second.close()


@pytest.mark.parametrize("failing", FAILING)
def test_neither_an_error_nor_a_log_tells_the_values_of_a_statement(database_url, caplog, failing):
    database = Database(database_url)
    caplog.set_level(logging.INFO, "sqlalchemy")
    with database.writing() as session, pytest.raises(DBAPIError) as raised:
        session.execute(text(FAILING[failing]), {"secret": SECRET})
    database.close()
    told = "".join(traceback.format_exception(raised.value))
    assert "INSERT INTO" in str(raised.value)
    assert SECRET not in told
    assert SECRET not in caplog.text
    assert "INSERT INTO" in caplog.text


def test_reading_writes_nothing(database_url):
    database = Database(database_url)
    is_postgresql = database.engine.dialect.name == "postgresql"
    with suppress(InternalError) if is_postgresql else nullcontext(), database.reading() as session:
        session.execute(text("DELETE FROM head"))
        assert not is_postgresql, "PostgreSQL refuses it"
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM head")) == 1
    with database.writing() as session:
        assert session.execute(text("UPDATE head SET size = size")).rowcount == 1  # type: ignore[attr-defined]
    database.close()


# SQLite's driver keeps statements whatever becomes of transactions.
@pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_what_is_asked_again_and_again_is_planned_once(database_url):
    database = Database(database_url)
    for _ in range(10):
        with database.reading() as session:
            session.execute(text("SELECT size FROM head"))
    with database.reading() as session:
        prepared = session.scalar(
            text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM head%'")
        )
    assert prepared == 1
    database.close()
