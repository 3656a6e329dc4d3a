"""A report's row worked out again: readings to 20 °C, the pack's limit, and the lab's word held against both."""

from dataclasses import replace
from decimal import Decimal

import pytest

from labs.reports.recheck import recheck
from labs.standards.pack import read_pack
from tests.facts import LOT, ROW, cst

PACK = read_pack()


def again(**changes):
    return recheck(replace(ROW, **changes), LOT, PACK)


def test_a_value_within_the_limit_is_kept():
    told = again(value=Decimal("7.290"), uncertainty=Decimal("0.023"), verdict="pass")
    assert (told.outcome, told.is_at_odds, told.is_from_readings) == ("kept", False, False)
    assert told.limit.citation == "GB/T 3956-2008, table 2"


def test_a_value_over_the_limit_breaks_it_whatever_the_lab_says():
    told = again(value=Decimal("7.837"), uncertainty=Decimal("0.023"), verdict="pass")
    assert (told.outcome, told.is_at_odds) == ("broken", True)
    assert told.over_pct.quantize(Decimal("0.01")) == Decimal("5.76")


@pytest.mark.parametrize("value", ["7.388", "7.41", "7.433"])
def test_a_value_that_its_uncertainty_carries_over_the_limit_is_unclear(value):
    told = again(value=Decimal(value), uncertainty=Decimal("0.023"), verdict="pass")
    assert (told.outcome, told.is_at_odds) == ("unclear", False)


def test_a_fail_on_a_value_that_keeps_the_limit_is_at_odds_too():
    assert again(value=Decimal("7.290"), verdict="fail").is_at_odds


def test_readings_outweigh_the_printed_value():
    told = again(
        value=Decimal("7.290"),
        resistance_ohm=Decimal("0.8063"),
        length_m=Decimal(100),
        temperature_c=Decimal("27.4"),
        verdict="pass",
    )
    assert told.is_from_readings
    assert told.value.quantize(Decimal("0.0001")) == Decimal("7.8352")
    assert told.is_at_odds


def test_another_limit_than_the_standards_is_noticed():
    assert again(limit=Decimal("9.00"), limit_kind="max").has_other_limit
    assert not again(limit=Decimal("7.410"), limit_kind="max").has_other_limit


def test_what_cannot_be_compared_passes_nothing():
    assert again(unit="mm").outcome is None
    assert again(parameter="colour").limit is None
    assert recheck(ROW, None, PACK).outcome is None
    assert recheck(ROW, replace(LOT, attributes={}), PACK).outcome is None


@pytest.mark.parametrize(("value", "limit", "outcome"), [("-5", -4, "broken"), ("5", 4, "broken"), ("0", 4, "kept")])
def test_of_two_limits_the_one_that_is_broken_is_told(value, limit, outcome):
    bar = replace(LOT, family="rebar", attributes={"nominal_diameter_mm": "25"}, made_at=cst(6, 1, year=2020))
    row = replace(ROW, parameter="mass_deviation", unit="%", value=Decimal(value), uncertainty=None, limit=None)
    told = recheck(row, bar, PACK)
    assert told.limit is not None
    assert (told.outcome, told.limit.limit) == (outcome, limit)
