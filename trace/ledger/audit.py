"""Is the log what its keys have signed? Everything in its tables is computed again from the statements' bytes.

The log is cut into stretches of a power of two of entries, each of which can be looked through by itself (`span.py`),
here or in another process: whoever calls hands in how. The stretches' subtrees are then joined into the tree, in
order, and held against the nodes above them and against every signed root. What is reported is the first fault in the
order of the log, whatever was looked at first.

What an audit can't see, because nothing in the database contradicts it: that whole batches were cut off at the end,
that two batches of the same second were closed by one checkpoint, and that everything was replaced by another ledger
with another key. Compare `root` and `ledger_kid` with a copy kept elsewhere, or hand in a kept checkpoint.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from keys.envelope import Statement
from keys.errors import RefusedError
from keys.keyring import PublicKey
from trace.ledger.checkpoint import read_note
from trace.ledger.compact import CompactRange
from trace.ledger.rowcheck import (
    CHECKPOINT_COLUMNS,
    Admit,
    Terms,
    blame_node,
    check_checkpoint,
    check_entry,
    check_hash,
    read_entry_row,
    told,
)
from trace.ledger.rows import Fault, FaultError, RawRow, as_stored, fail, read_raw, read_time
from trace.ledger.span import Part, Report, Span
from trace.ledger.store import CheckpointRow, EntryRow, HeadRow, NodeRow, read_checkpoint, stored_nodes
from trace.ledger.tree import (
    MAX_SIZE,
    cover_range,
    fold_right,
    hash_children,
    hash_leaf,
    prove_inclusion,
    root_from_inclusion,
    root_of,
)

Progress = Callable[[int, int], None]
"""Told (entries done, entries in all)."""
Look = Callable[[Iterable[Span], Terms], Iterator[Report]]
"""Looks through stretches and reports on each, in order. More may be asked for than are wanted in the end."""

# Ours to choose: long enough that handing a stretch to another process costs nothing beside it, short enough that a bar
# moves. A power of two, so that a stretch is one perfect subtree.
STRETCH = 4096


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What was looked at until the end or the first fault. `root` is that of the last checkpoint that held."""

    entries: int
    checkpoints: int
    origin: str | None
    ledger_kid: bytes | None
    root: bytes | None
    fault: Fault | None
    since: int = 0
    """How many entries at the beginning were taken from the kept checkpoint, and not looked at again."""

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


@dataclass(frozen=True, slots=True)
class Kept:
    """The beginning of the log that is not looked at again: it is the one whose root was kept."""

    size: int
    root: bytes
    terms: Terms
    """By which an old row's time is looked at, where it matters."""


Prepare = Callable[[int, Kept | None], Admit | None]
"""Told how many entries there are, and how many of them are old; gives what judges the others, or None for nothing."""


def audit_log(
    session: Session,
    found: Callable[[Statement], tuple[str, PublicKey]],
    prepare: Prepare,
    look: Look,
    progress: Progress,
    *,
    since: int | str | None = None,
    stretch: int = STRETCH,
) -> AuditResult:
    """Look through the log as it is now, or from the stretch on in which a kept checkpoint ends.

    `found` reads origin and key of the ledger out of entry 0. `since` is the note of the kept checkpoint, or the size
    of one of the ledger's own. `stretch` is a power of two. Raises RefusedError `checkpoint-invalid` or
    `checkpoint-unknown` for a kept checkpoint that is none of this ledger's.
    """
    return _Audit(session, progress, stretch).run(found, prepare, look, since)


def find_size(session: Session) -> int:
    """How many entries the newest checkpoint covers. Sizes that are no numbers have no place in the log's order."""
    return session.scalar(select(func.max(CheckpointRow.size)).where(CheckpointRow.size.between(1, MAX_SIZE))) or 0


def check_inclusion(session: Session, row: RawRow, kept: Kept) -> None:
    """Does an entry of the kept beginning (`LEAF_COLUMNS` or more) stand in its tree?

    Raises FaultError `leaf-differs`, or `entry-unproven` where it or a neighbour is another than it was.
    """
    check_hash(row)
    position, leaf, *_ = row
    try:
        path = prove_inclusion(position, kept.size, stored_nodes(session))
    except RefusedError as error:
        fail("entry-unproven", "entry", position, **told(error))
    found = root_from_inclusion(hash_leaf(leaf), position, kept.size, path)
    if found != kept.root:
        fail("entry-unproven", "entry", position, expected=kept.root.hex(), got=found.hex() if found else "none")


