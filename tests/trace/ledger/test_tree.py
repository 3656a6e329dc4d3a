"""The tree's arithmetic against RFC 9162 written down as it reads (`model.py`): every small tree, and larger ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trace.ledger import model
from tests.trace.ledger.model import mth, path
from trace.ledger.tree import (
    EMPTY_ROOT,
    MAX_SIZE,
    cover_range,
    hash_leaf,
    is_consistent,
    prove_consistency,
    prove_inclusion,
    root_from_inclusion,
    root_of,
)

DATA = tuple(number.to_bytes(2, "big") for number in range(1500))
SIZES = st.integers(1, len(DATA))
# Every shape of tree up to six levels, with every position and every pair of sizes.
SMALL = range(1, 71)


def nodes(level, index):
    """Hands out perfect subtrees only, as the tables do."""
    return model.perfect(level, index, DATA)


def test_the_empty_tree_has_the_root_of_the_rfc():
    assert EMPTY_ROOT == root_of(0, nodes) == mth([])


def check_inclusion(position, size):
    proof = prove_inclusion(position, size, nodes)
    assert proof == path(position, DATA[:size])
    assert root_from_inclusion(hash_leaf(DATA[position]), position, size, proof) == mth(DATA[:size])


def check_consistency(first, second):
    proof = prove_consistency(first, second, nodes)
    assert proof == model.proof(first, DATA[:second])
    assert is_consistent(first, second, mth(DATA[:first]), mth(DATA[:second]), proof)


@pytest.mark.parametrize("size", SMALL)
def test_every_root_and_proof_of_a_small_tree_is_that_of_the_rfc(size):
    assert root_of(size, nodes) == mth(DATA[:size])
    for position in range(size):
        check_inclusion(position, size)
    for first in range(1, size + 1):
        check_consistency(first, size)


@given(SIZES)
def test_roots_are_those_of_the_rfc(size):
    assert root_of(size, nodes) == mth(DATA[:size])


@given(SIZES, st.data())
def test_inclusion_paths_are_those_of_the_rfc_and_lead_to_the_root(size, data):
    check_inclusion(data.draw(st.integers(0, size - 1)), size)


@given(SIZES, st.data())
def test_consistency_proofs_are_those_of_the_rfc_and_hold(second, data):
    check_consistency(data.draw(st.integers(1, second)), second)


@given(st.integers(2, len(DATA)), st.data())
def test_a_path_proves_no_other_leaf_position_or_size(size, data):
    position = data.draw(st.integers(0, size - 1))
    proof, root = prove_inclusion(position, size, nodes), mth(DATA[:size])
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != position))
    assert root_from_inclusion(hash_leaf(DATA[other]), position, size, proof) != root
    assert root_from_inclusion(hash_leaf(DATA[position]), other, size, proof) != root
    assert root_from_inclusion(hash_leaf(DATA[position]), position, size, [*proof, proof[0]]) is None
    assert root_from_inclusion(hash_leaf(DATA[position]), position, size, proof[1:]) is None
    changed = bytes([proof[-1][0] ^ 1]) + proof[-1][1:]
    assert root_from_inclusion(hash_leaf(DATA[position]), position, size, [*proof[:-1], changed]) != root


@given(st.integers(2, len(DATA)), st.data())
def test_a_changed_consistency_proof_does_not_hold(second, data):
    first = data.draw(st.integers(1, second - 1))
    old, new, proof = mth(DATA[:first]), mth(DATA[:second]), prove_consistency(first, second, nodes)
    place = data.draw(st.integers(0, len(proof) - 1))
    changed = [*proof[:place], bytes([proof[place][0] ^ 1]) + proof[place][1:], *proof[place + 1 :]]
    for wrong in (changed, proof[1:], proof[:-1], [*proof, proof[0]]):
        assert not is_consistent(first, second, old, new, wrong)
    assert not is_consistent(first, second, new, old, proof)


@given(st.integers(0, 2**40), st.integers(0, 2**20))
def test_a_range_is_covered_by_perfect_subtrees_left_to_right(start, length):
    at = start
    for level, index in cover_range(start, start + length):
        assert index << level == at
        at = (index + 1) << level
    assert at == start + length


@pytest.mark.parametrize(
    ("position", "size"), [(-1, 1), (0, 0), (1, 1), (0, MAX_SIZE + 1), (MAX_SIZE, MAX_SIZE), (0, -1)]
)
def test_positions_outside_the_tree_have_no_root(position, size):
    assert root_from_inclusion(b"\0" * 32, position, size, []) is None


@pytest.mark.parametrize("node", [b"", b"\0" * 31, b"\0" * 33])
def test_what_is_no_hash_is_not_hashed(node):
    assert root_from_inclusion(hash_leaf(b"a"), 0, 2, [node]) is None
    assert root_from_inclusion(node, 0, 2, [hash_leaf(b"a")]) is None
    assert not is_consistent(1, 2, hash_leaf(b"a"), hash_leaf(b"b"), [node])


@pytest.mark.parametrize(("first", "second"), [(0, 1), (2, 1), (-1, 1), (1, MAX_SIZE + 1)])
def test_sizes_that_can_not_follow_are_not_consistent(first, second):
    assert not is_consistent(first, second, EMPTY_ROOT, EMPTY_ROOT, [])


def test_equal_sizes_are_consistent_with_equal_roots_alone():
    root, other = hash_leaf(b"a"), hash_leaf(b"b")
    assert is_consistent(1, 1, root, root, [])
    assert not is_consistent(1, 1, root, other, [])
    assert not is_consistent(1, 1, root, root, [other])
