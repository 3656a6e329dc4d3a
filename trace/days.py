"""Calendar days of the trade. Instants are kept in UTC; the days that people write on papers are those of China.

China has one time zone, UTC+8, and no summer time since 1992 (IANA tz database, Asia/Shanghai).
"""

from calendar import monthrange
from datetime import date, datetime, time, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


def civil_day(at: datetime) -> date:
    """The calendar day in China at this instant (aware)."""
    return at.astimezone(CHINA).date()


def start_of_day(day: date) -> datetime:
    """The midnight in China at which a calendar day begins."""
    return datetime.combine(day, time(), CHINA)


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last one of a month that is too short. `months` >= 0."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))
