"""Is the log what its keys have signed? Everything in its three tables is computed again from the statements' bytes.

Per checkpoint, in the order in which they were made:

1. The checkpoint's row: header, signature over the root, time, note.
2. Its entries' rows: there, and all columns as the statement gives them; then the statement itself (`Door.admit`).
3. The perfect subtrees that each entry completes.
4. The root of all entries so far against the one that was signed.

The first thing that is wrong ends the audit. What it can't see, because nothing in the database contradicts it: that
whole batches were cut off at the end, that two batches of the same second were closed by one checkpoint, and that
everything was replaced by another ledger with another key. Compare `root` and `ledger_kid` with a copy kept elsewhere.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, Protocol

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import Session

from keys.envelope import Statement, parse_statement, sig_structure
from keys.errors import RefusedError
from keys.keyring import PublicKey
from trace.ledger.checkpoint import claims_of, read_note
from trace.ledger.rows import CHUNK, UNREADABLE, Fault, FaultError, fail, read_checkpoints, read_rows
from trace.ledger.store import CheckpointRow, EntryRow, NodeRow
from trace.ledger.tree import fold_right, hash_children, hash_leaf

Progress = Callable[[int, int], None]
"""Told (entries done, entries in all)."""


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What was looked at until the end or the first fault. `root` is that of the last checkpoint that held."""

    entries: int
    checkpoints: int
    origin: str | None
    ledger_kid: bytes | None
    root: bytes | None
    fault: Fault | None

    @property
    def is_sound(self) -> bool:
        """Was everything as it was signed?"""
        return self.fault is None


class Door(Protocol):
    """What the log has to ask those who know the statements' meaning. Both raise RefusedError."""

    def read_founding(self, statement: Statement) -> tuple[str, PublicKey]:
        """Origin and public key of the ledger, as entry 0 gives them."""
        ...

    def admit(self, position: int, statement: Statement, recorded_at: datetime) -> None:
        """Check a statement against all before it and remember what it says."""
        ...


def audit_log(session: Session, door: Door, progress: Progress) -> AuditResult:
    """Look through the whole log, in memory of a fixed size."""
    return _Audit(session, door, progress).run()


