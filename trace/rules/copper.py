"""Was there enough copper for that much cable? Rule P08, for the transformation that the lot itself came out of.

Source: detection_rules.csv P08: length × area × 8.89 × 1.02. A square millimetre over a metre is a cubic centimetre,
which is 8.89 g of copper (IEC 60028); 2 % more for the lay of the strands. A maker's months are a question of their own
(`trace/copper_months.py`): what a works had left over from one batch it may have drawn into the next.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from trace.epcis.events import Quantity
from trace.findings import Finding, Judgement, Severity, Unchecked, rule
from trace.production.register import Flow, Lot, Portion
from trace.quantities import EXACT, KILOGRAM, METRE, convert
from trace.rules.facts import HasHistory, covered_lots

DENSITY_G_CM3, LAY = Decimal("8.89"), Decimal("1.02")
COPPER = "Cu"
# Product attributes: the conductor's material, its nominal section (mm²) and how many there are; where they differ, as
# in 4×25+1×16, the copper of all together, which here is 116.
MATERIAL, NOMINAL_AREA, CORES, COPPER_AREA = "material", "nominal_area_mm2", "cores", "copper_area_mm2"
_FAMILY = "cable"
# detection_rules.csv P08: what more than the input is still weighing error.
_MORE = Decimal("1.01")


@dataclass(frozen=True, slots=True)
class CopperBalance:
    """Of one transformation: kilograms of copper that went in, and that its output must hold."""

    flow: Flow
    given_kg: Decimal
    needed_kg: Decimal


@dataclass(frozen=True, slots=True)
class CopperUnknown:
    """Why a transformation's copper can't be told: no_area, no_length, no_copper_weight."""

    flow: Flow
    lacks: str


@rule("P08", Severity.CRITICAL)
def copper_budget(facts: HasHistory) -> Judgement:
    """The copper put into a batch of cable is enough for its length, section and strands."""
    history = facts.history
    lots = covered_lots(history)
    for flow in history.lineage.flows:
        if flow.kind != "transformed" or lots.isdisjoint(portion.lot for portion in flow.outputs):
            continue
        balance = balance_copper(flow, history.lots)
        if isinstance(balance, CopperUnknown):
            yield Unchecked("P08", balance.lacks, {"entry": flow.entry})
        elif balance is not None and balance.needed_kg > balance.given_kg * _MORE:
            missing = 100 * (1 - balance.given_kg / balance.needed_kg)
            yield Finding(
                "P08",
                Severity.CRITICAL,
                {
                    "party": flow.party,
                    "given_kg": balance.given_kg,
                    "needed_kg": balance.needed_kg,
                    "missing_pct": missing.quantize(Decimal("0.1")),
                },
                (flow.entry,),
            )


def balance_copper(flow: Flow, lots: Mapping[str, Lot]) -> CopperBalance | CopperUnknown | None:
    """The copper of a transformation into cable; None where it makes none with a copper conductor.

    All outputs of one are of one product, so a single one that is known tells the section of all.
    """
    made = next((lots[portion.lot] for portion in flow.outputs if _is_begun_by(flow, portion, lots)), None)
    if made is None or made.family != _FAMILY or made.attributes.get(MATERIAL) != COPPER:
        return None
    area, length = _area_of(made), _length_of(flow.outputs, lots)
    if area is None:
        return CopperUnknown(flow, "no_area")
    if length is None:
        return CopperUnknown(flow, "no_length")
    given = _copper_in(flow.inputs, lots)
    if given is None:
        return CopperUnknown(flow, "no_copper_weight")
    needed = length * area * DENSITY_G_CM3 * LAY / 1000
    return CopperBalance(flow, given, needed.quantize(Decimal("0.001")))


def _is_begun_by(flow: Flow, portion: Portion, lots: Mapping[str, Lot]) -> bool:
    known = lots.get(portion.lot)
    return known is not None and known.entry == flow.entry


def _area_of(cable: Lot) -> Decimal | None:
    whole = _number(cable.attributes.get(COPPER_AREA))
    if whole is not None:
        return whole
    area, cores = _number(cable.attributes.get(NOMINAL_AREA)), _number(cable.attributes.get(CORES))
    return area * cores if area is not None and cores is not None else None


def _number(text: str | None) -> Decimal | None:
    """A maker's own words: only a sensible number is one."""
    try:
        number = Decimal(text or "")
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 < number < 100_000 else None


def _length_of(outputs: tuple[Portion, ...], lots: Mapping[str, Lot]) -> Decimal | None:
    total = Decimal(0)
    for portion in outputs:
        known = lots.get(portion.lot)
        said = portion.quantity or (known.quantity if known is not None else None)
        length = convert(said, METRE) if said is not None else None
        if length is None:
            return None
        total = EXACT.add(total, length.value)
    return total


def _copper_in(inputs: tuple[Portion, ...], lots: Mapping[str, Lot]) -> Decimal | None:
    """Kilograms of all inputs that are copper; None where one's weight is not known, or none is known to be copper."""
    total, is_any = Decimal(0), False
    for portion in inputs:
        known = lots.get(portion.lot)
        if known is None:
            return None
        if not is_copper(known):
            continue
        weight = weigh(portion.quantity or known.quantity)
        if weight is None:
            return None
        total, is_any = EXACT.add(total, weight), True
    return total if is_any else None


def is_copper(lot: Lot) -> bool:
    """Is it copper to make conductors of?"""
    return lot.family != _FAMILY and (lot.attributes.get(MATERIAL) == COPPER or lot.family.startswith("copper"))


def weigh(amount: Quantity | None) -> Decimal | None:
    """Kilograms; None where it is no weight."""
    weight = convert(amount, KILOGRAM) if amount is not None else None
    return weight.value if weight is not None else None
