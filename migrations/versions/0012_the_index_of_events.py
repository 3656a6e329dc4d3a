"""The index of EPCIS events, and which of them their signers have taken back; capture jobs and named queries;
and what somebody has found wrong with a lot.

The index is filled from the ledger afterwards.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TABLES = (
    "lot_flag",
    "epcis_query",
    "epcis_capture",
    "epcis_progress",
    "epcis_withdrawn",
    "epcis_epc",
    "epcis_event",
)
_PAIRS = {
    "step": "biz_step",
    "disposition": "disposition",
    "read_point": "read_point",
    "biz_location": "biz_location",
    "event_at": "event_at",
    "recorded_at": "recorded_at",
    "type": "type",
}


def upgrade() -> None:
    """Make the registers, empty."""
    op.create_table(
        "epcis_event",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("issuer", sa.String(length=256), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("type", sa.String(length=300), nullable=False),
        sa.Column("event_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=7), nullable=True),
        sa.Column("biz_step", sa.String(length=300), nullable=True),
        sa.Column("disposition", sa.String(length=300), nullable=True),
        sa.Column("read_point", sa.String(length=300), nullable=True),
        sa.Column("biz_location", sa.String(length=300), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_reason", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_epcis_event")),
    )
    op.create_index(op.f("ix_epcis_event_name"), "epcis_event", ["name"], unique=False)
    op.create_index(op.f("ix_epcis_event_declared_at"), "epcis_event", ["declared_at"], unique=False)
    for name, column in _PAIRS.items():
        op.create_index(f"ix_epcis_event_{name}", "epcis_event", [column, "position"], unique=False)
    op.create_table(
        "epcis_epc",
        sa.Column("epc", sa.String(length=300), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("epc", "position", "field", name=op.f("pk_epcis_epc")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "epcis_withdrawn",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("declaration", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("position", "declaration", name=op.f("pk_epcis_withdrawn")),
    )
    op.create_index(op.f("ix_epcis_withdrawn_declaration"), "epcis_withdrawn", ["declaration"], unique=False)
    op.create_table(
        "epcis_progress",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_epcis_progress")),
    )

    op.create_table(
        "epcis_capture",
        sa.Column("capture_id", sa.String(length=36), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("behaviour", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("capture_id", name=op.f("pk_epcis_capture")),
    )
    op.create_index(op.f("ix_epcis_capture_party"), "epcis_capture", ["party"], unique=False)
    op.create_table(
        "epcis_query",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_epcis_query")),
    )

    op.create_table(
        "lot_flag",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disposition", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("entry", "lot", name=op.f("pk_lot_flag")),
    )
    op.create_index(op.f("ix_lot_flag_lot"), "lot_flag", ["lot"], unique=False)


def downgrade() -> None:
    """Without them."""
    for table in _TABLES:
        op.drop_table(table)
