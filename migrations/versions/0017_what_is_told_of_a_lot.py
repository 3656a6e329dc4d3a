"""What was last told of each lot, kept until something touches it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, empty: each lot is judged when it is asked for, as before, until it was judged for the list."""
    op.create_table(
        "summary",
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("edition", sa.String(length=16), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("lot", name="pk_summary"),
    )
    op.create_index("ix_summary_edition", "summary", ["edition"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("summary")
