"""Of labs: sites, parts of scopes, what lifts a suspension, analysts, ends of authorisations, instruments; and who
stands behind a party.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_OF_LABS = ("reinstatement", "analyst", "authorisation_ending", "calibration", "instrument_retirement")


def upgrade() -> None:
    """Make the registers; what was said so far has no sites, and scopes are suspended whole."""
    op.add_column("accreditation", sa.Column("sites", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("accreditation") as table:
        table.alter_column("sites", server_default=None)
    op.add_column("suspension", sa.Column("scope", sa.JSON(), nullable=True))
    op.add_column("signatory", sa.Column("objects", sa.JSON(), nullable=True))
    op.add_column("sample_reception", sa.Column("site", sa.String(length=20), nullable=True))
    # Failed reports are few, and what disagrees with a lab is looked for from them.
    op.create_index("ix_report_conclusion", "report", ["conclusion"])
    _make_scope_lines()
    _make(
        "reinstatement",
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("reinstated_on", sa.Date(), nullable=False),
        sa.Column("suspended_from", sa.Date(), nullable=True),
        sa.Column("scope", sa.JSON(), nullable=True),
    )
    _make(
        "analyst",
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("authorised_from", sa.Date(), nullable=False),
        sa.Column("authorised_to", sa.Date(), nullable=True),
        sa.Column("site", sa.String(length=20), nullable=True),
    )
    _make(
        "authorisation_ending",
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("duty", sa.String(length=10), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
    )
    _make(
        "calibration",
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("instrument", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("serial", sa.String(length=60), nullable=True),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("site", sa.String(length=20), nullable=True),
        sa.Column("certificate", sa.String(length=80), nullable=False),
        sa.Column("calibrated_by", sa.String(length=120), nullable=False),
        sa.Column("calibrated_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
    )
    _make(
        "instrument_retirement",
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("instrument", sa.String(length=60), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=False),
    )
    _make(
        "relation",
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=True),
        sa.Column("other", sa.String(length=18), nullable=True),
        sa.Column("share_pct", sa.String(length=90), nullable=True),
        sa.Column("related_from", sa.Date(), nullable=False),
        sa.Column("related_to", sa.Date(), nullable=True),
    )
    _make_uses()
    for table in _OF_LABS:
        op.create_index(f"ix_{table}_lab", table, ["lab"])
    for column in ("party", "reference", "other"):
        op.create_index(f"ix_relation_{column}", "relation", [column])


def downgrade() -> None:
    """Drop them again: replaying the ledger brings back what they say."""
    op.drop_index("ix_report_conclusion", "report")
    for table in ("relation", *_OF_LABS, "instrument_use", "scope_line"):
        op.drop_table(table)
    for name, column in (
        *(("sample_reception", "site"), ("signatory", "objects"), ("suspension", "scope")),
        ("accreditation", "sites"),
    ):
        with op.batch_alter_table(name) as table:
            table.drop_column(column)


def _make(table: str, *columns: sa.Column[object]) -> None:
    entry = sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False)
    op.create_table(table, entry, *columns, sa.PrimaryKeyConstraint("entry", name=f"pk_{table}"))


def _make_scope_lines() -> None:
    """Those of the accreditations on record too, so that they are found."""
    lines = op.create_table(
        "scope_line",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("parameter", sa.String(length=60), nullable=False),
        sa.Column("method", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("entry", "place", name="pk_scope_line"),
    )
    op.create_index("ix_scope_line_parameter", "scope_line", ["parameter"])
    held = sa.table("accreditation", sa.column("entry"), sa.column("lab"), sa.column("scope", sa.JSON()))
    for entry, lab, scope in op.get_bind().execute(sa.select(held.c.entry, held.c.lab, held.c.scope)).all():
        told = [{name: line[name] for name in ("object", "parameter", "method")} for line in scope]
        op.bulk_insert(lines, [{"entry": entry, "place": at, "lab": lab, **line} for at, line in enumerate(told)])


def _make_uses() -> None:
    """Those of the reports on record too."""
    uses = op.create_table(
        "instrument_use",
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("instrument", sa.String(length=60), nullable=False),
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("lab", "instrument", "entry", name="pk_instrument_use"),
    )
    report = sa.table("report", sa.column("entry"), sa.column("lab"), sa.column("rows", sa.JSON()))
    for entry, lab, rows in op.get_bind().execute(sa.select(report.c.entry, report.c.lab, report.c.rows)).all():
        named = sorted({row["instrument"] for row in rows if row["instrument"] is not None})
        op.bulk_insert(uses, [{"lab": lab, "instrument": name, "entry": entry} for name in named])
