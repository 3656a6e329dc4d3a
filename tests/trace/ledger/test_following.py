"""Another log's tiles are believed only as far as its signed root vouches for each of them."""

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keys.errors import RefusedError
from tests.trace.ledger.plain_log import PlainLog, leaf_of
from trace.ledger.following import Fetch, ForkedError, Head, check_growth, nodes_of, read_tiles
from trace.ledger.tiles import ENTRIES, Tile, grown_tiles, read_bundle, tiles_of, write_bundle
from trace.ledger.tree import EMPTY_ROOT, is_consistent, root_of

LOG = PlainLog(66_000)
SIZES = [1, 2, 255, 256, 257, 511, 512, 600, 65_535, 65_536, 65_537, 66_000]
sizes = st.integers(1, LOG.size)


def changed(tile: Tile, change: Callable[[bytes], bytes]) -> Fetch:
    """The log's tiles, but for one."""
    return lambda wanted: change(LOG.fetch(wanted)) if wanted == tile else LOG.fetch(wanted)


def flip_last(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("size", SIZES)
def test_every_tile_of_the_log_is_read_once(size: int) -> None:
    read = [tile for tile, _ in read_tiles(0, LOG.head(size), LOG.fetch)]
    assert len(read) == len(set(read))
    assert set(read) == set(tiles_of(size))


@given(first=sizes, second=sizes)
@settings(max_examples=25)
@example(first=256, second=257)
@example(first=65_536, second=65_537)
@example(first=65_535, second=65_536)
def test_a_log_that_has_grown_is_read_from_where_it_was(first: int, second: int) -> None:
    first, second = sorted((first, second))
    check_growth(LOG.head(first), LOG.head(second), LOG.fetch)
    read = dict(read_tiles(first, LOG.head(second), LOG.fetch))
    assert set(read) == set(grown_tiles(first, second))
    assert all(content == LOG.fetch(tile) for tile, content in read.items())


def test_an_empty_log_has_no_tiles() -> None:
    assert list(read_tiles(0, Head(0, EMPTY_ROOT), LOG.fetch)) == []


@pytest.mark.parametrize("size", [600, 65_537, 66_000])
def test_a_changed_byte_in_any_tile_is_named(size: int) -> None:
    tiles = list(tiles_of(size))
    for tile in tiles[:3] + tiles[-6:] + tiles[len(tiles) // 2 :: 40]:
        with pytest.raises(RefusedError) as refusal:
            list(read_tiles(0, LOG.head(size), changed(tile, flip_last)))
        assert refusal.value.code == "tile-differs"
        assert tile.path in str(refusal.value.facts["where"]).split(", ")


@pytest.mark.parametrize(
    "change",
    [lambda content: b"\xff\xff" + content[2:], lambda content: content[:-40], lambda content: b"\0\0" + content[34:]],
    ids=["long", "cut", "none"],
)
def test_a_bundle_whose_lengths_do_not_fit_is_refused(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(RefusedError, match="tile-differs"):
        list(read_tiles(0, LOG.head(600), changed(Tile(ENTRIES, 1), change)))


@given(st.binary(max_size=80))
def test_whatever_is_read_as_a_bundle_is_written_the_same(content: bytes) -> None:
    try:
        entries = read_bundle(content)
    except ValueError:
        return
    assert write_bundle(entries) == content


@given(first=sizes, second=sizes, place=st.integers(0, 65_999))
@settings(max_examples=15)
def test_another_history_is_a_fork_and_its_own_proof_says_so(first: int, second: int, place: int) -> None:
    first, second = sorted((first, second))
    place %= first
    other = PlainLog(second, {place: leaf_of(place, "other ")})
    with pytest.raises(ForkedError) as fork:
        check_growth(LOG.head(first), other.head(), other.fetch)
    found = fork.value
    assert found.old_root == other.head(first).root != LOG.head(first).root
    if first < second:
        assert is_consistent(first, second, found.old_root, other.head().root, found.proof)


def test_what_differs_beyond_the_kept_entries_is_no_fork() -> None:
    other = PlainLog(700, {600: leaf_of(600, "other ")})
    check_growth(LOG.head(600), other.head(), other.fetch)
    with pytest.raises(ForkedError):
        check_growth(LOG.head(601), other.head(), other.fetch)


def test_tiles_that_lead_nowhere_show_no_fork() -> None:
    seen = Head(700, b"\1" * 32)
    with pytest.raises(RefusedError, match="tile-differs"):
        check_growth(LOG.head(600), seen, LOG.fetch)


def test_a_log_that_says_to_be_larger_than_any_is_refused_at_its_first_full_tile() -> None:
    asked: list[Tile] = []

    def fetch(tile: Tile) -> bytes:
        asked.append(tile)
        return bytes(tile.size_bytes)

    size = 2**62 + 257
    head = Head(size, root_of(size, nodes_of(size, fetch)))
    with pytest.raises(RefusedError, match="tile-differs"):
        list(read_tiles(0, head, fetch))
    assert len(asked) < 30
