"""Days of China, and months later."""

from datetime import UTC, date, datetime

import pytest

from trace.days import add_months, civil_day


@pytest.mark.parametrize(("hour", "day"), [(15, date(2015, 5, 6)), (16, date(2015, 5, 7))])
def test_a_day_begins_at_midnight_in_china(hour, day):
    assert civil_day(datetime(2015, 5, 6, hour, tzinfo=UTC)) == day


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2016, 2, 29), 36, date(2019, 2, 28)),
        (date(2015, 11, 30), 3, date(2016, 2, 29)),
        (date(2015, 12, 31), 1, date(2016, 1, 31)),
        (date(2015, 5, 6), 0, date(2015, 5, 6)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_one(day, months, later):
    assert add_months(day, months) == later
