"""A report beside another that has its values: two columns, with the equal cells marked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from labs.copies.register import Copy
from labs.copies.vectors import read_cells
from labs.reports.register import Report, TestRow
from labs.rules.copied import find_likeness


@dataclass(frozen=True, slots=True)
class Line:
    """A row of either report, or of both; `is_equal`: its value stands in both."""

    parameter: str
    own: TestRow | None
    other: TestRow | None
    is_equal: bool


def lay_beside(report: Report | None, copies: Iterable[Copy]) -> list[tuple[Report, list[Line]]]:
    """The reports that have values of this one, with what they have; only where one must be a copy of the other."""
    if report is None or not report.is_current or report.doubt is not None:
        return []
    others = [copy.other for copy in copies if copy.entry == report.entry]
    return [(other, lines) for other in others if (lines := list(_lines(report, other)))]


def _lines(report: Report, other: Report) -> Iterator[Line]:
    likeness = find_likeness(report, other)
    if likeness is None:
        return
    equal = {cell.what for cell in likeness.equal}
    for parameter in dict.fromkeys(row.parameter for row in (*report.rows, *other.rows)):
        mine, theirs = ([row for row in one.rows if row.parameter == parameter] for one in (report, other))
        for own, beside in zip_longest(mine, theirs):
            cells = read_cells([own]) if own is not None else ()
            yield Line(parameter, own, beside, any(cell.what in equal for cell in cells))
