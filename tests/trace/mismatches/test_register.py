"""Reports are kept until three years after they were answered, and photos for as long as a report has them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from api.database import Database
from tests.factories import DRUM, uscc_of
from trace.mismatches.register import (
    KEPT_DAYS,
    Mismatch,
    add_mismatch,
    answer_mismatch,
    forget_mismatches,
    read_mismatches,
)

AT = datetime(2015, 6, 1, 8, tzinfo=UTC)
ONE, SHARED = "1" * 64, "2" * 64


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.writing() as session:
        for number, photo in (("A", ONE), ("B", SHARED), ("C", SHARED), ("D", None)):
            add_mismatch(session, Mismatch(number, DRUM, AT, "words", photo, photo and "image/png"))
    yield database
    database.close()


def forget(database: Database, answered: str, after: timedelta) -> tuple[set[str], list[str]]:
    """The photos that went and the reports that stay, when some were answered at AT and that long has passed."""
    with database.writing() as session:
        for number in answered:
            answer_mismatch(session, number, "looked into", uscc_of("regulator"), AT)
        gone = forget_mismatches(session, AT + after)
    with database.reading() as session:
        return gone, sorted(one.number for one in read_mismatches(session, 10))


def test_answered_ones_go_with_their_photos_and_unanswered_ones_wait(database: Database) -> None:
    assert forget(database, "AD", timedelta(days=KEPT_DAYS, seconds=1)) == ({ONE}, ["B", "C"])
    assert forget(database, "", timedelta(days=10 * KEPT_DAYS)) == (set(), ["B", "C"])


def test_none_goes_before_its_time(database: Database) -> None:
    assert forget(database, "ABCD", timedelta(days=KEPT_DAYS)) == (set(), ["A", "B", "C", "D"])


def test_a_photo_that_another_report_has_stays(database: Database) -> None:
    assert forget(database, "B", timedelta(days=KEPT_DAYS + 1)) == (set(), ["A", "C", "D"])
    assert forget(database, "C", timedelta(days=KEPT_DAYS + 1)) == ({SHARED}, ["A", "D"])
