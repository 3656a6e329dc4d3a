"""A draw: the worked example, the same for everybody, fair, and never where it may not be."""

import hashlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.drawing import draw
from labs.drawing.draw import PURPOSE, Candidate, Pick, metres_of, pick, seed_of
from tests.facts import BATCH

D = Decimal
ROOT, DELIVERY = b"\x11" * 32, b"\x22" * 32
MARGIN = D(5)


def drum(number: int, length: str = "500") -> Candidate:
    return Candidate(f"{BATCH}/21/D{number:03d}", D(length))


DRUMS = (drum(1), drum(2), drum(3, "120.5"))
LENGTHS = st.decimals("1.2", "3000", places=3)
MARGINS = st.decimals(0, "49", places=2)


def test_worked_example_of_the_docstring():
    seed = seed_of(ROOT, 1000, DELIVERY)
    assert seed.hex() == "aac2eb4b63f9e16301108b16d3434bd5f7ef5bde4e6a2acb260fdbbaffc66c77"
    assert seed.hex() in (draw.__doc__ or "")
    assert pick(seed, DRUMS, 2, MARGIN) == (Pick(DRUMS[1].lot, 46), Pick(DRUMS[0].lot, 129))
    assert pick(seed, DRUMS, 3, MARGIN)[2] == Pick(DRUMS[2].lot, 89)


def test_seed_is_over_purpose_size_root_and_delivery():
    said = b"suzheng.draw.v1\x00" + (1000).to_bytes(8, "big") + ROOT + DELIVERY
    assert seed_of(ROOT, 1000, DELIVERY) == hashlib.sha256(said).digest()
    others = {seed_of(ROOT, 1001, DELIVERY), seed_of(DELIVERY, 1000, ROOT), seed_of(ROOT, 1000, ROOT)}
    assert len(others | {seed_of(ROOT, 1000, DELIVERY)}) == 4
    assert len(PURPOSE) == 16


@pytest.mark.parametrize(("root", "delivery"), [(b"", DELIVERY), (ROOT, DELIVERY + b"\x00")])
def test_seed_of_no_hashes_is_refused(root, delivery):
    with pytest.raises(ValueError, match="32 bytes"):
        seed_of(root, 1, delivery)


@pytest.mark.parametrize(
    ("length", "margin", "metres"),
    [
        ("500", "5", range(25, 475)),
        ("500", "0", range(500)),
        ("120.5", "5", range(7, 114)),
        ("499.999", "5", range(25, 474)),
        ("20", "5", range(1, 19)),
        ("3", "40", range(2, 1)),
        ("1.2", "5", range(1, 1)),
    ],
)
def test_metres_on_offer_lie_whole_between_the_ends(length, margin, metres):
    assert metres_of(D(length), D(margin)) == metres


@given(LENGTHS, MARGINS)
def test_no_metre_reaches_into_an_end(length, margin):
    end = length * margin / 100
    for metre in (*metres_of(length, margin)[:1], *metres_of(length, margin)[-1:]):
        assert end <= metre
        assert metre + 1 <= length - end


@given(
    st.binary(min_size=32, max_size=32),
    st.lists(LENGTHS.filter(lambda length: length > 30), min_size=1, max_size=40),
    st.data(),
)
def test_a_draw_is_the_same_for_everybody_and_stays_within_its_bounds(seed, lengths, data):
    drums = [Candidate(drum(number).lot, length) for number, length in enumerate(lengths)]
    n = data.draw(st.integers(1, len(drums)))
    picks = pick(seed, drums, n, MARGIN)
    assert picks == pick(seed, data.draw(st.permutations(drums)), n, MARGIN)
    assert len({one.lot for one in picks}) == len(picks) == n
    on_drum = {one.lot: one.length_m for one in drums}
    assert all(one.metre in metres_of(on_drum[one.lot], MARGIN) for one in picks)
    assert pick(seed, drums, len(drums), MARGIN)[:n] == picks


@pytest.mark.parametrize("n", [0, 4])
def test_as_many_picks_as_there_are_drums_at_most(n):
    with pytest.raises(ValueError, match="1 to 3 picks"):
        pick(ROOT, DRUMS, n, MARGIN)


def test_a_drum_without_a_metre_to_pick_is_refused():
    with pytest.raises(ValueError, match="between the ends"):
        pick(ROOT, [drum(1, "1")], 1, MARGIN)


def chi_square(counts: list[int], expected: float) -> float:
    return sum((count - expected) ** 2 / expected for count in counts)


def test_every_drum_and_every_stretch_is_picked_about_as_often():
    """10,000 draws of 2 of 10 drums of 200 m, from seeds that are always the same.

    The bounds are the 0.999 quantiles of chi-square with 9 and 17 degrees of freedom (27.9, 40.8).
    """
    drums = [drum(number, "200") for number in range(10)]
    seeds = (hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(10_000))
    picks = [one for seed in seeds for one in pick(seed, drums, 2, MARGIN)]
    of_drum = [sum(one.lot == each.lot for one in picks) for each in drums]
    # 180 metres on offer, 10 to 189, in stretches of ten.
    of_stretch = [sum(start <= one.metre < start + 10 for one in picks) for start in range(10, 190, 10)]
    assert sum(of_drum) == sum(of_stretch) == 20_000
    assert chi_square(of_drum, 2000) < 27.9
    assert chi_square(of_stretch, 20_000 / 18) < 40.8


def test_a_number_over_the_largest_multiple_is_passed_over(monkeypatch):
    """2**64 mod 10 is 6: the last six numbers would make some metres likelier than others."""
    blocks = iter([2**64 - 1, 2**64 - 6, 2**64 - 7])
    monkeypatch.setattr(draw, "_blocks_of", lambda seed: blocks)
    assert draw._Numbers(ROOT).below(10) == (2**64 - 7) % 10
