"""What was put into which logistic unit; and, of what was said of such a unit, the packings by which it holds for what
is in it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_CARRIED = ("movement", "holding", "lot_flag", "site_act")


def upgrade() -> None:
    """Make the register, empty: so far nothing said of packing had an effect."""
    op.create_table(
        "packing",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("child", sa.String(length=80), nullable=False),
        sa.Column("parent", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quantity", sa.String(length=90), nullable=True),
        sa.Column("unit", sa.String(length=3), nullable=True),
        sa.PrimaryKeyConstraint("entry", "child", name="pk_packing"),
    )
    op.create_index("ix_packing_child", "packing", ["child"])
    op.create_index("ix_packing_parent", "packing", ["parent"])
    op.create_index("ix_packing_party", "packing", ["party"])
    for table in _CARRIED:
        op.add_column(table, sa.Column("packings", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Drop it again."""
    for table in _CARRIED:
        op.drop_column(table, "packings")
    op.drop_table("packing")
