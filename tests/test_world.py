"""A world that was copied is the world that was told, row for row, and may be gone on with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.database import Database
from labs.judge import Word
from tests import databases
from tests.copying import read_rows
from tests.factories import DRUM
from tests.world import BUILT_IN, HONEST, TESTED, World
from trace.audit import Depth, audit

ACTS = HONEST[: -len(TESTED + BUILT_IN)]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def other(
    database_kind: str, tmp_path: Path, shared_folder: Path, request: pytest.FixtureRequest
) -> Iterator[Database]:
    """A second database of the same kind."""
    if database_kind == "sqlite":
        folder = tmp_path / "other"
        folder.mkdir()
        database = Database(databases.fresh_sqlite(folder, shared_folder, is_migrated=True))
        yield database
        database.close()
        return
    server = request.getfixturevalue("postgresql_server")
    with databases.fresh_postgresql(server, is_migrated=True) as url:
        database = Database(url)
        yield database
        database.close()


def test_a_copy_has_every_row_as_it_was(database: Database, other: Database) -> None:
    World.told(database, ACTS)
    World.told(other, ACTS)
    rows = read_rows(database)
    assert read_rows(other) == rows
    assert {"entry", "head", "checkpoint", "node", "party", "lot", "stale_lot"} <= rows.keys()


def test_a_copy_is_sound_and_goes_on_where_the_story_ended(database: Database, other: Database) -> None:
    World.told(database, ACTS)
    copied = World.told(other, ACTS)
    assert copied.judge(DRUM).word is Word.HOLD
    copied.tell(TESTED + BUILT_IN)
    assert copied.judge(DRUM).word is Word.USE
    with other.reading() as session:
        catalogue = copied.house.catalogue
        assert audit(session, depth=Depth.SIGNATURES, catalogue=catalogue, progress=lambda *_: None).fault is None


def test_what_one_test_does_to_its_world_stays_there(database: Database, other: Database) -> None:
    first = World.told(database, ACTS)
    first.enroll("maker", "second")
    second = World.told(other, ACTS)
    assert "maker.second" not in second.keys
    assert second.at < first.at
    assert len(read_rows(other)["entry"][1]) < len(read_rows(database)["entry"][1])


def test_a_story_whose_name_says_too_little_is_refused(database: Database) -> None:
    days = 3
    with pytest.raises(ValueError, match="closure"):
        World.told(database, (), lambda world: world.at.replace(day=days))