def check_old_time(session: Session, row: RawRow, kept: Kept) -> None:
    """Does an entry of the kept beginning (`LEAF_COLUMNS` or more) bear the time that the checkpoint over it signs?

    The kept root says nothing of times. Raises FaultError with the names that a look at the rows would give.
    """
    position, _, _, stored, *_ = row
    over = and_(CheckpointRow.size > position, CheckpointRow.size <= MAX_SIZE)
    rows = read_raw(session, CHECKPOINT_COLUMNS, over, most=1)
    if not rows:
        fail("entry-unsealed", "entry", position)
    recorded_at = check_checkpoint(session, rows[0], kept.terms)
    if stored != as_stored(session, recorded_at):
        at = read_time(session, stored)
        if at is None:
            fail("row-unreadable", "entry", position, where="recorded_at")
        fail("recorded-at-differs", "entry", position, expected=recorded_at, got=at)


class _Audit:
    """The state of one audit: how far it is, and the perfect subtrees that cover what it has seen."""

    def __init__(self, session: Session, progress: Progress, stretch: int) -> None:
        self.session, self.progress, self.stretch = session, progress, stretch
        self.total = find_size(session)
        self.terms: Terms | None = None
        self.start, self.size, self.checkpoints = 0, 0, 0
        self.root: bytes | None = None
        self.subtrees: list[tuple[int, bytes]] = []

    def run(
        self,
        found: Callable[[Statement], tuple[str, PublicKey]],
        prepare: Prepare,
        look: Look,
        since: int | str | None,
    ) -> AuditResult:
        fault = None
        try:
            if self.total:
                founding = _read_founding(self.session, found)
                self.terms = Terms(founding.origin, founding.key.to_jwk(), None)
                kept = _check_kept(self.session, since, founding, self.terms, self.total) if since is not None else None
                self.terms = replace(self.terms, admit=prepare(self.total, kept))
                self._begin(kept)
                self._join(look(self._spans(), self.terms))
            self._check_nothing_besides()
        except FaultError as error:
            fault = error.fault
        origin_, kid = (self.terms.origin, self.terms.key.kid) if self.terms is not None else (None, None)
        return AuditResult(self.size, self.checkpoints, origin_, kid, self.root, fault, self.start)

    def _begin(self, kept: Kept | None) -> None:
        """Go on from the last stretch that the kept checkpoint has in full. Its subtrees have led to its root."""
        if kept is not None:
            self.start = self.size = kept.size - kept.size % self.stretch
            nodes = stored_nodes(self.session)
            self.subtrees = [(level, nodes(level, index)) for level, index in cover_range(0, self.start)]
            self.root = kept.root

    def _join(self, reports: Iterator[Report]) -> None:
        for report in reports:
            self._take(report)
            self.progress(self.size, self.total)

    def _spans(self) -> Iterator[Span]:
        for start in range(self.start, self.total, self.stretch):
            end = min(start + self.stretch, self.total)
            yield Span(start, end)

    def _take(self, report: Report) -> None:
        """Join a stretch to those before it: the roots within it, then the nodes above it, then the root at its end."""
        left = [node for _, node in self.subtrees]
        for part in report.parts:
            if part.size < report.span.end:
                self._check_root(part, left)
        self.size = report.limit
        if report.fault is not None:
            raise FaultError(report.fault)
        for level, node in report.subtrees:
            self._grow(level, node)
        for part in report.parts:
            if part.size == report.span.end:
                self._check_root(part, left)

    def _grow(self, level: int, node: bytes) -> None:
        """Add a subtree, and compare each larger one that it completes with the stored one."""
        while self.subtrees and self.subtrees[-1][0] == level:
            _, left = self.subtrees.pop()
            level, node = level + 1, hash_children(left, node)
            index = (self.size >> level) - 1
            within = and_(NodeRow.level == level, NodeRow.index == index)
            rows = read_raw(self.session, (NodeRow.index, NodeRow.hash), within)
            stored = rows[0][1] if rows else None
            if stored != node:
                self.size -= 1  # met at the last entry of the stretch, which completes it
                raise FaultError(blame_node(level, index, node, stored))
        self.subtrees.append((level, node))

    def _check_root(self, part: Part, left: list[bytes]) -> None:
        """Step 4 of `span.py`."""
        root = fold_right([*left, part.inner])
        if root != part.root:
            self.size = part.size
            fail("checkpoint-root-differs", "checkpoint", part.size, expected=root.hex(), got=part.root.hex())
        self.root = root
        self.checkpoints += 1

    def _check_nothing_besides(self) -> None:
        """No entry that no checkpoint covers, no statement twice, no node of a subtree that is not there."""
        # In one query, so that a batch which is appended meanwhile is seen with its checkpoint or not at all.
        sealed = select(func.coalesce(func.max(CheckpointRow.size), 0)).where(CheckpointRow.size <= MAX_SIZE)
        outside = or_(EntryRow.position < 0, EntryRow.position >= sealed.scalar_subquery())
        position = self.session.scalar(select(func.min(EntryRow.position)).where(outside))
        if position is not None:
            fail("entry-unsealed", "entry", position, expected=f"0 to {self.size - 1}")
        if self.terms is not None and self.terms.admit is not None:  # else nobody has compared identities with bytes
            self._check_no_statement_twice()
        odd = select(CheckpointRow.size).where(~CheckpointRow.size.between(1, MAX_SIZE)).limit(1)
        strange = self.session.scalar(odd)
        if strange is not None:
            fail("checkpoint-superfluous", "checkpoint", strange)
        self._check_no_node_besides()
        self._check_head()

    def _check_head(self) -> None:
        """A head that is still at the beginning (a migrated database) is brought here by the next append."""
        newest = select(func.coalesce(func.max(CheckpointRow.size), 0)).scalar_subquery()
        found = self.session.execute(select(HeadRow.size, HeadRow.root, HeadRow.range, newest)).first()
        if found is None:
            if self.size:
                fail("head-missing", "head", 1)
            return
        size, root, range_, sealed = found
        # Whoever appended meanwhile has moved it on.
        if size == 0 or (size == sealed and size > self.size):
            return
        hashes = tuple(node for _, node in self.subtrees)
        if (size, root, range_) != (self.size, self.root, CompactRange(self.size, hashes).to_bytes()):
            fail("head-differs", "head", 1, expected=f"size {self.size}", got=f"size {size}")

    def _check_no_statement_twice(self) -> None:
        repeated = select(EntryRow.identity).group_by(EntryRow.identity).having(func.count() > 1)
        # The index of identities answers this without looking at an entry; which one, only where there is one.
        if self.session.scalar(repeated.limit(1)) is not None:
            second = select(func.max(EntryRow.position).label("position")).group_by(EntryRow.identity)
            found = second.having(func.count() > 1).subquery()
            fail("entry-repeated", "entry", self.session.scalar(select(func.min(found.c.position))) or 0)

    def _check_no_node_besides(self) -> None:
        expected = sum(self.size >> level for level in range(1, self.size.bit_length() + 1))
        # Every one that has to be there was seen, so a number is enough; but not where old ones were passed over.
        if not self.start and self.session.scalar(select(func.count()).select_from(NodeRow)) == expected:
            return
        inside = [
            and_(NodeRow.level == level, NodeRow.index >= 0, NodeRow.index < self.size >> level)
            for level in range(1, self.size.bit_length() + 1)
        ]
        besides = select(NodeRow.level, NodeRow.index).order_by(NodeRow.level, NodeRow.index).limit(1)
        if inside:
            besides = besides.where(~or_(*inside))
        found = self.session.execute(besides).first()
        # Whoever appended meanwhile has added nodes that this audit did not expect; those are the next audit's.
        if found is not None and find_size(self.session) == self.size:
            fail("node-superfluous", "node", *found)


