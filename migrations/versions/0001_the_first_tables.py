"""The first tables: the ledger and all registers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "accreditation",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("body", sa.String(length=18), nullable=False),
        sa.Column("cma", sa.String(length=12), nullable=True),
        sa.Column("cnas", sa.String(length=10), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_accreditation")),
    )
    op.create_index(op.f("ix_accreditation_cma"), "accreditation", ["cma"], unique=False)
    op.create_index(op.f("ix_accreditation_cnas"), "accreditation", ["cnas"], unique=False)
    op.create_index(op.f("ix_accreditation_lab"), "accreditation", ["lab"], unique=False)
    op.create_table(
        "award",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ocid", sa.String(length=80), nullable=False),
        sa.Column("winner", sa.String(length=18), nullable=False),
        sa.Column("awarded_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_award")),
    )
    op.create_index(op.f("ix_award_ocid"), "award", ["ocid"], unique=False)
    op.create_table(
        "ban",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("banned_from", sa.Date(), nullable=False),
        sa.Column("banned_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_ban")),
    )
    op.create_index(op.f("ix_ban_party"), "ban", ["party"], unique=False)
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
        "chain_head",
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "leaf", name=op.f("pk_chain_head")),
    )
    op.create_table(
        "chain_mention",
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "position", name=op.f("pk_chain_mention")),
    )
    op.create_index(op.f("ix_chain_mention_position"), "chain_mention", ["position"], unique=False)
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("protected", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "contract",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("ocid", sa.String(length=80), nullable=False),
        sa.Column("buyer", sa.String(length=18), nullable=False),
        sa.Column("supplier", sa.String(length=18), nullable=False),
        sa.Column("maker", sa.String(length=18), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("standard", sa.String(length=80), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("quantity", sa.String(length=90), nullable=False),
        sa.Column("unit", sa.String(length=3), nullable=False),
        sa.Column("authorised", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_contract")),
    )
    op.create_index(op.f("ix_contract_number"), "contract", ["number"], unique=False)
    op.create_index(op.f("ix_contract_ocid"), "contract", ["ocid"], unique=False)
    op.create_table(
        "drum_measurement",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.Column("length_m", sa.String(length=90), nullable=False),
        sa.Column("resistance_ohm", sa.String(length=90), nullable=False),
        sa.Column("temperature_c", sa.String(length=90), nullable=False),
        sa.Column("uncertainty_pct", sa.String(length=90), nullable=True),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_drum_measurement")),
    )
    op.create_index(op.f("ix_drum_measurement_lot"), "drum_measurement", ["lot"], unique=False)
    op.create_table(
        "entry",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("issuer", sa.String(length=256), nullable=False),
        sa.Column("subject", sa.String(length=256), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_entry")),
        sa.UniqueConstraint("identity", name=op.f("uq_entry_identity")),
        sa.UniqueConstraint("leaf", name=op.f("uq_entry_leaf")),
    )
    op.create_index(op.f("ix_entry_issuer"), "entry", ["issuer"], unique=False)
    op.create_index(op.f("ix_entry_kind"), "entry", ["kind"], unique=False)
    op.create_index(op.f("ix_entry_recorded_at"), "entry", ["recorded_at"], unique=False)
    op.create_index(op.f("ix_entry_subject"), "entry", ["subject"], unique=False)
    op.create_table(
        "finding",
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("case", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("maker", sa.String(length=18), nullable=True),
        sa.Column("proved_by", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "ordinal", name=op.f("pk_finding")),
    )
    op.create_index(op.f("ix_finding_code"), "finding", ["code"], unique=False)
    op.create_index(op.f("ix_finding_maker"), "finding", ["maker"], unique=False)
    op.create_index(op.f("ix_finding_proved_by"), "finding", ["proved_by"], unique=False)
    op.create_index(op.f("ix_finding_severity"), "finding", ["severity"], unique=False)
    op.create_index(op.f("ix_finding_weight"), "finding", ["weight"], unique=False)
    op.create_table(
        "flow",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("side", sa.String(length=6), nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quantity", sa.String(length=90), nullable=True),
        sa.Column("unit", sa.String(length=3), nullable=True),
        sa.PrimaryKeyConstraint("entry", "side", "lot", name=op.f("pk_flow")),
    )
    op.create_index(op.f("ix_flow_lot"), "flow", ["lot"], unique=False)
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
        "inspection",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("entry", "lot", name=op.f("pk_inspection")),
    )
    op.create_index(op.f("ix_inspection_lot"), "inspection", ["lot"], unique=False)
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
        "movement",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("other", sa.String(length=300), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quantity", sa.String(length=90), nullable=True),
        sa.Column("unit", sa.String(length=3), nullable=True),
        sa.Column("place", sa.String(length=300), nullable=True),
        sa.Column("contract", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("entry", "lot", name=op.f("pk_movement")),
    )
    op.create_index(op.f("ix_movement_contract"), "movement", ["contract"], unique=False)
    op.create_index(op.f("ix_movement_lot"), "movement", ["lot"], unique=False)
    op.create_index(op.f("ix_movement_party"), "movement", ["party"], unique=False)
    op.create_table(
        "node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_node")),
    )
    op.create_table(
        "paper",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=12), nullable=False),
        sa.Column("presenter", sa.String(length=18), nullable=False),
        sa.Column("claimed_body", sa.String(length=18), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("presented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.String(length=10), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("holder", sa.String(length=18), nullable=True),
        sa.Column("maker", sa.String(length=18), nullable=True),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("conclusion", sa.String(length=4), nullable=True),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_paper")),
    )
    op.create_index(op.f("ix_paper_claimed_body"), "paper", ["claimed_body"], unique=False)
    op.create_index(op.f("ix_paper_number"), "paper", ["number"], unique=False)
    op.create_index(op.f("ix_paper_pdf_sha256"), "paper", ["pdf_sha256"], unique=False)
    op.create_index(op.f("ix_paper_presenter"), "paper", ["presenter"], unique=False)
    op.create_table(
        "paper_lot",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("entry", "lot", name=op.f("pk_paper_lot")),
    )
    op.create_index(op.f("ix_paper_lot_lot"), "paper_lot", ["lot"], unique=False)
    op.create_table(
        "party",
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("producing_since", sa.Date(), nullable=True),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("uscc", name=op.f("pk_party")),
    )
    op.create_index(op.f("ix_party_name_zh"), "party", ["name_zh"], unique=False)
    op.create_table(
        "penalty",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("authority", sa.String(length=18), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("facts", sa.String(length=1000), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_penalty")),
    )
    op.create_index(op.f("ix_penalty_party"), "penalty", ["party"], unique=False)
    op.create_table(
        "qualified_supplier",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("ocid", sa.String(length=80), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("suspended_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("entry", "party", name=op.f("pk_qualified_supplier")),
    )
    op.create_index(op.f("ix_qualified_supplier_ocid"), "qualified_supplier", ["ocid"], unique=False)
    op.create_table(
        "recall",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("authority", sa.String(length=18), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column("maker", sa.String(length=18), nullable=True),
        sa.Column("type", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("entry", "lot", name=op.f("pk_recall")),
    )
    op.create_index(op.f("ix_recall_lot"), "recall", ["lot"], unique=False)
    op.create_index(op.f("ix_recall_maker"), "recall", ["maker"], unique=False)
    op.create_index(op.f("ix_recall_number"), "recall", ["number"], unique=False)
    op.create_table(
        "recall_answer",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("quantity", sa.String(length=90), nullable=True),
        sa.Column("unit", sa.String(length=3), nullable=True),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_recall_answer")),
    )
    op.create_index(op.f("ix_recall_answer_lot"), "recall_answer", ["lot"], unique=False)
    op.create_index(op.f("ix_recall_answer_number"), "recall_answer", ["number"], unique=False)
    op.create_table(
        "registry",
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("is_demonstration", sa.Boolean(), nullable=False),
        sa.Column("ledger_jwk", sa.JSON(), nullable=False),
        sa.Column("regulator", sa.String(length=18), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_registry")),
    )
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
        "report_denial",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("denied_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_report_denial")),
    )
    op.create_index(op.f("ix_report_denial_lab"), "report_denial", ["lab"], unique=False)
    op.create_index(op.f("ix_report_denial_number"), "report_denial", ["number"], unique=False)
    op.create_table(
        "report_lot",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("entry", "lot", name=op.f("pk_report_lot")),
    )
    op.create_index(op.f("ix_report_lot_lot"), "report_lot", ["lot"], unique=False)
    op.create_table(
        "ruling",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("ruling", sa.String(length=10), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_ruling")),
    )
    op.create_index(op.f("ix_ruling_lot"), "ruling", ["lot"], unique=False)
    op.create_table(
        "sample",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sample", sa.String(length=60), nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("sampler", sa.String(length=18), nullable=False),
        sa.Column("sampler_person", sa.String(length=60), nullable=False),
        sa.Column("witness", sa.String(length=18), nullable=True),
        sa.Column("witness_person", sa.String(length=60), nullable=True),
        sa.Column("courier", sa.String(length=18), nullable=True),
        sa.Column("seal", sa.String(length=60), nullable=True),
        sa.Column("position_m", sa.String(length=90), nullable=True),
        sa.Column("drum_length_m", sa.String(length=90), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_sample")),
    )
    op.create_index(op.f("ix_sample_lot"), "sample", ["lot"], unique=False)
    op.create_index(op.f("ix_sample_sample"), "sample", ["sample"], unique=False)
    op.create_table(
        "sample_reception",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sample", sa.String(length=60), nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("brought_by", sa.String(length=18), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_seal_intact", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_sample_reception")),
    )
    op.create_index(op.f("ix_sample_reception_sample"), "sample_reception", ["sample"], unique=False)
    op.create_table(
        "signatory",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("authorised_from", sa.Date(), nullable=False),
        sa.Column("authorised_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_signatory")),
    )
    op.create_index(op.f("ix_signatory_lab"), "signatory", ["lab"], unique=False)
    op.create_table(
        "site_act",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contract", sa.String(length=300), nullable=True),
        sa.Column("invoicer", sa.String(length=300), nullable=True),
        sa.Column("quantity", sa.String(length=90), nullable=True),
        sa.Column("unit", sa.String(length=3), nullable=True),
        sa.Column("station", sa.String(length=120), nullable=True),
        sa.Column("circuit", sa.String(length=120), nullable=True),
        sa.Column("from_m", sa.String(length=90), nullable=True),
        sa.Column("to_m", sa.String(length=90), nullable=True),
        sa.PrimaryKeyConstraint("entry", "lot", name=op.f("pk_site_act")),
    )
    op.create_index(op.f("ix_site_act_contract"), "site_act", ["contract"], unique=False)
    op.create_index(op.f("ix_site_act_lot"), "site_act", ["lot"], unique=False)
    op.create_index(op.f("ix_site_act_station"), "site_act", ["station"], unique=False)
    op.create_table(
        "spot_check",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("authority", sa.String(length=18), nullable=False),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("maker", sa.String(length=18), nullable=True),
        sa.Column("type", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("entry", "lot", name=op.f("pk_spot_check")),
    )
    op.create_index(op.f("ix_spot_check_lot"), "spot_check", ["lot"], unique=False)
    op.create_index(op.f("ix_spot_check_maker"), "spot_check", ["maker"], unique=False)
    op.create_table(
        "stale_lot",
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", name=op.f("pk_stale_lot")),
    )
    op.create_table(
        "suspension",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lab", sa.String(length=18), nullable=False),
        sa.Column("suspended_from", sa.Date(), nullable=False),
        sa.Column("suspended_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_suspension")),
    )
    op.create_index(op.f("ix_suspension_lab"), "suspension", ["lab"], unique=False)
    op.create_table(
        "tender",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ocid", sa.String(length=80), nullable=False),
        sa.Column("buyer", sa.String(length=18), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_tender")),
    )
    op.create_index(op.f("ix_tender_ocid"), "tender", ["ocid"], unique=False)
    op.create_table(
        "verdict",
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("word", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("lot", name=op.f("pk_verdict")),
    )
    op.create_index(op.f("ix_verdict_due_at"), "verdict", ["due_at"], unique=False)
    op.create_index(op.f("ix_verdict_word"), "verdict", ["word"], unique=False)
    op.create_table(
        "witnessing",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sample", sa.String(length=60), nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("witnessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_witnessing")),
    )
    op.create_index(op.f("ix_witnessing_sample"), "witnessing", ["sample"], unique=False)
    op.create_table(
        "party_key",
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("jwk", sa.JSON(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
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


def downgrade() -> None:
    """Drop every table."""
    op.drop_table("party_role")
    op.drop_index(op.f("ix_party_post_party"), table_name="party_post")
    op.drop_index(op.f("ix_party_post_kid"), table_name="party_post")
    op.drop_table("party_post")
    op.drop_index(op.f("ix_party_key_party"), table_name="party_key")
    op.drop_table("party_key")
    op.drop_index(op.f("ix_witnessing_sample"), table_name="witnessing")
    op.drop_table("witnessing")
    op.drop_index(op.f("ix_verdict_word"), table_name="verdict")
    op.drop_index(op.f("ix_verdict_due_at"), table_name="verdict")
    op.drop_table("verdict")
    op.drop_index(op.f("ix_tender_ocid"), table_name="tender")
    op.drop_table("tender")
    op.drop_index(op.f("ix_suspension_lab"), table_name="suspension")
    op.drop_table("suspension")
    op.drop_table("stale_lot")
    op.drop_index(op.f("ix_spot_check_maker"), table_name="spot_check")
    op.drop_index(op.f("ix_spot_check_lot"), table_name="spot_check")
    op.drop_table("spot_check")
    op.drop_index(op.f("ix_site_act_station"), table_name="site_act")
    op.drop_index(op.f("ix_site_act_lot"), table_name="site_act")
    op.drop_index(op.f("ix_site_act_contract"), table_name="site_act")
    op.drop_table("site_act")
    op.drop_index(op.f("ix_signatory_lab"), table_name="signatory")
    op.drop_table("signatory")
    op.drop_index(op.f("ix_sample_reception_sample"), table_name="sample_reception")
    op.drop_table("sample_reception")
    op.drop_index(op.f("ix_sample_sample"), table_name="sample")
    op.drop_index(op.f("ix_sample_lot"), table_name="sample")
    op.drop_table("sample")
    op.drop_index(op.f("ix_ruling_lot"), table_name="ruling")
    op.drop_table("ruling")
    op.drop_index(op.f("ix_report_lot_lot"), table_name="report_lot")
    op.drop_table("report_lot")
    op.drop_index(op.f("ix_report_denial_number"), table_name="report_denial")
    op.drop_index(op.f("ix_report_denial_lab"), table_name="report_denial")
    op.drop_table("report_denial")
    op.drop_index(op.f("ix_report_sample"), table_name="report")
    op.drop_index(op.f("ix_report_pdf_sha256"), table_name="report")
    op.drop_index(op.f("ix_report_number"), table_name="report")
    op.drop_index(op.f("ix_report_lab"), table_name="report")
    op.drop_table("report")
    op.drop_table("registry")
    op.drop_index(op.f("ix_recall_answer_number"), table_name="recall_answer")
    op.drop_index(op.f("ix_recall_answer_lot"), table_name="recall_answer")
    op.drop_table("recall_answer")
    op.drop_index(op.f("ix_recall_number"), table_name="recall")
    op.drop_index(op.f("ix_recall_maker"), table_name="recall")
    op.drop_index(op.f("ix_recall_lot"), table_name="recall")
    op.drop_table("recall")
    op.drop_index(op.f("ix_qualified_supplier_ocid"), table_name="qualified_supplier")
    op.drop_table("qualified_supplier")
    op.drop_index(op.f("ix_penalty_party"), table_name="penalty")
    op.drop_table("penalty")
    op.drop_index(op.f("ix_party_name_zh"), table_name="party")
    op.drop_table("party")
    op.drop_index(op.f("ix_paper_lot_lot"), table_name="paper_lot")
    op.drop_table("paper_lot")
    op.drop_index(op.f("ix_paper_presenter"), table_name="paper")
    op.drop_index(op.f("ix_paper_pdf_sha256"), table_name="paper")
    op.drop_index(op.f("ix_paper_number"), table_name="paper")
    op.drop_index(op.f("ix_paper_claimed_body"), table_name="paper")
    op.drop_table("paper")
    op.drop_table("node")
    op.drop_index(op.f("ix_movement_party"), table_name="movement")
    op.drop_index(op.f("ix_movement_lot"), table_name="movement")
    op.drop_index(op.f("ix_movement_contract"), table_name="movement")
    op.drop_table("movement")
    op.drop_index(op.f("ix_lot_repeat_lot"), table_name="lot_repeat")
    op.drop_table("lot_repeat")
    op.drop_index(op.f("ix_lot_type"), table_name="lot")
    op.drop_index(op.f("ix_lot_maker"), table_name="lot")
    op.drop_table("lot")
    op.drop_index(op.f("ix_inspection_lot"), table_name="inspection")
    op.drop_table("inspection")
    op.drop_index(op.f("ix_holder_party"), table_name="holder")
    op.drop_table("holder")
    op.drop_index(op.f("ix_flow_lot"), table_name="flow")
    op.drop_table("flow")
    op.drop_index(op.f("ix_finding_weight"), table_name="finding")
    op.drop_index(op.f("ix_finding_severity"), table_name="finding")
    op.drop_index(op.f("ix_finding_proved_by"), table_name="finding")
    op.drop_index(op.f("ix_finding_maker"), table_name="finding")
    op.drop_index(op.f("ix_finding_code"), table_name="finding")
    op.drop_table("finding")
    op.drop_index(op.f("ix_entry_subject"), table_name="entry")
    op.drop_index(op.f("ix_entry_recorded_at"), table_name="entry")
    op.drop_index(op.f("ix_entry_kind"), table_name="entry")
    op.drop_index(op.f("ix_entry_issuer"), table_name="entry")
    op.drop_table("entry")
    op.drop_index(op.f("ix_drum_measurement_lot"), table_name="drum_measurement")
    op.drop_table("drum_measurement")
    op.drop_index(op.f("ix_contract_ocid"), table_name="contract")
    op.drop_index(op.f("ix_contract_number"), table_name="contract")
    op.drop_table("contract")
    op.drop_table("checkpoint")
    op.drop_index(op.f("ix_chain_mention_position"), table_name="chain_mention")
    op.drop_table("chain_mention")
    op.drop_table("chain_head")
    op.drop_index(op.f("ix_certificate_number"), table_name="certificate")
    op.drop_index(op.f("ix_certificate_maker"), table_name="certificate")
    op.drop_table("certificate")
    op.drop_index(op.f("ix_ban_party"), table_name="ban")
    op.drop_table("ban")
    op.drop_index(op.f("ix_award_ocid"), table_name="award")
    op.drop_table("award")
    op.drop_index(op.f("ix_accreditation_lab"), table_name="accreditation")
    op.drop_index(op.f("ix_accreditation_cnas"), table_name="accreditation")
    op.drop_index(op.f("ix_accreditation_cma"), table_name="accreditation")
    op.drop_table("accreditation")
