"""The head: one row that says where the log ends, and that whoever appends locks."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it, at the beginning; the first batch that is appended brings it to where the log is."""
    head = op.create_table(
        "head",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("range", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_head")),
    )
    empty = {"number": 1, "size": 0, "root": hashlib.sha256(b"").digest(), "range": bytes(8)}
    op.bulk_insert(head, [empty])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("head")
