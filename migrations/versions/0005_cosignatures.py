"""Witnesses' cosignatures on checkpoints. A table of the ledger: it knows INSERT only, like those of 0002."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and refuse what would rewrite it."""
    op.create_table(
        "cosignature",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("witness", sa.String(length=256), nullable=False),
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("time", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["size"], ["checkpoint.size"], name=op.f("fk_cosignature_size_checkpoint")),
        sa.PrimaryKeyConstraint("size", "witness", "key_id", "time", name=op.f("pk_cosignature")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER cosignature_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cosignature "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
        )
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER cosignature_refuse_{event.lower()} BEFORE {event} ON cosignature "
            f"BEGIN SELECT RAISE(ABORT, 'the ledger knows INSERT only: {event} on cosignature'); END"
        )


def downgrade() -> None:
    """Take the table away, and its triggers with it."""
    op.drop_table("cosignature")
