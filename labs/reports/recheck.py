"""A report's row worked out again: R20 from the readings, the limit from the pack, and whether the value keeps it.

For people who read a report; the rules of `labs/rules/` judge lots, over all that is known of them. Pure.
"""

from dataclasses import dataclass
from decimal import Decimal

from labs.reports.register import TestRow
from labs.standards.conductor import OHM_PER_KM, ReadingError, is_same_unit, over_pct, to_20_c
from labs.standards.pack import Limit, StandardsPack
from trace.days import civil_day
from trace.production.register import Lot

CONDUCTOR_RESISTANCE = "conductor_resistance"


@dataclass(frozen=True, slots=True)
class Recheck:
    """What the registry works out for one row. `value` is in the row's unit, or in Ω/km where it comes from readings.

    `outcome` is kept, broken, or unclear: the stated uncertainty reaches over the limit; None where nothing can be
    said, be it for want of a value, of a limit, or of a common unit.
    """

    value: Decimal | None
    is_from_readings: bool
    limit: Limit | None
    over_pct: Decimal | None
    outcome: str | None
    is_at_odds: bool
    """The lab's verdict says the opposite."""
    has_other_limit: bool
    """The limit printed in the report is not that of the standard."""


def recheck(row: TestRow, lot: Lot | None, pack: StandardsPack) -> Recheck:
    """Work a row out again for the lot that it speaks of; an unknown lot has no limit."""
    readings = read_r20(row, lot.attributes.get("material", "")) if lot is not None else None
    value, unit = (readings, "ohm/km") if readings is not None else (row.value, row.unit)
    limit = _find_limit(row, lot, pack, value)
    if value is None or limit is None or not is_same_unit(unit, limit.unit):
        return Recheck(value, readings is not None, limit, None, None, False, _is_other(row, limit))
    outcome = limit.outcome(value, row.uncertainty if is_same_unit(row.unit, unit) else None)
    at_odds = (outcome, row.verdict) in {("broken", "pass"), ("kept", "fail")}
    over = over_pct(value, limit.limit) if limit.limit > 0 else None
    return Recheck(value, readings is not None, limit, over, outcome, at_odds, _is_other(row, limit))


def read_row_value(row: TestRow, material: str) -> tuple[Decimal, str] | None:
    """What a row says, and its unit: R20 in Ω/km from what was read where it was, else the value as printed."""
    readings = read_r20(row, material)
    if readings is not None:
        return readings, "ohm/km"
    return None if row.value is None else (row.value, row.unit)


def read_r20(row: TestRow, material: str) -> Decimal | None:
    """R20 in Ω/km from what was read; None where nothing was, or where it gives no value."""
    if row.parameter != CONDUCTOR_RESISTANCE:
        return None
    if row.resistance_ohm is None or row.length_m is None or row.temperature_c is None:
        return None
    try:
        return to_20_c(row.resistance_ohm, row.length_m, row.temperature_c, material)
    except ReadingError:
        return None


def _find_limit(row: TestRow, lot: Lot | None, pack: StandardsPack, value: Decimal | None) -> Limit | None:
    """The one that the value breaks, or comes nearest to, where it must lie between two."""
    if lot is None:
        return None
    limits = pack.find_all(lot.family, row.parameter, lot.attributes, civil_day(lot.made_at), lot.standard)
    if value is None:
        return next(iter(limits), None)
    return max(limits, key=lambda limit: limit.excess(value), default=None)


def _is_other(row: TestRow, limit: Limit | None) -> bool:
    if limit is None or row.limit is None:
        return False
    if row.parameter == CONDUCTOR_RESISTANCE and row.unit not in OHM_PER_KM:
        return False
    return (row.limit, row.limit_kind) != (limit.limit, limit.limit_kind)
