"""A maker's copper by month: what it received, put in and needed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from tests.facts import BATCH, BATCH_LOT, CABLE, DRAWING, MAKER, RECEIVED, ROD, ROD_LOT, SMELTER, cst
from trace.copper_months import CopperMonth, balance_months
from trace.epcis.events import Quantity

LOTS = {ROD: ROD_LOT, BATCH: replace(BATCH_LOT, attributes={**CABLE, "cores": "1"})}
BOUGHT = replace(RECEIVED, lot=ROD, party=MAKER, other=SMELTER, entry=29, at=cst(4, 28))


def kilograms(amount, unit="KGM"):
    return Quantity(Decimal(amount), unit)


def test_months_hold_what_came_what_went_in_and_what_it_takes():
    april = replace(BOUGHT, quantity=kilograms("0.05", "TNE"))
    may = replace(BOUGHT, entry=32, at=cst(5, 9), quantity=kilograms(10))
    assert balance_months([DRAWING], [april, may], LOTS) == (
        CopperMonth(date(2015, 4, 1), received_kg=Decimal(50), entries=(29,)),
        CopperMonth(date(2015, 5, 1), Decimal(10), Decimal(24), Decimal("22.670"), (32, DRAWING.entry)),
    )


def test_a_month_is_one_of_china():
    last_hour = replace(BOUGHT, at=cst(4, 30, 23), quantity=kilograms(1))
    first_hour = replace(BOUGHT, at=cst(5, 1, 0), quantity=kilograms(1))
    assert [month.month.month for month in balance_months([], [last_hour, first_hour], LOTS)] == [4, 5]


def test_a_lot_received_without_a_weight_weighs_what_it_is():
    (month,) = balance_months([], [replace(BOUGHT, quantity=None)], LOTS)
    assert month.received_kg == Decimal(24)


def test_what_can_not_be_told_is_named():
    months = balance_months([DRAWING], [replace(BOUGHT, quantity=kilograms(1, "XCL"))], {**LOTS, BATCH: BATCH_LOT})
    assert [(month.entries, month.untold) for month in months] == [((), (29,)), ((), (DRAWING.entry,))]


def test_what_is_no_copper_or_unknown_is_left_out():
    cable = replace(BOUGHT, lot=BATCH)
    stranger = replace(BOUGHT, lot="01/06901234567809/10/X")
    aluminium = replace(LOTS[BATCH], attributes={**CABLE, "material": "Al"})
    assert balance_months([], [cable, stranger], LOTS) == ()
    assert balance_months([DRAWING], [], {**LOTS, BATCH: aluminium}) == ()
