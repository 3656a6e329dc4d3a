"""Trusted seal authorities, the hosts of labs, and what was found in the files of papers."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def _entry() -> sa.Column[int]:
    return sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    """Make the registers, empty: their kinds are new."""
    op.create_table(
        "anchor",
        _entry(),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("trusted_from", sa.Date(), nullable=False),
        sa.Column("trusted_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("entry", name="pk_anchor"),
    )
    op.create_index("ix_anchor_sha256", "anchor", ["sha256"])
    op.create_table(
        "anchor_ending",
        _entry(),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("withdrawn_from", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_anchor_ending"),
    )
    op.create_index("ix_anchor_ending_sha256", "anchor_ending", ["sha256"])
    op.create_table(
        "lab_host",
        _entry(),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("hosts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_lab_host"),
    )
    op.create_index("ix_lab_host_lab", "lab_host", ["lab"])
    op.create_table(
        "paper_examination",
        _entry(),
        sa.Column("examiner", sa.String(length=18), nullable=False),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("lots", sa.JSON(), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("seal_state", sa.String(length=12), nullable=False),
        sa.Column("sealed_by", sa.String(length=18), nullable=True),
        sa.Column("hosts", sa.JSON(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_paper_examination"),
    )
    for column in ("examiner", "number", "pdf_sha256"):
        op.create_index(f"ix_paper_examination_{column}", "paper_examination", [column])


def downgrade() -> None:
    """Drop them again."""
    for table in ("paper_examination", "lab_host", "anchor_ending", "anchor"):
        op.drop_table(table)
