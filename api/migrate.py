"""Alembic, configured in code: this is an application that runs from its root, so there is no ini file to lose."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from api.database import Database
from api.settings import ROOT


def alembic_config(database: Database) -> Config:
    """The configuration that migrations/env.py reads: where the scripts are, which engine to use."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["engine"] = database.engine
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema up to a revision."""
    command.upgrade(alembic_config(database), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the schema down to a revision (`base` for none)."""
    command.downgrade(alembic_config(database), revision)


def is_current(database: Database) -> bool:
    """Does the database stand at the newest revision?"""
    head = ScriptDirectory.from_config(alembic_config(database)).get_current_head()
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def is_ahead(database: Database) -> bool:
    """Does the database stand at a revision that this code does not know?"""
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config(database)).walk_revisions()}
    with database.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present is not None and present not in known
