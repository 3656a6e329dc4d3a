"""A spreadsheet as its readers hand it on: a sheet's name and its rows, one after the other.

Whatever wrote the file, a cell is text, a number, a wall-clock time, or a word on why it can't be read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

# Ours to choose. A clerk's largest list has some ten thousand drums.
MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 64
MAX_CELL = 500


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that no value can be taken from: `fault` is a code of `faults.Wrong`."""

    fault: str


Cell = str | Decimal | datetime | Unreadable
"""Text without space around it ("" where nothing stands), a number, a time as the wall shows it, or why neither."""
Row = tuple[int, list[Cell]]
"""The number that the row has in the sheet, from 1, and its cells from the first column on."""


@dataclass(frozen=True, slots=True)
class Table:
    """The first sheet of a file; `sheet` is "" where the format has no names for it. Its rows can be read once."""

    sheet: str
    rows: Iterator[Row]
