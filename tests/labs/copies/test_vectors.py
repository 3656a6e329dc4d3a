"""What two vectors have in common, and that an index of prints misses no pair that could be a copy."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.copies.vectors import MIN_VALUES, Cell, Likeness, compare, count_digits, prints_of, read_cells
from tests.facts import ROW


def rows(*values, parameter="tensile_strength", unit="MPa"):
    """Rows of one parameter by one method."""
    return [replace(ROW, parameter=parameter, unit=unit, value=Decimal(value)) for value in values]


def cells(*values, **names):
    return read_cells(rows(*values, **names))


def alike(one, other) -> Likeness:
    """What they have in common, which must be something."""
    likeness = compare(one, other)
    assert likeness is not None
    return likeness


@pytest.mark.parametrize(
    ("value", "digits"),
    [("7.290", 4), ("0.85", 2), ("0.850", 3), ("152", 3), ("1500", 2), ("1500.0", 5), ("0", 0), ("-12.5", 3)],
)
def test_digits_are_counted_as_recorded(value, digits):
    assert count_digits(Decimal(value)) == digits


def test_values_of_two_digits_are_no_cells():
    assert [cell.number for cell in cells("0.85", "152", "7.290")] == [Decimal(152), Decimal("7.29")]


def test_of_a_conductor_that_was_read_the_resistance_counts():
    (cell,) = read_cells([replace(ROW, value=None, resistance_ohm=Decimal("0.8063"))])
    assert (cell.number, cell.unit) == (Decimal("0.8063"), "ohm")


def test_a_copy_that_lost_its_zeros_is_one():
    likeness = alike(cells("152.10", "148.20", "150.30", "149.40"), cells("152.1", "148.2", "150.3", "149.4"))
    assert (likeness.is_whole, likeness.is_ordered, likeness.free_digits) == (True, True, 8)


def test_four_values_of_three_digits_are_a_short_copy_in_order_alone():
    short = cells("152", "148", "153", "149")
    assert (alike(short, short).is_copy, alike(short, short).is_sure) == (True, False)
    assert not alike(short, short[::-1]).is_copy


def test_three_values_are_none():
    assert compare(cells("152.1", "148.2", "150.3"), cells("152.1", "148.2", "150.3")) is None


def test_one_number_four_times_is_none():
    """A machine that always shows 100.0."""
    assert compare(cells(*["100.0"] * 8), cells(*["100.0"] * 8)) is None


def test_another_order_and_a_changed_value_are_seen():
    one = cells("152.1", "148.2", "150.3", "149.4", "151.5")
    likeness = alike(one, one[::-1])
    assert (likeness.is_ordered, likeness.is_whole, likeness.is_copy) == (False, True, True)
    changed = alike((*one, *cells("160.1")), (*one, *cells("160.2")))
    assert (changed.is_whole, len(changed.equal), changed.is_copy) == (False, 5, True)


def test_the_more_values_there_are_to_choose_from_the_more_must_be_equal():
    """Four of four of four digits are sure; four of eight have chance at them in 70 ways."""
    one = cells("152.1", "148.2", "150.3", "149.4")
    assert alike(one, one).is_sure
    others = [cells(*(f"{place}.{number}" for number in range(4))) for place in (140, 160)]
    assert not alike((*one, *others[0]), (*one, *others[1])).is_copy


def test_some_values_of_few_digits_are_chance():
    """Four of six of three digits: not whole, and not sure."""
    assert not alike(
        cells("152", "148", "153", "149", "155", "141"), cells("152", "148", "153", "149", "156", "142")
    ).is_copy


def test_a_series_that_is_copied_whole_into_another_report_is_whole():
    own = (*cells("7.290", parameter="conductor_resistance", unit="ohm/km"), *cells("152", "148", "153", "149"))
    other = (*cells("7.312", parameter="conductor_resistance", unit="ohm/km"), *cells("152", "148", "153", "149"))
    assert alike(own, other).is_whole


def test_a_number_of_another_parameter_or_unit_is_another():
    assert (
        compare(cells("152.1", "148.2", "150.3", "149.4"), cells("152.1", "148.2", "150.3", "149.4", unit="psi"))
        is None
    )


NUMBERS = st.lists(st.integers(1000, 1030).map(lambda units: Decimal(units).scaleb(-2)), min_size=4, max_size=30)


@given(NUMBERS, NUMBERS)
def test_copies_have_prints_in_common(one, other):
    """Short of the vectors that are too long to be paired whole."""
    mine, theirs = (tuple(Cell("p", "m", "u", number, 4) for number in numbers) for numbers in (one, other))
    likeness = compare(mine, theirs)
    if likeness is None or not likeness.is_copy or len(set(one)) > 24 or len(set(other)) > 24:
        return
    printed, known = prints_of(mine), prints_of(theirs)
    assert len(printed.pairs & known.pairs) >= printed.least or printed.series & known.series


def test_a_vector_of_eight_has_few_prints():
    printed = prints_of(cells(*(f"15{number}.{number}" for number in range(8))))
    assert MIN_VALUES <= len(printed.pairs) < 20
    assert len(printed.series) == 1
    assert all(-(2**63) <= value < 2**63 for value in printed.pairs | printed.series)


def test_a_long_vector_has_a_bound():
    assert len(prints_of(cells(*(f"{number}.5" for number in range(100, 300)))).pairs) < 300
