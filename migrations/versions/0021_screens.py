"""What values reports have in common, and what screens over many reports have counted."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the registers, empty: reports that are on record are read into them by `flask registers rebuild`."""
    op.create_table(
        "vector_print",
        sa.Column("print", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("print", "entry", name="pk_vector_print"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "report_copy",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("other", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("other_number", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("entry", "other", name="pk_report_copy"),
    )
    op.create_index("ix_report_copy_lab", "report_copy", ["lab"])
    op.create_index("ix_report_copy_number", "report_copy", ["number"])
    op.create_table(
        "screen_tally",
        *_key_of_screens(),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("code", "subject", "lab", "about", name="pk_screen_tally"),
    )
    op.create_index("ix_screen_tally_lab", "screen_tally", ["lab"])
    op.create_table(
        "screened",
        *_key_of_screens(),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("p", sa.Double(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("bins", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("code", "subject", "lab", "about", name="pk_screened"),
    )
    op.create_index("ix_screened_lab", "screened", ["lab"])
    op.create_table(
        "screen_progress",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("doubted", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_screen_progress"),
    )


def downgrade() -> None:
    """Drop them again."""
    for table in ("screen_progress", "screened", "screen_tally", "report_copy", "vector_print"):
        op.drop_table(table)


def _key_of_screens() -> tuple[sa.Column[str], ...]:
    return (
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
    )
