"""Where entries are kept: appended in batches, each closed by a signed checkpoint, and never changed.

Invariants, kept by `append` and checked by `audit.py`:
- `head` is one row that says where the log ends: its size, its root, and the compact range that the next leaf joins;
- positions run 0, 1, 2 … without a gap; a checkpoint's size is one more than the last position of its batch;
- `node` holds every perfect subtree of two leaves or more, as soon as it is complete;
- an entry's time of record is that of its checkpoint, which the ledger's key has signed; times never run backwards.

The caller holds the ledger's write lock (`lock_for_append`) from reading the head until the commit.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    LargeBinary,
    String,
    Text,
    bindparam,
    event,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from keys.envelope import Statement
from keys.errors import RefusedError
from trace.ledger.asking import ask, ask_among, change, find_rows
from trace.ledger.checkpoint import Sealer, SignedRoot, sign_root, write_note, write_receipt
from trace.ledger.compact import EMPTY_RANGE, CompactRange, gather_range
from trace.ledger.ink import insert_rows
from trace.ledger.tables import BY_KEY, Base
from trace.ledger.tree import MAX_SIZE, Nodes, cover_range, hash_leaf, prove_inclusion

_THE_HEAD = 1


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
    recorded_at: Mapped[datetime]
    statement: Mapped[bytes]


class NodeRow(Base):
    """The hash of a perfect subtree of 2**level leaves, level 1 and up."""

    __tablename__ = "node"
    __table_args__ = BY_KEY
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


class HeadRow(Base):
    """Where the log ends: a single row, and the only one of the log that is ever replaced. Whoever appends locks it."""

    __tablename__ = "head"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes]
    range: Mapped[bytes]
    """As `CompactRange.to_bytes` writes it."""


@event.listens_for(HeadRow.__table__, "after_create")
def _begin(table: Any, connection: Connection, **options: Any) -> None:
    """A log that is made begins with no entry (migrations do the same)."""
    connection.execute(
        insert(table).values(number=_THE_HEAD, size=0, root=EMPTY_RANGE.root(), range=EMPTY_RANGE.to_bytes())
    )


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends: all that appending needs of what came before. `recorded_at` is None while it is empty."""

    range: CompactRange
    recorded_at: datetime | None

    @property
    def size(self) -> int:
        """How many entries there are."""
        return self.range.size


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the ledger signed after a batch: `protected` and `signature` are the COSE half, `note` the other."""

    size: int
    root: bytes
    recorded_at: datetime
    protected: bytes
    signature: bytes
    note: str


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


# Asked for with every batch, and made once: making a query costs as much as asking it.
_HEADS: Any = HeadRow.__table__
_ENTRY, _CHECKPOINT, _HEAD = EntryRow.__table__.c, CheckpointRow.__table__.c, _HEADS.c
_WHOLE_CHECKPOINT = select(*(_CHECKPOINT[field.name] for field in fields(Checkpoint)))
_NEWEST = _WHOLE_CHECKPOINT.order_by(_CHECKPOINT.size.desc()).limit(1)
_OF_SIZE = _WHOLE_CHECKPOINT.where(_CHECKPOINT.size == bindparam("size"))
_OVER = _WHOLE_CHECKPOINT.where(_CHECKPOINT.size > bindparam("position")).order_by(_CHECKPOINT.size).limit(1)
_LAST = _NEWEST.subquery()
_HEAD_AND_NEWEST = select(_HEAD.size, _HEAD.root, _HEAD.range, _LAST).outerjoin_from(_HEADS, _LAST, true())
_LOCKED_HEAD = select(_HEAD.size).where(_HEAD.number == _THE_HEAD).with_for_update()
_NEW_HEAD = update(_HEADS).values(size=bindparam("new_size"), root=bindparam("new_root"), range=bindparam("new_range"))
# Entries that are read at a time where all are wanted.
_STREAMED = 500
_END = select(func.max(_ENTRY.position))
_AT = select(*(_ENTRY[field.name] for field in fields(Entry))).where(_ENTRY.position == bindparam("position"))
_BY_LEAF = "SELECT leaf, position FROM entry WHERE leaf IN *"
_BY_IDENTITY = "SELECT identity, position, leaf FROM entry WHERE identity IN *"


@dataclass(frozen=True, slots=True)
class Batch:
    """What was appended together: the signed root over it, and every subtree that the paths of its entries need."""

    size: int
    signed: SignedRoot
    note: str
    nodes: Mapping[tuple[int, int], bytes]

    def issue_receipt(self, position: int) -> bytes:
        """The receipt of one of its entries: the bytes of `issue_receipt`, without asking the database."""
        path = prove_inclusion(position, self.size, lambda level, index: self.nodes[level, index])
        return write_receipt(self.signed, self.size, position, path)


def lock_for_append(session: Session) -> None:
    """Let nobody else append until this transaction ends.

    PostgreSQL locks the head's row. On SQLite the shell opens write transactions with BEGIN IMMEDIATE, one at a time,
    which already is that lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        ask(session, _LOCKED_HEAD)


def read_head(session: Session) -> Head:
    """Where the log ends, for whoever holds the write lock.

    Raises RefusedError `checkpoint-invalid` where the head is not what the last checkpoint has signed: nothing may be
    signed on top of that.
    """
    size, root, kept, *newest = ask(session, _HEAD_AND_NEWEST).one()
    if newest[0] is None:
        return Head(EMPTY_RANGE, None)
    last = Checkpoint(*newest)
    # A database that was migrated or imported has its head still at the beginning.
    grown = CompactRange.from_bytes(kept) if size else gather_range(last.size, stored_nodes(session))
    if (grown.size, grown.root()) != (last.size, last.root) or (size and root != last.root):
        raise RefusedError(
            "checkpoint-invalid", where="the head", expected=f"size {last.size}, root {last.root.hex()}", got=size
        )
    return Head(grown, last.recorded_at)


