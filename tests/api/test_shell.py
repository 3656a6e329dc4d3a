"""The work of the background: all that waits, in order, without looking through the whole queue for each lot."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.database import Database
from api.settings import Settings
from api.shell import Shell
from labs.casework.register import count_stale, read_stale
from tests.world import HONEST, World
from trace.epcis.register import read_progress


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    database = Database(database_url)
    told = World.found(database)
    told.tell(HONEST)
    yield told
    database.close()


def test_the_background_indexes_first_and_then_judges_every_lot_in_turn(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(tmp_path, world.database.url, "http://localhost", rate_limit="", is_secure=False)
    shell = Shell(settings, world.database, clock=lambda: world.at)
    lookups: list[int] = []

    def look_up(session, at, most):
        lookups.append(most)
        return read_stale(session, at, most)

    monkeypatch.setattr("api.shell.read_stale", look_up)
    with world.database.reading() as session:
        waiting = read_stale(session, world.at, 1000)
        assert read_progress(session).is_behind
    assert shell._work_once()
    with world.database.reading() as session:
        assert not read_progress(session).is_behind
        assert read_stale(session, world.at, 1000) == waiting
    for number in range(1, len(waiting) + 1):
        assert shell._work_once()
        with world.database.reading() as session:
            assert read_stale(session, world.at, 1000) == waiting[number:]
    # Touched again, it is found again; then nothing waits.
    world.say("contractor", "goods.received")
    while shell._work_once():
        pass
    with world.database.reading() as session:
        assert count_stale(session, world.at) == 0
    told = "one for all that waited, one for what was touched, and one that finds nothing before and after screening"
    assert len(lookups) == 4, told
