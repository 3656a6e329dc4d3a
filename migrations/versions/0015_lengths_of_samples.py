"""A sample may say how many metres were cut out for it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Samples on record so far did not say."""
    op.add_column("sample", sa.Column("length_m", sa.String(length=90), nullable=True))


def downgrade() -> None:
    """Forget the lengths: replaying the ledger brings them back."""
    with op.batch_alter_table("sample") as table:
        table.drop_column("length_m")
