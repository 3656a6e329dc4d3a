"""One stretch of the log, looked through by itself: what `audit.py` puts together, in one process or in many.

Per checkpoint, in the order in which they were made:

1. The checkpoint's row: header, signature over the root, time, note.
2. Its entries' rows: there, in the checkpoint's second, and each leaf the SHA-256 of the statement. With an `admit`:
   all other columns as the statement gives them, then the statement itself, then that whatever it follows is earlier.
3. The perfect subtrees that each entry completes.
4. The root of all entries so far against the one that was signed. What lies left of the stretch is needed for this,
   so a stretch gives its own part, and `audit.py` joins them.

A stretch is looked through in passes, each as far as the one before found nothing wrong: rows of checkpoints, rows of
entries, nodes. So what is reported is the first fault in the order above, though passes are not made in that order.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NoReturn

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from keys.envelope import Statement, parse_statement, sig_structure
from keys.errors import RefusedError
from keys.keyring import PublicKey, read_jwk
from trace.ledger.checkpoint import claims_of, read_note
from trace.ledger.rows import (
    CHUNK,
    UNREADABLE,
    Fault,
    FaultError,
    RawRow,
    as_stored,
    check_types,
    fail,
    read_raw,
    read_time,
)
from trace.ledger.store import CheckpointRow, EntryRow, NodeRow
from trace.ledger.tree import MAX_SIZE, cover_range, fold_right, hash_children, hash_leaf

Admit = Callable[[int, Statement, datetime], None]
"""Told (position, statement, time of record) in order; raises RefusedError where the statement may not stand there."""

_LEAF_COLUMNS = (EntryRow.position, EntryRow.leaf, EntryRow.statement, EntryRow.recorded_at)
_ALL_COLUMNS = (*_LEAF_COLUMNS, EntryRow.identity, EntryRow.kind, EntryRow.issuer, EntryRow.subject)
# Times are compared as they are stored; whether one can be read at all is asked only where it differs.
_ENTRY_TYPES = (int, bytes, bytes)
_MORE_TYPES = (bytes, str, str, str)
_CHECKPOINT_COLUMNS = (
    CheckpointRow.size,
    CheckpointRow.root,
    CheckpointRow.protected,
    CheckpointRow.signature,
    CheckpointRow.note,
    CheckpointRow.recorded_at,
)
_CHECKPOINT_TYPES = (int, bytes, bytes, bytes, str)
_NODE_COLUMNS = (NodeRow.index, NodeRow.hash)


@dataclass(frozen=True)
class Terms:
    """What every stretch of one audit is held against: the ledger's name and key, and who judges the statements.

    Another process can be told them, where `admit` can be pickled.
    """

    origin: str
    ledger_jwk: dict[str, str]
    admit: Admit | None
    """None for the hashes alone: no statement is read then."""

    @cached_property
    def key(self) -> PublicKey:
        """The ledger's."""
        return read_jwk(self.ledger_jwk)

    def __getstate__(self) -> dict[str, Any]:
        """Without the key, which is no value of Python's."""
        return {"origin": self.origin, "ledger_jwk": self.ledger_jwk, "admit": self.admit}


@dataclass(frozen=True, slots=True)
class Span:
    """The entries from `start` up to but without `end`. `start` is a multiple of the power of two that no stretch is
    longer than.
    """

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch's part in the root of the first `size` entries, and the root that the checkpoint of that size bears."""

    size: int
    inner: bytes
    root: bytes


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in a stretch: sound up to but without entry `limit`, where `fault`, if any, was met."""

    span: Span
    limit: int
    parts: tuple[Part, ...]
    """Of the checkpoints up to `limit`, in order of size."""
    subtrees: tuple[tuple[int, bytes], ...]
    """(level, hash) of the perfect subtrees that cover the entries up to `limit`, left to right."""
    fault: Fault | None


def check_span(session: Session, span: Span, terms: Terms) -> Report:
    """Look through one stretch; memory is bounded by its hashes and a page of rows."""
    return _Look(session, span, terms).report()


def check_entry(row: RawRow) -> Statement:
    """The statement of an entry's row (`_ALL_COLUMNS`), once all columns but the time are what its bytes give."""
    position, leaf, data, _, *others = row
    check_leaf(position, leaf, data)
    try:
        statement = parse_statement(data)
    except RefusedError as error:
        fail("entry-refused", "entry", position, **told(error))
    if statement.to_bytes() != data:
        fail("statement-differs", "entry", position, expected="the envelope with an empty unprotected header")
    for name, got in zip(("identity", "kind", "issuer", "subject"), others, strict=True):
        expected = getattr(statement, name)
        if got != expected:
            fail(f"{name}-differs", "entry", position, expected=_shown(expected), got=_shown(got))
    return statement


