"""C05: delivered and reported, then accepted, then installed."""

from dataclasses import replace
from datetime import date

import pytest

from labs.rules.gates import gates_out_of_order
from tests.facts import (
    ACCEPTED,
    BATCH,
    CONTRACTOR,
    DELIVERED,
    HONEST,
    INSTALLED,
    REPORT,
    SISTER,
    but,
    cst,
    find_one,
    found,
)
from trace.findings import Severity


def acts(*site_acts, **changes):
    return but(site_acts=site_acts, **changes)


def cases(dossier):
    return [finding.case for finding in found(gates_out_of_order, dossier)]


def test_the_honest_order_is_in_order():
    assert cases(HONEST) == []


def test_accepted_before_it_was_delivered():
    finding = find_one(gates_out_of_order, acts(replace(DELIVERED, at=cst(5, 14)), ACCEPTED, INSTALLED))
    assert (finding.case, finding.severity) == ("accepted_before_delivered", Severity.CRITICAL)
    assert finding.facts == {"party": CONTRACTOR, "accepted_at": ACCEPTED.at, "delivered_at": cst(5, 14)}
    assert finding.entries == (DELIVERED.entry, ACCEPTED.entry)


def test_accepted_at_the_time_of_delivery_is_in_order():
    assert cases(acts(replace(DELIVERED, at=ACCEPTED.at), ACCEPTED)) == []


def test_never_delivered_is_left_to_the_gate():
    assert cases(acts(ACCEPTED, INSTALLED)) == []


@pytest.mark.parametrize(("day", "expected"), [(13, []), (14, ["accepted_before_report"])])
def test_accepted_before_the_report_was_issued(day, expected):
    assert cases(but(reports=(replace(REPORT, issued_on=date(2015, 5, day)),))) == expected


def test_the_day_of_acceptance_is_that_of_china():
    early = replace(ACCEPTED, at=cst(5, 13, 1))  # still 12 May in UTC
    assert cases(acts(DELIVERED, early, reports=(replace(REPORT, issued_on=date(2015, 5, 13)),))) == []


def test_the_first_report_counts_even_if_it_was_replaced():
    later = replace(REPORT, entry=50, issued_on=date(2015, 5, 30))
    assert cases(but(reports=(replace(REPORT, replaced_by=50), later))) == []


@pytest.mark.parametrize("reports", [(), (replace(REPORT, lots=(SISTER,)),)])
def test_accepted_without_any_report_of_it(reports):
    finding = find_one(gates_out_of_order, but(reports=reports))
    assert (finding.case, finding.entries) == ("accepted_without_report", (ACCEPTED.entry,))


def test_a_report_on_the_batch_covers_the_drum():
    assert cases(but(reports=(replace(REPORT, lots=(BATCH,)),))) == []


def test_installed_without_acceptance():
    finding = find_one(gates_out_of_order, acts(DELIVERED, INSTALLED))
    assert (finding.case, finding.entries) == ("installed_unaccepted", (INSTALLED.entry,))
    assert finding.facts == {"party": CONTRACTOR, "installed_at": INSTALLED.at}


@pytest.mark.parametrize(("hour", "expected"), [(8, ["installed_before_accepted"]), (9, [])])
def test_installed_before_acceptance(hour, expected):
    assert cases(acts(DELIVERED, ACCEPTED, replace(INSTALLED, at=cst(5, 13, hour)))) == expected


def test_the_batch_may_be_accepted_as_a_whole():
    whole = (replace(DELIVERED, lot=BATCH), replace(ACCEPTED, lot=BATCH), INSTALLED)
    assert cases(acts(*whole)) == []


def test_acts_on_another_drum_do_not_count():
    assert cases(acts(DELIVERED, replace(ACCEPTED, lot=SISTER), INSTALLED)) == ["installed_unaccepted"]
    assert cases(acts(DELIVERED, replace(INSTALLED, lot=SISTER))) == []


def test_a_later_acceptance_in_order_heals_an_early_one():
    early = replace(ACCEPTED, entry=37, at=cst(5, 10))
    assert cases(acts(DELIVERED, early, ACCEPTED, INSTALLED)) == []


def test_what_was_installed_before_the_healing_is_found():
    early = replace(ACCEPTED, entry=37, at=cst(5, 10))
    assert cases(acts(DELIVERED, early, replace(INSTALLED, at=cst(5, 11)), ACCEPTED)) == ["installed_before_accepted"]


def test_an_early_acceptance_that_was_not_healed_is_said_once():
    early = replace(ACCEPTED, entry=37, at=cst(5, 10))
    assert cases(acts(DELIVERED, early, replace(early, entry=38, at=cst(5, 11)))) == ["accepted_before_report"]
