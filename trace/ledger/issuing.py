"""Receipts of entries that stand already: the same entry and size give the same bytes, whenever they are asked for."""

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from keys.errors import RefusedError
from trace.ledger.checkpoint import SignedRoot, write_receipt
from trace.ledger.shelf import with_nodes
from trace.ledger.store import Checkpoint, first_checkpoint_over, read_checkpoint, read_entry
from trace.ledger.tree import MAX_SIZE, prove_inclusion

# How many paths are computed from nodes that are held at once.
_AT_ONCE = 100


def issue_receipt(session: Session, position: int, size: int | None = None) -> bytes:
    """The receipt of an entry, against the checkpoint that recorded it, or against that of a later `size`.

    Raises RefusedError `entry-unknown` or `checkpoint-unknown`.
    """
    if not 0 <= position < MAX_SIZE:
        read_entry(session, position)
    if size is None:
        row = first_checkpoint_over(session, position)
    else:
        row = read_checkpoint(session, size) if size > position else None
    if row is None:
        read_entry(session, position)
        raise RefusedError("checkpoint-unknown", expected=f"a checkpoint of more than {position} entries", got=size)
    return next(_issue(session, row, [position]))


def issue_receipts(session: Session, positions: Sequence[int]) -> dict[int, bytes]:
    """The receipts of recorded entries, each against the checkpoint that recorded it: the bytes of `issue_receipt`."""
    receipts: dict[int, bytes] = {}
    waiting = sorted(set(positions))
    while waiting:
        row = first_checkpoint_over(session, waiting[0])
        if row is None:
            raise RefusedError("entry-unknown", got=waiting[0])
        together = [position for position in waiting if position < row.size]
        receipts |= zip(together, _issue(session, row, together), strict=True)
        waiting = waiting[len(together) :]
    return receipts


def stream_receipts(session: Session, positions: Sequence[int], size: int) -> Iterator[bytes]:
    """The receipts of recorded entries in the order given, all against the checkpoint of `size`: as `issue_receipt`.

    Raises RefusedError `checkpoint-unknown`.
    """
    row = read_checkpoint(session, size)
    if row is None:
        raise RefusedError("checkpoint-unknown", expected="the size of a checkpoint of this ledger", got=size)
    return _issue(session, row, positions)


def _issue(session: Session, row: Checkpoint, positions: Sequence[int]) -> Iterator[bytes]:
    signed, size = SignedRoot(row.protected, row.signature), row.size
    for start in range(0, len(positions), _AT_ONCE):
        some = positions[start : start + _AT_ONCE]
        paths = with_nodes(session, lambda nodes, some=some: [prove_inclusion(each, size, nodes) for each in some])  # type: ignore[misc]
        for position, path in zip(some, paths, strict=True):
            yield write_receipt(signed, size, position, path)