class _Audit:
    """The state of one audit: how far it is, and the perfect subtrees that cover what it has seen."""

    def __init__(self, session: Session, door: Door, progress: Progress) -> None:
        self.session, self.door, self.progress = session, door, progress
        self.size, self.checkpoints = 0, 0
        self.origin: str | None = None
        self.key: PublicKey | None = None
        self.root: bytes | None = None
        self.recorded_at = datetime.min.replace(tzinfo=UTC)
        self.subtrees: list[tuple[int, bytes]] = []

    def run(self) -> AuditResult:
        fault = None
        try:
            self._check_all()
        except FaultError as error:
            fault = error.fault
        kid = self.key.kid if self.key is not None else None
        return AuditResult(self.size, self.checkpoints, self.origin, kid, self.root, fault)

    def _check_all(self) -> None:
        total = self.session.scalar(select(func.max(CheckpointRow.size))) or 0
        if total:
            self._read_founding()
        for row in read_checkpoints(self.session):
            self.recorded_at = recorded_at = self._check_checkpoint(row)
            for start in range(self.size, row.size, CHUNK):
                self._check_entries(start, min(start + CHUNK, row.size), recorded_at)
                self.progress(self.size, total)
            self._check_root(row)
            self.checkpoints += 1
        self._check_nothing_besides()

    def _read_founding(self) -> None:
        rows = read_rows(self.session, EntryRow, EntryRow.position, EntryRow.position == 0)
        if not rows:
            fail("entry-missing", "entry", 0)
        statement = _check_columns(rows[0])
        try:
            self.origin, self.key = self.door.read_founding(statement)
        except RefusedError as error:
            fail("entry-refused", "entry", 0, **_told(error))

    def _check_checkpoint(self, row: Row[Any], *, is_next: bool = True) -> datetime:
        """Step 1; returns the signed time of record."""
        size = row.size
        if (is_next and size <= self.size) or self.key is None or self.origin is None:
            fail("checkpoint-superfluous", "checkpoint", size)
        try:
            origin, subject, issued = claims_of(row.protected)
            recorded_at = datetime.fromtimestamp(issued, UTC)
        except (RefusedError, *UNREADABLE, OSError) as error:
            fail("checkpoint-header-differs", "checkpoint", size, got=str(error))
        if not self.key.verifies(row.signature, sig_structure(row.protected, row.root)):
            fail("checkpoint-signature-invalid", "checkpoint", size, expected=f"one by key {self.key.kid.hex()}")
        if (origin, subject) != (self.origin, f"{self.origin}/checkpoint/{size}"):
            fail("checkpoint-header-differs", "checkpoint", size, expected=f"{self.origin}/checkpoint/{size}")
        # Compared by the database, as it is stored: SQLite keeps text, of which several spellings read as one instant.
        is_same = select(CheckpointRow.recorded_at == recorded_at).where(CheckpointRow.size == size)
        if not self.session.scalar(is_same):
            fail("recorded-at-differs", "checkpoint", size, expected=recorded_at, got=row.recorded_at)
        if is_next and recorded_at < self.recorded_at:
            fail("clock-went-back", "checkpoint", size, expected=f"{self.recorded_at} or later", got=recorded_at)
        _check_note(row, self.origin, self.key)
        return recorded_at

    def _check_entries(self, start: int, end: int, recorded_at: datetime) -> None:
        """Steps 2 and 3 for the entries from `start` up to but without `end`."""
        within = and_(EntryRow.position >= start, EntryRow.position < end)
        is_timely = (EntryRow.recorded_at == recorded_at).label("is_timely")
        rows = {row.position: row for row in read_rows(self.session, EntryRow, EntryRow.position, within, is_timely)}
        nodes = self._read_nodes(start, end)
        for position in range(start, end):
            row = rows.get(position)
            if row is None:
                fail("entry-missing", "entry", position)
            statement = _check_columns(row)
            if not row.is_timely:
                self._blame_for_time(row, recorded_at)
            try:
                self.door.admit(position, statement, recorded_at)
            except RefusedError as error:
                fail("entry-refused", "entry", position, **_told(error))
            self._grow_tree(row.leaf, nodes)
            self.size = position + 1

    def _blame_for_time(self, row: Row[Any], recorded_at: datetime) -> NoReturn:
        """An entry does not bear the time of the checkpoint over it: its own row is wrong, or its checkpoint's is away.

        A checkpoint under another size still carries the size that was signed. One that was deleted leaves no trace
        but this, and the entry is named.
        """
        for other in read_rows(
            self.session, CheckpointRow, CheckpointRow.size, CheckpointRow.recorded_at == row.recorded_at
        ):
            self._check_checkpoint(other, is_next=False)
        fail("recorded-at-differs", "entry", row.position, expected=recorded_at, got=row.recorded_at)

    def _read_nodes(self, start: int, end: int) -> dict[tuple[int, int], bytes]:
        """The stored subtrees that these entries complete."""
        spans = [(level, start >> level, end >> level) for level in range(1, end.bit_length() + 1)]
        wanted = [
            and_(NodeRow.level == level, NodeRow.index >= low, NodeRow.index < high)
            for level, low, high in spans
            if low < high
        ]
        if not wanted:
            return {}
        rows = read_rows(self.session, NodeRow, NodeRow.index, or_(*wanted))
        return {(level, index): node for level, index, node in map(tuple, rows)}

    def _grow_tree(self, leaf: bytes, nodes: dict[tuple[int, int], bytes]) -> None:
        """Add a leaf, and compare each subtree that it completes with the stored one."""
        level, index, node = 0, self.size, hash_leaf(leaf)
        while index & 1:
            _, left = self.subtrees.pop()
            level, index, node = level + 1, index >> 1, hash_children(left, node)
            stored = nodes.get((level, index))
            if stored is None:
                fail("node-missing", "node", level, index, **_span(level, index))
            if stored != node:
                shown = {"expected": node.hex(), "got": stored.hex(), **_span(level, index)}
                fail("node-differs", "node", level, index, **shown)
        self.subtrees.append((level, node))

    def _check_root(self, row: Row[Any]) -> None:
        """Step 4."""
        root = fold_right([node for _, node in self.subtrees])
        if root != row.root:
            fail("checkpoint-root-differs", "checkpoint", row.size, expected=root.hex(), got=row.root.hex())
        self.root = root

    def _check_nothing_besides(self) -> None:
        """No entry that no checkpoint covers, no statement twice, no node of a subtree that is not there."""
        # In one query, so that a batch which is appended meanwhile is seen with its checkpoint or not at all.
        sealed = select(func.coalesce(func.max(CheckpointRow.size), 0)).scalar_subquery()
        outside = or_(EntryRow.position < 0, EntryRow.position >= sealed)
        position = self.session.scalar(select(func.min(EntryRow.position)).where(outside))
        if position is not None:
            fail("entry-unsealed", "entry", position, expected=f"0 to {self.size - 1}")
        twice = select(func.max(EntryRow.position)).group_by(EntryRow.identity).having(func.count() > 1)
        position = self.session.scalar(twice.order_by(func.max(EntryRow.position)).limit(1))
        if position is not None:
            fail("entry-repeated", "entry", position)
        self._check_no_node_besides()

    def _check_no_node_besides(self) -> None:
        inside = [
            and_(NodeRow.level == level, NodeRow.index >= 0, NodeRow.index < self.size >> level)
            for level in range(1, self.size.bit_length() + 1)
        ]
        besides = select(NodeRow.level, NodeRow.index).order_by(NodeRow.level, NodeRow.index).limit(1)
        if inside:
            besides = besides.where(~or_(*inside))
        found = self.session.execute(besides).first()
        # Whoever appended meanwhile has added nodes that this audit did not expect; those are the next audit's.
        size = self.session.scalar(select(func.coalesce(func.max(CheckpointRow.size), 0)))
        if found is not None and size == self.size:
            fail("node-superfluous", "node", *found)


