"""What was judged is told again for as long as nothing has changed, and not a moment longer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from api.database import Database
from labs.casework.register import SummaryRow, mark_stale, read_kept, read_stale
from labs.edition import edition
from labs.refresh import judge_lot, refresh_lot, tell_lot
from labs.summary import Summary, read_summary, summarise, write_summary
from tests.factories import BATCH, DRUM, ROD, SISTER
from tests.world import HONEST, World
from trace.ledger.store import EntryRow, size_of

LOTS = (DRUM, SISTER, BATCH, ROD)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The honest drum's whole life, and a paper that no lab knows; all judged."""
    database = Database(database_url)
    world = World.told(database, HONEST)
    world.say("contractor", "paper.presented", number="R-UNHEARD-OF", lots=[f"/{SISTER}"], pdf_sha256=None)
    for lot in LOTS:
        with database.writing() as session:
            refresh_lot(session, lot, world.house.rules, world.house.pack, world.at)
    yield world
    database.close()


def is_kept(world: World, lot: str = DRUM) -> bool:
    with world.database.reading() as session:
        return read_kept(session, lot, world.at) is not None


def told(world: World, lot: str = DRUM) -> Summary:
    with world.database.reading() as session:
        return tell_lot(session, lot, world.house.rules, world.house.pack, world.at)


@pytest.mark.parametrize("lot", LOTS)
def test_all_that_is_told_is_written_and_read_whole(world: World, lot: str) -> None:
    with world.database.reading() as session:
        summary = summarise(*judge_lot(session, lot, world.house.rules, world.house.pack, world.at))
    assert read_summary(write_summary(summary)) == summary
    assert summary.verdict.reasons


def test_what_was_judged_is_told_as_of_then(world: World) -> None:
    judged_at = world.at
    world.at += timedelta(hours=1)
    assert is_kept(world)
    assert told(world).at == judged_at


def test_what_was_touched_is_judged_now(world: World) -> None:
    world.say("regulator", "spotcheck.reported", lots=[f"/{DRUM}"], is_passed=False)
    assert not is_kept(world)
    assert (told(world).at, told(world).verdict.word) == (world.at, "STOP")


def test_a_day_on_which_something_is_counted_ends_it(world: World) -> None:
    assert is_kept(world, SISTER)
    world.at += timedelta(days=7)
    assert is_kept(world, DRUM)
    assert not is_kept(world, SISTER)
    assert "STOP" in told(world, SISTER).verdict.word


def test_what_another_edition_judged_is_judged_now_and_waits(world: World) -> None:
    with world.database.writing() as session:
        session.execute(update(SummaryRow).where(SummaryRow.lot == DRUM).values(edition="0" * 16))
    world.at += timedelta(minutes=1)
    assert told(world).at == world.at
    with world.database.reading() as session:
        assert read_stale(session, world.at, 10) == [DRUM]
        # What entries have touched goes before it.
    with world.database.writing() as session:
        mark_stale(session, [ROD], size_of(session))
    with world.database.reading() as session:
        assert read_stale(session, world.at, 10) == [ROD, DRUM]
        assert read_stale(session, world.at, 1) == [ROD]
        assert session.scalar(select(func.count()).where(SummaryRow.edition == edition())) == len(LOTS) - 1


def test_bytes_that_were_changed_in_the_database_are_seen_all_the_same(world: World, tamper) -> None:
    """Nothing marks a lot whose entries somebody changed behind the door's back; its chain does not hash to what was
    judged.
    """
    tamper(world.database)
    assert is_kept(world)
    assert "C01" in {finding.code for finding in told(world).verdict.findings}


@pytest.fixture
def tamper():
    def change(database: Database) -> None:
        with database.engine.begin() as connection:
            if database.engine.dialect.name == "postgresql":
                connection.exec_driver_sql("ALTER TABLE entry DISABLE TRIGGER ALL")
            else:
                for (name,) in connection.exec_driver_sql(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entry'"
                ).all():
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
            last = select(func.max(EntryRow.position)).where(EntryRow.kind == "lot.installed").scalar_subquery()
            said = connection.execute(select(EntryRow.statement).where(EntryRow.position == last)).scalar_one()
            forged = said.replace(b"station 3", b"station 4")
            assert forged != said
            connection.execute(update(EntryRow).where(EntryRow.position == last).values(statement=forged))

    return change


def test_a_summary_tells_when_it_was_judged_and_nothing_else_of_then(world: World) -> None:
    first = told(world)
    world.at += timedelta(hours=1)
    with world.database.reading() as session:
        fresh = summarise(*judge_lot(session, DRUM, world.house.rules, world.house.pack, world.at))
    assert fresh == replace(first, at=world.at)
