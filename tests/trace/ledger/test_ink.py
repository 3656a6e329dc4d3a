"""Rows that wait are there for whoever looks, and gone with what is rolled back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import bindparam, delete, event, func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from api.database import Database
from labs.casework.register import StaleRow
from tests.databases import fresh_postgresql
from trace.chains import MentionRow
from trace.custody.register import FlagRow, HoldingRow
from trace.days import CHINA
from trace.ledger.asking import KEPT, any_of, ask, ask_ahead, ask_among, ask_driver, find_rows, is_noting
from trace.ledger.ink import add_row, insert_rows, savepoint, write_rows
from trace.ledger.kept import Kept
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


def test_many_rows_are_those_that_few_would_be(session):
    names = ["\t\\N\n\r", "\\.", "", "\u7535 \U0001f50c", "NULL", '{"a"}']
    rows = [
        {"entry": number, "lot": f"L{number}", "party": names[number % 6], "at": datetime(2026, 1, 5, tzinfo=UTC)}
        | {"disposition": names[-1 - number % 6], "packings": [number] if number % 2 else None}
        for number in range(200)
    ]
    insert_rows(session, FlagRow, rows)
    found = find_rows(session, FlagRow, {"entry": range(200)}, "entry")
    assert [row._asdict() for row in found] == rows
    with pytest.raises(IntegrityError) as refused, savepoint(session):
        insert_rows(session, FlagRow, [{**row, "lot": "L0", "entry": 0} for row in rows])
    assert "L0" not in str(refused.value) + repr(refused.value.orig)


HELD = select(HoldingRow.__table__).where(
    HoldingRow.lot.in_(any_of("lots")), HoldingRow.since <= bindparam("until"), HoldingRow.entry != 7
)


def test_a_question_takes_lists_times_and_constants_and_answers_with_values_of_their_types(session):
    at, day = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), timedelta(days=1)
    same = {"party": "91", "place": None, "sent_to": None, "packings": None}
    insert_rows(session, HoldingRow, [{"lot": f"lot {n}", "entry": n, "since": at + n * day, **same} for n in range(9)])
    for lots in (["lot 0", "lot 1", "lot 7", "lot 3"], [f"lot {n}" for n in range(3000)]):
        found = ask(session, HELD, lots=lots, until=at + day)
        assert sorted((row.lot, row.since, row.place) for row in found) == [
            ("lot 0", at, None),
            ("lot 1", at + day, None),
        ]
        assert sorted(map(tuple, found)) == sorted(map(tuple, session.execute(HELD, {"lots": lots, "until": at + day})))
    assert ask(session, HELD, lots=[], until=at).first() is None
    assert ask(session, HELD, lots=["lot 0"], until=at).one().entry == 0
    assert ask(session, HELD, lots=["?"], until=at).scalar() is None
    with pytest.raises(ValueError, match="unpack"):
        ask(session, HELD, lots=["lot 7"], until=at + 9 * day).one()


def test_what_is_asked_ahead_is_what_is_found_later_and_only_once(session):
    insert_rows(session, MentionRow, [{"lot": lot, "position": at} for at, lot in enumerate("ABA")])

    def read(session: Session, lot: str) -> list[int]:
        return [row.position for row in find_rows(session, MentionRow, {"lot": [lot]}, "position")]

    # In a session that may write an answer could be old when it is fetched: nothing is asked ahead.
    ask_ahead(session, (read, "A"))
    insert_rows(session, MentionRow, [{"lot": "A", "position": 7}])
    assert read(session, "A") == [0, 2, 7]
    session.execute(delete(MentionRow).where(MentionRow.position == 7))
    session.info[KEPT] = Kept()
    ask_ahead(session, (read, "A"), (read, "B"), (read, "nobody"))
    assert not is_noting(session)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(delete(MentionRow))  # so that what is found was asked before
        assert (read(session, "A"), read(session, "B"), read(session, "nobody")) == ([0, 2], [1], [])
        assert read(session, "A") == []
    else:
        assert (read(session, "A"), read(session, "B"), read(session, "nobody")) == ([0, 2], [1], [])


@pytest.mark.postgres
def test_a_connection_that_is_lost_before_it_is_asked_ahead_is_told_as_ever(postgresql_server):
    with fresh_postgresql(postgresql_server, is_migrated=True) as url:
        _lose_a_connection(Database(url))


def _lose_a_connection(database: Database) -> None:
    def ask_ahead_of_the_end() -> None:
        with database.reading() as session, database.reading() as other:
            process = session.execute(text("SELECT pg_backend_pid()")).scalar()
            other.execute(text("SELECT pg_terminate_backend(:process, 1000)"), {"process": process})
            ask_ahead(session, (find_rows, MentionRow, {"lot": ["A"]}))
            find_rows(session, MentionRow, {"lot": ["A"]})

    with pytest.raises(OperationalError):
        ask_ahead_of_the_end()
    database.close()
