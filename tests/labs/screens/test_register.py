"""Bit by bit or from the beginning, screens count the same; what is no longer in force or believed is taken back."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from api.database import Database
from labs.screens.register import (
    ScreenedRow,
    ScreenProgressRow,
    ScreenTallyRow,
    count_screened,
    count_to_screen,
    forget_screened,
    is_screened,
    read_questions,
    screen_on,
)
from tests.factories import DRUM, SISTER, RowBody, uscc_of
from tests.world import HONEST, World

LAB, OTHER_LAB = uscc_of("lab"), uscc_of("other_lab")


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The honest drum's life."""
    database = Database(database_url)
    yield World.told(database, HONEST)
    database.close()


def issue(
    world: World, number: str, digits: str, alias: str = "lab", tag: str = "report.issued", **changes: Any
) -> None:
    """A report of 150 values whose last digits are drawn from these."""
    chance = random.Random(number)
    values = [f"7.{chance.randrange(20, 60)}{chance.choice(digits)}" for _ in range(150)]
    rows = [RowBody(value=value) for value in values]
    world.say(alias, tag, rows=rows, number=number, lots=[f"/{SISTER}"], sample=number, **changes)


def screen(world: World, most: int = 1000) -> None:
    """All there is, in steps of so many reports."""
    while True:
        with world.database.reading() as session:
            if is_screened(session):
                return
        with world.database.writing() as session:
            screen_on(session, most)


def read(world: World) -> list[list[tuple[Any, ...]]]:
    """Every row of the screens' tables."""
    with world.database.reading() as session:
        return [
            sorted((tuple(row) for row in session.execute(select(*table.__table__.columns))), key=repr)
            for table in (ScreenTallyRow, ScreenedRow, ScreenProgressRow)
        ]


def read_anew(world: World, most: int = 1000) -> list[list[tuple[Any, ...]]]:
    """The same, from the beginning."""
    with world.database.writing() as session:
        forget_screened(session)
    screen(world, most)
    return read(world)


def asked(world: World) -> list[tuple[str, str, str]]:
    with world.database.reading() as session:
        return [(one.code, one.lab, one.subject) for one in read_questions(session)]


def test_digits_that_a_lab_likes_open_a_question_and_change_no_verdict(world: World) -> None:
    issue(world, "R-1", "05")
    issue(world, "R-2", "0123456789", "other_lab")
    before = world.judge(DRUM)
    screen(world)
    assert asked(world) == [("L11", LAB, "conductor_resistance")]
    with world.database.reading() as session:
        (question,) = read_questions(session, LAB, "L11")
        assert read_questions(session, OTHER_LAB) == ()
        assert count_screened(session)["L11"] == 2
        assert count_screened(session, OTHER_LAB)["L11"] == 1
    assert (question.n, question.bins[0][0], question.bins[0][2]) == (151, "0", 15.1)  # with the honest one
    assert world.judge(DRUM) == before


@pytest.mark.parametrize("most", [1, 2, 1000])
def test_bit_by_bit_comes_to_the_same_as_from_the_beginning(world: World, most: int) -> None:
    issue(world, "R-1", "05")
    screen(world, most)
    issue(world, "R-2", "0123456789", "other_lab")
    issue(world, "R-1", "0123456789", tag="report.amended")
    screen(world, most)
    issue(world, "R-3", "55")
    world.say("lab", "report.withdrawn", number="R-3", lots=[f"/{SISTER}"])
    issue(world, "R-1", "5", tag="report.amended")
    screen(world, most)
    bit_by_bit = read(world)
    assert all(bit_by_bit)
    assert read_anew(world) == bit_by_bit
    assert read_anew(world, 1) == bit_by_bit


def test_an_amendment_takes_back_what_it_replaces(world: World) -> None:
    issue(world, "R-1", "05")
    screen(world)
    assert asked(world)
    issue(world, "R-1", "0123456789", tag="report.amended")
    screen(world)
    assert asked(world) == []


def test_a_withdrawn_report_counts_no_more(world: World) -> None:
    issue(world, "R-1", "05")
    screen(world)
    world.say("lab", "report.withdrawn", number="R-1", lots=[f"/{SISTER}"])
    screen(world)
    assert asked(world) == []


def test_another_labs_report_of_that_number_is_not_touched(world: World) -> None:
    issue(world, "R-1", "05")
    issue(world, "R-1", "05", "other_lab")
    world.say("other_lab", "report.withdrawn", number="R-1", lots=[f"/{SISTER}"])
    screen(world)
    assert [lab for _, lab, _ in asked(world)] == [LAB]


def test_what_a_thief_signed_is_taken_back_when_that_is_known(world: World) -> None:
    since = world.at.isoformat()
    world.enroll("lab", "spare")
    issue(world, "R-1", "05", "lab.spare")
    screen(world)
    assert asked(world)
    world.say("regulator", "key.revoked", kid=world.kid("lab.spare"), compromised_since=since)
    with world.database.reading() as session:
        assert not is_screened(session)
    screen(world)
    assert asked(world) == []
    bit_by_bit = read(world)
    assert read_anew(world) == bit_by_bit


def test_what_there_is_to_screen_ends_with_the_last_report(world: World) -> None:
    screen(world)
    with world.database.reading() as session:
        end = count_to_screen(session)
    world.say("contractor", "lot.removed")
    with world.database.reading() as session:
        assert is_screened(session)
        assert count_to_screen(session) == end
        assert session.get_one(ScreenProgressRow, 1).size == end
