"""The log as tiles, for monitors and mirrors: which there are, what they are called, what is in them.

Source: c2sp.org/tlog-tiles. A log of 70,000 entries is, of hashes,

    tile/0/000 … tile/0/272, tile/0/273.p/112      the entries' leaf hashes, 256 a tile
    tile/1/000, tile/1/001.p/17                    the roots of full tiles of level 0
    tile/2/000.p/1                                 the root of the full tile of level 1

and of entries `tile/entries/…`, cut like level 0.

1. A tile MUST hold between 1 and 256 hashes; one of fewer than 256 is partial and named so (`.p/<width>`).
2. Hash i of tile N at level L MUST be the root of the perfect subtree of 256**L entries that begins at entry
   (256·N + i)·256**L.
3. An index MUST be written in groups of three digits, all but the last with an `x` before: 1234067 is x001/x234/067.
4. An entry in a bundle is a big-endian uint16 of its length, then its bytes: here the 32 of the statement's SHA-256.
   So whoever has the tiles has the whole tree, and no statement's body.

A partial tile is the beginning of the full one. So every tile that a smaller log had can still be cut from the tree.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# c2sp.org/tlog-tiles, "Merkle Tree": 256 hashes a tile, levels 0 to 63.
WIDTH = 256
_LEVELS_A_TILE = 8
_MAX_LEVEL = 63
# The level of a bundle of entries, below the hashes. Ours alone: no path shows it.
ENTRIES = -1
_HASH_BYTES = 32
_LENGTH_BYTES = 2
# Indices are signed 64-bit integers in both databases; the largest has 19 digits, seven groups.
_PATH = re.compile(r"(entries|[0-9]|[1-9][0-9])/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of hashes (level 0 to 63), or a bundle of entries (level ENTRIES). `width` is between 1 and 256."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def is_full(self) -> bool:
        """Will it never grow?"""
        return self.width == WIDTH

    @property
    def size_bytes(self) -> int:
        """How long its content is, exactly."""
        return self.width * (_HASH_BYTES + (_LENGTH_BYTES if self.level == ENTRIES else 0))

    @property
    def tree_level(self) -> int:
        """The level, in the binary tree, of the nodes that it is made of."""
        return _LEVELS_A_TILE * max(self.level, 0)

    @property
    def start(self) -> int:
        """The index of its first node on that level."""
        return self.index * WIDTH

    @property
    def path(self) -> str:
        """Its name under `tile/`: `0/x001/x234/067`, `entries/000.p/5`."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.is_full else f".p/{self.width}"
        return f"{level}/{write_index(self.index)}{partial}"

    def is_in(self, size: int) -> bool:
        """Does a log of `size` entries have it, or has it had it when it was smaller?"""
        return self.start + self.width <= size >> self.tree_level


def write_index(index: int) -> str:
    """An index in groups of three digits: 1234067 is `x001/x234/067`."""
    path = f"{index % 1000:03}"
    while index := index // 1000:
        path = f"x{index % 1000:03}/{path}"
    return path


def read_path(path: str) -> Tile | None:
    """The tile of a path as `Tile.path` writes it, or None where that is no tile's."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level, index, width = match.groups()
    tile = Tile(
        ENTRIES if level == "entries" else int(level),
        int(index.replace("x", "").replace("/", "")),
        WIDTH if width is None else int(width),
    )
    # One name each: no leading group of zeros, no partial tile of full width.
    return tile if tile.path == path and tile.level <= _MAX_LEVEL and tile.width <= WIDTH else None


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile and bundle of a log of `size` entries, level by level; the last of a level may be partial."""
    return grown_tiles(0, size)


def grown_tiles(first: int, second: int) -> Iterator[Tile]:
    """What a log has to publish when it has grown from `first` to `second` entries."""
    for level in (ENTRIES, *range(_MAX_LEVEL + 1)):
        if not second >> Tile(level, 0).tree_level:
            return  # nothing stands so high yet
        yield from grown_row(level, first, second)


def grown_row(level: int, first: int, second: int) -> Iterator[Tile]:
    """Those of one level."""
    before, now = (size >> Tile(level, 0).tree_level for size in (first, second))
    full = now // WIDTH
    yield from (Tile(level, index) for index in range(before // WIDTH, full))
    if now % WIDTH and now > before:
        yield Tile(level, full, now % WIDTH)


def write_tile(hashes: Sequence[bytes]) -> bytes:
    """The content of a tile of hashes."""
    return b"".join(hashes)


def write_bundle(entries: Sequence[bytes]) -> bytes:
    """The content of a bundle of entries."""
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES) + entry for entry in entries)


def read_tile_hashes(content: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [content[start : start + _HASH_BYTES] for start in range(0, len(content), _HASH_BYTES)]


def read_bundle(content: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ValueError where a length does not fit."""
    entries, start = [], 0
    while start < len(content):
        end = start + _LENGTH_BYTES + int.from_bytes(content[start : start + _LENGTH_BYTES])
        if end > len(content) or end - start <= _LENGTH_BYTES:
            raise ValueError(f"a length at byte {start} that does not fit")
        entries.append(content[start + _LENGTH_BYTES : end])
        start = end
    return entries


def cut(content: bytes, tile: Tile) -> bytes:
    """A partial tile out of a wider one of the same level and index."""
    return content[: tile.size_bytes]
