"""How much more than went in may come out before it is more: by material, with where each figure comes from.

Less out than in is no question of tolerance: cutting loses material. Counted goods have no error of measuring, whatever
they are.
"""

from dataclasses import dataclass
from decimal import Decimal

from trace.epcis.events import Quantity
from trace.quantities import EXACT, METRE, convert, dimension_of, is_counted


@dataclass(frozen=True, slots=True)
class Tolerance:
    """For goods of a family: a share of the quantity, and at least so much where that is more. `source` says why."""

    family: str
    share: Decimal
    least: Quantity | None
    source: str


_ANY = "*"
_TABLE = {
    row.family: row
    for row in (
        Tolerance(
            "cable",
            Decimal("0.005"),
            Quantity(Decimal(1), METRE),
            "detection_rules.csv P10: 0.5 % of the length or 1 m",
        ),
        Tolerance(
            _ANY,
            Decimal("0.005"),
            Quantity(Decimal(1), METRE),
            "no figure of its own: that of P10, whose least metre holds for lengths of anything",
        ),
        Tolerance(
            "copper_rod",
            Decimal("0.005"),
            None,
            "weighed, not measured: P10's share; a trade scale of class III errs by less (OIML R 76-1, table 6)",
        ),
        Tolerance(
            "insulation",
            Decimal("0.005"),
            None,
            "weighed by the bag: P10's share",
        ),
    )
}


def tolerance_for(family: str | None) -> Tolerance:
    """The row for a family of goods; the one for any where it has none, or is not known."""
    return _TABLE.get(family or _ANY, _TABLE[_ANY])


def tolerance(amount: Quantity, family: str | None = None) -> Decimal:
    """How much more than this amount still counts as the same, in its unit."""
    if is_counted(amount.unit):
        return Decimal(0)
    row = tolerance_for(family)
    share = EXACT.multiply(amount.value, row.share)
    if row.least is None or dimension_of(row.least.unit) != dimension_of(amount.unit):
        return share
    least = convert(row.least, amount.unit)
    return max(share, least.value) if least is not None else share
