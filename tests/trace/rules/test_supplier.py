"""B01 and B02: is it the supplier that was bought from?"""

from dataclasses import replace
from datetime import date

import pytest

from tests.facts import (
    AWARD,
    CERTIFICATE,
    CONTRACT,
    DEALER,
    DELIVERED,
    HONEST,
    LOT,
    MAKER,
    OWNER,
    QUALIFIED,
    RECEIVED,
    SHIPPED,
    SMELTER,
    but,
    cst,
    find_one,
    found,
    unlooked,
)
from trace.findings import Severity
from trace.rules.supplier import different_hands, not_on_list


def sold_by_dealer(*authorised):
    """The winner is a dealer, and the invoice is its own."""
    return but(
        contracts=(replace(CONTRACT, supplier=DEALER, authorised=authorised),),
        site_acts=(replace(DELIVERED, invoicer=DEALER),),
    )


def delivered_with(**changes):
    return but(site_acts=(replace(DELIVERED, **changes),))


def shipped_with(**changes):
    return but(movements=(replace(SHIPPED, **changes), RECEIVED))


def test_one_firm_in_all_places_is_in_order():
    assert found(different_hands, HONEST) == ()


def test_a_lot_of_another_maker_is_critical():
    finding = find_one(different_hands, but(lot=replace(LOT, maker=SMELTER), certificates=()))
    assert (finding.case, finding.severity) == ("maker_contract", Severity.CRITICAL)
    assert finding.entries == (CONTRACT.entry, LOT.entry)
    assert finding.facts == {
        "contract": "HT-01",
        "winner": MAKER,
        "maker": MAKER,
        "lot_maker": SMELTER,
        "shipper": MAKER,
        "invoicer": MAKER,
        "holder": "-",
    }


def test_another_maker_is_not_made_good_by_authorisation():
    dossier = but(lot=replace(LOT, maker=SMELTER), contracts=(replace(CONTRACT, authorised=(SMELTER,)),))
    assert find_one(different_hands, dossier).case == "maker_contract"


def test_a_certificate_held_by_somebody_else_is_critical():
    finding = find_one(different_hands, but(certificates=(replace(CERTIFICATE, holder=DEALER),)))
    assert (finding.case, finding.severity) == ("maker_certificate", Severity.CRITICAL)
    assert finding.facts["holder"] == DEALER
    assert finding.entries == (CERTIFICATE.entry, LOT.entry)


def test_one_certificate_of_the_makers_own_is_enough():
    assert found(different_hands, but(certificates=(CERTIFICATE, replace(CERTIFICATE, entry=16, holder=DEALER)))) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"types": ("BV 4",)},
        {"valid_to": date(2015, 5, 3)},
        {"valid_from": date(2015, 5, 5)},
        {"withdrawn_on": date(2015, 5, 4)},
    ],
)
def test_a_certificate_for_other_goods_or_another_time_is_not_compared(changes):
    assert found(different_hands, but(certificates=(replace(CERTIFICATE, holder=DEALER, **changes),))) == ()


def test_a_certificate_counts_on_its_last_day():
    last = replace(CERTIFICATE, holder=DEALER, valid_to=date(2015, 5, 4))
    assert find_one(different_hands, but(certificates=(last,))).case == "maker_certificate"


def test_a_winner_that_does_not_make_needs_authorisation():
    finding = find_one(different_hands, sold_by_dealer())
    assert (finding.case, finding.severity) == ("winner_maker", Severity.MAJOR)
    assert found(different_hands, sold_by_dealer(DEALER)) == ()


def test_a_shipper_that_nobody_authorised_is_found():
    finding = find_one(different_hands, shipped_with(party=DEALER))
    assert (finding.case, finding.severity) == ("winner_shipper", Severity.MAJOR)
    assert finding.facts["shipper"] == DEALER
    assert finding.entries == (CONTRACT.entry, SHIPPED.entry)


