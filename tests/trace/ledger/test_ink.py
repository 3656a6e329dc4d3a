"""Rows that wait are there for whoever looks, and gone with what is rolled back."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.database import Database
from labs.casework.register import StaleRow
from trace.chains import MentionRow
from trace.days import CHINA
from trace.ledger.ink import add_row, ask, ask_among, ask_driver, find_rows, insert_rows, savepoint, write_rows
from trace.production.register import LotRow


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


MENTIONS = select(MentionRow.__table__.c.position).order_by(MentionRow.__table__.c.position)


def test_every_way_past_the_session_sees_what_waits_and_what_is_not_flushed(session):
    for at, look in enumerate(
        (
            lambda: ask(session, MENTIONS).scalars(),
            lambda: [row.position for row in find_rows(session, MentionRow, {"lot": ["A"]}, "position")],
            lambda: [
                row[0]
                for row in ask_among(session, "SELECT position FROM chain_mention WHERE lot IN * ORDER BY 1", ["A"])
            ],
            lambda: (
                ask_driver(session, "SELECT position FROM chain_mention WHERE lot = ? ORDER BY 1", ("A",))
                .scalars()
                .all()
            ),
        )
    ):
        add_row(session, MentionRow, lot="A", position=2 * at)
        session.add(MentionRow(lot="A", position=2 * at + 1))
        assert look() == list(range(2 * at + 2))


def test_rows_are_found_by_any_of_several_columns_and_nothing_is_asked_for_nothing(session):
    insert_rows(session, MentionRow, [{"lot": lot, "position": at} for at, lot in enumerate("ABCA")])
    found = find_rows(session, MentionRow, {"lot": ["A"], "position": [2]}, "position")
    assert [(row.lot, row.position) for row in found] == [("A", 0), ("C", 2), ("A", 3)]
    asked: list[str] = []
    listener = (session.get_bind(), "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    event.listen(*listener)
    try:
        assert find_rows(session, MentionRow, {"lot": [], "position": ()}) == ()
        insert_rows(session, MentionRow, [])
    finally:
        event.remove(*listener)
    assert asked == []


def test_written_values_come_back_as_they_were_and_missing_ones_as_none(session):
    """Of each type that registers have, in a column of values and in one that has none at all."""
    rows = [
        {
            "lot_id": lot,
            "entry": 2**40,
            "maker": "91",
            "family": "cable",
            "type": "t",
            "name_zh": "\u7535\u7f06 \\ {\"'",
            "name_en": None,
            "standard": None,
            "attributes": {"class": "2"},
            "quantity": quantity,
            "unit": None,
            "made_at": datetime(2026, 1, 5, 10, tzinfo=CHINA),
            "origin": "commissioned",
        }
        for lot, quantity in (("A", Decimal("500.00")), ("B", None))
    ]
    insert_rows(session, LotRow, rows)
    found = {row.lot_id: row._asdict() for row in find_rows(session, LotRow, {"lot_id": ["A", "B"]})}
    assert found == {row["lot_id"]: row for row in rows}
    assert str(found["A"]["quantity"]) == "500.00"


def test_a_row_takes_the_place_of_the_one_with_its_key(session):
    insert_rows(session, StaleRow, [{"lot": "A", "entry": 1}, {"lot": "B", "entry": 1}])
    insert_rows(session, StaleRow, [{"lot": "B", "entry": 2}, {"lot": "C", "entry": 2}], replaces=True)
    found = find_rows(session, StaleRow, {"lot": "ABC"}, "lot")
    assert [(row.lot, row.entry) for row in found] == [("A", 1), ("B", 2), ("C", 2)]
    with pytest.raises(IntegrityError), savepoint(session):
        insert_rows(session, StaleRow, [{"lot": "A", "entry": 3}])
