"""The body of a report: what it may say besides, and that it need not."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from marshmallow import ValidationError

from labs.reports.statements import ReportBody
from tests import factories

OPTIONAL = ("instrument", "analyst", "site", "provider", "started_at", "ended_at", "ambient_c", "humidity_pct")


def load(*, content=None, **row):
    said = {"title": "Test report", "location": "hall 2", "item": "wire", "condition": "dry", "only_items_tested": True}
    return ReportBody().load(factories.ReportBody(rows=[factories.RowBody(**row)], content=said | (content or {})))


def test_a_body_of_before_is_still_one():
    (row,) = load()["rows"]
    assert [row[name] for name in OPTIONAL] == [None] * len(OPTIONAL)
    assert (row["replicates"], row["raw_sha256"]) == ([], [])


def test_all_that_a_row_may_say_is_read():
    (row,) = ReportBody().load(factories.ReportBody(rows=[factories.TimedRowBody(provider="another lab")]))["rows"]
    assert row["started_at"] == datetime(2015, 5, 9, 6, tzinfo=UTC)
    assert (row["ambient_c"], row["replicates"]) == (Decimal("23.1"), [Decimal("7.288"), Decimal("7.292")])
    assert (row["provider"], row["raw_sha256"]) == ("another lab", ["e" * 64])


@pytest.mark.parametrize(
    "row",
    [
        {"started_at": "2015-05-09"},
        {"started_at": "2015-05-09T14:00:00"},
        {"ambient_c": 23},
        {"raw_sha256": ["abc"]},
        {"raw_sha256": ["e" * 64] * 21},
        {"replicates": ["1"] * 101},
        {"replicates": ["many"]},
        {"instrument": ""},
        {"colour": "red"},
    ],
)
def test_what_is_written_otherwise_is_refused(row):
    with pytest.raises(ValidationError):
        load(**row)


def test_the_letters_that_are_words_are_read():
    said = {"lab_address": "61 Road", "client_contact": "Mr Wang", "pages": 4, "sampling_method": "GB/T 2828.1"}
    assert load(content=said)["content"].items() >= said.items()


@pytest.mark.parametrize("pages", [0, 10_001, "4", 1.5])
def test_pages_are_a_number_of_them(pages):
    with pytest.raises(ValidationError):
        load(content={"pages": pages})
