"""The word that ends a post, kept beside it, so that one that is not believed can be passed over.

What had ended a post before is in `party_post` itself and stays there, as if it were believed, until
`flask registers rebuild` has read it from the ledger again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the register, empty."""
    op.create_table(
        "party_post_ending",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("party", sa.String(length=18), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("duty", sa.String(length=30), nullable=False),
        sa.Column("held_to", sa.Date(), nullable=False),
        sa.Column("signer", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["party"], ["party.uscc"], name=op.f("fk_party_post_ending_party_party")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_party_post_ending")),
    )
    op.create_index(op.f("ix_party_post_ending_party"), "party_post_ending", ["party"], unique=False)


def downgrade() -> None:
    """Bring the days back into the posts, believed or not: else every ended post would be held again."""
    op.execute(
        """
        UPDATE party_post SET held_to = ended.held_to FROM (
            SELECT post.entry, MIN(ending.held_to) AS held_to FROM party_post AS post
            JOIN party_post_ending AS ending
                ON ending.party = post.party AND ending.person = post.person AND ending.duty = post.duty
            WHERE ending.entry > post.entry GROUP BY post.entry
        ) AS ended
        WHERE ended.entry = party_post.entry AND (party_post.held_to IS NULL OR party_post.held_to > ended.held_to)
        """
    )
    op.drop_table("party_post_ending")
