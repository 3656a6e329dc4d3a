"""What the number of a CMA certificate says: 15 00 02 11 9901 is year, authority, field, ministry and serial number.

CNCA's numbering of certificates since 2015, as four published pages give it in agreement; the tables of codes are in
`data/cma_codes.csv`. That the year is not after that of the certificate is recalled, not found. Numbers of before 2015
had another layout and 11 places; the register has never taken those.

Nothing here refuses a number: what an accrediting body has signed is on record, and what looks wrong in it is told.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from labs.accreditation.register import Accreditation

_DATA = Path(__file__).parent / "data" / "cma_codes.csv"
PARTS = ("authority", "field", "ministry")
"""Those of a number that have a table of codes, in their order."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a table with what it stands for."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class CmaNumber:
    """A number of 12 digits taken apart. A part is None where its table has no such code; `year` is of four digits."""

    number: str
    year: int
    authority: Code | None
    field: Code | None
    ministry: Code | None
    serial: str

    @property
    def unknown_parts(self) -> tuple[str, ...]:
        """The parts whose codes are in no table."""
        return tuple(part for part in PARTS if getattr(self, part) is None)


def read_cma(number: str) -> CmaNumber:
    """Take a number of 12 digits apart. Raises ValueError for any other text."""
    if len(number) != 12 or not (number.isascii() and number.isdecimal()):
        raise ValueError(f"expected 12 digits, got {number!r:.40}")
    codes = {part: _codes()[part].get(number[at : at + 2]) for part, at in zip(PARTS, (2, 4, 6), strict=True)}
    return CmaNumber(number, 2000 + int(number[:2]), serial=number[8:], **codes)


def find_number_faults(accreditation: Accreditation) -> tuple[str, ...]:
    """What can't be right about a CMA number: `authority`, `field`, `ministry` (no such code), `year` (after the year
    from which the accreditation is valid).
    """
    if accreditation.cma is None:
        return ()
    read = read_cma(accreditation.cma)
    is_late = read.year > accreditation.valid_from.year
    return (*read.unknown_parts, *(("year",) if is_late else ()))


@cache
def _codes() -> Mapping[str, Mapping[str, Code]]:
    tables: dict[str, dict[str, Code]] = {part: {} for part in PARTS}
    with _DATA.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            tables[row["part"]][row["code"]] = Code(row["code"], row["zh"], row["en"])
    return tables