def read_entry_row(session: Session, position: int) -> RawRow | None:
    """One entry's row, its types checked, for `check_entry`."""
    rows = read_raw(session, _ALL_COLUMNS, EntryRow.position == position)
    if not rows:
        return None
    _check_entry_types(rows[0])
    return rows[0]


def told(error: RefusedError) -> dict[str, object]:
    """A refusal as the facts of a fault."""
    return {"refusal": error.code, **error.facts}


class _Look:
    """One stretch being looked through. `limit` is how far it is sound as yet, `fault` what was met there."""

    def __init__(self, session: Session, span: Span, terms: Terms) -> None:
        self.session, self.span, self.terms = session, span, terms
        self.limit = span.end
        self.fault: Fault | None = None
        self.checkpoints: list[tuple[int, bytes]] = []
        self.leaves: list[bytes] = []
        self.levels: list[list[bytes]] = []

    def report(self) -> Report:
        batches = self._check_checkpoints()
        self._check_entries(batches)
        self._check_nodes()
        parts = tuple(Part(size, self._inner(size), root) for size, root in self.checkpoints if size <= self.limit)
        return Report(self.span, self.limit, parts, tuple(self._cover(self.limit)), self.fault)

    # --- 1 ---

    def _check_checkpoints(self) -> list[tuple[int, datetime]]:
        """The batches that reach into the stretch, as (end, time of record), up to the first that is not sound."""
        batches: list[tuple[int, datetime]] = []
        before, start = self._read_before()
        for row in self._read_checkpoints():
            try:
                recorded_at = check_checkpoint(self.session, row, self.terms)
                if before is not None and recorded_at < before:
                    fail("clock-went-back", "checkpoint", row[0], expected=f"{before} or later", got=recorded_at)
            except FaultError as error:
                self._stop(max(start, self.span.start), error)
                return batches
            batches.append((row[0], recorded_at))
            if row[0] <= self.span.end:
                self.checkpoints.append((row[0], row[1]))
            before, start = recorded_at, row[0]
        return batches

    def _read_before(self) -> tuple[datetime | None, int]:
        """The signed time of the checkpoint before the stretch, and its size. What is wrong with it, others say."""
        if not self.span.start:
            return None, 0
        before = and_(CheckpointRow.size > 0, CheckpointRow.size <= self.span.start)
        newest = select(func.max(CheckpointRow.size)).where(before).scalar_subquery()
        for row in read_raw(self.session, _CHECKPOINT_COLUMNS, CheckpointRow.size == newest):
            try:
                return datetime.fromtimestamp(claims_of(row[2])[2], UTC), row[0]
            except (RefusedError, *UNREADABLE, OSError):
                return None, row[0]
        return None, 0

    def _read_checkpoints(self) -> Iterator[RawRow]:
        """Those over the entries of the stretch, in order; before all others one that is over none at all."""
        if self.span.start == 0:
            yield from read_raw(self.session, _CHECKPOINT_COLUMNS, CheckpointRow.size <= 0, most=1)
        last, end = self.span.start, min(self.span.end, MAX_SIZE)
        while last < end:
            within = and_(CheckpointRow.size > last, CheckpointRow.size <= MAX_SIZE)
            page = read_raw(self.session, _CHECKPOINT_COLUMNS, within, most=CHUNK)
            for row in page:
                yield row
                if row[0] >= end:
                    return
            if not page:
                return
            last = page[-1][0]

    # --- 2 ---

    def _check_entries(self, batches: list[tuple[int, datetime]]) -> None:
        stored = [(end, at, as_stored(self.session, at)) for end, at in batches]
        waiting = iter(stored)
        batch = next(waiting, None)
        for start in range(self.span.start, self.limit, CHUNK):
            end = min(start + CHUNK, self.limit)
            links: list[tuple[int, bytes]] = []
            rows = iter(self._read_entries(start, end))
            try:
                for position in range(start, end):
                    while batch is not None and batch[0] <= position:
                        batch = next(waiting, None)
                    assert batch is not None  # noqa: S101 - `limit` is within the last sound batch
                    self._check_row(position, next(rows, None), batch[1], batch[2], links)
            except FaultError as error:
                self._stop(self.span.start + len(self.leaves), error)
            try:
                self._check_links(start, links)
            except FaultError as error:
                self._stop(error.fault.key[0], error)
            if self.fault is not None and self.limit < end:
                break
        del self.leaves[self.limit - self.span.start :]

    def _read_entries(self, start: int, end: int) -> Sequence[RawRow]:
        columns = _LEAF_COLUMNS if self.terms.admit is None else _ALL_COLUMNS
        return read_raw(self.session, columns, and_(EntryRow.position >= start, EntryRow.position < end))

    def _check_row(
        self, position: int, row: RawRow | None, at: datetime, stored: object, links: list[tuple[int, bytes]]
    ) -> None:
        if row is None or row[0] != position:
            if row is not None and type(row[0]) is not int and row[0] < position:
                fail("row-unreadable", "entry", row[0], where="position")
            fail("entry-missing", "entry", position)
        admit = self.terms.admit
        if admit is None:
            _, leaf, data, _ = row
            if type(leaf) is not bytes or type(data) is not bytes:
                check_types(row, _LEAF_COLUMNS, _ENTRY_TYPES, position)
            check_leaf(position, leaf, data)
            if row[3] != stored:
                self._blame_for_time(row, at)
        else:
            _check_entry_types(row)
            statement = check_entry(row)
            if row[3] != stored:
                self._blame_for_time(row, at)
            try:
                admit(position, statement, at)
            except RefusedError as error:
                fail("entry-refused", "entry", position, **told(error))
            links += [(position, followed) for followed in statement.follows]
        self.leaves.append(row[1])

    def _blame_for_time(self, row: RawRow, recorded_at: datetime) -> NoReturn:
        """An entry does not bear the time of the checkpoint over it: its own row is wrong, or its checkpoint's is away.

        A checkpoint under another size still carries the size that was signed. One that was deleted leaves no trace
        but this, and the entry is named.
        """
        at = read_time(self.session, row[3])
        if at is None:
            fail("row-unreadable", "entry", row[0], where="recorded_at")
        for other in read_raw(self.session, _CHECKPOINT_COLUMNS, CheckpointRow.recorded_at == at):
            check_checkpoint(self.session, other, self.terms)
        fail("recorded-at-differs", "entry", row[0], expected=recorded_at, got=at)

    def _check_links(self, start: int, links: Sequence[tuple[int, bytes]]) -> None:
        """Is each leaf that an entry follows that of an earlier one? Leaves of other stretches are believed here: where
        one is false, it is found in its own."""
        here = {leaf: start + n for n, leaf in enumerate(self.leaves[start - self.span.start :])}
        elsewhere = [leaf for position, leaf in links if here.get(leaf, position) >= position]
        found: dict[bytes, int] = {}
        for first in range(0, len(elsewhere), CHUNK):
            among = EntryRow.leaf.in_(elsewhere[first : first + CHUNK])
            first_of = select(EntryRow.leaf, func.min(EntryRow.position)).where(among, EntryRow.position >= 0)
            found |= {row[0]: row[1] for row in self.session.execute(first_of.group_by(EntryRow.leaf))}
        for position, leaf in links:
            if here.get(leaf, position) >= position and found.get(leaf, position) >= position:
                fail("followed-missing", "entry", position, expected="the leaf of an earlier entry", got=leaf.hex())

    # --- 3 ---

    def _check_nodes(self) -> None:
        self.levels = [[hash_leaf(leaf) for leaf in self.leaves]]
        faults: list[tuple[int, int, Fault]] = []
        level, start = 0, self.span.start
        while len(self.levels[level]) > 1:
            below = self.levels[level]
            level, start = level + 1, start >> 1
            made = [hash_children(below[n], below[n + 1]) for n in range(0, len(below) - 1, 2)]
            faults += self._compare(level, start, made)
            self.levels.append(made)
        if faults:
            position, _, fault = min(faults, key=lambda one: one[:2])
            self._stop(position, FaultError(fault))

    def _compare(self, level: int, start: int, made: list[bytes]) -> Iterator[tuple[int, int, Fault]]:
        """What is wrong with the stored nodes, as (the entry that completes it, level, fault)."""
        within = and_(NodeRow.level == level, NodeRow.index >= start, NodeRow.index < start + len(made))
        rows = read_raw(self.session, _NODE_COLUMNS, within)
        if [row[1] for row in rows] == made and [row[0] for row in rows] == list(range(start, start + len(made))):
            return
        stored = {row[0]: row[1] for row in rows}
        for index, node in enumerate(made, start):
            if stored.get(index) != node:
                completes = (index + 1 << level) - 1
                yield completes, level, blame_node(level, index, node, stored.get(index))

    # --- what is kept of it ---

    def _stop(self, limit: int, error: FaultError) -> None:
        self.limit, self.fault = limit, error.fault

    def _cover(self, size: int) -> Iterator[tuple[int, bytes]]:
        """The perfect subtrees between the stretch's start and `size`, as (level, hash)."""
        start = self.span.start
        for level, index in cover_range(start, size):
            yield level, self.levels[level][index - (start >> level)]

    def _inner(self, size: int) -> bytes:
        return fold_right([node for _, node in self._cover(size)])


