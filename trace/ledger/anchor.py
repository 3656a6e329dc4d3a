"""Is the log still the one whose last checkpoint was kept outside the database?

A database that was restored to an earlier state is sound in itself: only what was kept elsewhere can contradict it.
Whoever appended to it would sign a second history, and no checkpoint could ever be made consistent with both.
"""

from functools import partial

from sqlalchemy.orm import Session

from keys.envelope import sig_structure
from keys.errors import RefusedError
from keys.keyring import PublicKey
from trace.ledger.checkpoint import claims_of, read_note
from trace.ledger.shelf import with_nodes
from trace.ledger.store import latest_checkpoint, size_of
from trace.ledger.tree import root_of


def check_continues(session: Session, note: str, origin: str, key: PublicKey) -> None:
    """Refuse a log that does not contain the tree of a checkpoint `note` of its own.

    Raises RefusedError `ledger-rolled-back`; so too for a note of another origin or key, which this log can't contain.
    """
    latest = latest_checkpoint(session)
    if latest is not None and latest.note == note:
        return  # the newest one itself, as nearly always
    try:
        size, root = read_note(note, origin, key)
    except RefusedError as error:
        expected = f"a checkpoint by key {key.kid.hex()} of {origin}"
        raise RefusedError("ledger-rolled-back", where="the kept checkpoint", expected=expected) from error
    present = latest.size if latest is not None else 0
    if present < size:
        raise RefusedError(
            "ledger-rolled-back", expected=f"{size} entries or more, as were signed before", got=f"{present} entries"
        )
    # The tree of any earlier size can be had from its subtrees.
    found = latest.root if latest is not None and present == size else with_nodes(session, partial(root_of, size))
    if found != root:
        raise RefusedError(
            "ledger-rolled-back", where=f"the first {size} entries", expected=root.hex(), got=found.hex()
        )


def check_newest(session: Session, origin: str, key: PublicKey) -> None:
    """Refuse a log whose newest checkpoint is not what its tree and its key say. Cheap: the tree's right edge alone.

    Raises RefusedError `checkpoint-invalid` or `not-founded`.
    """
    latest = latest_checkpoint(session)
    if latest is None:
        raise RefusedError("not-founded", expected="a ledger with a checkpoint")
    if latest.size != size_of(session):
        raise RefusedError("checkpoint-invalid", where="size", expected=size_of(session), got=latest.size)
    if read_note(latest.note, origin, key) != (latest.size, with_nodes(session, partial(root_of, latest.size))):
        raise RefusedError("checkpoint-invalid", where="the note", expected="the root of the stored nodes")
    is_signed = key.verifies(latest.signature, sig_structure(latest.protected, latest.root))
    if not is_signed or claims_of(latest.protected)[:2] != (origin, f"{origin}/checkpoint/{latest.size}"):
        raise RefusedError("checkpoint-invalid", where="the signed root", expected=f"one by key {key.kid.hex()}")
