"""Each kind of cell, as clerks type it: what is read, and why what is not read is not."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from api.bulk.cells import Asked, BadCellError, read_cell
from api.bulk.faults import Wrong
from api.bulk.table import Unreadable
from api.bulk.templates import DELIVERIES
from api.bulk.vocabulary import vocabulary_of
from tests.api.bulk.files import wall
from trace.days import CHINA

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


def read(kind, cell, code="type"):
    return read_cell(cell, kind, Asked(code, vocabulary_of(DELIVERIES), NOW))


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("gtin", "06901234567892", "06901234567892"),
        ("gtin", "6901234567892", "06901234567892"),
        ("gtin", Decimal(6901234567892), "06901234567892"),
        ("gtin", "０６９０１２３４５６７８９２", "06901234567892"),
        ("serial", "D-001", "D-001"),
        ("serial", Decimal(15), "15"),
        ("amount", "500", Decimal(500)),
        ("amount", "５００．５", Decimal("500.5")),
        ("amount", Decimal("500.1"), Decimal("500.1")),
        ("metre", "0", Decimal(0)),
        ("unit", "米", "MTR"),
        ("unit", "M", "MTR"),
        ("unit", "kgm", "KGM"),
        ("step", "发出", "shipped"),
        ("step", " Shipped", "shipped"),
        ("step", "进场", "delivered"),
        ("uscc", "91110000600037341l", "91110000600037341L"),
        ("number", "沪-2015-01", "沪-2015-01"),
        ("place", "station-03", "station-03"),
        ("text", "示范3号线", "示范3号线"),
    ],
)
def test_what_clerks_type_is_read(kind, cell, value):
    assert read(kind, cell) == value


@pytest.mark.parametrize(
    "text",
    ["2026-01-05 14:00", "2026/1/5 14:00", "2026年1月5日 14:00", "2026-01-05T14:00:00+08:00", "2026-01-05T06:00Z"],
)
def test_times_are_chinas_unless_they_say_so(text):
    assert read("time", text) == datetime(2026, 1, 5, 14, tzinfo=CHINA)


def test_a_time_of_a_workbook_and_a_day_alone():
    assert read("time", wall(2026, 1, 5, 14)) == datetime(2026, 1, 5, 14, tzinfo=CHINA)
    assert read("time", "2026.1.5") == datetime(2026, 1, 5, tzinfo=CHINA)
    assert read("time", "2025-01-05 09:00-03:30").tzinfo == timezone(-timedelta(hours=3, minutes=30))


@pytest.mark.parametrize(
    ("kind", "cell", "wrong"),
    [
        ("gtin", "06901234567891", Wrong.CHECK_DIGIT),
        ("gtin", "6.90123E+12", Wrong.GTIN_INVALID),
        ("gtin", "", Wrong.GTIN_INVALID),
        ("serial", Decimal(1234567890123456), Wrong.DIGITS_LOST),
        ("serial", Decimal("1.5"), Wrong.DIGITS_LOST),
        ("amount", "0", Wrong.NOT_POSITIVE),
        ("amount", Decimal(-5), Wrong.NOT_POSITIVE),
        ("amount", "1,000", Wrong.NUMBER_EXPECTED),
        ("amount", "1e3", Wrong.NUMBER_EXPECTED),
        ("amount", "123456789012.34567", Wrong.NUMBER_TOO_LONG),
        ("amount", "٣", Wrong.NUMBER_EXPECTED),
        ("unit", "foot", Wrong.UNIT_UNKNOWN),
        ("step", "lost", Wrong.STEP_UNKNOWN),
        ("time", "05/01/2026", Wrong.TIME_EXPECTED),
        ("time", "2026-02-30", Wrong.TIME_EXPECTED),
        ("time", "0001-01-01", Wrong.TIME_EXPECTED),
        ("time", "2026-01-05 25:00", Wrong.TIME_EXPECTED),
        ("time", Decimal(46027), Wrong.TIME_EXPECTED),
        ("time", "2026-01-05 16:01", Wrong.IN_FUTURE),
        ("uscc", "91110000600037341X", Wrong.USCC_INVALID),
        ("number", "HT/01", Wrong.TEXT_INVALID),
        ("place", "三号站", Wrong.TEXT_INVALID),
        ("text", "x" * 81, Wrong.TEXT_TOO_LONG),
        ("text", "a\nb", Wrong.TEXT_INVALID),
        ("link", "https://example.org/", Wrong.LINK_INVALID),
        ("amount", Unreadable("formula"), Wrong.FORMULA),
    ],
)
def test_why_a_cell_is_bad(kind, cell, wrong):
    with pytest.raises(BadCellError) as bad:
        read(kind, cell)
    assert bad.value.wrong is wrong


def test_whatever_a_reader_may_call_a_fault_is_one():
    for fault in ("formula", "cell_error", "text_too_long", "time_expected"):
        assert Wrong(fault)
