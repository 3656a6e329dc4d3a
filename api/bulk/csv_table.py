"""CSV (RFC 4180) as clerks' programs write it.

1. Text MUST be UTF-8, with a byte order mark or without, or GB18030, as Excel writes it in China. What is UTF-8 is
   never tried as GB18030, and neither is guessed at: bytes that are not exactly one of them are refused.
2. Cells are parted by commas, semicolons or tabs, whichever parts the first row into most cells; a first line such as
   `sep=;`, which Excel understands too, says which.
3. A quote that is not closed is refused, with the row that it stands in.
"""

import csv
import io
import re
from collections.abc import Iterator

from api.bulk.table import MAX_CELL, MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS, Cell, Row, Table, Unreadable
from keys.errors import RefusedError

_DELIMITERS = ",;\t"
_TOLD = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)


def read_csv(data: bytes) -> Table:
    """The rows of a CSV file. Raises RefusedError `too-large`; `table-malformed` here, or as its rows are read."""
    if len(data) > MAX_FILE_BYTES:
        raise RefusedError("too-large", expected=f"at most {MAX_FILE_BYTES} bytes", got=len(data))
    text = _decode(data)
    told = _TOLD.match(text)
    delimiter = told[1] if told else _find_delimiter(text)
    lines = io.StringIO(text, newline="")
    first = 1
    if told:
        lines.readline()
        first = 2
    return Table("", _read_rows(csv.reader(lines, delimiter=delimiter, strict=True), first))


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise RefusedError("table-malformed", expected="text in UTF-8 or GB18030, or an .xlsx workbook")


def _find_delimiter(text: str) -> str:
    heading = text.lstrip("\r\n")[: MAX_COLUMNS * MAX_CELL].splitlines()[:1]
    return max(_DELIMITERS, key=heading[0].count) if heading else _DELIMITERS[0]


def _read_rows(reader: Iterator[list[str]], first: int) -> Iterator[Row]:
    number = first - 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise RefusedError(
                "table-malformed", where=f"row {number}", expected="CSV (RFC 4180)", got=str(error)[:80]
            ) from error
        if len(cells) > MAX_COLUMNS:
            raise RefusedError(
                "table-malformed", where=f"row {number}", expected=f"at most {MAX_COLUMNS} columns", got=len(cells)
            )
        if number > MAX_ROWS + 1:
            raise RefusedError("too-large", expected=f"at most {MAX_ROWS} rows")
        yield number, [_read_cell(cell) for cell in cells]


def _read_cell(text: str) -> Cell:
    text = text.strip()
    return text if len(text) <= MAX_CELL else Unreadable("text_too_long")
