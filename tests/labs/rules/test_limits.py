"""P06, P07 and P12: wires, insulation, bars and cement against the standards pack."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from labs.rules.limits import insulation_thin, value_beyond_limit, wires_short
from tests.facts import CONTRACT, LOT, REPORT, ROW, but, find_one, found, unlooked
from trace.findings import Severity

D = Decimal
CABLE = {**LOT.attributes, "conductor_shape": "circular", "insulation": "PVC", "voltage": "450/750 V"}
WIRES = {"parameter": "wire_count", "unit": "1", "uncertainty": None}
MEAN = {"parameter": "insulation_thickness", "unit": "mm", "uncertainty": None}
LEAST = {**MEAN, "parameter": "insulation_thickness_min"}
YIELD = {"parameter": "yield_strength", "unit": "MPa", "uncertainty": None}
MASS = {"parameter": "mass_deviation", "unit": "%", "uncertainty": None}


def cable(attributes=CABLE, **row):
    return but(
        lot=replace(LOT, attributes=attributes),
        reports=(replace(REPORT, rows=(replace(ROW, **row),)),),
        measurements=(),
    )


def product(family, attributes, year, *rows, standard=None):
    """A lot of another family, made in the middle of that year and bought without a word on its standard."""
    lot = replace(
        LOT, family=family, attributes=attributes, standard=standard, made_at=datetime(year, 6, 15, 4, tzinfo=UTC)
    )
    return but(lot=lot, contracts=(), reports=(replace(REPORT, rows=tuple(replace(ROW, **row) for row in rows)),))


def bar(*rows, year=2020, **attributes):
    return product("rebar", {"grade": "HRB400E", "nominal_diameter_mm": "25", **attributes}, year, *rows)


def cement(*rows, year=2020, **attributes):
    return product("cement", {"cement_type": "P.O", "strength_class": "42.5", **attributes}, year, *rows)


# --- P06 ---


@pytest.mark.parametrize(("wires", "is_found"), [("6", True), ("7", False), ("19", False)])
def test_seven_wires_are_the_least_of_a_small_circular_conductor(wires, is_found):
    findings = found(wires_short, cable(value=D(wires), **WIRES))
    assert [(one.case, one.severity) for one in findings] == [("below", Severity.BLOCK)] * is_found
    for one in findings:
        assert (one.facts["limit"], one.facts["citation"]) == (D(7), "GB/T 3956-2008, table 2")
        assert one.entries == (REPORT.entry, LOT.entry, CONTRACT.entry)


@pytest.mark.parametrize(
    ("shape", "material", "area", "least"),
    [
        ("compacted", "Cu", "240", 34),
        ("compacted", "Al", "240", 30),
        ("shaped", "Cu", "185", 30),
        ("circular", "Cu", "240", 37),
    ],
)
def test_the_least_number_follows_shape_metal_and_area(shape, material, area, least):
    attributes = CABLE | {"conductor_shape": shape, "material": material, "nominal_area_mm2": area}
    assert found(wires_short, cable(attributes, value=D(least), **WIRES)) == ()
    assert find_one(wires_short, cable(attributes, value=D(least - 1), **WIRES)).facts["limit"] == least


@pytest.mark.parametrize("attributes", [LOT.attributes, CABLE | {"class": "5"}])
def test_wires_without_a_limit_were_not_judged(attributes):
    assert unlooked(wires_short, cable(attributes, value=D(6), **WIRES)) == ("no_limit",)


@pytest.mark.parametrize("unit", ["pcs", "H87", "\u6839"])
def test_pieces_are_wires_and_metres_are_none(unit):
    assert len(found(wires_short, cable(value=D(6), **{**WIRES, "unit": unit}))) == 1
    assert unlooked(wires_short, cable(value=D(6), **{**WIRES, "unit": "m"})) == ("unit_unknown",)


# --- P07 ---


@pytest.mark.parametrize(
    ("row", "value", "is_found"), [(MEAN, "0.80", 0), (MEAN, "0.79", 1), (LEAST, "0.62", 0), (LEAST, "0.61", 1)]
)
def test_the_mean_keeps_the_nominal_thickness_and_the_least_nine_tenths_less_a_tenth(row, value, is_found):
    """2.5 mm² of 450/750 V: 0.8 mm; 0.9 · 0.8 − 0.1 = 0.62 mm."""
    findings = found(insulation_thin, cable(value=D(value), **row))
    assert [one.severity for one in findings] == [Severity.BLOCK] * is_found


@pytest.mark.parametrize(
    ("value", "said"),
    [("0.82", "nothing"), ("0.81", "unclear"), ("0.80", "unclear"), ("0.79", "unclear"), ("0.78", "found")],
)
def test_within_its_uncertainty_a_thickness_is_neither_kept_nor_broken(value, said):
    dossier = cable(value=D(value), **{**MEAN, "uncertainty": D("0.01")})
    if said == "unclear":
        assert unlooked(insulation_thin, dossier) == ("inside_guard_band",)
    else:
        assert len(found(insulation_thin, dossier)) == (said == "found")


@pytest.mark.parametrize(
    ("insulation", "voltage", "nominal"),
    [("XLPE", "0.6/1kV", "0.7"), ("PVC", "0.6/1 kV", "0.8"), ("PVC", "450/750V", "0.8")],
)
def test_the_nominal_thickness_follows_material_and_voltage(insulation, voltage, nominal):
    attributes = CABLE | {"insulation": insulation, "voltage": voltage}
    finding = find_one(insulation_thin, cable(attributes, value=D("0.5"), **MEAN))
    assert finding.facts["limit"] == D(nominal)


def test_insulation_of_an_unknown_cable_was_not_judged():
    assert unlooked(insulation_thin, cable(LOT.attributes, value=D("0.5"), **MEAN)) == ("no_limit",)


# --- P12 ---


def test_a_bar_below_its_yield_strength_is_blocked_whatever_its_report_says():
    finding = find_one(value_beyond_limit, bar({**YIELD, "value": D(399), "verdict": "pass"}))
    assert (finding.case, finding.severity, finding.facts["limit"]) == ("below", Severity.BLOCK, D(400))
    assert finding.facts["citation"] == "GB/T 1499.2-2018, table 6"


@pytest.mark.parametrize(
    ("row", "is_found"),
    [
        ({**YIELD, "value": D(400)}, False),
        ({**YIELD, "value": D(399), "unit": "N/mm2"}, True),
        ({**YIELD, "parameter": "elongation_at_max_force", "unit": "%", "value": D("9.0")}, False),
        ({**YIELD, "parameter": "elongation_at_max_force", "unit": "%", "value": D("8.9")}, True),
        ({**YIELD, "parameter": "tensile_to_yield_ratio", "unit": "1", "value": D("1.25")}, False),
        ({**YIELD, "parameter": "tensile_to_yield_ratio", "unit": "1", "value": D("1.24")}, True),
        ({**YIELD, "parameter": "yield_to_nominal_ratio", "unit": "1", "value": D("1.31")}, True),
        ({**MASS, "value": D("-4")}, False),
        ({**MASS, "value": D("-4.1")}, True),
        ({**MASS, "value": D("4.1")}, True),
        ({**MASS, "value": D("4")}, False),
        ({"parameter": "linear_mass", "unit": "kg/m", "uncertainty": None, "value": D("3.695")}, True),
        ({"parameter": "linear_mass", "unit": "kg/m", "uncertainty": None, "value": D("3.696")}, False),
    ],
)
def test_bars_are_judged_by_grade_and_diameter_on_both_sides(row, is_found):
    assert len(found(value_beyond_limit, bar(row))) == is_found


@pytest.mark.parametrize(("year", "is_found"), [(2017, False), (2019, True)])
def test_the_edition_in_force_on_the_day_of_making_counts(year, is_found):
    """Bars of 12 mm might be 7 % too light in 2017, and 6 % from November 2018 on."""
    dossier = bar({**MASS, "value": D("-6.5")}, year=year, nominal_diameter_mm="12")
    assert len(found(value_beyond_limit, dossier)) == is_found


def test_the_edition_that_the_contract_names_counts_before_it():
    dossier = bar({**MASS, "value": D("-6.5")}, year=2019, nominal_diameter_mm="12")
    named = replace(CONTRACT, standard="GB 1499.2-2007")
    assert found(value_beyond_limit, but(dossier, contracts=(named,))) == ()
    finding = find_one(value_beyond_limit, but(dossier, contracts=(named, replace(named, standard="GB/T 1499.2-2018"))))
    assert finding.facts["limit"] == D(-6)


@pytest.mark.parametrize(
    ("year", "value", "is_found"),
    [(2020, "16.9", True), (2020, "17.0", False), (2025, "16.9", True), (2025, "17.0", False)],
)
def test_cement_is_judged_by_class_and_age(year, value, is_found):
    row = {"parameter": "compressive_strength_3d", "unit": "MPa", "uncertainty": None, "value": D(value)}
    assert len(found(value_beyond_limit, cement(row, year=year))) == is_found


def test_slag_cement_has_other_limits_than_portland_cement():
    row = {"parameter": "compressive_strength_3d", "unit": "MPa", "uncertainty": None, "value": D(16)}
    assert len(found(value_beyond_limit, cement(row))) == 1
    assert found(value_beyond_limit, cement(row, cement_type="P.S")) == ()


@pytest.mark.parametrize(
    ("value", "said"), [("42.4", "unclear"), ("42.5", "unclear"), ("43.5", "unclear"), ("43.6", "nothing")]
)
def test_a_strength_within_its_uncertainty_holds(value, said):
    row = {"parameter": "compressive_strength_28d", "unit": "MPa", "uncertainty": D(1), "value": D(value)}
    expected = ("inside_guard_band",) if said == "unclear" else ()
    assert unlooked(value_beyond_limit, cement(row)) == expected


def test_a_material_of_which_nothing_could_be_judged_is_held():
    assert value_beyond_limit.gate
    assert unlooked(value_beyond_limit, bar({"parameter": "colour"})) == ("no_row",)
    assert unlooked(value_beyond_limit, bar(YIELD | {"value": D(500)}, grade="HRB335")) == ("no_limit",)


def test_a_cable_has_rules_of_its_own_and_an_input_has_none():
    assert found(value_beyond_limit, cable(value=D(1), **WIRES)) == ()
    assert found(value_beyond_limit, product("copper_rod", {}, 2020, YIELD | {"value": D(1)})) == ()
