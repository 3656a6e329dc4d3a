"""What people without a key say: scans, and reports that goods do not match. No entry says these things."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, empty."""
    op.create_table(
        "scan",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latitude", sa.Integer(), nullable=True),
        sa.Column("longitude", sa.Integer(), nullable=True),
        sa.Column("holder", sa.String(length=18), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_scan")),
    )
    op.create_index(op.f("ix_scan_lot"), "scan", ["lot"], unique=False)
    op.create_index(op.f("ix_scan_at"), "scan", ["at"], unique=False)
    op.create_table(
        "mismatch",
        sa.Column("number", sa.String(length=13), nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("photo", sa.String(length=64), nullable=True),
        sa.Column("media", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.String(length=2000), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=18), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_mismatch")),
    )
    op.create_index(op.f("ix_mismatch_lot"), "mismatch", ["lot"], unique=False)
    op.create_index(op.f("ix_mismatch_at"), "mismatch", ["at"], unique=False)


def downgrade() -> None:
    """Remove them, with what people said."""
    op.drop_table("mismatch")
    op.drop_table("scan")
