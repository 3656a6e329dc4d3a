"""Files as clerks' programs write them: CSV by hand, workbooks by openpyxl, and broken ones by hand again."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook

from api.bulk.lines import read_table
from api.bulk.table import Row

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def csv_of(*rows: Sequence[object], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Rows of cells without quotes or delimiters in them."""
    return "\r\n".join(delimiter.join(map(str, row)) for row in rows).encode(encoding)


def xlsx_of(*rows: Sequence[Any], formats: Mapping[str, str] | None = None) -> bytes:
    """A workbook with these rows in its only sheet; `formats` are number formats by cell."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "第1页"
    for row in rows:
        sheet.append(list(row))
    for cell, form in (formats or {}).items():
        sheet[cell].number_format = form
    return saved(book)


def saved(book: Workbook) -> bytes:
    """A workbook's bytes."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def part_of(data: bytes, name: str) -> bytes:
    """A part of an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def with_part(data: bytes, name: str, content: bytes | None) -> bytes:
    """The same archive with one part replaced or added, or left out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        if content is not None:
            new.writestr(name, content)
    return file.getvalue()


def sheet_xml(rows: str, head: str = "") -> bytes:
    """A sheet's part around its rows."""
    return f'<?xml version="1.0"?>{head}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def with_sheet(rows: str, head: str = "") -> bytes:
    """A workbook whose sheet has this XML for its rows."""
    return with_part(xlsx_of(["x"]), "xl/worksheets/sheet1.xml", sheet_xml(rows, head))


def rows_of(data: bytes) -> list[Row]:
    """All rows of a file."""
    return list(read_table(data).rows)


def cells_of(data: bytes) -> list[Any]:
    """The cells of the only row of a file."""
    ((_, cells),) = rows_of(data)
    return cells


def dicts_to_csv(rows: Iterable[Mapping[str, object]]) -> bytes:
    """A CSV file of rows by column."""
    rows = list(rows)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return csv_of(columns, *([row.get(name, "") for name in columns] for row in rows))


def wall(*parts: int) -> datetime:
    """A time as a spreadsheet has it: the wall's, without a zone."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - see above
