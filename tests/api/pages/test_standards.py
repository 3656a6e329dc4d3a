"""The standards pack as a page: every row with its state, found by what it is of."""

import re

import pytest

from api.wiring import build_house
from labs.standards.pack import choose
from tests.pages import text_of

PACK = build_house().pack
UNCONFIRMED = "not confirmed: no published source was found"


def test_every_standard_is_listed_with_how_many_of_its_rows_are_confirmed(read):
    html = read("/standards")
    for designation in {row.designation for row in (*PACK, *PACK.durations)}:
        assert f">{designation}</a>" in html
    bars = len(choose(PACK, family="rebar", standard="GB 1499.2-2007"))
    assert re.search(rf"GB 1499.2-2007 .*? {bars} ✓ {bars}", text_of(html))


@pytest.mark.parametrize("family", sorted(PACK.families))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_familys_rows_are_shown_in_words(read, family, language):
    html = read(f"/standards?family={family}", language)
    for context in ("parameter", "citation", "attribute", "family", "pack_status"):
        assert f"{context}." not in text_of(html)
    assert "%(" not in html


@pytest.mark.parametrize("family", sorted(PACK.families))
def test_unconfirmed_rows_are_told_apart(read, family):
    text = text_of(read(f"/standards?family={family}"))
    durations = sum(not one.is_confirmed for one in choose(PACK.durations, family=family))
    sizes = {
        (limit.citation, limit.parameter, *limit.conditions.items())
        for limit in choose(PACK, family=family, status="recalled")
    }
    assert text.count(UNCONFIRMED) == len(sizes) + durations
    assert durations + len(sizes) > 0


def test_a_row_has_limit_and_state(read):
    text = text_of(read("/standards?family=cable&parameter=conductor_resistance"))
    assert "≤ 7.41 Ω/km ✓ confirmed" in text
    assert "wires" not in text.partition("≤ 36.0")[2]


def test_a_value_between_two_limits_is_one_row(read):
    assert "40 ≤ 4 % ≥ −4 %" in text_of(read("/standards?standard=GB/T%201499.2-2018&parameter=mass_deviation"))


def test_what_the_pack_does_not_have_is_said(read):
    assert "The pack has no such row." in text_of(read("/standards?family=timber"))


def test_strange_filters_are_text(read):
    assert "<script>x" not in read("/standards?family=%3Cscript%3Ex")
