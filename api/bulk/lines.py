"""The rows of a file under its headings: each as the values of a template's columns, or with its faults."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.bulk.cells import Asked, BadCellError, make_unit, read_cell
from api.bulk.csv_table import read_csv
from api.bulk.faults import Faults, Wrong, letter_of
from api.bulk.table import MAX_ROWS, Cell, Row, Table
from api.bulk.templates import Column, Template
from api.bulk.vocabulary import Vocabulary, normalise
from api.bulk.xlsx_table import read_xlsx
from keys.errors import RefusedError
from trace.epcis.identifiers import LotId

# A ZIP archive; and what is refused with a word on why, an .xls file.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class Line:
    """A good row: its number in the sheet, which lot or unit it is of, and its values by column; None where empty."""

    number: int
    lot: LotId
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lines:
    """What a file says: its good rows, how many rows it has in all, and the name of its sheet."""

    sheet: str
    good: Sequence[Line]
    count: int


def read_table(data: bytes) -> Table:
    """A spreadsheet, whichever of the two formats it is in. Raises RefusedError `table-malformed`, `too-large`."""
    return read_xlsx(data) if data.startswith(_WORKBOOKS) else read_csv(data)


def read_lines(
    data: bytes, template: Template, words: Vocabulary, now: datetime, faults: Faults, most: int = MAX_ROWS
) -> Lines:
    """Read a file under a template; what is wrong with single rows goes to `faults`.

    `now` (aware) is what no time may lie after. Raises RefusedError for a file as a whole: `table-malformed`,
    `too-large`, `heading-unknown`, `heading-missing`, `heading-twice`.
    """
    table = read_table(data)
    columns = _read_headings(table.rows, template, words)
    faults.places = {column.code: place for place, column in columns.items()}
    good: list[Line] = []
    count = 0
    for number, cells in table.rows:
        if all(cell == "" for cell in cells):
            continue
        count += 1
        if count > most:
            raise RefusedError("too-large", expected=f"at most {most} rows", got="more")
        line = _read_line(number, cells, columns, template, words, now, faults)
        if line is not None:
            good.append(line)
    return Lines(table.sheet, good, count)


def _read_headings(rows: Iterator[Row], template: Template, words: Vocabulary) -> dict[int, Column]:
    """The columns by their place. The first row that is not empty has the headings."""
    cells = next((cells for _, cells in rows if any(cell != "" for cell in cells)), None)
    if cells is None:
        raise RefusedError("table-malformed", expected="a row of headings", got="an empty sheet")
    columns: dict[int, Column] = {}
    for place, cell in enumerate(cells):
        if cell == "":
            continue
        text = cell if isinstance(cell, str) else ""
        code = words.headings.get(normalise(text))
        if code is None:
            raise RefusedError("heading-unknown", where=letter_of(place), expected=_codes(template), got=text[:80])
        if any(code == column.code for column in columns.values()):
            raise RefusedError("heading-twice", where=letter_of(place), expected="each column once", got=text[:80])
        columns[place] = template.column(code)
    _check_complete(template, {column.code for column in columns.values()})
    return columns


def _check_complete(template: Template, codes: set[str]) -> None:
    missing = [column.code for column in template.columns if column.is_required and column.code not in codes]
    if not missing and template.either and not any(codes >= some for some in template.either):
        missing = sorted(template.either[-1] - codes)
    if missing:
        raise RefusedError("heading-missing", expected=missing, got=sorted(codes))


def _codes(template: Template) -> list[str]:
    return [column.code for column in template.columns]


def _read_line(
    number: int,
    cells: Sequence[Cell],
    columns: Mapping[int, Column],
    template: Template,
    words: Vocabulary,
    now: datetime,
    faults: Faults,
) -> Line | None:
    before = faults.count
    values: dict[str, Any] = dict.fromkeys(_codes(template))
    for place, cell in enumerate(cells):
        if place not in columns:
            if cell != "":
                faults.add_at(number, place, Wrong.NO_HEADING)
        elif cell != "":
            column = columns[place]
            try:
                values[column.code] = read_cell(cell, column.kind, Asked(column.code, words, now))
            except BadCellError as bad:
                faults.add(number, column.code, bad.wrong, **bad.facts)
                values[column.code] = bad
    for column in template.columns:
        if column.is_required and values[column.code] is None:
            faults.add(number, column.code, Wrong.EMPTY)
    lot = _name_lot(number, values, template, faults) if faults.count == before else None
    return Line(number, lot, values) if lot is not None else None


def _name_lot(number: int, values: Mapping[str, Any], template: Template, faults: Faults) -> LotId | None:
    """The lot that a row is of, by its link or its parts; where it has both, they have to agree."""
    link: LotId | None = values.get("link")
    parts = [code for code in ("product", "lot", "serial") if values[code] is not None]
    if not parts and link is None:
        faults.add(number, "lot" if "lot" in faults.places else "link", Wrong.EMPTY)
        return None
    if not parts:
        return _check_serial(number, link, template, faults)
    needed = [code for code in ("product", "lot") if values[code] is None]
    if needed:
        faults.add(number, needed[0], Wrong.EMPTY)
        return None
    try:
        named = make_unit(values["product"], values["lot"], values["serial"])
    except BadCellError as bad:
        faults.add(number, "serial" if values["serial"] else "lot", bad.wrong, **bad.facts)
        return None
    if link is not None and link != named:
        faults.add(number, "link", Wrong.NAMES_DIFFER, got=str(link), expected=str(named))
        return None
    return _check_serial(number, named, template, faults)


def _check_serial(number: int, lot: LotId | None, template: Template, faults: Faults) -> LotId | None:
    """Where a template speaks of units, a row that names a whole lot is bad."""
    is_of_units = all("serial" in some or "link" in some for some in template.either)
    if lot is not None and lot.serial is None and is_of_units:
        faults.add(number, "serial" if "serial" in faults.places else "link", Wrong.UNIT_NEEDED)
        return None
    return lot