@dataclass(frozen=True, slots=True)
class Founding:
    """What entry 0 says of the ledger, and its row."""

    origin: str
    key: PublicKey
    row: RawRow


def _read_founding(session: Session, found: Callable[[Statement], tuple[str, PublicKey]]) -> Founding:
    row = read_entry_row(session, 0)
    if row is None:
        fail("entry-missing", "entry", 0)
    try:
        return Founding(*found(check_entry(row)), row)
    except RefusedError as error:
        fail("entry-refused", "entry", 0, **told(error))


def _check_kept(session: Session, since: int | str, founding: Founding, terms: Terms, size: int) -> Kept:
    """Does the stored tree contain the kept one?"""
    if isinstance(since, int):
        kept = Kept(since, _find_root(session, since), terms)
    else:
        kept = Kept(*read_note(since, founding.origin, founding.key), terms)
    if kept.size > size:
        fail("entries-cut-off", "checkpoint", kept.size, expected=f"{kept.size} entries or more", got=size)
    try:
        found = root_of(kept.size, stored_nodes(session))
    except RefusedError as error:
        fail("node-missing", "checkpoint", kept.size, **told(error))
    if found != kept.root:
        fail("kept-root-differs", "checkpoint", kept.size, expected=kept.root.hex(), got=found.hex())
    check_inclusion(session, founding.row, kept)  # which names the key
    return kept


def _find_root(session: Session, size: int) -> bytes:
    row = read_checkpoint(session, size)
    if row is None:
        raise RefusedError("checkpoint-unknown", expected="the size of a checkpoint of this ledger", got=size)
    return row.root
