"""What is on its way to a party is found by its name: an index over those few holdings that are on their way."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ON_ITS_WAY = sa.text("sent_to IS NOT NULL")


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_holding_sent_to",
        "holding",
        ["sent_to"],
        unique=False,
        sqlite_where=_ON_ITS_WAY,
        postgresql_where=_ON_ITS_WAY,
    )


def downgrade() -> None:
    """Without it."""
    op.drop_index("ix_holding_sent_to", "holding")