def settle_head(session: Session) -> None:
    """Bring the head to where the log ends, after entries came in another way than through `append`."""
    head = read_head(session)
    _move_head(session, head.range, head.range.root())


def find_identities(session: Session, identities: Collection[bytes]) -> dict[bytes, tuple[int, bytes]]:
    """(position, leaf) of the entries with these identities, by identity."""
    found = ask_among(session, _BY_IDENTITY, list(identities))
    return {identity: (position, leaf) for identity, position, leaf in found}


def size_of(session: Session) -> int:
    """How many entries there are."""
    last: int | None = ask(session, _END).scalar()
    return 0 if last is None else last + 1


def latest_checkpoint(session: Session) -> Checkpoint | None:
    """The checkpoint of the whole ledger, or None while it is empty."""
    row = ask(session, _NEWEST).first()
    return Checkpoint(*row) if row is not None else None


def read_checkpoint(session: Session, size: int) -> Checkpoint | None:
    """The checkpoint of exactly `size` entries, where one was signed."""
    row = ask(session, _OF_SIZE, size=size).first() if 0 < size <= MAX_SIZE else None
    return Checkpoint(*row) if row is not None else None


def first_checkpoint_over(session: Session, position: int) -> Checkpoint | None:
    """The checkpoint that recorded an entry; None where it is not there."""
    row = ask(session, _OVER, position=position).first() if 0 <= position < MAX_SIZE else None
    return Checkpoint(*row) if row is not None else None


def append(
    session: Session, head: Head, statements: Sequence[Statement], sealer: Sealer, recorded_at: datetime
) -> Batch:
    """Append `statements` in order behind `head`, complete the tree and sign one checkpoint over it.

    `recorded_at` (UTC) is cut to whole seconds. Raises RefusedError `clock-went-back` when it lies before the last
    checkpoint's.
    """
    recorded_at = recorded_at.replace(microsecond=0)
    if head.recorded_at is not None and recorded_at < head.recorded_at:
        raise RefusedError(
            "clock-went-back", expected=f"{head.recorded_at.isoformat()} or later", got=recorded_at.isoformat()
        )
    rows = [_write_entry(head.size + offset, said, recorded_at) for offset, said in enumerate(statements)]
    # What is signed over is what is stored: the leaves are hashed anew from the very bytes of the rows.
    leaves = [hash_leaf(hashlib.sha256(row["statement"]).digest()) for row in rows]
    grown, completed = head.range.append(leaves)
    insert_rows(session, EntryRow, rows)
    insert_rows(session, NodeRow, [{"level": level, "index": index, "hash": node} for level, index, node in completed])
    root = grown.root()
    signed = sign_root(sealer, grown.size, root, recorded_at)
    note = write_note(sealer, grown.size, root)
    checkpoint = {
        "size": grown.size,
        "root": root,
        "recorded_at": recorded_at,
        "protected": signed.protected,
        "signature": signed.signature,
        "note": note,
    }
    insert_rows(session, CheckpointRow, [checkpoint])
    _move_head(session, grown, root)
    # A path goes through new subtrees, and to the left of them only through those that the head was made of.
    nodes = dict(zip(cover_range(0, head.size), head.range.hashes, strict=True))
    nodes |= {(0, head.size + offset): leaf for offset, leaf in enumerate(leaves)}
    nodes |= {(level, index): node for level, index, node in completed}
    return Batch(grown.size, signed, note, nodes)


def find_identity(session: Session, identity: bytes) -> Entry | None:
    """The entry of the statement with this identity, if it has been accepted."""
    row = session.scalar(select(EntryRow).where(EntryRow.identity == identity))
    return _entry(row) if row is not None else None


def read_entry(session: Session, position: int) -> Entry:
    """The entry at `position`. Raises RefusedError `entry-unknown`."""
    # Neither database takes a larger number, and SQLite's driver breaks on it.
    row = ask(session, _AT, position=position).first() if 0 <= position < MAX_SIZE else None
    if row is None:
        raise RefusedError("entry-unknown", expected=f"0 to {size_of(session) - 1}", got=position)
    return Entry(*row)


def read_entries(session: Session, positions: Sequence[int]) -> list[Entry]:
    """The entries at these positions, in order of position."""
    return [_entry(row) for row in find_rows(session, EntryRow, {"position": positions}, "position")]


def find_positions(session: Session, leaves: Collection[bytes]) -> dict[bytes, int]:
    """Where these leaves stand; those that are not there are left out."""
    return dict(tuple(row) for row in ask_among(session, _BY_LEAF, list(leaves))) if leaves else {}


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
    while True:
        query = select(EntryRow.__table__).where(_ENTRY.position >= start).order_by(_ENTRY.position).limit(_STREAMED)
        if end is not None:
            query = query.where(_ENTRY.position < end)
        rows = session.execute(query).all()
        yield from map(_entry, rows)
        if len(rows) < _STREAMED:
            return
        start = rows[-1].position + 1


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


def _entry(row: Any) -> Entry:
    return Entry(row.position, row.leaf, row.kind, row.issuer, row.subject, row.recorded_at, row.statement)


def _write_entry(position: int, said: Statement, recorded_at: datetime) -> dict[str, Any]:
    return {
        "position": position,
        "leaf": said.leaf,
        "identity": said.identity,
        "kind": said.kind,
        "issuer": said.issuer,
        "subject": said.subject,
        "recorded_at": recorded_at,
        "statement": said.to_bytes(),
    }


def _move_head(session: Session, grown: CompactRange, root: bytes) -> None:
    change(session, _NEW_HEAD, new_size=grown.size, new_root=root, new_range=grown.to_bytes())
