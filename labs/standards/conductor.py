"""The arithmetic of conductor resistance: what was read at some temperature over some length, at 20 °C per kilometre.

Worked example: 0.8065 Ω read over 100 m of copper at 27.4 °C are 7.837 Ω/km at 20 °C, 5.8 % over the 7.41 Ω/km that
2.5 mm² of class 2 may have. With an uncertainty of 0.023 Ω/km it still fails.

    R20 = R · 254.5 / (234.5 + t) · 1000 / L        copper
    R20 = R · 248 / (228 + t) · 1000 / L            aluminium

1. R MUST be in Ω and above 0, L in m and above 0, t in °C from -20 to 100.
2. The result MUST NOT be rounded before it is compared with a limit: a limit in the table is the limit itself.

Source: IEC 60228:2004 annex B (identical: GB/T 3956-2008), the exact formulae; the rounded factors tabulated in annex A
are not used. It has none for aluminium alloys, so neither has this.
"""

from collections.abc import Mapping
from decimal import Decimal

# IEC 60228:2004 annex B: the temperature, below 0 °C, at which the straight line of resistance would meet nought.
ZERO_POINT_C: Mapping[str, Decimal] = {"Cu": Decimal("234.5"), "Al": Decimal(228)}
REFERENCE_C = Decimal(20)
# The domain sheet's bounds of the straight line, both included.
COLDEST_C, HOTTEST_C = Decimal(-20), Decimal(100)
METRES_PER_KM = Decimal(1000)
# Spellings of the unit that limits are given in; the ohm sign and the Greek capital are two characters.
OHM_PER_KM = frozenset({"ohm/km", "\u03a9/km", "\u2126/km"})
# Spellings of one unit; 1 newton on a square millimetre is 1 MPa (ISO 80000-4).
_SPELLINGS = (
    OHM_PER_KM,
    frozenset({"MPa", "N/mm2", "N/mm²"}),
    frozenset({"1", "H87", "pcs", "\u6839"}),
)


class ReadingError(ValueError):
    """What was read gives no value. `reason` is material_unknown, temperature_out_of_range or value_impossible."""

    def __init__(self, reason: str, expected: str, got: object) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.reason = reason


def to_20_c(resistance_ohm: Decimal, length_m: Decimal, temperature_c: Decimal, material: str) -> Decimal:
    """Ω/km at 20 °C, unrounded. `material` is Cu or Al. Raises ReadingError."""
    if material not in ZERO_POINT_C:
        raise ReadingError("material_unknown", " or ".join(ZERO_POINT_C), material)
    if not COLDEST_C <= temperature_c <= HOTTEST_C:
        raise ReadingError("temperature_out_of_range", f"{COLDEST_C} to {HOTTEST_C} °C", temperature_c)
    if resistance_ohm <= 0 or length_m <= 0:
        raise ReadingError("value_impossible", "resistance and length above 0", f"{resistance_ohm} Ω, {length_m} m")
    zero = ZERO_POINT_C[material]
    return resistance_ohm * (zero + REFERENCE_C) / (zero + temperature_c) * METRES_PER_KM / length_m


def is_same_unit(one: str, other: str) -> bool:
    """Are these two spellings of one unit?"""
    return one == other or any({one, other} <= spellings for spellings in _SPELLINGS)


def over_pct(r20: Decimal, limit: Decimal) -> Decimal:
    """By how many per cent of the limit the value lies above it; negative below. Both in the same unit, above 0."""
    return (r20 / limit - 1) * 100


def deficit_pct(r20: Decimal, limit: Decimal) -> Decimal:
    """How many per cent of the conductor that the limit implies are not there; negative where there is more.

    Resistance goes as one over the section, so a value r20 leaves limit / r20 of it.
    """
    return (1 - limit / r20) * 100
