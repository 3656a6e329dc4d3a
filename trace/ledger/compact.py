"""A compact range: of the first `size` leaves of a tree, no more than it takes to append the next one.

    size 11 = 8 + 2 + 1: [hash of leaves 0–7, hash of leaves 8–9, hash of leaf 10]

1. `hashes` are those of `cover_range(0, size)`, left to right: the perfect subtrees named by the one bits of `size`.
2. As bytes: `size` in eight bytes, big-endian, then the hashes, 32 bytes each, and nothing else.

Written after RFC 9162 §2.1.2, which grows a tree with the same stack; the name is Certificate Transparency's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from trace.ledger.tree import EMPTY_ROOT, MAX_SIZE, Nodes, cover_range, fold_right, hash_children

Node = tuple[int, int, bytes]
"""A perfect subtree of 2**level leaves: (level, index, hash)."""
_SIZE_BYTES, _HASH_BYTES = 8, 32


@dataclass(frozen=True, slots=True)
class CompactRange:
    """`size` is between 0 and 2**63-1. Raises ValueError where the hashes can't be those of that size."""

    size: int
    hashes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE:
            raise ValueError(f"expected a size of 0 to {MAX_SIZE}, got {self.size}")
        lengths = [len(node) for node in self.hashes]
        if lengths != [_HASH_BYTES] * self.size.bit_count():
            raise ValueError(f"expected {self.size.bit_count()} hashes of {_HASH_BYTES} bytes, got lengths {lengths}")

    def root(self) -> bytes:
        """The root hash of these leaves."""
        return fold_right(self.hashes) if self.hashes else EMPTY_ROOT

    def append(self, leaf_hashes: Iterable[bytes]) -> tuple["CompactRange", list[Node]]:
        """The range with these leaves' hashes (`hash_leaf(data)`) appended, and the subtrees of two leaves or more
        that they complete, in the order of completion. Raises ValueError for what is no hash.
        """
        hashes, position = list(self.hashes), self.size
        completed: list[Node] = []
        for leaf_hash in leaf_hashes:
            if len(leaf_hash) != _HASH_BYTES:
                raise ValueError(f"expected a hash of {_HASH_BYTES} bytes, got {len(leaf_hash)}")
            hashes.append(leaf_hash)
            level, index = 0, position
            # An odd index is a right child, and its left sibling is what stands beside it.
            while index & 1:
                right = hashes.pop()
                level, index = level + 1, index >> 1
                hashes[-1] = hash_children(hashes[-1], right)
                completed.append((level, index, hashes[-1]))
            position += 1
        return CompactRange(position, tuple(hashes)), completed

    def to_bytes(self) -> bytes:
        """As the module's head says; 8 bytes for the empty range, at most 2,024."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, data: bytes) -> "CompactRange":
        """Read what `to_bytes` wrote. Raises ValueError for anything else."""
        if len(data) < _SIZE_BYTES:
            raise ValueError(f"expected {_SIZE_BYTES} bytes or more, got {len(data)}")
        size, hashes = int.from_bytes(data[:_SIZE_BYTES], "big"), data[_SIZE_BYTES:]
        return cls(size, tuple(hashes[at : at + _HASH_BYTES] for at in range(0, len(hashes), _HASH_BYTES)))


EMPTY_RANGE = CompactRange(0, ())


def gather_range(size: int, nodes: Nodes) -> CompactRange:
    """The range of a tree whose perfect subtrees are at hand: at most 63 of them are asked for."""
    return CompactRange(size, tuple(nodes(level, index) for level, index in cover_range(0, size)))
