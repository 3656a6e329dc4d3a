"""A key may have a first day, as it may have a last one."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keys on record so far speak from their enrolment on."""
    op.add_column("party_key", sa.Column("valid_from", sa.Date(), nullable=True))


def downgrade() -> None:
    """Forget the first days: replaying the ledger brings them back."""
    with op.batch_alter_table("party_key") as table:
        table.drop_column("valid_from")
