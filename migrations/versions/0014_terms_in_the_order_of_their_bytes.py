"""Terms of events in the order of their bytes, so that a pattern is a span of the key and not a walk through all.

SQLite compares bytes by itself.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whatever order the database was made with."""
    _order_by("C")


def downgrade() -> None:
    """As the database orders."""
    _order_by("default")


def _order_by(collation: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("epcis_epc", "epc", type_=sa.String(length=300, collation=collation))
