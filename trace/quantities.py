"""Quantities with units, added and converted exactly: within a dimension alone, and never by a float.

Units are UN/CEFACT Recommendation 20 codes. Lengths, masses, areas, volumes and counts convert into one another by
powers of ten, dozens or thousands. A unit that the table does not have (a drum XDR, a reel XRL, a coil XCL, whatever a
party's own system writes) stays what it is: a dimension of its own, that compares and adds with itself alone. A drum
is no length: how many metres are on it, only its maker can say.
"""

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal, Inexact

from trace.epcis.events import Quantity

METRE, KILOGRAM, PIECE = "MTR", "KGM", "H87"
# A number from JSON has up to 40 digits and an exponent of up to 40 (keys/payload.py); sums and products of those that
# one balance sees are exact with so many.
EXACT = Context(prec=600)
_NO_ROUNDING = Context(prec=600, traps=[Inexact])

# Unit: what it measures, and how much of that dimension's base unit (the first of each) it is. UN/CEFACT Rec 20.
_UNITS: Mapping[str, tuple[str, Decimal]] = {
    METRE: ("length", Decimal(1)),
    "KMT": ("length", Decimal(1000)),
    "HMT": ("length", Decimal(100)),
    "DMT": ("length", Decimal("0.1")),
    "CMT": ("length", Decimal("0.01")),
    "MMT": ("length", Decimal("0.001")),
    KILOGRAM: ("mass", Decimal(1)),
    "TNE": ("mass", Decimal(1000)),
    "DTN": ("mass", Decimal(100)),
    "GRM": ("mass", Decimal("0.001")),
    "MGM": ("mass", Decimal("0.000001")),
    "MTK": ("area", Decimal(1)),
    "CMK": ("area", Decimal("0.0001")),
    "MMK": ("area", Decimal("0.000001")),
    "MTQ": ("volume", Decimal(1)),
    "LTR": ("volume", Decimal("0.001")),
    "MLT": ("volume", Decimal("0.000001")),
    # Piece, each, one: three codes for the same thing; dozen and thousand of it.
    PIECE: ("count", Decimal(1)),
    "EA": ("count", Decimal(1)),
    "C62": ("count", Decimal(1)),
    "DZN": ("count", Decimal(12)),
    "MIL": ("count", Decimal(1000)),
}


def dimension_of(unit: str) -> str:
    """length, mass, area, volume, count; the unit itself where the table does not have it."""
    return _UNITS[unit][0] if unit in _UNITS else unit


def is_counted(unit: str) -> bool:
    """Is it counted, and not measured? What is counted has no error of measuring."""
    return dimension_of(unit) == "count"


def convert(amount: Quantity, unit: str) -> Quantity | None:
    """The same amount in another unit, exactly; None where the dimensions differ, or where it has no exact decimal.

    The latter can only happen on the way into dozens.
    """
    if amount.unit == unit:
        return amount
    if dimension_of(amount.unit) != dimension_of(unit):
        return None
    into = EXACT.multiply(amount.value, _UNITS[amount.unit][1])
    try:
        return Quantity(_NO_ROUNDING.divide(into, _UNITS[unit][1]), unit)
    except Inexact:
        return None


def add_up(amounts: Iterable[Quantity], unit: str) -> Quantity | None:
    """The sum in `unit`; None where one of them can't be converted. Of nothing, zero."""
    total = Decimal(0)
    for amount in amounts:
        same = convert(amount, unit)
        if same is None:
            return None
        total = EXACT.add(total, same.value)
    return Quantity(total, unit)
