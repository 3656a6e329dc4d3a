"""The measured values of a report as a vector, and how far two vectors are alike. Pure; judges nothing. For rule L10.

    values 7.290, 7.312, 118.4 and 0.85  →  cells 7.290 (4 digits), 7.312 (4), 118.4 (4); 0.85 has two and is left out

1. A cell is a parameter's value with its unit, of at least MIN_DIGITS significant digits; where a conductor was read,
   the resistance as read. 7.29 and 7.290 are one number: a copy may have lost its zeros.
2. Two vectors that have four cells in common MUST have one of their prints in common (`prints_of`), so that an index of
   prints finds every pair of reports that can be alike, and few others. Cells fall into three heaps by their hash; of
   any four, two are in one heap (pigeonhole, Turán's bound); a heap's pairs are printed. That costs 7 to 10 prints for
   8 cells, where all their foursomes are 70.
3. Of a vector of more than MOST_PAIRED cells those with the least hashes are paired, the same in every copy; beside
   them the whole vector has a print, and each series of one parameter by one method.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from math import comb

from labs.reports.register import TestRow

# Rule L10: "at least 4 values of at least 3 digits".
MIN_VALUES, MIN_DIGITS = 4, 3
# Ours to choose. The first two digits of a value are mostly the product's; each further one is chance. Eight of them
# are equal by chance in one pair of reports of the same product in 10**8.
SURE_DIGITS = 8
MOST_PAIRED, _HEAPS = 24, 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it stands in a report. `digits` are its significant ones as recorded, at least MIN_DIGITS."""

    parameter: str
    method: str
    unit: str
    number: Decimal
    digits: int

    @property
    def what(self) -> tuple[str, str, Decimal]:
        """What is equal in a copy; the method may be spelt otherwise."""
        return self.parameter, self.unit, self.number


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two vectors have in common: the cells in the order of the first, counted as often as both have them."""

    equal: tuple[Cell, ...]
    free_digits: int
    """How many of their digits are beyond the second: those that two samples have in common by chance alone."""
    is_ordered: bool
    is_whole: bool
    """All values of one of them, or all of one parameter by one method, are among those of the other and no more."""

    @property
    def is_sure(self) -> bool:
        """Too much for chance."""
        return self.free_digits >= SURE_DIGITS

    @property
    def is_copy(self) -> bool:
        """Whole vectors in one order, as the rule has them; or less than that, where chance can't do it."""
        return self.is_sure or (self.is_whole and self.is_ordered)


@dataclass(frozen=True, slots=True)
class Prints:
    """The prints of a vector: of pairs of cells, and of whole series. Each between -2**63 and 2**63 - 1.

    `least` is how many of its `pairs` a vector has that can be a copy and has no series in common.
    """

    pairs: frozenset[int]
    series: frozenset[int]
    least: int


def read_cells(rows: Collection[TestRow]) -> tuple[Cell, ...]:
    """The cells of a report's rows, in their order."""
    cells = []
    for row in rows:
        value, unit = (row.resistance_ohm, "ohm") if row.value is None else (row.value, row.unit)
        if value is not None and (digits := count_digits(value)) >= MIN_DIGITS:
            cells.append(Cell(row.parameter, row.method, unit, value.normalize(), digits))
    return tuple(cells)


def count_digits(value: Decimal) -> int:
    """The significant digits of a value as recorded: 0.850 has three, 1500 two."""
    digits = "".join(map(str, value.as_tuple().digits))
    exponent = value.as_tuple().exponent
    if exponent == 0:
        digits = digits.rstrip("0")
    return len(digits.lstrip("0"))


def compare(one: Sequence[Cell], other: Sequence[Cell]) -> Likeness | None:
    """What two vectors have in common; None where that is less than MIN_VALUES different values."""
    shared = Counter(cell.what for cell in one) & Counter(cell.what for cell in other)
    if len({number for _, _, number in shared}) < MIN_VALUES:
        return None
    mine, theirs = _among(one, shared), _among(other, shared)
    theirs_digits = {cell.what: cell.digits for cell in theirs}
    # Of a value that occurs several times, once: it is one number that was written down again.
    first = {cell.what: cell.digits for cell in mine}
    free = sum(min(digits, theirs_digits[what]) - 2 for what, digits in first.items())
    return Likeness(
        equal=tuple(mine),
        free_digits=free,
        is_ordered=[cell.what for cell in mine] == [cell.what for cell in theirs],
        is_whole=not _series(one).isdisjoint(_series(other)),
    )


def prints_of(cells: Sequence[Cell]) -> Prints:
    """The prints of a vector; none where it is too short to be found alike."""
    if len({cell.number for cell in cells}) < MIN_VALUES:
        return Prints(frozenset(), frozenset(), 0)
    hashes = sorted({_hash(cell.what) for cell in cells})
    heaps: dict[int, list[int]] = {}
    for value in hashes[:MOST_PAIRED]:
        heaps.setdefault(value % _HEAPS, []).append(value)
    pairs = {_hash(pair) for heap in heaps.values() for pair in combinations(heap, 2)}
    return Prints(frozenset(pairs), frozenset(map(_hash, _series(cells))), _least_pairs(cells, len(hashes)))


def _least_pairs(cells: Sequence[Cell], different: int) -> int:
    """How many pairs are in common at the least where as few cells are as can be sure (Turán: heaps of equal size)."""
    if different > MOST_PAIRED:
        return 1
    free, needed = 0, 0
    for digits in sorted({cell.what: cell.digits for cell in cells}.values(), reverse=True):
        if free < SURE_DIGITS:
            free, needed = free + digits - 2, needed + 1
    size, larger = divmod(max(needed, MIN_VALUES), _HEAPS)
    return larger * comb(size + 1, 2) + (_HEAPS - larger) * comb(size, 2)


def _series(cells: Sequence[Cell]) -> set[tuple[object, ...]]:
    """The vector as a set, and each series of a parameter by a method, where they are long enough to be a vector."""
    by_method: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        by_method.setdefault((cell.parameter, cell.method), []).append(cell)
    long = (part for part in (cells, *by_method.values()) if len({cell.number for cell in part}) >= MIN_VALUES)
    return {tuple(sorted(cell.what for cell in part)) for part in long}


def _among(cells: Sequence[Cell], shared: Counter[tuple[str, str, Decimal]]) -> list[Cell]:
    left, found = Counter(shared), []
    for cell in cells:
        if left[cell.what] > 0:
            left[cell.what] -= 1
            found.append(cell)
    return found


def _hash(value: object) -> int:
    return int.from_bytes(hashlib.blake2b(repr(value).encode(), digest_size=8).digest(), signed=True)