def check_checkpoint(session: Session, row: RawRow, terms: Terms) -> datetime:
    """Step 1 for the row of a checkpoint (`_CHECKPOINT_COLUMNS`); returns the signed time of record."""
    size, root, protected, signature, note, stored = row
    check_types(row, _CHECKPOINT_COLUMNS, _CHECKPOINT_TYPES, size)
    if size <= 0:
        fail("checkpoint-superfluous", "checkpoint", size)
    try:
        origin, subject, issued = claims_of(protected)
        recorded_at = datetime.fromtimestamp(issued, UTC)
    except (RefusedError, *UNREADABLE, OSError) as error:
        fail("checkpoint-header-differs", "checkpoint", size, got=str(error))
    if not terms.key.verifies(signature, sig_structure(protected, root)):
        fail("checkpoint-signature-invalid", "checkpoint", size, expected=f"one by key {terms.key.kid.hex()}")
    if (origin, subject) != (terms.origin, f"{terms.origin}/checkpoint/{size}"):
        fail("checkpoint-header-differs", "checkpoint", size, expected=f"{terms.origin}/checkpoint/{size}")
    if stored != as_stored(session, recorded_at):
        got = read_time(session, stored)
        if got is None:
            fail("row-unreadable", "checkpoint", size, where="recorded_at")
        fail("recorded-at-differs", "checkpoint", size, expected=recorded_at, got=got)
    _check_note(size, root, note, terms)
    return recorded_at


