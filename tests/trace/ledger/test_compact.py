"""The compact range against the RFC's recursion: roots, what it completes, and how it travels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trace.ledger import model
from trace.ledger.compact import EMPTY_RANGE, CompactRange, gather_range
from trace.ledger.tree import MAX_SIZE, hash_leaf

DATA = [number.to_bytes(2, "big") for number in range(600)]
LEAVES = [hash_leaf(data) for data in DATA]
HASHES = st.binary(min_size=32, max_size=32)


def grow(*sizes):
    """The range after batches up to each of these sizes, and everything that was completed on the way."""
    grown, completed = EMPTY_RANGE, []
    for size in sizes:
        grown, more = grown.append(LEAVES[grown.size : size])
        completed += more
    return grown, completed


@pytest.mark.parametrize("size", range(71))
def test_every_small_size_has_the_root_and_the_subtrees_of_the_rfc(size):
    grown, completed = grow(size)
    assert (grown.size, grown.root()) == (size, model.mth(DATA[:size]))
    assert grown == gather_range(size, lambda level, index: model.perfect(level, index, DATA))
    assert sorted(completed) == [
        (level, index, model.perfect(level, index, DATA))
        for level in range(1, size.bit_length())
        for index in range(size >> level)
    ]


@given(st.lists(st.integers(0, len(DATA)), max_size=8).map(sorted))
def test_batches_don_t_show_in_the_range(sizes):
    grown, completed = grow(*sizes)
    assert grown.root() == model.mth(DATA[: grown.size])
    assert (grown, completed) == grow(grown.size)


def test_an_append_leaves_the_range_that_it_started_from_alone():
    before, _ = grow(11)
    kept = (before.size, before.hashes)
    before.append(LEAVES[11:20])
    assert (before.size, before.hashes) == kept


@given(st.integers(0, MAX_SIZE), st.data())
def test_a_range_is_the_same_after_a_journey_as_bytes(size, data):
    hashes = data.draw(st.lists(HASHES, min_size=size.bit_count(), max_size=size.bit_count()))
    kept = CompactRange(size, tuple(hashes))
    assert CompactRange.from_bytes(kept.to_bytes()) == kept
    assert len(kept.to_bytes()) == 8 + 32 * size.bit_count()


@given(st.binary(max_size=120))
def test_bytes_are_read_in_one_way_or_not_at_all(data):
    try:
        kept = CompactRange.from_bytes(data)
    except ValueError:
        return
    assert kept.to_bytes() == data


@pytest.mark.parametrize(
    ("size", "lengths"),
    [(0, [32]), (1, []), (3, [32]), (4, [32, 32]), (3, [32, 31]), (-1, []), (MAX_SIZE + 1, [32])],
)
def test_hashes_that_can_not_be_those_of_the_size_are_refused(size, lengths):
    with pytest.raises(ValueError, match="expected"):
        CompactRange(size, tuple(bytes(length) for length in lengths))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_leaf_that_is_no_hash_is_refused(length):
    with pytest.raises(ValueError, match="expected"):
        EMPTY_RANGE.append([bytes(length)])
    with pytest.raises(ValueError, match="expected"):
        EMPTY_RANGE.append([bytes(32), bytes(length)])


def test_a_range_takes_no_leaf_beyond_the_largest_size():
    full = CompactRange(MAX_SIZE, (bytes(32),) * 63)
    with pytest.raises(ValueError, match="expected a size"):
        full.append([bytes(32)])
