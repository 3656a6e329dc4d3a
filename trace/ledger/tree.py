"""The Merkle tree of RFC 9162 §2.1 over SHA-256, as arithmetic: hashes in, hashes out, no storage.

Perfect subtrees are addressed by (level, index): level 0 holds the leaves, and (level, index) covers the leaves
[index·2^level, (index+1)·2^level). `Nodes` hands them out; only perfect subtrees are ever asked for.
"""

import hashlib
from collections.abc import Callable, Sequence

Nodes = Callable[[int, int], bytes]
_HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
# RFC 9162 allows 2**64-1; positions here are signed 64-bit integers in both databases.
MAX_SIZE = 2**63 - 1


def hash_leaf(data: bytes) -> bytes:
    """MTH({d}) of RFC 9162 §2.1.1."""
    return hashlib.sha256(b"\x00" + data).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def cover_range(start: int, end: int) -> list[tuple[int, int]]:
    """The perfect subtrees that cover the leaves [start, end), left to right, as (level, index)."""
    cover = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        cover.append((level, start >> level))
        start += 1 << level
    return cover


def fold_right(hashes: Sequence[bytes]) -> bytes:
    """Join the hashes of a cover into one, the rightmost two first."""
    folded = hashes[-1]
    for left in reversed(hashes[:-1]):
        folded = hash_children(left, folded)
    return folded


def hash_span(start: int, end: int, nodes: Nodes) -> bytes:
    """MTH of the leaves [start, end), a span that the tree has as a subtree: of one leaf or more."""
    width = end - start
    if not (width | start) & (width - 1):
        # Mostly it is a perfect one.
        level = width.bit_length() - 1
        return nodes(level, start >> level)
    return fold_right([nodes(*subtree) for subtree in cover_range(start, end)])


def root_of(size: int, nodes: Nodes) -> bytes:
    """The root hash of the first `size` leaves."""
    if size == 0:
        return EMPTY_ROOT
    return hash_span(0, size, nodes)


def prove_inclusion(position: int, size: int, nodes: Nodes) -> list[bytes]:
    """PATH(m, D_n) of RFC 9162 §2.1.3.1, from the leaf upwards. `position` is between 0 and size-1."""
    path = []
    level, node, last = 0, position, size - 1
    while last:
        if node & 1:
            path.append(nodes(level, node - 1))
        elif node < last:
            start = (node + 1) << level
            is_perfect = start + (1 << level) <= size
            path.append(nodes(level, node + 1) if is_perfect else hash_span(start, size, nodes))
        level, node, last = level + 1, node >> 1, last >> 1
    return path


def prove_consistency(first: int, second: int, nodes: Nodes) -> list[bytes]:
    """PROOF(m, D_n) of RFC 9162 §2.1.4.1 for 0 < first <= second; empty when they are equal."""
    spans: list[tuple[int, int]] = []
    start, end, is_known = 0, second, True
    while first != end:
        split = start + _largest_power_below(end - start)
        if first <= split:
            spans.append((split, end))
            end = split
        else:
            spans.append((start, split))
            start, is_known = split, False
    if not is_known:
        spans.append((start, end))
    spans.reverse()
    return [hash_span(start, end, nodes) for start, end in spans]


def root_from_inclusion(leaf: bytes, position: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to (RFC 9162 §2.1.3.2), or None where the path cannot fit that position and size.

    `leaf` is the leaf's hash, `hash_leaf(data)`.
    """
    if not 0 <= position < size <= MAX_SIZE or not _are_hashes(leaf, *path):
        return None
    hash_, node, last, siblings = leaf, position, size - 1, iter(path)
    while last:
        # The last node of a level that has no sibling is its own parent.
        if node & 1 or node < last:
            sibling = next(siblings, None)
            if sibling is None:
                return None
            hash_ = hash_children(sibling, hash_) if node & 1 else hash_children(hash_, sibling)
        node, last = node >> 1, last >> 1
    return hash_ if next(siblings, None) is None else None


def is_consistent(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Does `proof` show that the tree of `second` leaves grew out of that of `first` (RFC 9162 §2.1.4.2)? `first` is 1
    or more.
    """
    if not 0 < first <= second <= MAX_SIZE:
        return False
    if first == second:
        return not proof and first_root == second_root
    if not _are_hashes(first_root, second_root, *proof):
        return False
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = hash_children(sibling, old), hash_children(sibling, new)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new = hash_children(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == _HASH_BYTES for value in values)


def _largest_power_below(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)
