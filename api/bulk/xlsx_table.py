"""Workbooks (ECMA-376 SpreadsheetML, .xlsx): the cells of the first sheet that is not hidden, row by row.

1. A part is read as it is inflated, by expat, and MUST have no document type, so that no entity can be declared.
2. Of a workbook only what values need is read: the list of sheets, shared strings, and which styles are dates.
3. A number becomes the decimal that Excel shows: stored as 500.10000000000002, it is 500.1, the shortest that gives the
   same double. A number whose style is a date becomes the time that it counts the days to (from 1900, or 1904 where the
   workbook says so), to the second.
4. A formula is no value, whatever was computed from it last, nor is an error such as #REF!: such a cell is handed on
   as unreadable, for its row to be named.

Why not a library: see trace/DECISIONS.md, 54. openpyxl judges this reader in its tests.
"""

import math
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from api.bulk.table import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Cell, Row, Table, Unreadable
from api.bulk.xlsx_archive import Archive, malformed
from api.bulk.xlsx_book import Book, open_book
from api.bulk.xlsx_xml import Text, feed
from keys.errors import RefusedError

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
# Excel's own bounds: 1,048,576 rows; serial 2,958,465 is 9999-12-31. Below 61 it counts a 29 February 1900.
_LAST_ROW, _FIRST_DAY, _LAST_DAY = 1_048_576, 61, 2_958_465


def read_xlsx(data: bytes) -> Table:
    """The rows of a workbook. Raises RefusedError `too-large`, `table-malformed`, here or as its rows are read."""
    archive = Archive(data)
    book = open_book(archive)
    return Table(book.sheet, _bound(_read_rows(archive, book)))


def _read_rows(archive: Archive, book: Book) -> Iterator[Row]:
    reader = _SheetReader(book)
    for _ in feed(archive.read(book.part), book.part, reader.start, reader.end, reader.add):
        while reader.done:
            yield reader.done.popleft()


def _bound(rows: Iterable[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows):
        if count > MAX_ROWS:
            raise RefusedError("too-large", expected=f"at most {MAX_ROWS} rows")
        yield row


@dataclass
class _SheetReader:
    """Takes a sheet's elements in; whole rows come out at `done`."""

    book: Book
    done: deque[Row] = field(default_factory=deque)
    _number: int = 0
    _cells: list[Cell] = field(default_factory=list)
    _column: int = 0
    _attributes: Mapping[str, str] = field(default_factory=dict)
    _has_formula: bool = False
    _is_value: bool = False
    _value: str = ""
    _text: Text = field(default_factory=Text)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._text.start(tag)
        if tag == "c":
            self._attributes, self._has_formula, self._value = attributes, False, ""
            self._text.clear()
            self._column = self._find_column(attributes.get("r"))
        elif tag == "row":
            self._start_row(attributes.get("r"))
        elif tag == "v":
            self._is_value = True
        elif tag == "f":
            self._has_formula = True

    def end(self, tag: str) -> None:
        self._text.end(tag)
        if tag == "v":
            self._is_value = False
        elif tag == "c":
            self._cells += [""] * (self._column - 1 - len(self._cells))
            self._cells.append(self._read_cell())
        elif tag == "row" and any(cell != "" for cell in self._cells):
            self.done.append((self._number, self._cells))

    def add(self, text: str) -> None:
        if self._is_value:
            if len(self._value) <= MAX_CELL:
                self._value += text
        else:
            self._text.add(text)

    def _start_row(self, told: str | None) -> None:
        number = int(told) if told and told.isascii() and told.isdigit() and len(told) < 8 else self._number + 1
        if not self._number < number <= _LAST_ROW:
            raise malformed(where=f"row {self._number}", expected="rows in order", got=number)
        self._number, self._cells = number, []

    def _find_column(self, reference: str | None) -> int:
        """From 1 on; the next one where the cell does not say."""
        column = len(self._cells) + 1
        if reference is not None:
            match = _REFERENCE.fullmatch(reference)
            if match is None or int(match[2]) != self._number:
                raise malformed(where=f"row {self._number}", expected="a cell of this row", got=reference[:20])
            letters = (ord(letter) - 64 for letter in match[1])
            told = 0
            for letter in letters:
                told = told * 26 + letter
            if told < column:
                raise malformed(where=f"row {self._number}", expected="cells in order", got=reference)
            column = told
        if column > MAX_COLUMNS:
            raise malformed(where=f"row {self._number}", expected=f"at most {MAX_COLUMNS} columns", got=column)
        return column

    def _read_cell(self) -> Cell:
        if self._has_formula:
            return Unreadable("formula")
        kind, value = self._attributes.get("t", "n"), self._value.strip()
        if kind == "inlineStr":
            return _as_cell(self._text.take())
        if not value:
            return ""
        if kind == "s":
            is_index = value.isascii() and value.isdigit() and len(value) < 9
            if not is_index or int(value) >= len(self.book.strings):
                raise malformed(where=f"row {self._number}", expected="a shared string", got=value[:20])
            return _as_cell(self.book.strings[int(value)])
        if kind == "n":
            return self._read_number(value)
        if kind == "e":
            return Unreadable("cell_error")
        return _as_cell(value)

    def _read_number(self, value: str) -> Cell:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise malformed(where=f"row {self._number}", expected="a number", got=value[:20])
        style = self._attributes.get("s", "0")
        if style.isascii() and style.isdigit() and len(style) < 6 and int(style) in self.book.dates:
            return self._read_day(number)
        # The shortest decimal that gives this double, without the .0 of a whole number.
        decimal = Decimal(repr(number))
        return decimal.quantize(Decimal(1)) if decimal == decimal.to_integral() and abs(decimal) < 10**20 else decimal

    def _read_day(self, number: float) -> Cell:
        if not _FIRST_DAY <= number < _LAST_DAY - 1500:
            return Unreadable("time_expected")
        return self.book.days_from + timedelta(seconds=round(number * 86_400))


def _as_cell(text: str) -> Cell:
    text = text.strip()
    return text if len(text) <= MAX_CELL else Unreadable("text_too_long")
