"""The arithmetic of conductor resistance, on worked cases and at its bounds."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.standards.conductor import (
    ReadingError,
    deficit_pct,
    is_same_unit,
    over_pct,
    to_20_c,
)
from tests.facts import CABLE, pack

D = Decimal


def test_worked_case_fails_the_limit_of_class_2_even_with_its_uncertainty():
    r20 = to_20_c(D("0.8065"), D(100), D("27.4"), "Cu")
    limit = next(
        limit for limit in pack() if limit.parameter == "conductor_resistance" and limit.conditions == CABLE
    ).limit
    assert round(r20, 3) == D("7.837")
    assert limit == D("7.41")
    assert r20 - D("0.023") > limit
    assert round(over_pct(r20, limit), 2) == D("5.76")
    assert round(deficit_pct(r20, limit), 2) == D("5.45")


def test_at_20_c_nothing_is_corrected():
    assert to_20_c(D("3.65"), D(500), D(20), "Cu") == to_20_c(D("3.65"), D(500), D(20), "Al") == D("7.3")


@pytest.mark.parametrize(
    ("material", "temperature_c", "factor"),
    [("Cu", "0", "1.0853"), ("Cu", "30", "0.9622"), ("Al", "0", "1.0877"), ("Al", "30", "0.9612")],
)
def test_factor_is_the_exact_one_of_the_standard(material, temperature_c, factor):
    """The factors of IEC 60228 annex B at these temperatures, to four places."""
    assert round(to_20_c(D(1), D(1000), D(temperature_c), material), 4) == D(factor)


@pytest.mark.parametrize("temperature_c", ["-20", "100"])
def test_bounds_of_temperature_are_within(temperature_c):
    assert to_20_c(D(1), D(1000), D(temperature_c), "Cu") > 0


@pytest.mark.parametrize(
    ("readings", "reason"),
    [
        (("1", "1000", "-20.001", "Cu"), "temperature_out_of_range"),
        (("1", "1000", "100.001", "Cu"), "temperature_out_of_range"),
        (("0", "1000", "20", "Cu"), "value_impossible"),
        (("-1", "1000", "20", "Cu"), "value_impossible"),
        (("1", "0", "20", "Cu"), "value_impossible"),
        (("1", "1000", "20", "Fe"), "material_unknown"),
        (("1", "1000", "20", ""), "material_unknown"),
    ],
)
def test_what_gives_no_value_says_why(readings, reason):
    resistance, length, temperature, material = readings
    with pytest.raises(ReadingError) as raised:
        to_20_c(D(resistance), D(length), D(temperature), material)
    assert raised.value.reason == reason


POSITIVE = st.decimals("0.001", "1000", places=3)


@given(resistance=POSITIVE, length=POSITIVE, temperature=st.decimals(-20, 100, places=1))
def test_a_warmer_reading_of_the_same_resistance_is_a_lower_value(resistance, length, temperature):
    cold = to_20_c(resistance, length, D(-20), "Cu")
    assert to_20_c(resistance, length, temperature, "Cu") <= cold


def test_spellings_of_the_unit_are_one():
    assert is_same_unit("ohm/km", "\u03a9/km")
    assert is_same_unit("\u2126/km", "\u03a9/km")
    assert is_same_unit("MPa", "MPa")
    assert not is_same_unit("ohm/km", "ohm")
