"""A proof shows a subtree to be part of a tree exactly where a slow reading of the specification says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import RefusedError
from trace.ledger.subtree import is_consistent_subtree, is_subtree, read_subtree_request
from trace.ledger.tree import hash_children, hash_leaf

LEAVES = [hash_leaf(bytes([number])) for number in range(70)]


def split_of(size: int) -> int:
    split = 1
    while split * 2 < size:
        split *= 2
    return split


def hash_of(leaves: list[bytes]) -> bytes:
    """MTH over leaf hashes, RFC 9162 §2.1.1."""
    if len(leaves) == 1:
        return leaves[0]
    split = split_of(len(leaves))
    return hash_children(hash_of(leaves[:split]), hash_of(leaves[split:]))


def prove_subtree(start: int, end: int, leaves: list[bytes], *, is_whole: bool = True) -> list[bytes]:
    """SUBTREE_SUBPROOF of draft-ietf-plants-merkle-tree-certs-03 §4.4.1, as it is written there."""
    if (start, end) == (0, len(leaves)):
        return [] if is_whole else [hash_of(leaves)]
    split = split_of(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if end <= split:
        return [*prove_subtree(start, end, left, is_whole=is_whole), hash_of(right)]
    if split <= start:
        return [*prove_subtree(start - split, end - split, right, is_whole=is_whole), hash_of(left)]
    assert start == 0
    return [*prove_subtree(0, end - split, right, is_whole=False), hash_of(left)]


@st.composite
def subtrees(draw):
    size = draw(st.integers(1, len(LEAVES)))
    width = draw(st.integers(1, size))
    step = 1 << (width - 1).bit_length()
    start = step * draw(st.integers(0, (size - width) // step))
    return start, start + width, size


@given(subtrees(), st.data())
def test_a_proof_holds_and_no_hash_of_it_can_be_changed(subtree, data):
    start, end, size = subtree
    assert is_subtree(start, end, size)
    part, root, proof = hash_of(LEAVES[start:end]), hash_of(LEAVES[:size]), prove_subtree(start, end, LEAVES[:size])
    assert is_consistent_subtree(start, end, size, part, root, proof)
    assert not is_consistent_subtree(start, end, size, bytes(32), root, proof)
    assert not is_consistent_subtree(start, end, size, part, bytes(32), proof)
    assert not is_consistent_subtree(start, end, size, part, root, [*proof, bytes(32)])
    assert not is_consistent_subtree(start, end, size, part, root, [*proof, b""])
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        assert not is_consistent_subtree(start, end, size, part, root, proof[:place] + proof[place + 1 :])
        assert not is_consistent_subtree(start, end, size, part, root, [*proof[:place], bytes(32), *proof[place + 1 :]])


@pytest.mark.parametrize(
    ("start", "end", "size"), [(0, 0, 1), (1, 1, 2), (2, 1, 3), (1, 3, 4), (4, 9, 10), (8, 13, 12), (-2, 0, 3)]
)
def test_what_is_no_subtree_is_none(start, end, size):
    assert not is_subtree(start, end, size)
    assert not is_consistent_subtree(start, end, size, bytes(32), bytes(32), [])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    with pytest.raises(RefusedError):
        read_subtree_request(data)
