"""The standards pack as JSON."""

import pytest

from api.wiring import build_house

PACK = build_house().pack


def test_all_rows_leave_with_source_and_state(client):
    told = client.get("/api/v1/standards").json
    assert told["families"] == ["cable", "cement", "rebar"]
    assert len(told["limits"]) == len(list(PACK))
    assert len(told["durations"]) == len(PACK.durations)
    first = told["limits"][0]
    assert set(first) >= {"standard", "edition", "clause", "conditions", "limit", "unit", "source", "status"}


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("family=rebar", lambda row: row["family"] == "rebar"),
        ("standard=GB/T 12706.1-2020", lambda row: row["edition"] == "2020"),
        ("status=recalled", lambda row: row["status"] == "recalled"),
        ("on=2015-05-04", lambda row: row["valid_from"] <= "2015-05-04" <= (row["valid_to"] or "9")),
        ("parameter=wire_count", lambda row: row["parameter"] == "wire_count"),
    ],
)
def test_filters_leave_what_fits(client, query, fits):
    told = client.get(f"/api/v1/standards?{query}").json
    rows = told["limits"] + told["durations"]
    assert 0 < len(rows) < len(list(PACK)) + len(PACK.durations)
    assert all(map(fits, rows))


@pytest.mark.parametrize("query", ["status=perhaps", "on=yesterday", "colour=red"])
def test_a_filter_that_is_none_is_refused(client, query):
    assert client.get(f"/api/v1/standards?{query}").status_code == 400
