"""One row of the log held against what it must be: an entry against its bytes, a checkpoint against the ledger's key, a
node against what its children make. Each check ends with a FaultError that names the row.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from keys.envelope import Statement, parse_statement, sig_structure
from keys.errors import RefusedError
from keys.keyring import PublicKey, read_jwk
from trace.ledger.checkpoint import claims_of, read_note
from trace.ledger.rows import UNREADABLE, Fault, RawRow, as_stored, check_types, fail, read_raw, read_time
from trace.ledger.store import CheckpointRow, EntryRow

Admit = Callable[[int, Statement, datetime], None]
"""Told (position, statement, time of record) in order; raises RefusedError where the statement may not stand there."""

LEAF_COLUMNS = (EntryRow.position, EntryRow.leaf, EntryRow.statement, EntryRow.recorded_at)
ALL_COLUMNS = (*LEAF_COLUMNS, EntryRow.identity, EntryRow.kind, EntryRow.issuer, EntryRow.subject)
# Times are compared as they are stored; whether one can be read at all is asked only where it differs.
_ENTRY_TYPES = (int, bytes, bytes)
_MORE_TYPES = (bytes, str, str, str)
CHECKPOINT_COLUMNS = (
    CheckpointRow.size,
    CheckpointRow.root,
    CheckpointRow.protected,
    CheckpointRow.signature,
    CheckpointRow.note,
    CheckpointRow.recorded_at,
)
_CHECKPOINT_TYPES = (int, bytes, bytes, bytes, str)


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


def check_entry(row: RawRow) -> Statement:
    """The statement of an entry's row (`ALL_COLUMNS`), once all columns but the time are what its bytes give."""
    position, _, data, _, *others = row
    check_types(row[4:], ALL_COLUMNS[4:], _MORE_TYPES, position)
    check_hash(row)
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


def check_hash(row: RawRow) -> None:
    """Is the leaf of an entry's row (`LEAF_COLUMNS` or more) the SHA-256 of its statement?"""
    position, leaf, data, *_ = row
    if type(leaf) is not bytes or type(data) is not bytes:
        check_types(row, LEAF_COLUMNS, _ENTRY_TYPES, position)
    made = hashlib.sha256(data).digest()
    if made != leaf:
        fail("leaf-differs", "entry", position, expected=made.hex(), got=leaf.hex())


def read_entry_row(session: Session, position: int) -> RawRow | None:
    """One entry's row, for `check_entry`."""
    rows = read_raw(session, ALL_COLUMNS, EntryRow.position == position)
    return rows[0] if rows else None


def told(error: RefusedError) -> dict[str, object]:
    """A refusal as the facts of a fault."""
    return {"refusal": error.code, **error.facts}


def check_checkpoint(session: Session, row: RawRow, terms: Terms) -> datetime:
    """Step 1 for the row of a checkpoint (`CHECKPOINT_COLUMNS`); returns the signed time of record."""
    size, root, protected, signature, note, stored = row
    check_types(row, CHECKPOINT_COLUMNS, _CHECKPOINT_TYPES, size)
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
