"""`flask db …`: the schema."""

import click

from api import migrate
from api.commands.frame import Group
from api.shell import current_shell

db = Group("db", help="Bring the database's schema up or down.")


@db.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema up to REVISION (default: the newest).

    \b
    Example: flask db upgrade
    """
    migrate.upgrade(current_shell().database, revision)


@db.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the schema down to REVISION; `base` removes everything, entries included.

    \b
    Example: flask db downgrade 0001
    """
    migrate.downgrade(current_shell().database, revision)
