"""An export (`export.py`) laid out in the tables of an empty database as it is, so that an audit can look at it there
as at any other ledger.

Nothing is verified here but the order of the lines. Columns are what the statements say, nodes what the leaves make:
what is wrong with statements, leaves, times and checkpoints is left to be found.
"""

from collections.abc import Iterable
from typing import Any, NoReturn

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from keys.envelope import parse_statement
from keys.errors import RefusedError
from trace.ledger.export import Appended, Command, Item, Opening, Sealed, read_commands, rebuild_note
from trace.ledger.rows import CHUNK
from trace.ledger.store import CheckpointRow, EntryRow, NodeRow
from trace.ledger.tree import hash_children, hash_leaf


def lay_out(session: Session, lines: Iterable[bytes]) -> Opening:
    """Bring a whole export into the empty tables of the ledger; returns its first line. The caller commits.

    Raises RefusedError with the `line`: `export-malformed`, or `export-differs` for what has no place in the tables.
    """
    sheet = _Sheet(session)
    number = 0
    for number, command in read_commands(lines):
        try:
            sheet.take(command)
        except RefusedError as error:
            raise RefusedError(error.code, **({"line": number} | dict(error.facts))) from error
    opening = sheet.opening
    if opening is None or sheet.item is not None or not sheet.sealed == sheet.size == opening.entries:
        expected = f"a checkpoint of {opening.entries} entries" if opening is not None else "an export"
        raise RefusedError("export-differs", line=number + 1, expected=expected, got="the end")
    sheet.write()
    return opening


class _Sheet:
    """How far it is, and the rows that are not written yet."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.opening: Opening | None = None
        self.item: bytes | None = None
        self.size, self.sealed = 0, 0
        self.subtrees: list[tuple[int, bytes]] = []
        self.entries: list[dict[str, Any]] = []
        self.nodes: list[dict[str, Any]] = []
        self.checkpoints: list[dict[str, Any]] = []

    def take(self, command: Command) -> None:
        """The next line."""
        if isinstance(command, Appended) is not (self.item is not None):
            _differs("the order of lines", "append-entry after each add-item", type(command).__name__)
        match command:
            case Opening():
                self.opening = command
            case Item():
                self.item = command.statement
            case Appended():
                self._append(command)
            case Sealed():
                self._seal(command)

    def write(self) -> None:
        """Write the rows down."""
        self._check_once()
        for table, rows in ((EntryRow, self.entries), (NodeRow, self.nodes), (CheckpointRow, self.checkpoints)):
            if rows:
                self.session.execute(insert(table), rows)
                rows.clear()

    def _append(self, entry: Appended) -> None:
        if entry.position != self.size:
            _differs("position", self.size, entry.position)
        assert self.item is not None  # noqa: S101 - `take` has seen to it
        read = {"position": entry.position, "leaf": entry.leaf, "recorded_at": entry.recorded_at}
        self.entries.append(read | {"statement": self.item} | _columns(self.item))
        self.item, self.size = None, self.size + 1
        self._grow(entry)
        if len(self.entries) >= CHUNK:
            self.write()

    def _seal(self, checkpoint: Sealed) -> None:
        if checkpoint.size != self.size or checkpoint.size == self.sealed or self.opening is None:
            _differs("size", self.size, checkpoint.size)
        self.sealed = checkpoint.size
        row = {name: getattr(checkpoint, name) for name in ("size", "recorded_at", "root", "protected", "signature")}
        self.checkpoints.append(row | {"note": rebuild_note(checkpoint, self.opening.origin)})

    def _grow(self, entry: Appended) -> None:
        level, index, node = 0, entry.position, hash_leaf(entry.leaf)
        while index & 1:
            _, left = self.subtrees.pop()
            level, index, node = level + 1, index >> 1, hash_children(left, node)
            self.nodes.append({"level": level, "index": index, "hash": node})
        self.subtrees.append((level, node))

    def _check_once(self) -> None:
        """The tables have each leaf and each statement once."""
        for name in ("leaf", "identity"):
            values = [row[name] for row in self.entries]
            column = getattr(EntryRow, name)
            known = self.session.scalar(select(column).where(or_(column.in_(values))).limit(1))
            if known is not None or len(set(values)) < len(values):
                _differs("statement", "each statement once", "one twice in the lines before")


def _columns(data: bytes) -> dict[str, Any]:
    """What the other columns say of a statement. One that can't be read is refused by whoever looks at its bytes."""
    try:
        statement = parse_statement(data)
    except RefusedError:
        return {"identity": data, "kind": "", "issuer": "", "subject": ""}
    return {name: getattr(statement, name) for name in ("identity", "kind", "issuer", "subject")}


def _differs(where: str, expected: object, got: object) -> NoReturn:
    raise RefusedError("export-differs", where=where, expected=str(expected), got=str(got))
