"""The working days that a lab has to answer for a number that was presented under its name."""

from datetime import date, timedelta

# Catalogue L03: a lab has this long to register the number.
DAYS_TO_ANSWER = 3


def last_day_to_answer(presented: date) -> date:
    """The last day on which a lab that was asked on the day `presented` still has time."""
    day = presented
    while working_days(presented, day + timedelta(days=1)) <= DAYS_TO_ANSWER:
        day += timedelta(days=1)
    return day


def working_days(since: date, until: date) -> int:
    """How many days from Monday to Friday lie after `since`, up to and with `until`; 0 where it is not later.

    Public holidays are not counted off: their calendar is decided a year at a time and is no fact of the ledger. A
    lab that was closed has therefore less time than it should; its answer clears the finding whenever it comes.
    """
    weeks, rest = divmod(max((until - since).days, 0), 7)
    return 5 * weeks + sum((since.weekday() + day) % 7 < 5 for day in range(1, rest + 1))
