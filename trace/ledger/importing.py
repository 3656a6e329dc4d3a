"""A ledger brought into an empty database from its export (`export.py`), with nothing believed that can be computed.

1. Line 1 names the origin that entry 0 gives. 2. Each statement is in the form that is kept, and is no repetition.
3. It hashes to its leaf. 4. The door admits it at its time of record. 5. The tree over all leaves has the root of the
checkpoint. 6. Both signatures over it are the ledger key's, whose claims name the origin, the size and the time.
7. Times do not run backwards. 8. The last checkpoint covers as many entries as line 1 says.

No private key is needed: checkpoints are copied with their signatures, so receipts come out as they were.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NoReturn

from sqlalchemy.orm import Session

from keys.envelope import Statement, parse_statement, sig_structure
from keys.errors import RefusedError
from keys.keyring import PublicKey
from trace.ledger.audit import Door, Progress
from trace.ledger.checkpoint import claims_of, read_note
from trace.ledger.export import Appended, Command, Item, Opening, Sealed, read_commands, rebuild_note
from trace.ledger.store import CheckpointRow, EntryRow, NodeRow, find_identity, lock_for_append, settle_head, size_of
from trace.ledger.tree import fold_right, hash_children, hash_leaf


def import_log(session: Session, lines: Iterable[bytes], door: Door, progress: Progress) -> int:
    """Bring a whole export in; returns how many entries there are now. The caller commits, or rolls back a refusal.

    The caller holds a write transaction. Raises RefusedError with the `line`: `export-malformed` for what is no
    export, `export-differs` for what was changed, or the door's own code; `founding-misplaced` where there is a ledger.
    """
    lock_for_append(session)
    if size := size_of(session):
        raise RefusedError("founding-misplaced", expected="an empty ledger", got=f"one of {size} entries")
    arrival = _Arrival(session, door)
    number = 0
    for number, command in read_commands(lines):
        try:
            arrival.take(command)
        except RefusedError as error:
            raise RefusedError(error.code, **({"line": number} | dict(error.facts))) from error
        if isinstance(command, Sealed):
            progress(arrival.size, max(arrival.announced, arrival.size))
    if not arrival.is_whole:
        expected = f"a checkpoint of {arrival.announced} entries"
        raise RefusedError("export-differs", line=number + 1, expected=expected, got="the end")
    settle_head(session)
    return arrival.size


class _Arrival:
    """How far an import is. `sealed` is the size of the last checkpoint; `subtrees` cover the leaves, left to right."""

    def __init__(self, session: Session, door: Door) -> None:
        self.session, self.door = session, door
        self.opening: Opening | None = None
        self.key: PublicKey | None = None
        self.item: Statement | None = None
        self.size, self.sealed = 0, 0
        self.recorded_at = datetime.min.replace(tzinfo=UTC)
        self.is_batch_open = False
        self.subtrees: list[tuple[int, bytes]] = []

    @property
    def announced(self) -> int:
        """How many entries line 1 has promised."""
        return self.opening.entries if self.opening is not None else 0

    @property
    def is_whole(self) -> bool:
        """Step 8."""
        return self.opening is not None and self.item is None and self.sealed == self.size == self.announced > 0

    def take(self, command: Command) -> None:
        """The next line."""
        if isinstance(command, Appended) is not (self.item is not None):
            _differs("the order of lines", "append-entry after each add-item", type(command).__name__)
        _TAKE[type(command)](self, command)

    def open(self, opening: Opening) -> None:
        self.opening = opening

    def hold(self, item: Item) -> None:
        """Step 2."""
        statement = parse_statement(item.statement)
        if statement.to_bytes() != item.statement:
            _differs("statement", "the envelope with an empty unprotected header", "another spelling")
        if find_identity(self.session, statement.identity) is not None:
            _differs("statement", "each statement once", statement.identity.hex())
        self.item = statement

    def append(self, entry: Appended) -> None:
        """Steps 1, 3 and 4."""
        statement, self.item = self.item, None
        assert statement is not None  # noqa: S101 - `take` has seen to it
        if entry.position != self.size or self.size >= self.announced:
            _differs("position", f"{self.size} of {self.announced}", entry.position)
        if entry.leaf != statement.leaf:
            _differs("leaf", statement.leaf.hex(), entry.leaf.hex())
        if entry.recorded_at < self.recorded_at or (self.is_batch_open and entry.recorded_at != self.recorded_at):
            _differs("recorded_at", self.recorded_at, entry.recorded_at)  # 7
        if entry.position == 0:
            self._found(statement)
        self.door.admit(entry.position, statement, entry.recorded_at)
        self.session.add(_entry_row(statement, entry))
        self._grow_tree(entry)
        self.size, self.recorded_at, self.is_batch_open = self.size + 1, entry.recorded_at, True

    def seal(self, checkpoint: Sealed) -> None:
        """Steps 5 and 6."""
        if checkpoint.size != self.size or checkpoint.size == self.sealed or self.opening is None or self.key is None:
            _differs("size", self.size, checkpoint.size)
        if checkpoint.recorded_at != self.recorded_at:
            _differs("recorded_at", self.recorded_at, checkpoint.recorded_at)
        root = fold_right([node for _, node in self.subtrees])
        if root != checkpoint.root:
            _differs("root", root.hex(), checkpoint.root.hex())
        note = _check_signed(checkpoint, self.opening.origin, self.key)
        row = {name: getattr(checkpoint, name) for name in ("size", "recorded_at", "root", "protected", "signature")}
        self.session.add(CheckpointRow(**row, note=note))
        self.session.flush()
        self.sealed, self.is_batch_open = self.size, False

    def _found(self, statement: Statement) -> None:
        origin, self.key = self.door.read_founding(statement)
        if self.opening is None or origin != self.opening.origin:
            _differs("origin", origin, self.opening.origin if self.opening else "none")

    def _grow_tree(self, entry: Appended) -> None:
        level, index, node = 0, entry.position, hash_leaf(entry.leaf)
        while index & 1:
            _, left = self.subtrees.pop()
            level, index, node = level + 1, index >> 1, hash_children(left, node)
            self.session.add(NodeRow(level=level, index=index, hash=node))
        self.subtrees.append((level, node))


_TAKE: dict[type, Callable[[_Arrival, Any], None]] = {
    Opening: _Arrival.open,
    Item: _Arrival.hold,
    Appended: _Arrival.append,
    Sealed: _Arrival.seal,
}


def _check_signed(checkpoint: Sealed, origin: str, key: PublicKey) -> str:
    """Step 6; returns the note."""
    if not key.verifies(checkpoint.signature, sig_structure(checkpoint.protected, checkpoint.root)):
        _differs("signature", f"one by key {key.kid.hex()}", "another")
    claims = (origin, f"{origin}/checkpoint/{checkpoint.size}", int(checkpoint.recorded_at.timestamp()))
    if claims_of(checkpoint.protected) != claims:
        _differs("claims", claims[1], claims_of(checkpoint.protected)[1])
    note = rebuild_note(checkpoint, origin)
    read_note(note, origin, key)
    return note


def _entry_row(statement: Statement, entry: Appended) -> EntryRow:
    return EntryRow(
        position=entry.position,
        leaf=statement.leaf,
        identity=statement.identity,
        kind=statement.kind,
        issuer=statement.issuer,
        subject=statement.subject,
        recorded_at=entry.recorded_at,
        statement=statement.to_bytes(),
    )


def _differs(where: str, expected: object, got: object) -> NoReturn:
    raise RefusedError("export-differs", where=where, expected=str(expected), got=str(got))
