"""Working days: Monday to Friday after one day, up to another."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.rules.days import working_days

TUESDAY = date(2015, 5, 12)


@pytest.mark.parametrize(("later", "days"), [(0, 0), (1, 1), (3, 3), (4, 3), (5, 3), (6, 4), (7, 5), (20, 14)])
def test_weekends_do_not_count(later, days):
    assert working_days(TUESDAY, TUESDAY + timedelta(days=later)) == days


def test_nothing_has_passed_on_an_earlier_day():
    assert working_days(TUESDAY, TUESDAY - timedelta(days=9)) == 0


@given(since=st.dates(date(2000, 1, 1), date(2030, 1, 1)), length=st.integers(0, 60))
def test_count_is_that_of_the_calendar(since, length):
    days = [since + timedelta(days=day) for day in range(1, length + 1)]
    assert working_days(since, since + timedelta(days=length)) == sum(day.isoweekday() <= 5 for day in days)
