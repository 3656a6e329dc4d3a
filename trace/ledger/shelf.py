"""Tiles out of the log's tables, and proofs between any two sizes that the log has had."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from keys.errors import RefusedError
from trace.ledger.asking import ask, ask_among, ask_driver
from trace.ledger.checkpoint import SignedRoot
from trace.ledger.scitt import write_consistency_receipt
from trace.ledger.store import Checkpoint, EntryRow, NodeRow, latest_checkpoint, read_checkpoint, read_entry
from trace.ledger.tiles import ENTRIES, Tile, write_bundle, write_tile
from trace.ledger.tree import (
    Nodes,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    root_from_inclusion,
    root_of,
)

T = TypeVar("T")
_ZEROS = bytes(32)
# Many more than one proof asks for.
_AT_ONCE = 2000
_ENTRY, _NODE = EntryRow.__table__.c, NodeRow.__table__.c
_LEAVES = (
    select(_ENTRY.leaf).where(_ENTRY.position.between(bindparam("first"), bindparam("last"))).order_by(_ENTRY.position)
)
_LEAVES_AT = "SELECT position, leaf FROM entry WHERE position IN *"
_NODES = (
    select(_NODE["hash"])
    .where(_NODE.level == bindparam("level"), _NODE["index"].between(bindparam("first"), bindparam("last")))
    .order_by(_NODE["index"])
)


@dataclass(frozen=True, slots=True)
class ProvenInclusion:
    """That an entry stands in the first `size` entries. `note` is the checkpoint of that size, where one was signed."""

    entry: int
    size: int
    leaf: bytes
    root: bytes
    path: Sequence[bytes]
    note: str | None


@dataclass(frozen=True, slots=True)
class ProvenConsistency:
    """That the first `second` entries begin with the first `first`."""

    first: int
    second: int
    first_root: bytes
    second_root: bytes
    path: Sequence[bytes]
    first_note: str | None
    second_note: str | None


def read_size(session: Session) -> int:
    """How many entries the newest checkpoint covers; 0 before the first."""
    newest = latest_checkpoint(session)
    return newest.size if newest is not None else 0


def read_tile(session: Session, tile: Tile) -> bytes:
    """A tile's or bundle's content. Raises RefusedError `tile-unknown` where the log is still too small for it."""
    size = read_size(session)
    if not tile.is_in(size):
        raise RefusedError("tile-unknown", where=tile.path, expected=f"a tile of {size} entries")
    if tile.tree_level:
        return write_tile(_read_nodes(session, tile))
    leaves = _read_leaves(session, tile)
    return write_bundle(leaves) if tile.level == ENTRIES else write_tile([hash_leaf(leaf) for leaf in leaves])


def show_inclusion(session: Session, position: int, size: int | None) -> ProvenInclusion:
    """The proof of an entry in the log of `size` entries, or in the newest.

    Raises RefusedError `entry-unknown`, or `size-unknown` where the log was never of that size with the entry in it.
    """
    entry = read_entry(session, position)
    size = _check_size(session, size, position + 1)
    path = with_nodes(session, lambda nodes: prove_inclusion(position, size, nodes))
    # Where the path leads, which is the root of what is stored: half the nodes of computing it beside.
    root = root_from_inclusion(hash_leaf(entry.leaf), position, size, path)
    assert root is not None  # noqa: S101 - the path was made for this position and size
    return ProvenInclusion(position, size, entry.leaf, root, path, _find_note(session, size))


def show_consistency(session: Session, first: int, second: int | None) -> ProvenConsistency:
    """The proof between two sizes, 0 < first <= second; the newest where `second` is None. Raises RefusedError
    `size-unknown`.
    """
    second = _check_size(session, second, 1)
    if not 0 < first <= second:
        raise RefusedError("size-unknown", where="first", expected=f"1 to {second}", got=first)
    old, new, path = with_nodes(
        session,
        lambda nodes: (root_of(first, nodes), root_of(second, nodes), prove_consistency(first, second, nodes)),
    )
    return ProvenConsistency(first, second, old, new, path, _find_note(session, first), _find_note(session, second))


def issue_consistency_receipt(session: Session, first: int, second: int | None) -> bytes:
    """The receipt that the checkpoint of `second` entries, or the newest, grew out of the first `first`.

    Raises RefusedError `checkpoint-unknown`, or `size-unknown` where `first` is not below it: a receipt's path is never
    empty (RFC 9942 §5.3).
    """
    row = find_checkpoint_of(session, 0, second)
    if not 0 < first < row.size:
        raise RefusedError("size-unknown", where="first", expected=f"1 to {row.size - 1}", got=first)
    path = with_nodes(session, lambda nodes: prove_consistency(first, row.size, nodes))
    return write_consistency_receipt(SignedRoot(row.protected, row.signature), row.root, first, row.size, path)


def find_checkpoint_of(session: Session, position: int, size: int | None) -> Checkpoint:
    """The checkpoint of `size` over an entry, or the newest. Raises RefusedError `entry-unknown`,
    `checkpoint-unknown`.
    """
    read_entry(session, position)
    row = latest_checkpoint(session) if size is None else read_checkpoint(session, size)
    if row is not None and row.size <= position:
        row = None
    if row is None:
        raise RefusedError("checkpoint-unknown", expected=f"a checkpoint of more than {position} entries", got=size)
    return row


def with_nodes(session: Session, compute: Callable[[Nodes], T]) -> T:
    """What `compute` makes of the tree, in two queries for all nodes that it asks for (and one more for each 2,000).

    It is called twice, and must ask for the same nodes whatever their hashes are: the first time they are all zero.
    Raises RefusedError `entry-unknown` where a node is not there.
    """
    wanted: set[tuple[int, int]] = set()

    def note(level: int, index: int) -> bytes:
        wanted.add((level, index))
        return _ZEROS

    compute(note)
    found = _find_nodes(session, wanted)

    def read(level: int, index: int) -> bytes:
        node = found.get((level, index))
        if node is None:
            raise RefusedError("entry-unknown", where=f"tree node {level}/{index}")
        return node

    return compute(read)


def _find_nodes(session: Session, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    found: dict[tuple[int, int], bytes] = {}
    if leaves := [index for level, index in wanted if not level]:
        stored = ask_among(session, _LEAVES_AT, leaves)
        found |= {(0, position): hash_leaf(leaf) for position, leaf in stored}
    places = [place for place in wanted if place[0]]
    for start in range(0, len(places), _AT_ONCE):
        some = places[start : start + _AT_ONCE]
        nodes = ask_driver(session, _query_nodes(len(some)), tuple(chain.from_iterable(some))).all()
        found |= {(level, index): node for level, index, node in nodes}
    return found


@lru_cache(maxsize=256)
def _query_nodes(count: int) -> str:
    """Nodes by `count` places (level, index), each found by the table's key, in the drivers' words.

    Not (level, index) IN (…), which SQLite answers by reading the whole table. Both databases call the columns of
    VALUES column1, column2. Made once for each count.
    """
    places = ", ".join(["(?, ?)"] * count)
    return (
        f'SELECT node.level, node."index", node.hash FROM (VALUES {places}) AS place '  # noqa: S608 - numbers alone
        'JOIN node ON node.level = place.column1 AND node."index" = place.column2'
    )


def _check_size(session: Session, size: int | None, least: int) -> int:
    newest = read_size(session)
    if size is None:
        size = newest
    if not least <= size <= newest:
        raise RefusedError("size-unknown", where="size", expected=f"{least} to {newest}", got=size)
    return size


def _find_note(session: Session, size: int) -> str | None:
    checkpoint = read_checkpoint(session, size)
    return checkpoint.note if checkpoint is not None else None


def _read_leaves(session: Session, tile: Tile) -> Sequence[bytes]:
    return ask(session, _LEAVES, first=tile.start, last=tile.start + tile.width - 1).scalars()


def _read_nodes(session: Session, tile: Tile) -> Sequence[bytes]:
    found = ask(session, _NODES, level=tile.tree_level, first=tile.start, last=tile.start + tile.width - 1)
    return found.scalars()
