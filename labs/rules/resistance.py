"""The conductor values that speak for a lot, each at 20 °C and with its limit: what the rules of `physics.py` judge.

A value is a row of a report in force, or the loop of a whole drum. Where a report gives what was read, R20 is worked
out from that and the printed value is not believed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal

from labs.dossier import Dossier
from labs.reports.register import Report, TestRow
from labs.rules.bounds import Bound, find_bounds
from labs.rules.concern import current_reports, drum_values
from labs.sampling.register import Measurement
from labs.standards.conductor import OHM_PER_KM, ZERO_POINT_C, ReadingError, to_20_c
from trace.findings import Fact
from trace.production.register import Lot

PARAMETER = "conductor_resistance"
# The family that has conductors; copper rod has none yet.
FAMILY = "cable"
# Enough to see that a value is over a limit of three figures, and no more than an instrument gives.
_SHOWN = Context(prec=5)


@dataclass(frozen=True, slots=True)
class Value:
    """R20 in Ω/km, unrounded, with its expanded uncertainty in the same unit and its standard uncertainty in %.

    `source` is value (as printed), readings or whole_drum; `facts` are what it was taken from.
    """

    source: str
    entry: int
    facts: Mapping[str, Fact]
    r20: Decimal
    expanded: Decimal | None = None
    standard_pct: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row or measurement that gives no value, and why: unit_unknown or a reason of ReadingError."""

    reason: str
    facts: Mapping[str, Fact]


def report_values(dossier: Dossier, lot: Lot) -> tuple[Value | Unreadable, ...]:
    """One value for every conductor row of the reports in force for the lot."""
    material = lot.attributes.get("material", "")
    return tuple(
        read_row(report, row, material)
        for report in current_reports(dossier)
        for row in report.rows
        if row.parameter == PARAMETER
    )


def whole_drum_values(dossier: Dossier, lot: Lot) -> tuple[Value | Unreadable, ...]:
    """One value for every whole-drum measurement of the lot or of what it was cut from."""
    material = lot.attributes.get("material", "")
    return tuple(_read_drum(measurement, material) for measurement in drum_values(dossier))


def find_bound(dossier: Dossier, lot: Lot) -> Bound | None:
    """The limit of the lot's conductor: the least of all that bind."""
    return next(iter(find_bounds(dossier, lot, PARAMETER)), None)


def read_row(report: Report, row: TestRow, material: str) -> Value | Unreadable:
    """R20 of a conductor row: from what was read if the row gives it, else as the lab prints it."""
    facts: dict[str, Fact] = {"lab": report.lab, "number": report.number}
    expanded = row.uncertainty if row.unit in OHM_PER_KM else None
    if row.resistance_ohm is not None and row.length_m is not None and row.temperature_c is not None:
        return _from_readings(
            "readings",
            report.entry,
            facts,
            (row.resistance_ohm, row.length_m, row.temperature_c, material),
            expanded,
            row.k,
        )
    if row.value is None or row.unit not in OHM_PER_KM:
        return Unreadable("unit_unknown", facts | {"unit": row.unit})
    facts["value"] = row.value
    if row.value <= 0:
        return Unreadable("value_impossible", facts)
    return Value("value", report.entry, facts, row.value, expanded, _standard_pct(row.value, expanded, row.k))


def shown(value: Decimal) -> Decimal:
    """The value to five figures, for people. Never compared with anything."""
    return _SHOWN.plus(value)


def _read_drum(measurement: Measurement, material: str) -> Value | Unreadable:
    facts: dict[str, Fact] = {
        "party": measurement.party,
        "lot": measurement.lot,
        "measured_on": measurement.measured_on,
    }
    readings = (measurement.resistance_ohm, measurement.length_m, measurement.temperature_c, material)
    value = _from_readings("whole_drum", measurement.entry, facts, readings, None, None)
    if isinstance(value, Unreadable) or measurement.uncertainty_pct is None:
        return value
    expanded = value.r20 * measurement.uncertainty_pct / 100
    return replace(value, expanded=expanded, standard_pct=_standard_pct(value.r20, expanded, None))


def _from_readings(
    source: str,
    entry: int,
    facts: Mapping[str, Fact],
    readings: tuple[Decimal, Decimal, Decimal, str],
    expanded: Decimal | None,
    k: Decimal | None,
) -> Value | Unreadable:
    resistance_ohm, length_m, temperature_c, material = readings
    read: dict[str, Fact] = {
        **facts,
        "resistance_ohm": resistance_ohm,
        "length_m": length_m,
        "temperature_c": temperature_c,
        "material": material,
    }
    try:
        r20 = to_20_c(*readings)
    except ReadingError as error:
        return Unreadable(error.reason, read)
    read["zero_point_c"] = ZERO_POINT_C[material]
    return Value(source, entry, read, r20, expanded, _standard_pct(r20, expanded, k))


def _standard_pct(r20: Decimal, expanded: Decimal | None, k: Decimal | None) -> Decimal | None:
    """Standard uncertainty in % of the value. A coverage factor that isn't stated, or is none, is taken for 2."""
    if expanded is None:
        return None
    return expanded / (k if k is not None and k > 0 else Decimal(2)) / r20 * 100
