"""Alembic, configured in code: this is an application that runs from its root, so there is no ini file to lose.

Revisions are numbered in one line, 0001, 0002 …, and a file's name begins with its number. So where a database stands
is read without Alembic, whose import alone would take a third of every start.
"""

from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from api.database import Database
from api.settings import ROOT

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = ROOT / "migrations"


def alembic_config(database: Database) -> "Config":
    """The configuration that migrations/env.py reads: where the scripts are, which engine to use."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["engine"] = database.engine
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema up to a revision."""
    from alembic import command

    command.upgrade(alembic_config(database), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the schema down to a revision (`base` for none)."""
    from alembic import command

    command.downgrade(alembic_config(database), revision)


def known_revisions() -> list[str]:
    """The revisions of this code, oldest first."""
    return sorted(path.name.partition("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*_*.py"))


def present_revision(database: Database) -> str | None:
    """The revision at which the database stands; None where it has no schema."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def is_current(database: Database) -> bool:
    """Does the database stand at the newest revision?"""
    return present_revision(database) == known_revisions()[-1]


def is_ahead(database: Database) -> bool:
    """Does the database stand at a revision that this code does not know?"""
    return present_revision(database) not in (None, *known_revisions())
