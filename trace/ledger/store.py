"""Where entries are kept: appended in batches, each closed by a signed checkpoint, and never changed.

Invariants, kept by `append` and checked by `audit.py`:
- positions run 0, 1, 2 … without a gap; a checkpoint's size is one more than the last position of its batch;
- `node` holds every perfect subtree of two leaves or more, as soon as it is complete;
- an entry's time of record is that of its checkpoint, which the ledger's key has signed; times never run backwards.

The caller holds the ledger's write lock (`lock_for_append`) from reading the size until the commit.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, String, Text, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from keys.envelope import Statement
from keys.errors import RefusedError
from trace.ledger.checkpoint import Sealer, SignedRoot, sign_root, write_note, write_receipt
from trace.ledger.tables import Base
from trace.ledger.tree import MAX_SIZE, Nodes, hash_children, hash_leaf, prove_inclusion, root_of

# Any number that no other advisory lock of this database uses.
_APPEND_LOCK = 0x5A5A


class EntryRow(Base):
    """One accepted statement. All but `statement` and `recorded_at` can be read from the statement, and are checked
    against it.
    """

    __tablename__ = "entry"
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    leaf: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    identity: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    kind: Mapped[str] = mapped_column(String(80), index=True)
    issuer: Mapped[str] = mapped_column(String(256), index=True)
    subject: Mapped[str] = mapped_column(String(256), index=True)
    recorded_at: Mapped[datetime] = mapped_column(index=True)
    statement: Mapped[bytes]


class NodeRow(Base):
    """The hash of a perfect subtree of 2**level leaves, level 1 and up."""

    __tablename__ = "node"
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes]


class CheckpointRow(Base):
    """The ledger's signed word after a batch."""

    __tablename__ = "checkpoint"
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes]
    recorded_at: Mapped[datetime]
    protected: Mapped[bytes]
    signature: Mapped[bytes]
    note: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Entry:
    """An accepted statement with its place and time of record (UTC)."""

    position: int
    leaf: bytes
    kind: str
    issuer: str
    subject: str
    recorded_at: datetime
    statement: bytes


