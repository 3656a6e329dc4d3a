"""Rows that wait are there for whoever looks, and gone with what is rolled back."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.database import Database
from trace.chains import MentionRow
from trace.ledger.ink import add_row, savepoint, write_rows


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    database = Database(database_url)
    with database.writing() as session:
        yield session
        session.rollback()
    database.close()


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(MentionRow)) or 0


def test_a_question_finds_what_waits(session):
    add_row(session, MentionRow, lot="A", position=1)
    assert count(session) == 1
    assert session.get(MentionRow, ("A", 1)) is not None


def test_a_commit_writes_what_waits(database_url):
    database = Database(database_url)
    with database.writing() as session:
        add_row(session, MentionRow, lot="A", position=1)
    with database.reading() as session:
        assert count(session) == 1
    database.close()


def test_a_rolled_back_savepoint_takes_its_own_rows_and_no_others(session):
    add_row(session, MentionRow, lot="before", position=1)

    def fail() -> None:
        with savepoint(session):
            add_row(session, MentionRow, lot="written", position=2)
            write_rows(session)
            add_row(session, MentionRow, lot="waiting", position=3)
            raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        fail()
    add_row(session, MentionRow, lot="after", position=4)
    assert set(session.scalars(select(MentionRow.lot))) == {"before", "after"}


def test_a_savepoint_that_ends_well_keeps_its_rows(session):
    with savepoint(session):
        add_row(session, MentionRow, lot="A", position=1)
    assert count(session) == 1


def test_a_rolled_back_transaction_leaves_nothing_to_write(database_url):
    database = Database(database_url)
    with Session(database.engine) as session:
        add_row(session, MentionRow, lot="A", position=1)
        session.rollback()
        session.commit()
        assert count(session) == 0
    database.close()
