"""Scans are kept for a time, outside the ledger and its registers, and only those with a place are looked at."""

from datetime import UTC, datetime, timedelta

import pytest

from api.database import Database
from tests.factories import DRUM, SISTER
from trace.ledger.tables import register_tables
from trace.scans.register import KEPT_DAYS, Scan, add_scans, forget_scans, lots_with_place, read_placed_scans

AT = datetime(2015, 6, 1, 8, tzinfo=UTC)


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


def test_those_with_a_place_are_read_in_order_of_time_up_to_a_time(database):
    scans = [
        Scan(DRUM, AT + timedelta(hours=2), 342, 1089, "91110000600037341L"),
        Scan(DRUM, AT),
        Scan(DRUM, AT + timedelta(hours=1), -900, -1800),
        Scan(SISTER, AT, 1, 1),
        Scan(DRUM, AT + timedelta(hours=3), 0, 0),
    ]
    with database.writing() as session:
        add_scans(session, scans)
        add_scans(session, [])
    with database.reading() as session:
        assert read_placed_scans(session, DRUM, AT + timedelta(hours=2)) == (scans[2], scans[0])
        assert read_placed_scans(session, "01/06901234567892/10/Z9", AT) == ()


def test_a_verdict_looks_at_the_newest_hundred(database):
    with database.writing() as session:
        add_scans(session, [Scan(DRUM, AT + timedelta(minutes=number), 1, number) for number in range(150)])
    with database.reading() as session:
        found = read_placed_scans(session, DRUM, AT + timedelta(days=1))
    assert [scan.longitude for scan in found] == list(range(50, 150))


def test_old_ones_are_forgotten(database):
    old, young = Scan(DRUM, AT, 1, 1), Scan(DRUM, AT + timedelta(days=2), 2, 2)
    with database.writing() as session:
        add_scans(session, [old, young])
        forget_scans(session, AT + timedelta(days=KEPT_DAYS + 1))
    with database.reading() as session:
        assert read_placed_scans(session, DRUM, AT + timedelta(days=3)) == (young,)


def test_they_are_no_register():
    assert {"scan", "mismatch"}.isdisjoint(table.name for table in register_tables())


def test_only_a_place_is_worth_a_judgement():
    assert lots_with_place([Scan(DRUM, AT), Scan(SISTER, AT, 1, 1)]) == {SISTER}