def lock_for_append(session: Session) -> None:
    """Let nobody else append until this transaction ends.

    PostgreSQL takes a transaction-scoped advisory lock. On SQLite the shell opens write transactions with BEGIN
    IMMEDIATE, which already is that lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _APPEND_LOCK})


def size_of(session: Session) -> int:
    """How many entries there are."""
    last = session.scalar(select(func.max(EntryRow.position)))
    return 0 if last is None else last + 1


def latest_checkpoint(session: Session) -> CheckpointRow | None:
    """The checkpoint of the whole ledger, or None while it is empty."""
    return session.scalar(select(CheckpointRow).order_by(CheckpointRow.size.desc()).limit(1))


def append(session: Session, statements: Sequence[Statement], sealer: Sealer, recorded_at: datetime) -> list[Entry]:
    """Append `statements` in order, complete the tree and sign one checkpoint over it.

    `recorded_at` is cut to whole seconds. Raises RefusedError `clock-went-back` when it lies before the last
    checkpoint's.
    """
    recorded_at = recorded_at.replace(microsecond=0)
    last = latest_checkpoint(session)
    if last is not None and recorded_at < last.recorded_at:
        raise RefusedError(
            "clock-went-back", expected=f"{last.recorded_at.isoformat()} or later", got=recorded_at.isoformat()
        )
    start = last.size if last is not None else 0
    entries = [
        Entry(start + offset, said.leaf, said.kind, said.issuer, said.subject, recorded_at, said.to_bytes())
        for offset, said in enumerate(statements)
    ]
    for entry, said in zip(entries, statements, strict=True):
        session.add(
            EntryRow(
                position=entry.position,
                leaf=entry.leaf,
                identity=said.identity,
                kind=entry.kind,
                issuer=entry.issuer,
                subject=entry.subject,
                recorded_at=recorded_at,
                statement=entry.statement,
            )
        )
    _complete_tree(session, entries)
    _close_batch(session, start + len(entries), sealer, recorded_at)
    return entries


def find_identity(session: Session, identity: bytes) -> Entry | None:
    """The entry of the statement with this identity, if it has been accepted."""
    row = session.scalar(select(EntryRow).where(EntryRow.identity == identity))
    return _entry(row) if row is not None else None


def read_entry(session: Session, position: int) -> Entry:
    """The entry at `position`. Raises RefusedError `entry-unknown`."""
    # Neither database takes a larger number, and SQLite's driver breaks on it.
    row = session.get(EntryRow, position) if 0 <= position < MAX_SIZE else None
    if row is None:
        raise RefusedError("entry-unknown", expected=f"0 to {size_of(session) - 1}", got=position)
    return _entry(row)


def read_entries(session: Session, positions: Sequence[int]) -> list[Entry]:
    """The entries at these positions, in order of position."""
    rows = session.scalars(select(EntryRow).where(EntryRow.position.in_(positions)).order_by(EntryRow.position))
    return [_entry(row) for row in rows]


def find_leaf(session: Session, leaf: bytes) -> Entry | None:
    """The entry with this leaf hash, if there is one."""
    row = session.scalar(select(EntryRow).where(EntryRow.leaf == leaf))
    return _entry(row) if row is not None else None


def read_entries_about(
    session: Session, party: str, also: Collection[int] = (), before: int | None = None, most: int = 50
) -> list[Entry]:
    """Up to `most` entries that a party signed or that have it as their subject, and those of `also`; newest first,
    older than position `before` where that is given.
    """
    about = (EntryRow.issuer == party) | (EntryRow.subject == party) | EntryRow.position.in_(also)
    query = select(EntryRow).where(about).order_by(EntryRow.position.desc()).limit(most)
    if before is not None:
        query = query.where(EntryRow.position < before)
    return [_entry(row) for row in session.scalars(query)]


def read_entries_on(session: Session, subject: str, most: int = 50) -> list[Entry]:
    """Up to `most` entries with this very subject, newest first."""
    query = select(EntryRow).where(EntryRow.subject == subject).order_by(EntryRow.position.desc()).limit(most)
    return [_entry(row) for row in session.scalars(query)]


def stream_entries(session: Session, start: int = 0, end: int | None = None) -> Iterator[Entry]:
    """All entries from `start` up to but without `end`, in order, without holding them all."""
    query = select(EntryRow).where(EntryRow.position >= start).order_by(EntryRow.position)
    if end is not None:
        query = query.where(EntryRow.position < end)
    for row in session.scalars(query.execution_options(yield_per=500)):
        yield _entry(row)


def issue_receipt(session: Session, position: int, size: int | None = None) -> bytes:
    """The receipt of an entry, against the checkpoint that recorded it, or against that of a later `size`.

    The same entry and size give the same bytes. Raises RefusedError `entry-unknown` or `checkpoint-unknown`.
    """
    if not 0 <= position < MAX_SIZE:
        read_entry(session, position)
    if size is None:
        query = select(CheckpointRow).where(CheckpointRow.size > position).order_by(CheckpointRow.size).limit(1)
        row = session.scalar(query)
    else:
        row = session.get(CheckpointRow, size) if size > position else None
    if row is None:
        read_entry(session, position)
        raise RefusedError("checkpoint-unknown", expected=f"a checkpoint of more than {position} entries", got=size)
    path = prove_inclusion(position, row.size, stored_nodes(session))
    return write_receipt(SignedRoot(row.protected, row.signature), row.size, position, path)


def stored_nodes(session: Session) -> Nodes:
    """Perfect subtrees from the tables, for proofs."""

    def read(level: int, index: int) -> bytes:
        if level == 0:
            leaf = session.scalar(select(EntryRow.leaf).where(EntryRow.position == index))
            if leaf is None:
                raise RefusedError("entry-unknown", got=index)
            return hash_leaf(leaf)
        node = session.scalar(select(NodeRow.hash).where(NodeRow.level == level, NodeRow.index == index))
        if node is None:
            raise RefusedError("entry-unknown", where=f"tree node {level}/{index}")
        return node

    return read


def _entry(row: EntryRow) -> Entry:
    return Entry(row.position, row.leaf, row.kind, row.issuer, row.subject, row.recorded_at, row.statement)


def _complete_tree(session: Session, entries: Sequence[Entry]) -> None:
    """Add each perfect subtree that the new leaves complete."""
    session.flush()
    fresh = {(0, entry.position): hash_leaf(entry.leaf) for entry in entries}
    stored = stored_nodes(session)
    for entry in entries:
        level, index = 0, entry.position
        while index & 1:
            right = fresh[(level, index)]
            left = fresh.get((level, index - 1)) or stored(level, index - 1)
            level, index = level + 1, index >> 1
            fresh[(level, index)] = hash_children(left, right)
            session.add(NodeRow(level=level, index=index, hash=fresh[(level, index)]))
    session.flush()


def _close_batch(session: Session, size: int, sealer: Sealer, recorded_at: datetime) -> None:
    root = root_of(size, stored_nodes(session))
    signed = sign_root(sealer, size, root, recorded_at)
    session.add(
        CheckpointRow(
            size=size,
            root=root,
            recorded_at=recorded_at,
            protected=signed.protected,
            signature=signed.signature,
            note=write_note(sealer, size, root),
        )
    )
    session.flush()
