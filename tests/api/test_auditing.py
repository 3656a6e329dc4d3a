"""Several processes find what one finds, and end with the audit."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from api.auditing import looking_by_processes
from api.database import Database
from api.wiring import build_house
from tests import databases
from tests.trace.tampering import TABLES
from tests.world import World
from trace.audit import Depth, audit
from trace.intake import Accepted
from trace.ledger.audit import AuditResult, Look
from trace.ledger.store import CheckpointRow, EntryRow, NodeRow
from trace.ledger.tables import Base

STRETCH = 4


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def world(request, tmp_path_factory, shared_folder) -> Iterator[World]:
    """The cast, and some statements; without the triggers of the migrations."""
    if request.param == "postgresql":
        with databases.fresh_postgresql(request.getfixturevalue("postgresql_server"), is_migrated=False) as url:
            yield from _tell(url)
    else:
        folder = tmp_path_factory.mktemp("audited")
        yield from _tell(databases.fresh_sqlite(folder, shared_folder, is_migrated=False))


def _tell(url: str) -> Iterator[World]:
    database = Database(url)
    Base.metadata.create_all(database.engine)
    world = World.found(database)
    for number in range(8):
        world.say("owner", "tender.published", ocid=f"ocds-suzheng-{number}")
    yield world
    database.close()


def look_through(world: World, look: Look | None, depth: Depth = Depth.SIGNATURES) -> AuditResult:
    catalogue = build_house().catalogue
    with world.database.reading() as session:
        return audit(session, depth=depth, catalogue=catalogue, progress=lambda *_: None, look=look, stretch=STRETCH)


@contextmanager
def tampered(world: World, statement: Any) -> Iterator[None]:
    """A change that is committed, since other processes are to see it, and taken back."""
    with world.database.writing() as session:
        before = {
            table: session.execute(select(*table.__table__.columns)).mappings().all() for table in TABLES.values()
        }
        session.execute(statement)
    yield
    with world.database.writing() as session:
        for table, rows in before.items():
            session.execute(delete(table))
            session.execute(insert(table), [dict(row) for row in rows])


def test_processes_find_what_one_finds(world):
    leaf = b"\7" * 32
    changes = [
        update(EntryRow).where(EntryRow.position == 13).values(leaf=leaf),
        update(NodeRow).where(NodeRow.level == 3, NodeRow.index == 1).values(hash=leaf),
        update(CheckpointRow).where(CheckpointRow.size == 15).values(note="none"),
    ]
    for change in changes:
        with tampered(world, change), looking_by_processes(world.database.url, 2) as look:
            found = look_through(world, look)
            assert found.fault is not None
            assert found == look_through(world, None)
    with looking_by_processes(world.database.url, 2) as look:
        found = look_through(world, look, Depth.HASHES)
    assert found == look_through(world, None, Depth.HASHES)
    assert found.is_sound
    assert multiprocessing.active_children() == []


def test_the_door_is_asked_in_one_process(world):
    with (
        looking_by_processes(world.database.url, 2) as look,
        world.database.reading() as session,
        pytest.raises(ValueError, match="expected"),
    ):
        audit(session, depth=Depth.DOOR, catalogue=build_house().catalogue, progress=lambda *_: None, look=look)


def test_what_is_appended_meanwhile_is_left_to_the_next_audit(world):
    said: list[Accepted] = []

    def interrupt(_done: int, _total: int) -> None:
        if not said:
            said.append(world.say("owner", "tender.published", ocid="ocds-suzheng-late"))

    catalogue = build_house().catalogue
    with world.database.reading() as session:
        depth = Depth.SIGNATURES
        result = audit(session, depth=depth, catalogue=catalogue, progress=interrupt, stretch=STRETCH)
    assert result.is_sound, str(result.fault)
    assert result.entries == said[0].position
    assert look_through(world, None).entries == result.entries + 1
