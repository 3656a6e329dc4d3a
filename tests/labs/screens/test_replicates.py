"""What counts as measured several times: what a row says so, else rows that are alike."""

from dataclasses import replace
from decimal import Decimal

from labs.screens.replicates import Replicates, find_replicates
from labs.screens.screen import Issued
from tests.facts import ROW

TRIPLE = (Decimal("7.288"), Decimal("7.290"), Decimal("7.292"))


def replicates_of(*rows):
    return list(find_replicates(Issued("lab", None, "pass", rows)))


def test_a_row_that_names_its_replicates_gives_them():
    assert replicates_of(replace(ROW, replicates=TRIPLE)) == [Replicates(ROW.parameter, ROW.method, ROW.unit, TRIPLE)]


def test_else_rows_that_are_alike_are_replicates():
    rows = [replace(ROW, value=value, replicates=()) for value in TRIPLE]
    assert replicates_of(*rows) == [Replicates(ROW.parameter, ROW.method, ROW.unit, TRIPLE)]
    assert replicates_of(rows[0]) == replicates_of(rows[0], replace(rows[1], method="another")) == []


def test_one_replicate_is_a_value():
    assert replicates_of(replace(ROW, replicates=TRIPLE[:1])) == []
