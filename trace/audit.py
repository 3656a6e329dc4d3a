"""The audit of the whole ledger: the log's own (`ledger/audit.py`), and each statement through the door's checks again.

Nothing is believed but the bytes of the statements. Keys, roles, posts and chain heads are not read from the
registers, which anybody with the database could have changed, but built again in a scratch database as the audit goes.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from keys.envelope import Statement
from keys.keyring import PublicKey
from trace.intake import FOUNDING_KIND, apply, check, read_body
from trace.kinds import Catalogue
from trace.ledger.audit import AuditResult, Progress, audit_log
from trace.ledger.importing import import_log
from trace.ledger.rows import CHUNK
from trace.ledger.store import size_of
from trace.parties.register import find_registry


def audit(session: Session, *, scratch: Session, catalogue: Catalogue, progress: Progress) -> AuditResult:
    """Verify every hash, signature, chain link, node, root and checkpoint, and all that the door asks of a statement.

    `session` is only read. `scratch` is a session on a database of its own with empty registers; nothing in it is
    committed. It grows with the registers, so for a large ledger its database belongs in a temporary file.
    Raises ValueError where `scratch` is not empty.
    """
    if find_registry(scratch) is not None:
        raise ValueError("expected an empty scratch database")
    return audit_log(session, _Replay(scratch, catalogue), progress)


def import_ledger(session: Session, lines: Iterable[bytes], *, catalogue: Catalogue, progress: Progress) -> int:
    """Bring an exported ledger into an empty database, entries, checkpoints and registers, with the audit's checks.

    Returns the number of entries. Nothing is judged yet. The caller commits; a refusal (`trace.ledger.importing`) is
    rolled back. Raises ValueError where there are registers without a ledger.
    """
    if find_registry(session) is not None and not size_of(session):
        raise ValueError("expected an empty database, got registers without a ledger")
    return import_log(session, lines, _Replay(session, catalogue), progress)


class _Replay:
    """The door as it was when each statement came."""

    def __init__(self, scratch: Session, catalogue: Catalogue) -> None:
        self.scratch, self.catalogue = scratch, catalogue

    def read_founding(self, statement: Statement) -> tuple[str, PublicKey]:
        body = read_body(statement, self.catalogue.find(FOUNDING_KIND))
        return body["origin"], body["ledger_key"]

    def admit(self, position: int, statement: Statement, recorded_at: datetime) -> None:
        checked = check(self.scratch, statement, position=position, catalogue=self.catalogue, at=recorded_at)
        apply(self.scratch, checked, position, recorded_at)
        self.scratch.flush()
        if position % CHUNK == 0:
            self.scratch.expunge_all()
