"""Draws, bounds of sites, what became of samples; photos, places and seals of samples, masses of drums and types."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_ADDED: tuple[tuple[str, str, sa.types.TypeEngine[object]], ...] = (
    ("sample", "draw", sa.String(length=64)),
    ("sample", "photos", sa.JSON()),
    ("sample", "latitude_deg", sa.String(length=90)),
    ("sample", "longitude_deg", sa.String(length=90)),
    ("sample_reception", "seal", sa.String(length=60)),
    ("sample_reception", "condition", sa.String(length=200)),
    ("drum_measurement", "net_mass_kg", sa.String(length=90)),
    ("certificate", "masses", sa.JSON()),
)
_MADE = ("draw", "draw_unit", "site_bound", "sample_step")


def upgrade() -> None:
    """Nobody has said any of it so far, but for the condition of samples on receipt: building the registers again
    brings that.
    """
    op.create_table(
        "draw",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("delivery", sa.String(length=64), nullable=False),
        sa.Column("plan", sa.String(length=60), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("c", sa.Integer(), nullable=False),
        sa.Column("margin_pct", sa.String(length=90), nullable=False),
        sa.Column("ledger_size", sa.BigInteger(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_draw"),
    )
    op.create_index("ix_draw_leaf", "draw", ["leaf"])
    op.create_index("ix_draw_ledger_size", "draw", ["ledger_size"])
    op.create_table(
        "draw_unit",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("length_m", sa.String(length=90), nullable=False),
        sa.PrimaryKeyConstraint("entry", "lot", name="pk_draw_unit"),
    )
    op.create_index("ix_draw_unit_lot", "draw_unit", ["lot"])
    op.create_table(
        "site_bound",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.String(length=80), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("site", sa.String(length=120), nullable=False),
        sa.Column("corners", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("entry", "contract", name="pk_site_bound"),
    )
    op.create_index("ix_site_bound_contract", "site_bound", ["contract"])
    op.create_table(
        "sample_step",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sample", sa.String(length=60), nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to", sa.String(length=18), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("is_there", sa.Boolean(), nullable=True),
        sa.Column("is_seal_intact", sa.Boolean(), nullable=True),
        sa.Column("seal", sa.String(length=60), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("entry", name="pk_sample_step"),
    )
    op.create_index("ix_sample_step_sample", "sample_step", ["sample"])
    for table, column, type_ in _ADDED:
        op.add_column(table, sa.Column(column, type_, nullable=True))


def downgrade() -> None:
    """Forget it: replaying the ledger brings it back."""
    for table, column, _ in reversed(_ADDED):
        with op.batch_alter_table(table) as changed:
            changed.drop_column(column)
    for table in _MADE:
        op.drop_table(table)
