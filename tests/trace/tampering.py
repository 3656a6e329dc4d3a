"""What somebody who can write to the database does to a ledger, and what an audit is to say of it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from keys.envelope import parse_statement
from trace.ledger.store import CheckpointRow, EntryRow, NodeRow
from trace.ledger.tables import LEDGER_TABLES, Base

TABLES = {row.__tablename__: row for row in (EntryRow, NodeRow, CheckpointRow)}
# Cosignatures are judged by whoever chose the keys (trace/ledger/policy.py): an audit trusts no witness.
assert LEDGER_TABLES - TABLES.keys() == {"cosignature"}
COLUMNS = [(name, column.name) for name in sorted(TABLES) for column in Base.metadata.tables[name].columns]
# What a change of each column is called. A new column that is not here is a red test.
EXPECTED = {
    "entry.position": "entry-missing",
    "entry.leaf": "leaf-differs",
    "entry.identity": "identity-differs",
    "entry.kind": "kind-differs",
    "entry.issuer": "issuer-differs",
    "entry.subject": "subject-differs",
    "entry.recorded_at": "recorded-at-differs",
    "entry.statement": "leaf-differs",
    "node.level": "node-missing",
    "node.index": "node-missing",
    "node.hash": "node-differs",
    "checkpoint.size": "checkpoint-header-differs",
    "checkpoint.root": "checkpoint-signature-invalid",
    "checkpoint.recorded_at": "recorded-at-differs",
    "checkpoint.protected": "checkpoint-signature-invalid",
    "checkpoint.signature": "checkpoint-signature-invalid",
    "checkpoint.note": "checkpoint-note-differs",
}


def keys_of(session, name):
    columns = [column for column in Base.metadata.tables[name].columns if column.primary_key]
    return session.execute(select(*columns).order_by(*columns)).all()


def is_row(name, key):
    columns = [column for column in Base.metadata.tables[name].columns if column.primary_key]
    return [column == value for column, value in zip(columns, key, strict=True)]


def flip(value, place=None):
    """The value with one bit, letter, unit or second of it changed."""
    if isinstance(value, bytes):
        place = len(value) // 2 if place is None else place
        return value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
    if isinstance(value, str):
        place = len(value) // 2 if place is None else place
        return value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
    return value + (timedelta(seconds=1) if isinstance(value, datetime) else 1000)


def swap(session, table, key, one, other):
    for old, new in ((one, 9999), (other, one), (9999, other)):
        session.execute(update(table).where(key == old).values({key.name: new}))


def replace_entry(session, position, statement):
    """A thorough forger's work: every column of the row fits the new statement."""
    values = {name: getattr(statement, name) for name in ("leaf", "identity", "kind", "issuer", "subject")}
    values["statement"] = statement.to_bytes()
    session.execute(update(EntryRow).where(EntryRow.position == position).values(values))


def find_entry(session, kind):
    return session.scalar(select(EntryRow).where(EntryRow.kind == kind).order_by(EntryRow.position).limit(1))


def reseal(world, row, alias, **changes):
    said = parse_statement(row.statement)
    header: dict[str, Any] = {
        "kind": said.kind,
        "issuer": said.issuer,
        "subject": said.subject,
        "follows": said.follows,
    }
    header |= {"issued_at": said.issued_at}
    return world.seal(alias, said.kind, said.payload, header=header | changes)
