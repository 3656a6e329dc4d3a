"""The audit of the whole ledger: the log's own (`ledger/audit.py`), and each statement, to one of three depths.

Nothing is believed but the bytes of the statements. Keys, roles, posts and chain heads are not read from the
registers, which anybody with the database could have changed, but made again from the entries.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import and_
from sqlalchemy.orm import Session

from keys.envelope import Statement, parse_statement
from keys.errors import RefusedError
from keys.keyring import PublicKey
from trace.intake import FOUNDING_KIND, apply, check, read_body
from trace.kinds import Catalogue
from trace.ledger.audit import (
    STRETCH,
    AuditResult,
    Kept,
    Look,
    Progress,
    audit_log,
    check_inclusion,
    check_old_time,
)
from trace.ledger.importing import import_log
from trace.ledger.rowcheck import LEAF_COLUMNS, Admit, Terms
from trace.ledger.rows import CHUNK, read_raw, read_time
from trace.ledger.span import Report, Span, check_span
from trace.ledger.store import EntryRow, size_of
from trace.parties.keybook import KINDS, KeyBook
from trace.parties.register import find_registry

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Depth(StrEnum):
    """How much is asked of each statement. Each depth asks all that the one before does."""

    HASHES = "hashes"
    """That its bytes are those under the leaf; tree, nodes, roots, checkpoints and their signatures."""
    SIGNATURES = "signatures"
    """That all columns are as its bytes give them, that it is signed with a key that the ledger itself had on record
    then for its issuer, and that what it follows stands before it."""
    DOOR = "door"
    """All that the door asked when it came: schema, role, post, heads."""


def audit(
    session: Session,
    *,
    depth: Depth,
    catalogue: Catalogue,
    progress: Progress,
    scratch: Session | None = None,
    look: Look | None = None,
    since: int | str | None = None,
    stretch: int = STRETCH,
) -> AuditResult:
    """Verify the ledger to a depth, all of it, or what was added since a kept checkpoint (`audit_log`).

    `session` is only read. `look` looks through stretches in other processes; without it, this one does. The door can
    only be asked in order and from the first entry on: in this process, with `scratch`, a session on a database of its
    own with empty registers. Nothing in it is committed; it grows with the registers, so for a large ledger its
    database belongs in a temporary file. Raises ValueError where `depth` and the rest don't fit.
    """
    if depth is Depth.DOOR:
        if scratch is None or find_registry(scratch) is not None:
            raise ValueError("expected an empty scratch database")
        if look is not None or since is not None:
            raise ValueError("expected the whole ledger in one process")

    def look_here(spans: Iterable[Span], terms: Terms) -> Iterator[Report]:
        return (check_span(session, span, terms) for span in spans)

    def prepare(size: int, kept: Kept | None) -> Admit | None:
        if depth is Depth.HASHES:
            return None
        if scratch is not None and depth is Depth.DOOR:
            return _Replay(scratch, catalogue).admit
        return read_keys(session, size, kept).admit

    return audit_log(session, _read_founding, prepare, look or look_here, progress, since=since, stretch=stretch)


def read_keys(session: Session, size: int, kept: Kept | None) -> KeyBook:
    """The book of keys of the first `size` entries. Raises FaultError where an old one is not in the kept tree, or does
    not bear the time that was signed: by times of record it is decided which keys are believed.

    Which entries speak of keys is taken from their column. One that lies about its kind has a fault itself, which comes
    before whatever follows from it.
    """
    book = KeyBook()
    last = -1
    while book.refused is None:
        within = and_(EntryRow.kind.in_(KINDS), EntryRow.position > last, EntryRow.position < size)
        rows = read_raw(session, LEAF_COLUMNS, within, most=CHUNK)
        if not rows:
            break
        for row in rows:
            position, _, data, stored = row
            if kept is not None and position < kept.size:
                check_inclusion(session, row, kept)
                check_old_time(session, row, kept)
            if isinstance(data, bytes):
                # A time that can't be read is a fault of its row; what the row says of keys holds none the less.
                _enter(book, position, data, read_time(session, stored) or _LONG_AGO)
        last = rows[-1][0]
    return book


def _enter(book: KeyBook, position: int, data: bytes, at: datetime) -> None:
    try:
        statement = parse_statement(data)
        if statement.kind in KINDS:
            book.enter(position, statement, read_body(statement, KINDS[statement.kind]), at)
    except RefusedError as error:
        book.refuse(position, error)


def import_ledger(session: Session, lines: Iterable[bytes], *, catalogue: Catalogue, progress: Progress) -> int:
    """Bring an exported ledger into an empty database, entries, checkpoints and registers, with the audit's checks.

    Returns the number of entries. Nothing is judged yet. The caller commits; a refusal (`trace.ledger.importing`) is
    rolled back. Raises ValueError where there are registers without a ledger.
    """
    if find_registry(session) is not None and not size_of(session):
        raise ValueError("expected an empty database, got registers without a ledger")
    return import_log(session, lines, _Replay(session, catalogue), progress)


def _read_founding(statement: Statement) -> tuple[str, PublicKey]:
    body = read_body(statement, KINDS[FOUNDING_KIND])
    return body["origin"], body["ledger_key"]


class _Replay:
    """The door as it was when each statement came."""

    def __init__(self, scratch: Session, catalogue: Catalogue) -> None:
        self.scratch, self.catalogue = scratch, catalogue

    def read_founding(self, statement: Statement) -> tuple[str, PublicKey]:
        return _read_founding(statement)

    def admit(self, position: int, statement: Statement, recorded_at: datetime) -> None:
        checked = check(self.scratch, statement, position=position, catalogue=self.catalogue, at=recorded_at)
        apply(self.scratch, checked, position, recorded_at)
        self.scratch.flush()
        if position % CHUNK == 0:
            self.scratch.expunge_all()
