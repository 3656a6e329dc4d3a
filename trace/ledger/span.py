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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from keys.errors import RefusedError
from trace.ledger.checkpoint import claims_of
from trace.ledger.rowcheck import (
    ALL_COLUMNS,
    CHECKPOINT_COLUMNS,
    LEAF_COLUMNS,
    Terms,
    blame_node,
    check_checkpoint,
    check_entry,
    check_hash,
    told,
)
from trace.ledger.rows import CHUNK, UNREADABLE, Fault, FaultError, RawRow, as_stored, fail, read_raw, read_time
from trace.ledger.store import CheckpointRow, EntryRow, NodeRow
from trace.ledger.tree import MAX_SIZE, cover_range, fold_right, hash_children, hash_leaf

_NODE_COLUMNS = (NodeRow.index, NodeRow.hash)


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
        for row in read_raw(self.session, CHECKPOINT_COLUMNS, CheckpointRow.size == newest):
            try:
                return datetime.fromtimestamp(claims_of(row[2])[2], UTC), row[0]
            except (RefusedError, *UNREADABLE, OSError):
                return None, row[0]
        return None, 0

    def _read_checkpoints(self) -> Iterator[RawRow]:
        """Those over the entries of the stretch, in order; before all others one that is over none at all."""
        if self.span.start == 0:
            yield from read_raw(self.session, CHECKPOINT_COLUMNS, CheckpointRow.size <= 0, most=1)
        last, end = self.span.start, min(self.span.end, MAX_SIZE)
        while last < end:
            within = and_(CheckpointRow.size > last, CheckpointRow.size <= MAX_SIZE)
            page = read_raw(self.session, CHECKPOINT_COLUMNS, within, most=CHUNK)
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
        columns = LEAF_COLUMNS if self.terms.admit is None else ALL_COLUMNS
        return read_raw(self.session, columns, and_(EntryRow.position >= start, EntryRow.position < end))

    def _check_row(
        self, position: int, row: RawRow | None, at: datetime, stored: object, links: list[tuple[int, bytes]]
    ) -> None:
        if row is None or row[0] != position:
            if row is not None and type(row[0]) is not int and row[0] < position:
                fail("row-unreadable", "entry", row[0], where="position")
            fail("entry-missing", "entry", position)
        admit, statement = self.terms.admit, None
        if admit is None:
            check_hash(row)
        else:
            statement = check_entry(row)
        if row[3] != stored:
            self._blame_for_time(row, at)
        if admit is not None and statement is not None:
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
        for other in read_raw(self.session, CHECKPOINT_COLUMNS, CheckpointRow.recorded_at == at):
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
