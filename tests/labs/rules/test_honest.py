"""No lab-side rule accuses the honest, and none breaks down where there is nothing to look at."""

from dataclasses import replace
from decimal import Decimal

import pytest

from labs.dossier import Dossier
from labs.rules import RULES
from tests.facts import (
    BATCH,
    BATCH_LOT,
    CUTTING,
    DRAWING,
    DRUM,
    HISTORY,
    HONEST,
    LINEAGE,
    PAPER,
    REPORT,
    ROD,
    SISTER,
    SISTER_LOT,
    but,
    metres,
    pack,
)
from trace.findings import Finding
from trace.history import History
from trace.lineage import Lineage

# Those of the catalogue that this folder answers for (C05 is tested with the gates).
CODES = {
    *("L01", "L02", "L03", "L04", "L05", "L06", "L07", "L08", "L09", "L15", "L16", "L17", "L18"),
    *("L20", "L21", "L22", "L23", "L25"),
    *("P01", "P02", "P03", "P04", "P06", "P07", "P11", "P12", "S01", "S02", "S04"),
}
BATCH_REPORT = replace(REPORT, lots=(BATCH,), covers=metres(1000))
BATCH_PAPER = replace(PAPER, lots=(BATCH,))

OF_THE_BATCH = but(reports=(BATCH_REPORT,), papers=(BATCH_PAPER,))
"""The same drum, with a report and a paper on the batch that it was cut from."""
SISTERS = replace(
    but(
        OF_THE_BATCH,
        lot_id=SISTER,
        lot=SISTER_LOT,
        lots={**HISTORY.lots, SISTER: SISTER_LOT},
        lineage=Lineage(SISTER, (BATCH, ROD), (), (DRAWING, CUTTING), (BATCH,), ()),
    ),
    measurements=(),
)
"""The other drum of the batch: nothing was drawn from it, but the batch's report speaks for it."""
BATCHES = but(
    OF_THE_BATCH,
    lot_id=BATCH,
    lot=BATCH_LOT,
    lineage=Lineage(BATCH, (ROD,), (DRUM, SISTER), (DRAWING, CUTTING), (), (DRUM, SISTER)),
)
"""The batch itself, seen from above: its sample was drawn from one of its drums."""


def accusations(dossier, code):
    return [said for said in RULES[code].check(dossier) if isinstance(said, Finding)]


def test_every_rule_of_the_catalogue_is_collected():
    assert set(RULES) >= CODES


@pytest.mark.parametrize("code", sorted(CODES))
def test_honest_dossier_is_looked_at_whole_and_clean(code):
    assert list(RULES[code].check(HONEST)) == []


@pytest.mark.parametrize("code", sorted(CODES))
@pytest.mark.parametrize("dossier", [OF_THE_BATCH, SISTERS, BATCHES], ids=["drum", "sister", "batch"])
def test_report_on_the_batch_accuses_none_of_its_drums(code, dossier):
    assert accusations(dossier, code) == []


@pytest.mark.parametrize("code", sorted(CODES))
def test_lot_that_nobody_made_breaks_no_rule(code):
    nothing = Dossier(History("01/06901234567892/10/NONE", HISTORY.at), pack())
    assert accusations(nothing, code) == []


@pytest.mark.parametrize("code", sorted(CODES))
def test_bare_lot_is_not_accused_but_said_not_to_have_been_looked_at(code):
    bare = Dossier(
        History(DRUM, HISTORY.at, lot=HISTORY.lot, lots=HISTORY.lots, lineage=replace(LINEAGE, flows=())), pack()
    )
    said = list(RULES[code].check(bare))
    assert [item for item in said if isinstance(item, Finding)] == []
    # What is about papers, re-tests or rows alone has looked at all of them when there are none.
    assert bool(said) == (code not in {"L02", "L03", "L04", "L09", "L22", "P06", "P07", "P12"})


@pytest.mark.parametrize("code", sorted(CODES))
@pytest.mark.parametrize("value", ["0", "-1"])
def test_nonsense_values_break_no_rule(code, value):
    rows = (replace(REPORT.rows[0], value=Decimal(value), uncertainty=Decimal(value)),)
    measurements = tuple(replace(one, length_m=Decimal(value)) for one in HONEST.measurements)
    list(RULES[code].check(but(reports=(replace(REPORT, rows=rows),), measurements=measurements)))
