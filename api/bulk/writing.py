"""Empty templates to fill in: as CSV, which any program opens, and as a workbook whose second sheet explains columns.

The workbook's columns are formatted by what goes into them: identifiers as text, so that no zero and no digit is lost;
times as times. Units and steps are offered as lists.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from api.bulk.templates import Column, Template
from api.bulk.vocabulary import UNITS, heading_of, sheet_name, word_of
from api.words import say

CSV, XLSX = "csv", "xlsx"
MEDIA = {CSV: "text/csv", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_TEXT = "@"
_FORMAT_OF_KIND = {"time": "yyyy\\-mm\\-dd\\ hh:mm", "amount": "General", "metre": "General"}
_CHOICES: Mapping[str, tuple[str, ...]] = {"unit": UNITS, "step": ("shipped", "received", "delivered")}
_LAST_ROW = 100_001
_FILL = PatternFill("solid", fgColor="FFEDEFF2")
_HEADING, _NEEDED = Font(bold=True), Font(bold=True, color="FF8A1C1C")


def write_template(template: Template, form: str) -> bytes:
    """The template as `form`, csv or xlsx, in the language of the request."""
    return _WRITERS[form](template)


def _write_csv(template: Template) -> bytes:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerow([heading_of(column.code) for column in template.columns])
    # With a byte order mark: Excel takes a file without one for the machine's own encoding.
    return lines.getvalue().encode("utf-8-sig")


def _write_xlsx(template: Template) -> bytes:
    book = Workbook()
    # Who made it is openpyxl by its own account, which tells a clerk nothing.
    book.properties.creator = None
    (data,) = book.worksheets
    data.title = sheet_name(template)
    _fill_data(data, template)
    _fill_notes(book.create_sheet(say("template.columns", "title")), template)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


_WRITERS: Mapping[str, Callable[[Template], bytes]] = {CSV: _write_csv, XLSX: _write_xlsx}


def _fill_data(sheet: Worksheet, template: Template) -> None:
    sheet.freeze_panes = "A2"
    sheet.append([heading_of(column.code) for column in template.columns])
    for at, column in enumerate(template.columns, start=1):
        letter = get_column_letter(at)
        place = sheet.column_dimensions[letter]
        place.width = _width(column)
        place.number_format = _FORMAT_OF_KIND.get(column.kind, _TEXT)
        _head([sheet.cell(1, at)], _NEEDED if column.is_required else _HEADING)
        if column.kind in _CHOICES:
            words = ",".join(word_of(column.kind, code) for code in _CHOICES[column.kind])
            choice = DataValidation("list", formula1=f'"{words}"', allow_blank=True)
            choice.add(f"{letter}2:{letter}{_LAST_ROW}")
            sheet.add_data_validation(choice)


def _fill_notes(sheet: Worksheet, template: Template) -> None:
    rows = [[say("template.columns", key) for key in ("column", "needed", "kind", "example")]]
    rows += [_explain(template, column) for column in template.columns]
    for row in rows:
        sheet.append(row)
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.number_format = _TEXT
    _head(sheet[1], _HEADING)
    for letter, width in zip("ABCD", (26, 10, 70, 30), strict=True):
        sheet.column_dimensions[letter].width = width


def _explain(template: Template, column: Column) -> list[str]:
    return [
        heading_of(column.code),
        say("template.columns", template.needed(column)),
        say(f"cell.{column.kind}", "title"),
        word_of(column.kind, column.example) if column.example else "",
    ]


def _head(cells: Iterable[Cell | MergedCell], font: Font) -> None:
    for cell in cells:
        cell.font, cell.fill, cell.number_format = font, _FILL, _TEXT


def _width(column: Column) -> int:
    return 28 if column.kind in ("link", "text", "uscc") else 18
