"""L25: the certificate's type, maker, holder and days against the lot's."""

from dataclasses import replace
from datetime import date

import pytest

from labs.rules.certificates import certificate_of_another_product
from tests.facts import (
    CERTIFICATE,
    DEALER,
    LOT,
    MAKER,
    OTHER_LAB,
    PAPER,
    REGULATOR,
    SISTER,
    SMELTER,
    but,
    cst,
    find_one,
    found,
    unlooked,
)
from trace.findings import Severity

MADE_ON = date(2015, 5, 4)
SHOWN = replace(
    PAPER,
    type="certificate",
    claimed_body=REGULATOR,
    number=CERTIFICATE.number,
    holder=MAKER,
    maker=MAKER,
    types=("BV 2.5",),
    conclusion=None,
    rows=(),
)
FAULTS = [
    ({"types": ("BV 4", "BV 6")}, "type"),
    ({"holder": DEALER}, "holder"),
    ({"valid_from": date(2015, 5, 5)}, "not_valid"),
    ({"valid_to": date(2015, 5, 3)}, "not_valid"),
    ({"withdrawn_on": MADE_ON, "withdrawal_entry": 65}, "withdrawn"),
]


@pytest.mark.parametrize(("changes", "case"), FAULTS)
def test_certificate_on_record_with_one_fault_is_found(changes, case):
    finding = find_one(certificate_of_another_product, but(certificates=(replace(CERTIFICATE, **changes),)))
    assert (finding.case, finding.severity) == (case, Severity.CRITICAL)
    assert (finding.facts["type"], finding.facts["made_on"]) == ("BV 2.5", MADE_ON)
    assert finding.entries == (CERTIFICATE.entry, LOT.entry, *((65,) if case == "withdrawn" else ()))


@pytest.mark.parametrize(("changes", "case"), [*FAULTS, ({"maker": SMELTER}, "maker")])
def test_presented_certificate_with_one_fault_is_found(changes, case):
    dossier = but(papers=(SHOWN,), certificates=(), cited_certificates=(replace(CERTIFICATE, **changes),))
    finding = find_one(certificate_of_another_product, dossier)
    assert finding.case == case
    assert finding.facts["presenter"] == SHOWN.presenter
    assert finding.entries[:2] == (SHOWN.entry, CERTIFICATE.entry)


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_from": MADE_ON, "valid_to": MADE_ON},
        {"withdrawn_on": date(2015, 5, 5), "withdrawal_entry": 65},
        {"types": ("BV 1.5", "BV 2.5")},
    ],
)
def test_certificate_in_force_on_the_day_of_making_covers_the_lot(changes):
    certificate = replace(CERTIFICATE, **changes)
    assert found(certificate_of_another_product, but(certificates=(certificate,))) == ()
    assert found(certificate_of_another_product, but(papers=(SHOWN,), cited_certificates=(certificate,))) == ()


def test_day_of_making_is_that_of_china():
    """Made at one in the morning of 4 May in China, which is still 3 May in UTC."""
    certificate = replace(CERTIFICATE, valid_from=MADE_ON)
    assert found(certificate_of_another_product, but(certificates=(certificate,), lot=lot_at(cst(5, 4, 1)))) == ()
    assert found(certificate_of_another_product, but(certificates=(certificate,), lot=lot_at(cst(5, 3, 23)))) != ()


def lot_at(made_at):
    return replace(LOT, made_at=made_at)


def test_other_certificates_of_the_maker_accuse_nobody():
    other = replace(CERTIFICATE, entry=66, number="CCC-0002", types=("BV 4",))
    assert found(certificate_of_another_product, but(certificates=(CERTIFICATE, other))) == ()


def test_of_several_that_do_not_cover_the_lot_the_nearest_is_shown():
    lapsed = replace(CERTIFICATE, valid_to=date(2015, 1, 1))
    other = replace(CERTIFICATE, entry=66, number="CCC-0002", types=("BV 4",))
    assert find_one(certificate_of_another_product, but(certificates=(lapsed, other))).case == "not_valid"


@pytest.mark.parametrize("changes", [{"number": "CCC-9999"}, {"claimed_body": OTHER_LAB}])
def test_presented_certificate_that_its_body_never_issued_is_found(changes):
    finding = find_one(certificate_of_another_product, but(papers=(replace(SHOWN, **changes),)))
    assert (finding.case, finding.severity, finding.entries) == ("unknown", Severity.CRITICAL, (SHOWN.entry,))


@pytest.mark.parametrize("changes", [{"holder": DEALER}, {"maker": SMELTER}, {"types": ("BV 2.5", "BV 4")}])
def test_copy_that_prints_more_than_the_body_issued_is_found(changes):
    finding = find_one(certificate_of_another_product, but(papers=(replace(SHOWN, **changes),)))
    assert (finding.case, finding.entries) == ("altered", (SHOWN.entry, CERTIFICATE.entry))


def test_certificate_issued_again_under_its_number_counts():
    lapsed = replace(CERTIFICATE, entry=66, valid_to=date(2015, 1, 1))
    assert found(certificate_of_another_product, but(papers=(SHOWN,), cited_certificates=(CERTIFICATE, lapsed))) == ()


def test_certificate_shown_for_a_sister_is_not_asked_here():
    assert found(certificate_of_another_product, but(papers=(replace(SHOWN, lots=(SISTER,), number="X"),))) == ()


def test_cable_without_any_certificate_was_not_looked_at():
    assert unlooked(certificate_of_another_product, but(certificates=())) == ("no_certificate",)


def test_copper_rod_needs_none():
    rod = replace(LOT, family="copper_rod", type="T1")
    assert found(certificate_of_another_product, but(lot=rod, certificates=())) == ()
    assert found(certificate_of_another_product, but(lot=rod)) == ()
