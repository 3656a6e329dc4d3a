"""Workbooks (ECMA-376 SpreadsheetML, .xlsx): the cells of the first sheet that is not hidden, row by row, by openpyxl.

1. The library sees what `xlsx_archive` has looked at, and nothing else. Whatever it stumbles over is refused.
2. A number becomes the decimal that Excel shows: stored as 500.10000000000002, it is 500.1, the shortest that gives the
   same double. A number whose style is a date becomes the time that it counts the days to (from 1900, or 1904 where the
   workbook says so), to the second.
3. A formula is no value, whatever was computed from it last, nor is an error such as #REF!: such a cell is handed on
   as unreadable, for its row to be named.
"""

import math
import warnings
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from openpyxl import load_workbook
from openpyxl.utils.datetime import from_excel

from api.bulk.table import MAX_CELL, MAX_ROWS, Cell, Row, Table, Unreadable
from api.bulk.xlsx_archive import copy_archive
from api.bulk.xlsx_bounds import malformed
from keys.errors import RefusedError

# Of what a stranger's file has that openpyxl leaves out, it warns; and Python keeps each such text that it has shown.
warnings.filterwarnings("ignore", module=r"openpyxl\.")

# ECMA-376 part 1 §18.8.30: number formats that are dates in East Asia, without a code of their own. openpyxl has those
# of the rest of the world.
_EAST_ASIAN_DATES = frozenset({*range(27, 37), *range(50, 59)})

_T = TypeVar("_T")


def read_xlsx(data: bytes) -> Table:
    """The rows of a workbook. Raises RefusedError `too-large`, `table-malformed`, here or as its rows are read."""
    copy = copy_archive(data)
    book = _ask(lambda: load_workbook(copy, read_only=True, keep_links=False))
    sheet: Any = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
    if sheet is None:
        raise malformed(expected="a sheet", got="none")
    # What a sheet says of its size may be wrong; told none, openpyxl takes rows as long as they are.
    sheet.reset_dimensions()
    return Table(sheet.title[:31], _read_rows(sheet.iter_rows()))


def _read_rows(rows: Iterator[tuple[Any, ...]]) -> Iterator[Row]:
    number = count = 0
    while (row := _ask(lambda: next(rows, None))) is not None:
        number += 1
        cells = [_read_cell(cell, number) for cell in row]
        if all(cell == "" for cell in cells):
            continue
        count += 1
        if count > MAX_ROWS + 1:
            raise RefusedError("too-large", expected=f"at most {MAX_ROWS} rows")
        yield number, cells


def _ask(ask: Callable[[], _T]) -> _T:
    """What the library answers. It trusts its files, and falls over a bad one anyhow: that is the file's fault."""
    try:
        return ask()
    except Exception as error:
        raise malformed(expected="an .xlsx workbook", got=f"{type(error).__name__}: {error}"[:80]) from error


def _read_cell(cell: Any, row: int) -> Cell:
    value = cell.value
    if cell.data_type in _FAULTS:
        return Unreadable(_FAULTS[cell.data_type])
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return _read_number(cell, value, row)
    return _as_cell(value) if isinstance(value, str) else _read_time(value)


_FAULTS = {"f": "formula", "e": "cell_error"}


def _read_number(cell: Any, value: float, row: int) -> Cell:
    if cell.has_style and _ask(lambda: cell.style_array.numFmtId) in _EAST_ASIAN_DATES:
        return _read_time(_ask(lambda: from_excel(value, cell.parent.parent.epoch)))
    number = _ask(lambda: float(value))
    if not math.isfinite(number):
        raise malformed(where=f"row {row}", expected="a number", got=str(value)[:20])
    # The shortest decimal that gives this double, without the .0 of a whole number.
    decimal = Decimal(repr(number))
    return decimal.quantize(Decimal(1)) if decimal == decimal.to_integral() and abs(decimal) < 10**20 else decimal


def _read_time(value: datetime | date | time | timedelta) -> Cell:
    """A wall-clock time to the second. A time without a day is none, nor is a span of time."""
    if not isinstance(value, date) or value.year > 9998:
        return Unreadable("time_expected")
    at = value if isinstance(value, datetime) else datetime.combine(value, time())
    return at.replace(microsecond=0) + timedelta(seconds=round(at.microsecond / 1_000_000))


def _as_cell(text: str) -> Cell:
    text = text.strip()
    return text if len(text) <= MAX_CELL else Unreadable("text_too_long")
