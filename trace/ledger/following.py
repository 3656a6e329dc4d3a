"""Another log read by its tiles alone, with nothing believed but the checkpoint that its key has signed.

Tiles are looked at from the top down, since there each is vouched for by what was seen before:

1. The right edge: the partial tiles of all levels together lead to the root, so all of their hashes are right.
2. A full tile has the hash that stands for it on the level above.
3. A bundle has the entries whose leaf hashes are in its tile of level 0.

So a wrong tile is named when it comes, and what was yielded before it is good for all time. And before anything: that
the log has grown out of what was kept of it (RFC 9162 §2.1.4), by its own tiles.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from keys.errors import RefusedError
from trace.ledger.tiles import ENTRIES, WIDTH, Tile, grown_row, read_bundle, read_tile_hashes
from trace.ledger.tree import (
    EMPTY_ROOT,
    Nodes,
    cover_range,
    fold_right,
    hash_children,
    hash_leaf,
    is_consistent,
    prove_consistency,
    root_of,
)

Fetch = Callable[[Tile], bytes]
"""A tile's content, of the right length. Raises RefusedError `tile-unknown` where there is none."""

_LEVELS_A_TILE = 8


@dataclass(frozen=True, slots=True)
class Head:
    """A log's size and root, as some checkpoint has them."""

    size: int
    root: bytes


class ForkedError(Exception):
    """The log has signed two histories. `old_root` is what its present tree has at the kept size, where that is
    smaller, and `proof` shows it.
    """

    def __init__(self, kept: Head, seen: Head, old_root: bytes, proof: Sequence[bytes]) -> None:
        super().__init__(kept, seen)
        self.kept, self.seen, self.old_root, self.proof = kept, seen, old_root, proof


def check_growth(kept: Head, seen: Head, fetch: Fetch) -> None:
    """Has the log of `seen`, whose tiles are fetched, grown out of `kept`, which is not larger?

    Raises ForkedError where its own tiles show that it has not, and RefusedError `tile-differs` where they don't lead
    to the root of `seen` at all, which shows nothing.
    """
    if kept.size == seen.size:
        if kept.root != seen.root:
            raise ForkedError(kept, seen, seen.root, [])
        return
    if kept.size == 0:
        return
    nodes = nodes_of(seen.size, fetch)
    proof = prove_consistency(kept.size, seen.size, nodes)
    if is_consistent(kept.size, seen.size, kept.root, seen.root, proof):
        return
    found = root_of(kept.size, nodes)
    if is_consistent(kept.size, seen.size, found, seen.root, proof):
        raise ForkedError(kept, seen, found, proof)
    raise RefusedError("tile-differs", where=f"the tiles of {seen.size} entries", expected=seen.root.hex())


def read_tiles(first: int, head: Head, fetch: Fetch) -> Iterator[tuple[Tile, bytes]]:
    """Every tile that a log has gained since it had `first` entries, once it is seen to be right; each bundle follows
    its tile. Memory grows by a 256th of the hashes.

    Raises RefusedError `tile-differs` with the tile's path.
    """
    known = _read_edge(head, fetch)
    top = max((tile.level for tile in known), default=-1)
    for level in range(top, -1, -1):
        above: dict[Tile, bytes] = {}
        for tile in grown_row(level, first, head.size):
            content = known.get(tile) or fetch(tile)
            if tile.is_full:
                _check_full(tile, content, known, head.size)
            above[tile] = content
            yield tile, content
            if level == 0:
                yield _read_bundle(tile, content, fetch)
                above.clear()
        known |= above


def nodes_of(size: int, fetch: Fetch) -> Nodes:
    """The perfect subtrees of a log of `size` entries, out of its tiles."""
    load = cache(fetch)

    def read(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, _LEVELS_A_TILE)
        first = index << height
        row = size >> (_LEVELS_A_TILE * tile_level)
        number = first // WIDTH
        tile = Tile(tile_level, number, min(WIDTH, row - number * WIDTH))
        start = first % WIDTH
        return _join(read_tile_hashes(load(tile))[start : start + (1 << height)])

    return read


def _read_edge(head: Head, fetch: Fetch) -> dict[Tile, bytes]:
    """Step 1: the partial tiles, from the top."""
    found: dict[Tile, bytes] = {}
    hashes: list[bytes] = [EMPTY_ROOT] if head.size == 0 else []
    for level in range((head.size.bit_length() - 1) // _LEVELS_A_TILE, -1, -1):
        row = head.size >> (_LEVELS_A_TILE * level)
        if width := row % WIDTH:
            tile = Tile(level, row // WIDTH, width)
            found[tile] = fetch(tile)
            here = read_tile_hashes(found[tile])
            hashes += [_join(here[i << h : (i + 1) << h]) for h, i in cover_range(0, width)]
    if fold_right(hashes) != head.root:
        paths = ", ".join(tile.path for tile in found)
        raise RefusedError("tile-differs", where=paths, expected=f"the root {head.root.hex()}")
    return found


def _check_full(tile: Tile, content: bytes, known: dict[Tile, bytes], size: int) -> None:
    """Step 2. The tile above has grown with this one, so it was read before."""
    row = size >> (_LEVELS_A_TILE * (tile.level + 1))
    number, place = divmod(tile.index, WIDTH)
    above = read_tile_hashes(known[Tile(tile.level + 1, number, min(WIDTH, row - number * WIDTH))])
    found = _join(read_tile_hashes(content))
    if found != above[place]:
        raise RefusedError("tile-differs", where=tile.path, expected=above[place].hex(), got=found.hex())


def _read_bundle(tile: Tile, content: bytes, fetch: Fetch) -> tuple[Tile, bytes]:
    """Step 3."""
    bundle = Tile(ENTRIES, tile.index, tile.width)
    data = fetch(bundle)
    try:
        found = [hash_leaf(entry) for entry in read_bundle(data)]
    except ValueError as error:
        raise RefusedError("tile-differs", where=bundle.path, expected="a bundle of entries", got=str(error)) from error
    if found != read_tile_hashes(content):
        raise RefusedError("tile-differs", where=bundle.path, expected=f"the entries of {tile.path}")
    return bundle, data


def _join(hashes: Sequence[bytes]) -> bytes:
    """The root of a perfect subtree, of its 2**n leaves' hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [hash_children(row[n], row[n + 1]) for n in range(0, len(row), 2)]
    return row[0]
