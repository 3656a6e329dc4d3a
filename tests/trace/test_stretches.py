"""Which metres of a drum contradict each other: held against counting tenths of metres one by one."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace.site.register import SiteAct
from trace.stretches import UNSAID, Claim, claims_of, find_overlaps, sum_up

AT = datetime(2015, 5, 4, 1, tzinfo=UTC)
METRES = st.decimals(0, 60, places=1)
SPANS = st.lists(st.tuples(METRES, METRES).map(lambda ends: (min(ends), max(ends))), max_size=8)
CLAIMS = st.lists(
    st.tuples(st.sampled_from(("installed", "sampled", "destroyed")), METRES, METRES, st.integers(0, 3)), max_size=8
).map(
    lambda told: [
        Claim(act, min(ends), max(ends), AT + timedelta(days=day), number)
        for number, (act, *ends, day) in enumerate(told)
        if ends[0] != ends[1]
    ]
)
TENTHS = [Decimal(number) / 10 for number in range(600)]


def claim(act: str, start: int, end: int, day: int = 0, entry: int = 1) -> Claim:
    return Claim(act, Decimal(start), Decimal(end), AT + timedelta(days=day), entry)


@given(SPANS)
def test_a_metre_in_several_spans_counts_once(spans: list[tuple[Decimal, Decimal]]) -> None:
    assert sum_up(spans) == Decimal(sum(any(start <= at < end for start, end in spans) for at in TENTHS)) / 10


@given(CLAIMS)
def test_overlaps_are_the_metres_of_which_two_claims_cannot_both_be_true(claims: list[Claim]) -> None:
    def is_odd(at: Decimal) -> bool:
        here = [one for one in claims if one.start <= at < one.end]
        return any(one.contradicts(other) for one, other in combinations(here, 2))

    overlaps = find_overlaps(claims)
    odd = [at for at in TENTHS if is_odd(at)]
    assert [at for at in TENTHS if any(one.start <= at < one.end for one in overlaps)] == odd
    assert sum((one.end - one.start for one in overlaps), Decimal(0)) == Decimal(len(odd)) / 10
    assert all(one.end < other.start for one, other in pairwise(overlaps))
    for one in overlaps:
        assert one.first.contradicts(one.second)
        assert one.first.order < one.second.order


@pytest.mark.parametrize(
    ("first", "second", "is_odd"),
    [
        (claim("installed", 0, 10), claim("installed", 9, 20, 1), True),
        (claim("installed", 0, 10), claim("installed", 10, 20, 1), False),
        (claim("installed", 0, 10), claim("sampled", 4, 6, 1), False),
        (claim("sampled", 4, 6), claim("installed", 0, 10, 1), True),
        (claim("destroyed", 4, 6), claim("sampled", 5, 7, 1), True),
        (claim("sampled", 4, 6), claim("installed", 0, 10, 0, UNSAID), True),
    ],
)
def test_what_lies_has_to_be_there(first: Claim, second: Claim, is_odd: bool) -> None:
    assert first.contradicts(second) is second.contradicts(first) is is_odd


def test_what_was_removed_and_what_names_no_metres_claims_nothing() -> None:
    def act(entry: int, word: str, start: int | None, end: int | None, station: str | None = "S") -> SiteAct:
        from_m, to_m = (None if metre is None else Decimal(metre) for metre in (start, end))
        return SiteAct(entry, "drum", word, "party", AT, None, None, None, station, None, from_m, to_m)

    acts = [
        act(1, "installed", 0, 10),
        act(2, "removed", 0, 10),
        act(3, "installed", 30, 20, "T"),
        act(4, "accepted", 0, 9),
    ]
    acts += [act(5, "destroyed", 5, 5), act(6, "sampled", None, None), act(7, "sampled", 40, 41)]
    assert [(one.entry, one.start, one.end) for one in claims_of(acts)] == [
        (3, Decimal(20), Decimal(30)),
        (7, Decimal(40), Decimal(41)),
    ]
