"""The tables that the code thinks of are those that the migrations make, on both databases, there and back."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, Table, inspect, text
from sqlalchemy.exc import DatabaseError

from api import migrate
from api.database import Database
from api.wiring import STAGES
from labs.screens.register import ScreenedRow
from tests.factories import DRUM, RowBody, uscc_of
from tests.world import HONEST, World
from trace.kinds import Duty
from trace.ledger.cosigned import CosignatureRow
from trace.ledger.store import latest_checkpoint
from trace.ledger.tables import LEDGER_TABLES, Base, register_tables
from trace.mismatches.register import MismatchRow
from trace.parties.register import read_posts

assert STAGES, (MismatchRow, ScreenedRow)  # imported for their tables


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


def differences(database: Database, metadata: MetaData) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_the_migrated_schema_is_that_of_the_models(database):
    assert differences(database, Base.metadata) == []


def test_sqlite_keeps_the_same_tables_by_their_key(tmp_path):
    """What the comparison above does not look at."""
    by_key = set()
    for name, make in (("models", Base.metadata.create_all), ("migrations", None)):
        database = Database(f"sqlite:///{tmp_path / name}.sqlite3")
        if make is None:
            migrate.upgrade(database)
        else:
            make(database.engine)
        with database.reading() as session:
            found = session.scalars(text("SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'"))
            by_key.add(tuple(sorted(found)))
        database.close()
    assert by_key == {("chain_head", "chain_mention", "epcis_epc", "node", "vector_print")}


def test_a_difference_is_seen(database):
    """The check above can fail: a column and a table that no migration makes."""
    other = MetaData()
    for table in Base.metadata.sorted_tables:
        table.to_metadata(other)
    other.tables["entry"].append_column(Column("afterthought", Integer))
    Table("afterthought", other, Column("id", Integer, primary_key=True))
    told = {str(item[0]) for item in differences(database, other) if isinstance(item, tuple)}
    assert told == {"add_table", "add_column"}


def test_every_migration_runs_up_down_to_nothing_and_up_again(empty_database_url):
    database = Database(empty_database_url)
    migrate.upgrade(database)
    first = tables(database)
    assert first >= LEDGER_TABLES
    migrate.downgrade(database, "base")
    assert tables(database) == set()
    migrate.upgrade(database)
    assert tables(database) == first
    assert migrate.is_current(database)
    assert not migrate.is_ahead(database)
    assert differences(database, Base.metadata) == []
    database.close()


def test_an_ended_post_stays_ended_on_the_way_down(database):
    """0006 keeps the day in the post itself."""
    world = World.found(database)
    post: dict[str, Any] = {"person": "x", "duty": Duty.SAMPLER}
    for held_to in (None, "2014-07-02", "2014-12-31"):
        world.say("owner", "post.held", **post, held_from="2014-07-01", held_to=held_to)
    world.say("owner", "post.ended", **post, held_to="2014-08-31")
    world.say("owner", "post.ended", **post, held_to="2014-08-30")
    world.say("owner", "post.held", **post, held_from="2014-09-01", held_to=None)
    with database.reading() as session:
        before = [str(one.held_to) for one in read_posts(session, {uscc_of("owner")})]
    migrate.downgrade(database, "0006")
    with database.reading() as session:
        after = session.scalars(text("SELECT held_to FROM party_post ORDER BY entry"))
        assert [str(day) for day in after] == before == ["2014-08-30", "2014-07-02", "2014-08-30", "None"]


def test_tables_that_are_laid_out_anew_keep_their_rows_and_their_triggers(database):
    """0009, there and back, on a ledger with entries; and it goes on afterwards."""
    world = World.found(database)
    world.tell(HONEST[:-1])

    def rows() -> dict[str, list[Any]]:
        with database.reading() as session:
            return {
                name: [tuple(row) for row in session.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2"))]
                for name in ("node", "chain_head", "chain_mention")
            }

    before = rows()
    assert all(before.values())
    for step in (lambda: migrate.downgrade(database, "0008"), lambda: migrate.upgrade(database)):
        step()
        assert rows() == before
        with pytest.raises(DatabaseError), database.writing() as session:
            session.execute(text("DELETE FROM node"))
    world.tell(HONEST[-1:])
    assert world.judge(DRUM).word == "USE"


def test_what_is_looked_for_in_scopes_and_reports_is_there_for_older_ones_too(database):
    """0018, there and back."""
    world = World.found(database)
    world.tell(HONEST)
    world.say("lab", "report.issued", number="R-2", rows=[RowBody(instrument="B-7"), RowBody(instrument="B-8")])

    def rows() -> dict[str, list[Any]]:
        with database.reading() as session:
            return {
                name: [tuple(row) for row in session.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2"))]
                for name in ("scope_line", "instrument_use")
            }

    before = rows()
    assert [len(lines) for lines in before.values()] == [1, 2]
    migrate.downgrade(database, "0016")
    migrate.upgrade(database)
    assert rows() == before


@pytest.mark.parametrize("table", sorted(LEDGER_TABLES))
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_the_ledgers_tables_know_insert_only(database, table, change):
    world = World.found(database)
    with database.writing() as session:
        newest = latest_checkpoint(session)
        assert newest is not None
        session.add(CosignatureRow(size=newest.size, witness="w.example", key_id="00" * 4, time=1, line="-"))
    column = {"entry": "kind", "node": "hash", "checkpoint": "note", "cosignature": "line"}[table]
    with pytest.raises(DatabaseError), database.writing() as session:
        session.execute(text(change.format(table, column)))
    world.tell(HONEST)
    assert world.judge(DRUM).word == "USE"


def test_registers_may_be_changed(database):
    """The triggers above are those of the ledger alone."""
    World.found(database)
    with database.writing() as session:
        for table in reversed(register_tables()):
            session.execute(table.delete())