def _check_columns(row: Row[Any]) -> Statement:
    """All columns that can be computed from the statement's bytes; returns the statement."""
    position, leaf = row.position, hashlib.sha256(row.statement).digest()
    if row.leaf != leaf:
        fail("leaf-differs", "entry", position, expected=leaf.hex(), got=row.leaf.hex())
    try:
        statement = parse_statement(row.statement)
    except RefusedError as error:
        fail("entry-refused", "entry", position, **_told(error))
    if statement.to_bytes() != row.statement:
        fail("statement-differs", "entry", position, expected="the envelope with an empty unprotected header")
    for name in ("identity", "kind", "issuer", "subject"):
        expected, got = getattr(statement, name), getattr(row, name)
        if got != expected:
            fail(f"{name}-differs", "entry", position, expected=_shown(expected), got=_shown(got))
    return statement


def _check_note(row: Row[Any], origin: str, key: PublicKey) -> None:
    try:
        size, root = read_note(row.note, origin, key)
        body, _, line = row.note.partition("\n\n")
        signature = base64.b64decode(line.removeprefix(f"— {origin} ").removesuffix("\n"), validate=True)
    except (RefusedError, binascii.Error, TypeError, ValueError, AttributeError) as error:
        fail("checkpoint-note-differs", "checkpoint", row.size, got=str(error))
    # Written again, since a reader lets through what `write_note` would never have written.
    written = f"{body}\n\n— {origin} {base64.b64encode(signature).decode('ascii')}\n"
    if (size, root) != (row.size, row.root) or row.note != written:
        fail("checkpoint-note-differs", "checkpoint", row.size, expected=f"{row.size} {row.root.hex()}")


def _span(level: int, index: int) -> dict[str, object]:
    """The entries that a subtree covers."""
    return {"first": index << level, "last": ((index + 1) << level) - 1}


def _told(error: RefusedError) -> dict[str, object]:
    return {"refusal": error.code, **error.facts}


def _shown(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value