def blame_node(level: int, index: int, node: bytes, stored: object) -> Fault:
    """What is wrong with a stored node that is not `node`."""
    span: dict[str, object] = {"first": index << level, "last": ((index + 1) << level) - 1}
    if stored is None:
        return Fault("node-missing", "node", (level, index), span)
    if not isinstance(stored, bytes):
        return Fault("row-unreadable", "node", (level, index), {"where": "hash"})
    return Fault("node-differs", "node", (level, index), {"expected": node.hex(), "got": stored.hex(), **span})


def check_leaf(position: int, leaf: object, data: bytes) -> None:
    """Is the leaf the SHA-256 of the statement? Raises FaultError `row-unreadable` or `leaf-differs`."""
    made = hashlib.sha256(data).digest()
    if made != leaf:
        if not isinstance(leaf, bytes):
            fail("row-unreadable", "entry", position, where="leaf")
        fail("leaf-differs", "entry", position, expected=made.hex(), got=leaf.hex())


def _check_entry_types(row: RawRow) -> None:
    check_types(row, _LEAF_COLUMNS, _ENTRY_TYPES, row[0])
    check_types(row[4:], _ALL_COLUMNS[4:], _MORE_TYPES, row[0])


def _check_note(size: int, root: bytes, note: str, terms: Terms) -> None:
    origin = terms.origin
    try:
        told = read_note(note, origin, terms.key)
        body, _, line = note.partition("\n\n")
        signature = base64.b64decode(line.removeprefix(f"— {origin} ").removesuffix("\n"), validate=True)
    except (RefusedError, binascii.Error, TypeError, ValueError, AttributeError) as error:
        fail("checkpoint-note-differs", "checkpoint", size, got=str(error))
    # Written again, since a reader lets through what `write_note` would never have written.
    written = f"{body}\n\n— {origin} {base64.b64encode(signature).decode('ascii')}\n"
    if told != (size, root) or note != written:
        fail("checkpoint-note-differs", "checkpoint", size, expected=f"{size} {root.hex()}")


def _shown(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value
