"""P08: a batch holds no more copper than was put into it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.facts import (
    BATCH,
    BATCH_LOT,
    CABLE,
    CUTTING,
    DRAWING,
    DRUM,
    HISTORY,
    HONEST,
    LINEAGE,
    LOT,
    MAKER,
    ROD,
    ROD_LOT,
    but,
    find_one,
    found,
    metres,
    unlooked,
)
from trace.epcis.events import Quantity
from trace.findings import Severity
from trace.production.register import Portion
from trace.rules.copper import CopperBalance, balance_copper, copper_budget

ONE_CORE = {**CABLE, "cores": "1"}


def drawn(kilograms, metres_=1000, *, unit="KGM", attributes=ONE_CORE, family="copper_rod", **changes):
    """So much copper drawn into a batch of so many metres of 2.5 mm²."""
    given = Quantity(Decimal(kilograms), unit) if kilograms is not None else None
    flow = replace(DRAWING, inputs=(Portion(ROD, given),), outputs=(Portion(BATCH, metres(metres_)),), **changes)
    lots = {
        DRUM: LOT,
        BATCH: replace(BATCH_LOT, attributes=attributes),
        ROD: replace(ROD_LOT, family=family, quantity=None),
    }
    return but(lineage=replace(LINEAGE, flows=(flow, CUTTING)), lots=lots)


def test_thin_copper_is_found_with_what_is_missing():
    finding = find_one(copper_budget, drawn("18.3"))
    assert (finding.severity, finding.entries) == (Severity.CRITICAL, (DRAWING.entry,))
    # 1000 m × 2.5 mm² × 8.89 g/cm³ × 1.02
    assert finding.facts == {
        "party": MAKER,
        "given_kg": Decimal("18.3"),
        "needed_kg": Decimal("22.670"),
        "missing_pct": Decimal("19.3"),
    }


@pytest.mark.parametrize(("kilograms", "count"), [("22.445", 1), ("22.446", 0), ("24", 0)])
def test_one_percent_is_weighing(kilograms, count):
    assert len(found(copper_budget, drawn(kilograms))) == count


def test_weights_and_lengths_come_in_any_unit():
    assert found(copper_budget, drawn("0.024", unit="TNE")) == ()
    assert find_one(copper_budget, drawn("18300", unit="GRM")).facts["given_kg"] == Decimal("18.300")


def test_cores_that_differ_are_said_as_one_section():
    thick = {"material": "Cu", "nominal_area_mm2": "25", "copper_area_mm2": "116"}
    finding = find_one(copper_budget, drawn("1000", attributes=thick))
    assert finding.facts["needed_kg"] == Decimal("1051.865")
    assert found(copper_budget, drawn("1050", attributes=thick)) == ()


@pytest.mark.parametrize(
    ("dossier", "reason"),
    [
        (drawn("18", attributes=CABLE), "no_area"),
        (drawn("18", attributes={**ONE_CORE, "cores": "many"}), "no_area"),
        (drawn("18", attributes={**ONE_CORE, "cores": "-1"}), "no_area"),
        (drawn(None), "no_copper_weight"),
        (drawn("18", unit="XCL"), "no_copper_weight"),
        (drawn("18", family="conductor"), "no_copper_weight"),
        (but(drawn("18"), lots={DRUM: LOT, BATCH: replace(BATCH_LOT, attributes=ONE_CORE)}), "no_copper_weight"),
    ],
)
def test_what_is_not_known_is_not_checked(dossier, reason):
    assert unlooked(copper_budget, dossier) == (reason,)


def test_a_length_that_nobody_said_is_not_checked():
    dossier = drawn("18")
    flow = replace(dossier.history.lineage.flows[0], outputs=(Portion(BATCH, None), Portion(f"{BATCH}x", None)))
    assert unlooked(copper_budget, but(dossier, lineage=replace(LINEAGE, flows=(flow, CUTTING)))) == ("no_length",)


@pytest.mark.parametrize("changes", [{"material": "Al"}, {"material": None}])
def test_cable_without_copper_needs_none(changes):
    attributes = {name: value for name, value in {**ONE_CORE, **changes}.items() if value}
    assert found(copper_budget, drawn("1", attributes=attributes)) == ()


def test_insulation_is_no_copper():
    dossier = drawn("20")
    flow = dossier.history.lineage.flows[0]
    plus = replace(flow, inputs=(*flow.inputs, Portion("I1", Quantity(Decimal(9), "KGM"))))
    lots = {**dossier.history.lots, "I1": replace(ROD_LOT, lot_id="I1", family="insulation", attributes={})}
    finding = find_one(copper_budget, but(dossier, lots=lots, lineage=replace(LINEAGE, flows=(plus, CUTTING))))
    assert finding.facts["given_kg"] == 20


def test_what_was_not_transformed_has_no_copper_balance():
    assert found(copper_budget, but(HONEST, lineage=replace(LINEAGE, flows=(CUTTING,)))) == ()
    assert found(copper_budget, but(HONEST, lot_id=ROD, lineage=replace(LINEAGE, lot=ROD, same_up=()))) == ()


def test_a_balance_is_of_a_whole_transformation():
    flow = replace(DRAWING, outputs=(Portion(BATCH, metres(600)), Portion("B2", Quantity(Decimal("0.4"), "KMT"))))
    lots = {**HISTORY.lots, BATCH: replace(BATCH_LOT, attributes=ONE_CORE)}
    balance = balance_copper(flow, lots)
    assert isinstance(balance, CopperBalance)
    assert (balance.given_kg, balance.needed_kg) == (Decimal(24), Decimal("22.670"))
