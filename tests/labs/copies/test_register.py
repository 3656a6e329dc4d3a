"""Copies are found when a report comes, on both databases; both lots are judged again; a replay finds the same."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.database import Database
from labs.casework.register import read_stale
from labs.copies import register
from labs.copies.register import ReportCopyRow, VectorPrintRow, read_copies
from labs.refresh import refresh_lot
from tests.factories import DRUM, SISTER, RowBody, lot_at, uscc_of
from tests.world import HONEST, World
from trace.replay import replay

VALUES = ("7.290", "7.312", "118.4", "152.6")
OTHERS = ("7.301", "7.287", "117.9", "151.3")
TWICE = (
    *HONEST,
    (
        "2015-05-15",
        "lab",
        "report.issued",
        {"number": "R-A", "sample": "S-1", "rows": [RowBody(value=value, limit=None) for value in VALUES]},
    ),
)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The honest drum's life, with a second report on it that has four values; judged."""
    database = Database(database_url)
    world = World.told(database, TWICE)
    judge(world)
    yield world
    database.close()


def waiting(world: World) -> list[str]:
    with world.database.reading() as session:
        return read_stale(session, world.at, 100)


def judge(world: World) -> None:
    for lot in waiting(world):
        with world.database.writing() as session:
            refresh_lot(session, lot, world.house.rules, world.house.pack, world.at)


def issue(world: World, number: str, values: tuple[str, ...], tag: str = "report.issued", **changes: Any) -> int:
    """A report on the sister drum with these values; its position."""
    body = {"number": number, "lots": [f"/{SISTER}"], "sample": "S-2", "covers": None, **changes}
    return world.say("lab", tag, rows=[RowBody(value=value, limit=None) for value in values], **body).position


def copied(world: World) -> list[tuple[str, str]]:
    """The pairs of numbers on record."""
    with world.database.reading() as session:
        rows = session.execute(select(ReportCopyRow.number, ReportCopyRow.other_number))
        return sorted((number, other) for number, other in rows)


def codes(world: World, lot: str) -> set[str]:
    return {finding.code for finding in world.judge(lot).findings}


def test_a_copy_is_found_on_both_lots_and_both_wait(world: World) -> None:
    assert "L10" not in codes(world, DRUM)
    issue(world, "R-B", VALUES)
    assert {DRUM, SISTER} <= set(waiting(world))
    assert copied(world) == [("R-A", "R-B"), ("R-B", "R-A")]
    assert "L10" in codes(world, DRUM) & codes(world, SISTER)


def test_other_values_are_none(world: World) -> None:
    issue(world, "R-B", OTHERS)
    assert copied(world) == []
    assert DRUM not in waiting(world)
    assert "L10" not in codes(world, SISTER)


def test_an_amendment_of_the_same_report_is_none(world: World) -> None:
    issue(world, "R-A", VALUES, "report.amended", lots=[f"/{DRUM}"], sample="S-1")
    assert copied(world) == []
    assert "L10" not in codes(world, DRUM)


@pytest.mark.parametrize("ending", ["report.amended", "report.withdrawn"])
def test_when_the_copy_is_ended_the_other_lot_is_judged_again(world: World, ending: str) -> None:
    issue(world, "R-B", VALUES)
    judge(world)
    if ending == "report.withdrawn":
        world.say("lab", ending, number="R-B", lots=[f"/{SISTER}"])
    else:
        issue(world, "R-B", OTHERS, ending)
    assert DRUM in waiting(world)
    assert "L10" not in codes(world, DRUM) | codes(world, SISTER)


def test_an_amendment_may_bring_the_copy(world: World) -> None:
    issue(world, "R-B", OTHERS)
    judge(world)
    issue(world, "R-B", VALUES, "report.amended")
    assert DRUM in waiting(world)
    assert "L10" in codes(world, DRUM)


def test_a_copy_by_a_stolen_key_is_none(world: World) -> None:
    since = world.at.isoformat()
    world.enroll("lab", "spare")
    body: dict[str, Any] = {"number": "R-B", "lots": [f"/{SISTER}"], "sample": "S-2", "covers": None}
    rows = [RowBody(value=value, limit=None) for value in VALUES]
    world.say("lab.spare", "report.issued", rows=rows, **body)
    judge(world)
    assert "L10" in codes(world, DRUM)
    world.say("regulator", "key.revoked", kid=world.kid("lab.spare"), compromised_since=since)
    assert DRUM in waiting(world)
    assert "L10" not in codes(world, DRUM)


def test_another_labs_copy_is_told_when_that_labs_key_is_stolen(world: World) -> None:
    since = world.at.isoformat()
    world.enroll("other_lab", "spare")
    body: dict[str, Any] = {"number": "R-B", "lots": [f"/{lot_at('Z9')}"], "sample": "S-9", "covers": None}
    world.say("other_lab.spare", "report.issued", rows=[RowBody(value=value, limit=None) for value in VALUES], **body)
    assert copied(world) == [("R-A", "R-B"), ("R-B", "R-A")]
    judge(world)
    world.say("regulator", "key.revoked", kid=world.kid("other_lab.spare"), compromised_since=since)
    assert DRUM in waiting(world)


def test_a_replay_finds_the_same(world: World) -> None:
    issue(world, "R-B", VALUES)
    issue(world, "R-C", (*VALUES[::-1], "99.81"))
    before = rows_of(world.database)
    assert all(before)
    with Session(world.database.engine) as session:
        replay(session, session, catalogue=world.house.catalogue, progress=lambda done, total: None)
        session.commit()
    assert rows_of(world.database) == before


def rows_of(database: Database) -> list[list[tuple[Any, ...]]]:
    with database.reading() as session:
        return [
            sorted(tuple(row) for row in session.execute(select(*table.__table__.columns)))
            for table in (VectorPrintRow, ReportCopyRow)
        ]


def test_what_hundreds_have_is_told_of_the_later_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look-up has a bound: a print that is in so many reports takes no more of them."""
    monkeypatch.setattr(register, "MOST_ALIKE", 2)
    issue(world, "R-B", VALUES)
    issue(world, "R-C", VALUES)
    issue(world, "R-D", VALUES)
    assert ("R-C", "R-A") in copied(world)
    assert ("R-A", "R-C") not in copied(world)
    with world.database.reading() as session:
        entries = set(session.scalars(select(VectorPrintRow.entry)))
        told = read_copies(session, ["R-D"])
    assert len(entries) == 2
    assert {copy.other.number for copy in told} == {"R-A", "R-B"}
    assert {copy.other.lab for copy in told} == {uscc_of("lab")}
