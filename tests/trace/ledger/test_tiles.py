"""Tiles are cut and named as the specification has it, and the whole tree can be made from them alone."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trace.ledger.model import mth
from trace.ledger.tiles import (
    ENTRIES,
    Tile,
    cut,
    grown_tiles,
    read_path,
    tiles_of,
    write_bundle,
    write_index,
    write_tile,
)
from trace.ledger.tree import EMPTY_ROOT

LEAVES = tuple(hashlib.sha256(b"%d" % number).digest() for number in range(66_000))


def naive_tile(tile, leaves):
    """The definition of the specification, word for word."""
    span = 256**tile.level
    first = tile.index * 256
    return [mth(leaves[i * span : (i + 1) * span]) for i in range(first, first + tile.width)]


def join(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of_row(row):
    """The root over hashes of one level."""
    if len(row) == 1:
        return row[0]
    split = 1
    while split * 2 < len(row):
        split *= 2
    return join(root_of_row(row[:split]), root_of_row(row[split:]))


def root_from_tiles(tiles, size):
    """Root of a log out of its tiles, which are {path: content}: each level's full tiles stand in the level above."""
    if not size:
        return EMPTY_ROOT
    level, edge = 0, []
    while size >> 8 * level:
        index, width = divmod(size >> 8 * level, 256)
        if width:
            content = tiles[f"{level}/{index:03}.p/{width}"]
            edge.append([content[i : i + 32] for i in range(0, len(content), 32)])
        level += 1
    # Right edge: what is below a level is joined as the last of its row.
    below = None
    for row in edge:
        below = root_of_row_with(row, below)
    return below


def root_of_row_with(row, last):
    """The root over perfect subtrees of one size, and one smaller tree to their right."""
    if last is None:
        return root_of_row(row)
    if not row:
        return last
    size = 1
    while size * 2 <= len(row):
        size *= 2
    return join(root_of_row(row[:size]), root_of_row_with(row[size:], last))


@pytest.mark.parametrize(
    ("index", "path"), [(1234067, "x001/x234/067"), (0, "000"), (999, "999"), (1000, "x001/000"), (67, "067")]
)
def test_index_is_written_in_groups_of_three(index, path):
    assert write_index(index) == path
    assert read_path(f"3/{path}") == Tile(3, index)


def test_log_of_70000_has_the_tiles_of_the_specification():
    tiles = list(tiles_of(70_000))
    full = [sum(tile.level == level and tile.is_full for tile in tiles) for level in range(4)]
    partial = [(tile.level, tile.index, tile.width) for tile in tiles if not tile.is_full]
    assert full == [273, 1, 0, 0]
    assert partial == [(ENTRIES, 273, 112), (0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert len(tiles) == 274 + 274 + 2 + 1


def test_log_of_256_has_a_full_tile_and_a_partial_one_above():
    assert {tile.path for tile in tiles_of(256)} == {"entries/000", "0/000", "1/000.p/1"}
    assert list(tiles_of(0)) == []


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/",
        "/000",
        "0/0",
        "0/00",
        "0/0000",
        "00/000",
        "01/000",
        "-1/000",
        "64/000",
        "0/x000/067",
        "0/001/067",
        "0/x001/x067",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/999",
        "0/000.p/08",
        "0/000.p/",
        "0/000.p",
        "0/000.p/1/",
        "data/000",
        "entries/x01/000",
        "0/٠٠٠",
        "0/000\n",
        "0/../000",
        "0/" + "x999/" * 7 + "999",
    ],
)
def test_path_that_the_specification_does_not_have_is_no_tile(path):
    assert read_path(path) is None


@given(st.integers(-1, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_path_reads_back_as_the_tile(level, index, width):
    tile = Tile(level, index, width)
    assert read_path(tile.path) == tile


@given(st.text(alphabet="0123456789x/.pentris", max_size=30))
def test_whatever_is_read_as_a_tile_is_written_the_same(path):
    tile = read_path(path)
    assert tile is None or tile.path == path


@given(st.integers(0, 70_000_000))
def test_log_has_its_own_tiles_and_no_wider_ones(size):
    for tile in tiles_of(min(size, 200_000)):
        assert tile.is_in(size)
    for level in range(5):
        index, width = divmod(size >> 8 * level, 256)
        assert not Tile(level, index, width + 1).is_in(size)
        assert not Tile(level, index + 1, 1).is_in(size)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_what_has_grown_is_all_that_was_not_there(one, other):
    first, second = sorted((one, other))
    before, after = set(tiles_of(first)), set(tiles_of(second))
    assert set(grown_tiles(first, second)) == after - before


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 66_000])
def test_root_comes_out_of_the_tiles_alone_where_levels_begin(size):
    check_root_from_tiles(size)


@given(st.integers(1, 1400))
def test_root_comes_out_of_the_tiles_alone(size):
    check_root_from_tiles(size)


def check_root_from_tiles(size):
    leaves = LEAVES[:size]
    tiles = {tile.path: write_tile(naive_tile(tile, leaves)) for tile in tiles_of(size) if tile.level >= 0}
    assert all(len(tiles[tile.path]) == tile.size_bytes for tile in tiles_of(size) if tile.level >= 0)
    assert root_from_tiles(tiles, size) == mth(leaves)


@given(st.integers(0, 5), st.integers(1, 256))
def test_bundle_is_each_entry_after_its_length(index, width):
    tile = Tile(ENTRIES, index, width)
    content = write_bundle(LEAVES[:width])
    assert len(content) == tile.size_bytes
    assert [content[i : i + 34] for i in range(0, len(content), 34)] == [b"\x00\x20" + leaf for leaf in LEAVES[:width]]


def test_partial_tile_is_the_beginning_of_the_full_one():
    content = write_tile(LEAVES[:256])
    assert cut(content, Tile(0, 0, 7)) == write_tile(LEAVES[:7])
    assert cut(content, Tile(0, 0)) == content


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_tile_of_an_older_tree_is_cut_out_of_the_newest(first, second):
    older, newest = sorted((first, second))
    full = {replace(tile, width=256): tile for tile in tiles_of(newest) if tile.level >= 0}
    for tile in tiles_of(older):
        if tile.level >= 0:
            wider = full[replace(tile, width=256)]
            content = write_tile(naive_tile(wider, LEAVES[:newest]))
            assert cut(content, tile) == write_tile(naive_tile(tile, LEAVES[:older]))
