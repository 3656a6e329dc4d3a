"""The tables that the code thinks of are those that the migrations make, on both databases, there and back."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, Table, inspect, text
from sqlalchemy.exc import DatabaseError

from api import migrate
from api.database import Database
from api.wiring import STAGES
from tests.factories import DRUM
from tests.world import HONEST, World
from trace.ledger.cosigned import CosignatureRow
from trace.ledger.store import latest_checkpoint
from trace.ledger.tables import LEDGER_TABLES, Base, register_tables

assert STAGES  # imported for their tables


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
