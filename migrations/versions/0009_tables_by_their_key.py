"""On SQLite, tables whose rows are little more than their key lie in its order: one tree, and no index beside a table.

A proof looks up a node for each level of the tree, and every statement adds to all three.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("node", "chain_head", "chain_mention")


def upgrade() -> None:
    """Lay them out anew."""
    _lay_out(with_rowid=False)


def downgrade() -> None:
    """As they were."""
    _lay_out(with_rowid=True)


def _lay_out(*, with_rowid: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in TABLES:
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_with_rowid": with_rowid}):
            pass
    # A table takes its triggers with it (0002).
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER node_refuse_{event.lower()} BEFORE {event} ON node "
            f"BEGIN SELECT RAISE(ABORT, 'the ledger knows INSERT only: {event} on node'); END"
        )