@pytest.mark.parametrize("changes", [{"party": OWNER}, {"party": DEALER, "at": cst(5, 7, 16)}])
def test_what_the_buyer_or_the_site_moves_about_is_no_supply(changes):
    assert found(different_hands, shipped_with(**changes)) == ()


def test_an_authorised_shipper_is_in_order():
    dossier = but(shipped_with(party=DEALER), contracts=(replace(CONTRACT, authorised=(DEALER,)),))
    assert found(different_hands, dossier) == ()


def test_an_invoice_of_somebody_else_is_found():
    finding = find_one(different_hands, delivered_with(invoicer=SMELTER))
    assert (finding.case, finding.severity) == ("winner_invoicer", Severity.MAJOR)
    assert finding.facts["invoicer"] == SMELTER
    assert finding.entries == (CONTRACT.entry, DELIVERED.entry)


def test_the_maker_does_not_bill_for_the_dealer():
    dossier = but(sold_by_dealer(DEALER), site_acts=(replace(DELIVERED, invoicer=MAKER),))
    assert find_one(different_hands, dossier).case == "winner_invoicer"


def test_no_invoice_is_no_finding():
    assert found(different_hands, delivered_with(invoicer=None)) == ()


@pytest.mark.parametrize("dossier", [but(contracts=()), but(movements=(), site_acts=())])
def test_without_a_contract_there_is_nothing_to_compare_with(dossier):
    assert unlooked(different_hands, dossier) == ("no_contract",)
    assert found(not_on_list, dossier) == ()


# --- B02 ---


def listed(**changes):
    return but(qualified=(replace(QUALIFIED, **changes),))


def test_a_listed_maker_is_in_order():
    assert found(not_on_list, HONEST) == ()


def test_without_a_list_nothing_can_be_said():
    assert unlooked(not_on_list, but(qualified=())) == ("no_list",)
    assert unlooked(not_on_list, listed(ocid="ocds-another")) == ("no_list",)


def test_a_maker_that_is_not_listed_is_found():
    finding = find_one(not_on_list, listed(party=SMELTER))
    assert (finding.case, finding.severity) == ("not_listed", Severity.CRITICAL)
    assert finding.entries == (QUALIFIED.entry, AWARD.entry, CONTRACT.entry)
    assert finding.facts["party"] == MAKER


@pytest.mark.parametrize(("day", "cases"), [(20, []), (21, ["listed_after"])])
def test_a_maker_has_to_be_listed_by_the_day_of_award(day, cases):
    findings = found(not_on_list, listed(listed_on=date(2015, 4, day)))
    assert [finding.case for finding in findings] == cases
    assert all(finding.facts["listed_on"] == date(2015, 4, day) for finding in findings)


@pytest.mark.parametrize(("day", "cases"), [(20, ["suspended"]), (21, [])])
def test_a_maker_suspended_on_the_day_of_award_is_found(day, cases):
    findings = found(not_on_list, listed(suspended_on=date(2015, 4, day)))
    assert [finding.case for finding in findings] == cases


def test_a_list_said_again_counts_in_its_last_words():
    again = replace(QUALIFIED, entry=24, suspended_on=date(2015, 4, 15))
    assert find_one(not_on_list, but(qualified=(QUALIFIED, again))).case == "suspended"
    back = replace(QUALIFIED, entry=25, listed_on=date(2015, 4, 18))
    assert found(not_on_list, but(qualified=(QUALIFIED, again, back))) == ()


def test_without_an_award_the_contract_counts():
    late = listed(listed_on=date(2015, 4, 28))
    assert find_one(not_on_list, late).case == "listed_after"
    assert found(not_on_list, but(late, awards=())) == ()


def test_a_winner_without_authorisation_has_to_be_listed_itself():
    assert find_one(not_on_list, sold_by_dealer()).facts["party"] == DEALER
    assert found(not_on_list, sold_by_dealer(DEALER)) == ()
    both = but(sold_by_dealer(), qualified=(QUALIFIED, replace(QUALIFIED, party=DEALER)))
    assert found(not_on_list, both) == ()
