"""How Alembic runs our migrations: on the engine handed in by `api/migrate.py`, in one transaction."""

from typing import Literal

from alembic import context
from sqlalchemy import Engine
from sqlalchemy.types import TypeDecorator

from api.wiring import STAGES
from labs.screens.register import ScreenedRow
from trace.intake import accept
from trace.ledger.cosigned import CosignatureRow
from trace.ledger.tables import Base
from trace.mismatches.register import MismatchRow

# Importing the stages and the door is what fills the metadata.
assert STAGES and accept and CosignatureRow and MismatchRow and ScreenedRow  # noqa: S101, PT018


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """A revision must outlive the code: it names the database's own types, not ours."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


engine: Engine = context.config.attributes["engine"]

with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_item=render_item)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
