"""Entries are found by time through their checkpoints: an index of their own cost each append, and answered nothing."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Without it."""
    op.drop_index(op.f("ix_entry_recorded_at"), table_name="entry")


def downgrade() -> None:
    """With it again."""
    op.create_index(op.f("ix_entry_recorded_at"), "entry", ["recorded_at"], unique=False)
