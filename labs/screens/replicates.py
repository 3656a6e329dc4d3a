"""Replicates: what a row says that its value is the mean of; else the values of one parameter, object, method and unit
in one report. Several specimens of one sample vary more than several measurements of one, which makes L12 and L13
slower to ask, never faster.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from labs.screens.screen import Issued


@dataclass(frozen=True, slots=True)
class Replicates:
    """At least two values, in the order of the report."""

    parameter: str
    method: str
    unit: str
    values: tuple[Decimal, ...]


def find_replicates(report: Issued) -> Iterator[Replicates]:
    """All replicates of a report: those that a row gives, or else the values of rows that are alike."""
    found: dict[tuple[str, str, str, str], list[Decimal]] = {}
    for row in report.rows:
        if len(row.replicates) > 1:
            yield Replicates(row.parameter, row.method, row.unit, row.replicates)
        elif row.value is not None and row.value.is_finite():
            found.setdefault((row.parameter, row.object, row.method, row.unit), []).append(row.value)
    for (parameter, _, method, unit), values in found.items():
        if len(values) > 1:
            yield Replicates(parameter, method, unit, tuple(values))
