"""Quantities are converted and added exactly, within a dimension alone."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace.epcis.events import Quantity
from trace.quantities import add_up, convert, dimension_of, is_counted
from trace.tolerances import tolerance, tolerance_for

EXACT_UNITS = ("MTR", "KMT", "HMT", "DMT", "CMT", "MMT")


def amount(value: str, unit: str) -> Quantity:
    return Quantity(Decimal(value), unit)


@pytest.mark.parametrize(
    ("said", "unit", "value"),
    [
        (amount("1.25", "KMT"), "MTR", "1250"),
        (amount("3", "TNE"), "KGM", "3000"),
        (amount("250", "GRM"), "KGM", "0.25"),
        (amount("2", "DZN"), "H87", "24"),
        (amount("5", "EA"), "C62", "5"),
        (amount("36", "H87"), "DZN", "3"),
        (amount("7", "XDR"), "XDR", "7"),
    ],
)
def test_units_of_one_dimension_convert(said: Quantity, unit: str, value: str) -> None:
    converted = convert(said, unit)
    assert converted is not None
    assert (converted.value, converted.unit) == (Decimal(value), unit)


@pytest.mark.parametrize(
    ("said", "unit"),
    [
        (amount("1", "MTR"), "KGM"),
        (amount("1", "XDR"), "H87"),
        (amount("1", "XDR"), "XRL"),
        (amount("1", "MTR"), "XDR"),
        (amount("1", "H87"), "DZN"),
    ],
)
def test_what_is_not_the_same_thing_is_never_converted(said: Quantity, unit: str) -> None:
    assert convert(said, unit) is None


@given(st.decimals(0, 10**14, allow_nan=False, places=40), st.sampled_from(EXACT_UNITS), st.sampled_from(EXACT_UNITS))
def test_there_and_back_is_the_same_digit_for_digit(value: Decimal, one: str, other: str) -> None:
    there = convert(Quantity(value, one), other)
    assert there is not None
    back = convert(there, one)
    assert back is not None
    assert back.value == value


@given(st.lists(st.tuples(st.decimals(0, 10**14, places=40), st.sampled_from(EXACT_UNITS)), max_size=20))
def test_a_sum_does_not_depend_on_the_order(said: list[tuple[Decimal, str]]) -> None:
    amounts = [Quantity(value, unit) for value, unit in said]
    forth, back = add_up(amounts, "MTR"), add_up(reversed(amounts), "MTR")
    assert forth is not None
    assert back is not None
    assert forth.value == back.value


def test_a_sum_over_several_dimensions_is_none() -> None:
    said = [amount("1", "KMT"), amount("5", "MTR"), amount("2", "TNE"), amount("3", "XDR"), amount("1", "XDR")]
    assert add_up(said, "MTR") is None
    assert add_up(said[:2], "MTR") == amount("1005", "MTR")


def test_a_unit_that_nobody_knows_is_a_dimension_of_its_own() -> None:
    assert (dimension_of("XDR"), dimension_of("CMT"), dimension_of("EA")) == ("XDR", "length", "count")
    assert [is_counted(unit) for unit in ("EA", "MIL", "XDR", "MTR")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("said", "family", "allowed"),
    [
        (amount("100", "MTR"), "cable", "1"),
        (amount("0.1", "KMT"), "cable", "0.001"),
        (amount("400", "MTR"), "cable", "2"),
        (amount("100", "KGM"), "copper_rod", "0.5"),
        (amount("100", "MTR"), "copper_rod", "0.5"),
        (amount("100", "MTR"), None, "1"),
        (amount("1000", "H87"), "cable", "0"),
    ],
)
def test_tolerances_are_by_material_and_counts_have_none(said: Quantity, family: str | None, allowed: str) -> None:
    assert tolerance(said, family) == Decimal(allowed)
    assert tolerance_for(family).source
