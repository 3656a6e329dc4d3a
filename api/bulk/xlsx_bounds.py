"""What the XML of a workbook's parts may have in it, looked at by expat before openpyxl makes objects of it.

1. A part MUST have no document type, so that no entity can be declared.
2. Rows MUST be in order, and so the cells of a row, and within the columns that a table may have.
3. Elements, attributes and text are counted: what costs the library time or memory beyond its size has an end.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.parsers import expat

from openpyxl.utils.cell import column_index_from_string

from api.bulk.table import MAX_COLUMNS
from keys.errors import RefusedError

# Excel's own bounds: rows of a sheet, characters of a cell, and of a number format.
_LAST_ROW, _MAX_TEXT, _MAX_FORMAT = 1_048_576, 32_767, 255
# Ours to choose: 100,000 rows of a dozen columns have some 2.5 million elements; all but cells, some hundred.
_MAX_ELEMENTS, _MAX_OTHERS, _MAX_IN_CELL, _MAX_ATTRIBUTES = 3_000_000, 50_000, 1_000, 200
# The library looks for the size of each sheet that is named, moves each shared formula to its cell, and goes through
# the names of ranges with expressions that take the square of their length.
_MAX_SHEETS, _MAX_WORK, _MAX_FORMULA_WORK, _MAX_RANGE = 200, 12_000_000, 2_000_000, 1_000
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
# A tag is held whole while it is read: its attributes may be as many as they can then.
_PIECE, _MAX_TAG = 64 * 1024, 1024 * 1024
_CELLS, _IN_CELLS = frozenset({"row", "c", "si"}), frozenset({"v", "f", "is", "t", "r"})


class Look:
    """What a part has in it, as expat tells it. Raises RefusedError `table-malformed`, `too-large`."""

    def __init__(self, part: str) -> None:
        self.part = part[:80]
        self.elements = self.others = self.in_cell = self.sheets = 0
        self.row = self.column = self.text = self.formulas = self.longest = 0
        self.tag = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.tag = tag = name.rpartition("|")[2]
        self.elements += 1
        self.text = 0
        if tag in _CELLS:
            self.in_cell = 0
            if tag == "row":
                self._check_row(attributes.get("r"))
            elif tag == "c" and self.row:
                self._check_cell(attributes.get("r"))
        elif tag in _IN_CELLS:
            self.in_cell += 1
            self.formulas += tag == "f"
        else:
            self.others += 1
            self.sheets += tag == "sheet"
            self._keep(len(attributes.get("formatCode", "")), _MAX_FORMAT, "characters in a number format")
        self._keep(self.elements, _MAX_ELEMENTS, "elements")
        self._keep(self.others, _MAX_OTHERS, "elements that are no cells")
        self._keep(self.in_cell, _MAX_IN_CELL, "elements in a cell")
        self._keep(len(attributes), _MAX_ATTRIBUTES, "attributes")

    def add(self, text: str) -> None:
        self.text += len(text)
        self._keep(self.text, _MAX_RANGE if self.tag == "definedName" else _MAX_TEXT, f"characters in {self.tag}")
        if self.tag == "f":
            self.longest = max(self.longest, self.text)
            self._keep(self.longest * self.formulas, _MAX_FORMULA_WORK, "characters of formulas")

    def _keep(self, count: int, most: int, what: str) -> None:
        if count > most:
            raise RefusedError("too-large", where=self.part, expected=f"at most {most} {what[:60]}")

    def refuse_doctype(self, *_: object) -> None:
        raise malformed(where=self.part, expected="XML without a document type", got="one")

    def _check_row(self, told: str | None) -> None:
        number = self.row + 1 if told is None else int(told)
        if not self.row < number <= _LAST_ROW:
            raise malformed(where=f"row {self.row}", expected="rows in order", got=told)
        self.row, self.column = number, 0

    def _check_cell(self, told: str | None) -> None:
        column = self.column + 1
        if told is not None:
            place = _PLACE.fullmatch(told)
            column = column_index_from_string(place[1]) if place and int(place[2]) == self.row else 0
        if column <= self.column:
            raise malformed(where=f"row {self.row}", expected="cells of this row, in order", got=told)
        if column > MAX_COLUMNS:
            raise malformed(where=f"row {self.row}", expected=f"at most {MAX_COLUMNS} columns", got=column)
        self.column = column


def look_at(content: bytes, part: str) -> Look:
    """Look at the XML of a part. Raises RefusedError `table-malformed`, `too-large`."""
    look = Look(part)
    parser: Any = expat.ParserCreate(namespace_separator="|")
    parser.buffer_text = True
    parser.StartElementHandler = look.start
    parser.CharacterDataHandler = look.add
    parser.StartDoctypeDeclHandler = look.refuse_doctype
    try:
        for end in range(_PIECE, len(content) + _PIECE, _PIECE):
            parser.Parse(content[end - _PIECE : end], end >= len(content))
            if end - parser.CurrentByteIndex > _MAX_TAG + _PIECE:
                raise RefusedError("too-large", where=look.part, expected=f"tags of at most {_MAX_TAG} bytes")
    # LookupError: an encoding that nobody knows. ValueError: a number that is none.
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise malformed(where=look.part, expected="well-formed XML", got=str(error)[:80]) from error
    return look


def check_work(looks: Iterable[Look]) -> None:
    """All parts together: a sheet may be named more than once, and is looked at as often."""
    looks = list(looks)
    elements, sheets = sum(look.elements for look in looks), sum(look.sheets for look in looks)
    if elements > _MAX_ELEMENTS or sheets > _MAX_SHEETS or elements * sheets > _MAX_WORK:
        raise RefusedError(
            "too-large", expected=f"at most {_MAX_ELEMENTS} elements", got=f"{elements}, {sheets} sheets"
        )


def malformed(**facts: object) -> RefusedError:
    """What is refused as no workbook of ours."""
    return RefusedError("table-malformed", **facts)
