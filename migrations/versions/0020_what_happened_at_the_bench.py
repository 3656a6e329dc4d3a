"""What reports say of the bench: instruments and people from when to when, and raw files."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the registers, empty: so far no report could say any of it."""
    op.create_table(
        "bench_work",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("sample", sa.String(length=60), nullable=True),
        sa.Column("parameter", sa.String(length=60), nullable=False),
        sa.Column("instrument", sa.String(length=60), nullable=True),
        sa.Column("analyst", sa.String(length=60), nullable=True),
        sa.Column("site", sa.String(length=60), nullable=True),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("at_instrument", sa.String(length=90), nullable=True),
        sa.Column("by_analyst", sa.String(length=90), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("entry", "line", name="pk_bench_work"),
    )
    op.create_index("ix_bench_work_at_instrument", "bench_work", ["at_instrument"])
    op.create_index("ix_bench_work_by_analyst", "bench_work", ["by_analyst"])
    op.create_table(
        "bench_raw_file",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("sample", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("entry", "sha256", name="pk_bench_raw_file"),
    )
    op.create_index("ix_bench_raw_file_sha256", "bench_raw_file", ["sha256"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("bench_raw_file")
    op.drop_table("bench_work")
