"""P10: no knot of the graph gives out more than went in."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.facts import (
    BATCH,
    BATCH_LOT,
    CUTTING,
    DRAWING,
    DRUM,
    HISTORY,
    HONEST,
    INSTALLED,
    LINEAGE,
    LOT,
    RECEIVED,
    SHIPPED,
    SISTER,
    act,
    but,
    cst,
    find_one,
    found,
    metres,
    unlooked,
)
from trace.epcis.events import Quantity
from trace.findings import Severity
from trace.production.register import Flow, Portion
from trace.rules.quantity import left_overs, length_balance
from trace.tolerances import tolerance


def cut_into(first, second=500, *, of=1000):
    """The batch cut into two drums of these lengths."""
    quantity = metres(of) if of is not None else None
    flow = replace(
        CUTTING,
        inputs=(Portion(BATCH, quantity),),
        outputs=(Portion(DRUM, metres(first)), Portion(SISTER, metres(second))),
    )
    return but(lineage=replace(LINEAGE, flows=(DRAWING, flow)))


def piece(entry, length, kind="split"):
    """A piece of that length cut off the drum."""
    portion = Portion(f"{DRUM}P{entry}", metres(length))
    return Flow(entry, kind, LOT.maker, cst(5, 21), (Portion(DRUM, metres(length)),), (portion,))


def with_pieces(*flows, **changes):
    return but(lineage=replace(LINEAGE, flows=(DRAWING, CUTTING, *flows)), **changes)


def test_an_honest_drum_adds_up():
    assert found(length_balance, HONEST) == ()


def test_a_split_that_gives_more_than_went_in_is_found():
    finding = find_one(length_balance, cut_into(520))
    assert (finding.case, finding.severity) == ("grown", Severity.CRITICAL)
    assert finding.entries == (CUTTING.entry,)
    assert finding.facts == {
        "into": Decimal(1000),
        "out": Decimal(1020),
        "tolerance": Decimal("5.000"),
        "unit": "MTR",
    }


@pytest.mark.parametrize(("length", "cases"), [("505", []), ("505.001", ["grown"]), ("400", [])])
def test_half_a_percent_more_is_measuring_and_less_is_cutting_loss(length, cases):
    assert [finding.case for finding in found(length_balance, cut_into(length))] == cases


def test_the_least_tolerance_is_a_metre_and_of_metres_only():
    assert tolerance(metres(10)) == Decimal(1)
    assert tolerance(metres(200)) == Decimal(1)
    assert tolerance(metres(201)) == Decimal("1.005")
    assert tolerance(Quantity(Decimal(10), "KGM")) == Decimal("0.05")


def test_an_input_without_a_length_is_at_most_its_whole_lot():
    assert find_one(length_balance, cut_into(520, of=None)).facts["into"] == Decimal(1000)


def test_a_split_of_unknown_quantities_could_not_be_checked():
    dossier = but(cut_into(520, of=None), lots={DRUM: LOT})
    assert unlooked(length_balance, dossier) == ("no_quantity",)


def test_a_split_in_several_units_could_not_be_checked():
    outputs = (Portion(DRUM, metres(500)), Portion(SISTER, Quantity(Decimal(9), "KGM")))
    dossier = but(lineage=replace(LINEAGE, flows=(DRAWING, replace(CUTTING, outputs=outputs))))
    assert unlooked(length_balance, dossier) == ("units_differ",)


def test_drawing_kilograms_into_metres_is_not_compared():
    assert found(length_balance, but(lot_id=BATCH, lot=BATCH_LOT)) == ()


def test_a_split_elsewhere_in_the_lineage_is_found_there():
    far = Flow(90, "split", LOT.maker, cst(5, 4), (Portion("X", metres(1)),), (Portion("Y", metres(100)),))
    assert found(length_balance, with_pieces(far)) == ()


# --- the lot itself ---


@pytest.mark.parametrize(("length", "cases"), [("202.5", []), ("202.6", ["overdrawn"])])
def test_pieces_and_installed_metres_come_out_of_the_lot(length, cases):
    laid = act(50, "installed", cst(5, 20), from_m=Decimal(0), to_m=Decimal(300))
    findings = found(length_balance, with_pieces(piece(51, length), site_acts=(laid,)))
    assert [finding.case for finding in findings] == cases
    assert all(finding.entries == (50, 51) for finding in findings)


def test_what_a_transformation_takes_counts_too():
    flows = (piece(51, 300, "transformed"), piece(52, 300, "transformed"))
    assert find_one(length_balance, with_pieces(*flows, site_acts=())).case == "overdrawn"


def test_removed_metres_may_be_installed_again():
    taken_out = act(45, "removed", cst(5, 21), from_m=Decimal(0), to_m=Decimal(500))
    laid_again = replace(INSTALLED, entry=46)
    assert find_one(length_balance, but(site_acts=(INSTALLED, laid_again))).case == "overdrawn"
    assert found(length_balance, but(site_acts=(INSTALLED, taken_out, laid_again))) == ()


def test_installed_metres_are_from_and_to_before_the_quantity():
    laid = replace(INSTALLED, quantity=metres(9000))
    assert found(length_balance, but(site_acts=(laid,))) == ()
    assert find_one(length_balance, but(site_acts=(replace(laid, from_m=None),))).facts["out"] == Decimal(9000)


def test_installations_of_other_lots_do_not_count():
    assert found(length_balance, but(site_acts=(INSTALLED, replace(INSTALLED, lot=SISTER)))) == ()


def test_a_lot_of_unknown_length_could_not_be_checked():
    assert unlooked(length_balance, but(lot=replace(LOT, quantity=None))) == ("no_quantity",)
    nothing_done = but(lot=replace(LOT, quantity=None), site_acts=())
    assert found(length_balance, nothing_done) == ()


# --- hands ---


@pytest.mark.parametrize(("length", "cases"), [("402", []), ("402.1", ["gained"])])
def test_nobody_receives_more_than_was_sent(length, cases):
    moves = (replace(SHIPPED, quantity=metres(400)), replace(RECEIVED, quantity=metres(length)))
    findings = found(length_balance, but(movements=moves))
    assert [finding.case for finding in findings] == cases
    assert all(finding.entries == (SHIPPED.entry, RECEIVED.entry) for finding in findings)


def test_two_shipments_may_be_received_as_one():
    half = replace(SHIPPED, quantity=metres(250))
    assert found(length_balance, but(movements=(half, replace(half, entry=46), RECEIVED))) == ()


def test_a_receipt_without_a_shipment_is_no_balance():
    assert found(length_balance, but(movements=(RECEIVED,))) == ()


def test_a_giver_that_was_not_named_is_whoever_sent_it():
    moves = (replace(SHIPPED, quantity=metres(300)), replace(RECEIVED, other=None))
    assert find_one(length_balance, but(movements=moves)).case == "gained"


@pytest.mark.parametrize(("length", "cases"), [("502.5", []), ("502.6", ["more_than_made"])])
def test_nobody_ships_more_than_the_lot_is(length, cases):
    dossier = but(movements=(replace(SHIPPED, quantity=metres(length)),))
    assert [finding.case for finding in found(length_balance, dossier)] == cases


def test_what_is_left_of_a_lot_is_known_only_where_all_is_said():
    left = left_overs(HISTORY.lots, LINEAGE.flows)
    assert (left[BATCH], left[DRUM]) == (metres(0), metres(500))
    assert SISTER not in left
    unsaid = with_pieces(replace(piece(51, 20), inputs=(Portion(DRUM, None),)))
    assert left_overs(HISTORY.lots, unsaid.history.lineage.flows)[DRUM] is None
    in_km = replace(piece(51, 20), inputs=(Portion(DRUM, Quantity(Decimal("0.02"), "KMT")),))
    assert left_overs(HISTORY.lots, with_pieces(in_km).history.lineage.flows)[DRUM] == metres(480)
