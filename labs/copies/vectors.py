"""The measured values of a report as a vector, and how far two vectors are alike. Pure; judges nothing. For rule L10.

    values 7.290, 7.312, 118.4 and 0.85  →  cells 7.290 (4 digits), 7.312 (4), 118.4 (4); 0.85 has two and is left out

1. A cell is a parameter's value with its unit, of at least MIN_DIGITS significant digits; where a conductor was read,
   the resistance as read. 7.29 and 7.290 are one number: a copy may have lost its zeros.
2. Two vectors of which one is a copy MUST have prints in common (`prints_of`), so that an index of prints finds every
   such pair of reports, and few others. Cells fall into three heaps by their hash; of any four, two are in one heap, of
   any five two pairs are (pigeonhole, Turán's bound); a heap's pairs are printed. That costs about ten prints for 8
   cells, where all their fivesomes are 56.
3. Of a vector of more than MOST_PAIRED cells those with the least hashes are paired, the same in every copy; beside
   them the whole vector has a print, and each series of one parameter by one method.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from math import comb, log10

from labs.reports.register import TestRow

# Rule L10: "at least 4 values of at least 3 digits".
MIN_VALUES, MIN_DIGITS = 4, 3
# Ours to choose. The first two digits of a value are mostly the product's; each further one is chance. Eight of them
# are equal by chance in one pair of reports of the same product in 10**8.
SURE_DIGITS = 8
MOST_PAIRED, _HEAPS = 24, 3
# Of vectors too long to be paired whole: so many common pairs make it worth a look.
_LEAST_OF_LONG = 3


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
    choices: int
    """In how many ways as many values can be chosen from the longer vector: chance has as many tries."""
    is_ordered: bool
    is_whole: bool
    """All values of one of them, or all of one parameter by one method, are among those of the other and no more."""

    @property
    def is_sure(self) -> bool:
        """Too much for chance."""
        return _is_sure(self.free_digits, self.choices)

    @property
    def is_copy(self) -> bool:
        """Whole vectors in one order, as the rule has them; or less than that, where chance can't do it."""
        return self.is_sure or (self.is_whole and self.is_ordered)


@dataclass(frozen=True, slots=True)
class Prints:
    """The prints of a vector: of pairs of cells, and of whole series. Each between -2**63 and 2**63 - 1.

    `least` is how many of its `pairs` another vector has at the least that is surely a copy and shares no series.
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
        choices=comb(max(len({cell.what for cell in one}), len({cell.what for cell in other})), len(first)),
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
    least = _least_pairs(cells)
    pairs = {_hash(pair) for heap in heaps.values() for pair in combinations(heap, 2)} if least else set()
    return Prints(frozenset(pairs), frozenset(map(_hash, _series(cells))), least)


def _least_pairs(cells: Sequence[Cell]) -> int:
    """How many pairs are in common at the least where as few cells are as can be sure (Turán: heaps of equal size); 0
    where not even all of them are.
    """
    free = sorted(({cell.what: cell.digits - 2 for cell in cells}).values(), reverse=True)
    if len(free) > MOST_PAIRED:
        return _LEAST_OF_LONG
    for needed in range(MIN_VALUES, len(free) + 1):
        if _is_sure(sum(free[:needed]), comb(len(free), needed)):
            size, larger = divmod(needed, _HEAPS)
            return larger * comb(size + 1, 2) + (_HEAPS - larger) * comb(size, 2)
    return 0


def _is_sure(free_digits: int, choices: int) -> bool:
    return free_digits - log10(choices) >= SURE_DIGITS


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
