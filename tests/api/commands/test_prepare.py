"""`flask prepare` makes ready what is not ready, and says in one line why it can't."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from api import migrate
from api.app import create_app
from api.demonstration.chapters import read_story
from api.migrate import is_current
from api.settings import Settings
from labs.casework.register import read_stale, read_words
from tests.api.commands.conftest import runner
from tests.factories import DRUM, uscc_of
from tests.world import HONEST
from trace.ledger.store import size_of
from trace.parties.register import find_registry, read_keys


@pytest.fixture(autouse=True)
def short_story(monkeypatch):
    whole = read_story()
    story = replace(whole, steps=whole.steps[:60])
    monkeypatch.setattr("api.demonstration.loading.read_story", lambda: story)


def test_an_empty_machine_is_made_ready_and_a_second_start_changes_nothing(make_app, empty_database_url):
    app = make_app(database_url=empty_database_url)
    shell = app.extensions["suzheng"]
    first = runner(app)("prepare")
    assert first.exit_code == 0, first.stderr
    assert is_current(shell.database)
    with shell.database.reading() as session:
        assert size_of(session) == 60
    second = runner(app)("prepare")
    assert (second.exit_code, second.stdout, second.stderr) == (0, first.stdout, "")
    with shell.database.reading() as session:
        assert size_of(session) == 60


def test_the_demonstration_can_be_left_out(run, shell):
    result = run("prepare", env={"DEMO": "no"})
    assert result.exit_code == 0
    assert "flask init" in result.stdout
    with shell.database.reading() as session:
        assert size_of(session) == 0


def test_a_registry_of_ones_own_is_left_as_it_is(run, world, shell):
    with shell.database.reading() as session:
        before = size_of(session)
    result = run("prepare")
    assert (result.exit_code, result.stdout) == (0, "http://127.0.0.1:8000\n")
    with shell.database.reading() as session:
        assert size_of(session) == before


def test_lots_that_still_wait_hold_up_no_start(run, world, shell):
    world.tell(HONEST)
    assert run("prepare").exit_code == 0
    with world.database.reading() as session:
        assert read_stale(session, world.at, 10)


def test_a_database_that_is_newer_than_the_code_is_left_alone(run, shell):
    with shell.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    refused = run("prepare")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: the database is newer than this code")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////nowhere/at/all.sqlite3"])
def test_a_database_that_does_not_answer_is_said_in_one_line(tmp_path, url):
    app = create_app(Settings(tmp_path, url, "http://127.0.0.1:8000", "", False))
    refused = runner(app)("prepare")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("the database cannot be used: ")
    assert refused.stderr.count("\n") == 1


def test_registers_that_a_migration_emptied_are_built_again(run, world, shell):
    world.tell(HONEST)
    with shell.database.reading() as session:
        before = find_registry(session), read_keys(session, uscc_of("lab"))
    migrate.downgrade(shell.database, "0002")
    migrate.upgrade(shell.database)
    with shell.database.reading() as session:
        assert (find_registry(session), size_of(session) > len(HONEST)) == (None, True)
    assert run("prepare").exit_code == 0
    with shell.database.reading() as session:
        assert (find_registry(session), read_keys(session, uscc_of("lab"))) == before
        assert read_words(session, [DRUM]) == {DRUM: "USE"}
