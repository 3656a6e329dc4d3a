"""Rows in bundles: none is lost, none comes twice, and what is said of a lot keeps its order."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from api.bulk.events import MAX_LOTS, bundle_rows, write_place
from trace.epcis.identifiers import LotId

ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=60)


@given(ROWS)
def test_bundles_hold_each_row_once_and_keep_the_order_of_each_lot(rows):
    given_rows = [((key,), at, (LotId("0" * 14, "L", str(lot)), None)) for at, (key, lot) in enumerate(rows)]
    bundles = bundle_rows(given_rows)
    said = [
        (row, lot, bundle.key) for bundle in bundles for row, (lot, _) in zip(bundle.rows, bundle.amounts, strict=True)
    ]
    assert sorted((row, lot, key) for row, lot, key in said) == [(at, amount[0], key) for key, at, amount in given_rows]
    for bundle in bundles:
        assert max(Counter(lot for lot, _ in bundle.amounts).values()) == 1
    for lot in {lot for _, lot, _ in said}:
        rows_of_lot = [row for row, one, _ in said if one == lot]
        assert all(first < second for first, second in pairwise(rows_of_lot))


def test_a_bundle_is_full_in_time():
    rows = [(("k",), at, (LotId("0" * 14, "L", str(at)), None)) for at in range(MAX_LOTS + 1)]
    assert [len(bundle.rows) for bundle in bundle_rows(rows)] == [MAX_LOTS, 1]


def test_a_place_is_a_uri_or_a_code_of_ours():
    assert write_place("station-03") == {"readPoint": {"id": "urn:suzheng:place:station-03"}}
    assert write_place("https://id.gs1.org/414/6901234567892")["readPoint"]["id"].startswith("https://")
    assert write_place(None) == {}
