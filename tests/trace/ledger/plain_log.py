"""A log held in memory, whole, as plain lists: what its tiles and roots have to be at any size."""

import hashlib
from dataclasses import dataclass, field

from keys.errors import RefusedError
from trace.ledger.following import Head
from trace.ledger.tiles import ENTRIES, Tile, write_bundle, write_tile
from trace.ledger.tree import hash_children, hash_leaf, root_of


def leaf_of(number: int, history: str = "") -> bytes:
    return hashlib.sha256(f"{history}{number}".encode()).digest()


@dataclass
class PlainLog:
    """`changes` are leaves that differ from those of all other logs here."""

    size: int
    changes: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.leaves = [self.changes.get(number) or leaf_of(number) for number in range(self.size)]
        self.levels = [[hash_leaf(leaf) for leaf in self.leaves]]
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            self.levels.append([hash_children(below[n], below[n + 1]) for n in range(0, len(below) - 1, 2)])
        self.fetched: list[str] = []

    def head(self, size: int | None = None) -> Head:
        size = self.size if size is None else size
        return Head(size, root_of(size, lambda level, index: self.levels[level][index]))

    def fetch(self, tile: Tile) -> bytes:
        self.fetched.append(tile.path)
        if not tile.is_in(self.size):
            raise RefusedError("tile-unknown", where=tile.path)
        if tile.level == ENTRIES:
            return write_bundle(self.leaves[tile.start : tile.start + tile.width])
        return write_tile(self.levels[tile.tree_level][tile.start : tile.start + tile.width])
