"""`flask ledger verify` believes nothing but what was signed; `checkpoint` prints what to keep elsewhere."""

import sqlite3

from sqlalchemy import text

from tests.api.commands.conftest import runner
from tests.factories import uscc_of
from tests.world import HONEST
from trace.ledger.checkpoint import read_note


def test_a_sound_ledger_is_told_with_what_to_compare(run, world):
    world.tell(HONEST)
    result = run("ledger verify")
    assert (result.exit_code, result.stderr) == (0, "Verifying\n")
    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines()[1:2])
    assert lines["origin"] == world.sealer.origin
    assert f"ledger key  {world.sealer.key.public.kid.hex()}" in result.stdout
    assert f"root key    {world.kid('regulator')}" in result.stdout
    assert result.stdout.endswith("sound\n")


def test_a_changed_byte_is_named_and_ends_in_1(run, world, shell):
    world.say("owner", "tender.published")
    last = world.say("owner", "award.made")
    with shell.database.engine.begin() as connection:
        lift_guard(connection)
        connection.execute(
            text("UPDATE entry SET issuer = :other WHERE position = :position"),
            {"other": uscc_of("maker"), "position": last.position - 1},
        )
    result = run("ledger verify")
    assert result.exit_code == 1
    assert f"WRONG at entry {last.position - 1}: " in result.stderr
    assert "sound" not in result.stdout


def test_another_root_key_than_the_expected_one_is_wrong(run, world):
    result = run("ledger verify --root-key", "ab" * 32)
    assert result.exit_code == 1
    assert f"WRONG root key: expected {'ab' * 32}, got {world.kid('regulator')}" in result.stderr


def test_verifying_writes_nothing(run, world, shell, settings):
    before = _dump(settings.database_url)
    run("ledger verify")
    assert _dump(settings.database_url) == before


def test_the_checkpoint_is_a_note_that_the_ledgers_key_has_signed(run, world):
    world.tell(HONEST)
    result = run("ledger checkpoint")
    assert result.exit_code == 0
    size, root = read_note(result.stdout, world.sealer.origin, world.sealer.key.public)
    assert f"entries     {size} under" in run("ledger verify").stdout
    assert root.hex() in run("ledger verify").stdout


def test_an_empty_ledger_has_no_checkpoint(run):
    refused = run("ledger checkpoint")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("not-founded: ")


def test_an_empty_ledger_is_sound(run):
    assert run("ledger verify").exit_code == 0


def test_without_tables_the_way_out_is_told(make_app, tmp_path):
    result = runner(make_app(database_url=f"sqlite:///{tmp_path / 'none.sqlite3'}"))("ledger verify")
    assert result.exit_code == 1
    assert "flask db upgrade" in result.stderr


def lift_guard(connection, table="entry") -> None:
    """What somebody with the database's own rights can do."""
    if connection.dialect.name == "sqlite":
        triggers = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
        for name in connection.scalars(triggers, {"table": table}).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
    else:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))


def _dump(url: str) -> list[str]:
    if not url.startswith("sqlite"):
        return []
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        return list(connection.iterdump())
    finally:
        connection.close()
