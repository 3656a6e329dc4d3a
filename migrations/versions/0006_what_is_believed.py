"""What a key's standing says of entries: who vouches for each key, all that ends one, and registers that keep every
statement where they kept the last, so that one that is not believed can be passed over.

Registers are made anew here and are empty afterwards: `flask registers rebuild` fills them from the ledger.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Children before their parents.
OLD = ("party_role", "party_post", "party_key", "holder", "lot", "lot_repeat", "certificate", "report")
NEW = (
    "party_key_ending",
    "party_role",
    "party_post",
    "party_key",
    "holding",
    "lot",
    "lot_repeat",
    "certificate",
    "certificate_withdrawal",
    "report",
    "report_ending",
)
OTHERS = (
    "accreditation",
    "award",
    "ban",
    "chain_head",
    "chain_mention",
    "contract",
    "drum_measurement",
    "finding",
    "flow",
    "inspection",
    "movement",
    "paper",
    "paper_lot",
    "penalty",
    "qualified_supplier",
    "recall",
    "recall_answer",
    "registry",
    "report_denial",
    "report_lot",
    "ruling",
    "sample",
    "sample_reception",
    "signatory",
    "site_act",
    "spot_check",
    "stale_lot",
    "suspension",
    "tender",
    "verdict",
    "witnessing",
    "party",
)


def _drop(tables: tuple[str, ...]) -> None:
    """Indexes go with their tables. A register that is half there would be worse than none, so all are emptied."""
    for table in tables:
        op.drop_table(table)
    for table in OTHERS:
        op.execute(f"DELETE FROM {table}")  # noqa: S608


def upgrade() -> None:
    """Make the registers anew."""
    _drop(OLD)
    op.create_table(
        "certificate",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("scheme", sa.String(length=20), nullable=False),
        sa.Column("body", sa.String(length=18), nullable=False),
        sa.Column("holder", sa.String(length=18), nullable=False),
        sa.Column("maker", sa.String(length=18), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_certificate")),
    )
    op.create_index(op.f("ix_certificate_maker"), "certificate", ["maker"], unique=False)
    op.create_index(op.f("ix_certificate_number"), "certificate", ["number"], unique=False)
    op.create_table(
        "certificate_withdrawal",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("body", sa.String(length=18), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_certificate_withdrawal")),
    )
    op.create_index(op.f("ix_certificate_withdrawal_number"), "certificate_withdrawal", ["number"], unique=False)
    op.create_table(
        "holding",
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=True),
        sa.Column("sent_to", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("lot", "entry", name=op.f("pk_holding")),
    )
    op.create_index(op.f("ix_holding_party"), "holding", ["party"], unique=False)
    op.create_table(
        "lot",
        sa.Column("lot_id", sa.String(length=80), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("maker", sa.String(length=18), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=True),
        sa.Column("standard", sa.String(length=80), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("quantity", sa.String(length=90), nullable=True),
        sa.Column("unit", sa.String(length=3), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_lot")),
    )
    op.create_index(op.f("ix_lot_maker"), "lot", ["maker"], unique=False)
    op.create_index(op.f("ix_lot_type"), "lot", ["type"], unique=False)
    op.create_table(
        "lot_repeat",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_id", sa.String(length=80), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("maker", sa.String(length=18), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=True),
        sa.Column("standard", sa.String(length=80), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("quantity", sa.String(length=90), nullable=True),
        sa.Column("unit", sa.String(length=3), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("entry", "lot_id", name=op.f("pk_lot_repeat")),
    )
    op.create_index(op.f("ix_lot_repeat_lot_id"), "lot_repeat", ["lot_id"], unique=False)
    op.create_index(op.f("ix_lot_repeat_maker"), "lot_repeat", ["maker"], unique=False)
    op.create_index(op.f("ix_lot_repeat_type"), "lot_repeat", ["type"], unique=False)
    op.create_table(
        "report",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sample", sa.String(length=60), nullable=True),
        sa.Column("client", sa.String(length=18), nullable=True),
        sa.Column("signatory", sa.String(length=60), nullable=False),
        sa.Column("conclusion", sa.String(length=4), nullable=False),
        sa.Column("sampled_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("covers", sa.String(length=90), nullable=True),
        sa.Column("covers_unit", sa.String(length=3), nullable=True),
        sa.Column("required", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_report")),
    )
    op.create_index(op.f("ix_report_lab"), "report", ["lab"], unique=False)
    op.create_index(op.f("ix_report_number"), "report", ["number"], unique=False)
    op.create_index(op.f("ix_report_pdf_sha256"), "report", ["pdf_sha256"], unique=False)
    op.create_index(op.f("ix_report_sample"), "report", ["sample"], unique=False)
    op.create_table(
        "report_ending",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("is_withdrawal", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_report_ending")),
    )
    op.create_index(op.f("ix_report_ending_number"), "report_ending", ["number"], unique=False)
    op.create_table(
        "party_key",
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("jwk", sa.JSON(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("voucher", sa.LargeBinary(), nullable=True),
        sa.Column("vouched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revocation_entry", sa.BigInteger(), nullable=True),
        sa.Column("replaced_by", sa.LargeBinary(), nullable=True),
        sa.Column("compromised_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("doubted_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("doubt_entry", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["party"], ["party.uscc"], name=op.f("fk_party_key_party_party")),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_party_key")),
    )
    op.create_index(op.f("ix_party_key_party"), "party_key", ["party"], unique=False)
    op.create_table(
        "party_post",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("duty", sa.String(length=30), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=True),
        sa.Column("held_from", sa.Date(), nullable=False),
        sa.Column("held_to", sa.Date(), nullable=True),
        sa.Column("signer", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["party"], ["party.uscc"], name=op.f("fk_party_post_party_party")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_party_post")),
    )
    op.create_index(op.f("ix_party_post_kid"), "party_post", ["kid"], unique=False)
    op.create_index(op.f("ix_party_post_party"), "party_post", ["party"], unique=False)
    op.create_table(
        "party_role",
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("signer", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["party"], ["party.uscc"], name=op.f("fk_party_role_party_party")),
        sa.PrimaryKeyConstraint("party", "role", name=op.f("pk_party_role")),
    )
    op.create_table(
        "party_key_ending",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("signer", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["kid"], ["party_key.kid"], name=op.f("fk_party_key_ending_kid_party_key")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_party_key_ending")),
    )
    op.create_index(op.f("ix_party_key_ending_kid"), "party_key_ending", ["kid"], unique=False)


def downgrade() -> None:
    """Put the registers back as they were made before, empty too."""
    _drop(NEW)
    op.create_table(
        "certificate",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("scheme", sa.String(length=20), nullable=False),
        sa.Column("body", sa.String(length=18), nullable=False),
        sa.Column("holder", sa.String(length=18), nullable=False),
        sa.Column("maker", sa.String(length=18), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawal_entry", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_certificate")),
    )
    op.create_index(op.f("ix_certificate_maker"), "certificate", ["maker"], unique=False)
    op.create_index(op.f("ix_certificate_number"), "certificate", ["number"], unique=False)
    op.create_table(
        "holder",
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=True),
        sa.Column("sent_to", sa.String(length=300), nullable=True),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", name=op.f("pk_holder")),
    )
    op.create_index(op.f("ix_holder_party"), "holder", ["party"], unique=False)
    op.create_table(
        "lot",
        sa.Column("lot_id", sa.String(length=80), nullable=False),
        sa.Column("maker", sa.String(length=18), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=True),
        sa.Column("standard", sa.String(length=80), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("quantity", sa.String(length=90), nullable=True),
        sa.Column("unit", sa.String(length=3), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_lot")),
    )
    op.create_index(op.f("ix_lot_maker"), "lot", ["maker"], unique=False)
    op.create_index(op.f("ix_lot_type"), "lot", ["type"], unique=False)
    op.create_table(
        "lot_repeat",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.PrimaryKeyConstraint("entry", "lot", name=op.f("pk_lot_repeat")),
    )
    op.create_index(op.f("ix_lot_repeat_lot"), "lot_repeat", ["lot"], unique=False)
    op.create_table(
        "report",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sample", sa.String(length=60), nullable=True),
        sa.Column("client", sa.String(length=18), nullable=True),
        sa.Column("signatory", sa.String(length=60), nullable=False),
        sa.Column("conclusion", sa.String(length=4), nullable=False),
        sa.Column("sampled_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("covers", sa.String(length=90), nullable=True),
        sa.Column("covers_unit", sa.String(length=3), nullable=True),
        sa.Column("required", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("replaces", sa.BigInteger(), nullable=True),
        sa.Column("replaced_by", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_report")),
    )
    op.create_index(op.f("ix_report_lab"), "report", ["lab"], unique=False)
    op.create_index(op.f("ix_report_number"), "report", ["number"], unique=False)
    op.create_index(op.f("ix_report_pdf_sha256"), "report", ["pdf_sha256"], unique=False)
    op.create_index(op.f("ix_report_sample"), "report", ["sample"], unique=False)
    op.create_table(
        "party_key",
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("jwk", sa.JSON(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("compromised_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revocation_entry", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["party"], ["party.uscc"], name=op.f("fk_party_key_party_party")),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_party_key")),
    )
    op.create_index(op.f("ix_party_key_party"), "party_key", ["party"], unique=False)
    op.create_table(
        "party_post",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("duty", sa.String(length=30), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=True),
        sa.Column("held_from", sa.Date(), nullable=False),
        sa.Column("held_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["party"], ["party.uscc"], name=op.f("fk_party_post_party_party")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_party_post")),
    )
    op.create_index(op.f("ix_party_post_kid"), "party_post", ["kid"], unique=False)
    op.create_index(op.f("ix_party_post_party"), "party_post", ["party"], unique=False)
    op.create_table(
        "party_role",
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["party"], ["party.uscc"], name=op.f("fk_party_role_party_party")),
        sa.PrimaryKeyConstraint("party", "role", name=op.f("pk_party_role")),
    )
