"""Two labs on one thing: where they disagree, and by how much. What L22 finds, and what a lab's standing is told by.

    En = |x - y| / sqrt(U(x)² + U(y)²)      U expanded with k = 2; 1 and less is agreement

Source: ISO 13528:2022 (En scores), ISO/IEC 17043. There y is a reference value; here it is another lab's, whose
uncertainty counts alike. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from labs.reports.recheck import read_row_value
from labs.reports.register import Report, TestRow
from labs.standards.conductor import is_same_unit


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A parameter on which a later report of another lab contradicts an earlier one, and how.

    `kind` is `en` (values further apart than their uncertainties allow) or `reversed` (one passes what the other
    fails). `en` is None where it can't be worked out.
    """

    kind: str
    parameter: str
    first: Report
    second: Report
    first_value: Decimal | None
    second_value: Decimal | None
    unit: str
    en: Decimal | None


def compare(one: Report, other: Report, material: str = "") -> Iterator[Disagreement]:
    """What two reports of two labs disagree on; nothing where one lab wrote both. `material` is the conductor's."""
    if one.lab == other.lab:
        return
    first, second = sorted((one, other), key=lambda report: (report.issued_on, report.entry))
    for row in first.rows:
        for again in second.rows:
            if row.parameter != again.parameter or row.object != again.object:
                continue
            x, y = read_row_value(row, material), read_row_value(again, material)
            en = _en(row, x, again, y)
            values = (None if x is None else x[0], None if y is None else y[0], "" if x is None else x[1])
            if {row.verdict, again.verdict} == {"pass", "fail"}:
                yield Disagreement("reversed", row.parameter, first, second, *values, en)
            elif en is not None and en > 1:
                yield Disagreement("en", row.parameter, first, second, *values, en)


def _en(row: TestRow, x: tuple[Decimal, str] | None, again: TestRow, y: tuple[Decimal, str] | None) -> Decimal | None:
    """None for values in two units, and where either lab states no uncertainty."""
    if x is None or y is None or not is_same_unit(x[1], y[1]):
        return None
    u, v = _expanded(row, x[1]), _expanded(again, y[1])
    if u is None or v is None or not (u or v):
        return None
    return abs(x[0] - y[0]) / (u**2 + v**2).sqrt()


def _expanded(row: TestRow, unit: str) -> Decimal | None:
    """With k = 2, in the value's unit. A coverage factor that isn't stated, or is none, is taken for 2."""
    if row.uncertainty is None or row.uncertainty < 0 or not is_same_unit(row.unit, unit):
        return None
    return row.uncertainty / row.k * 2 if row.k is not None and row.k > 0 else row.uncertainty
