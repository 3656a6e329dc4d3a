"""The word that a recall has been carried out."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the register, empty: nobody could say it before."""
    op.create_table(
        "recall_closing",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("authority", sa.String(length=18), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("finding", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("entry", "lot", name=op.f("pk_recall_closing")),
    )
    op.create_index(op.f("ix_recall_closing_number"), "recall_closing", ["number"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_index(op.f("ix_recall_closing_number"), table_name="recall_closing")
    op.drop_table("recall_closing")
