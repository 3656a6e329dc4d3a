"""P05: what the cable on a drum weighs."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from labs.rules.mass import drum_too_light
from tests.facts import (
    CERTIFICATE,
    LOT,
    MEASUREMENT,
    OTHER_LAB,
    REGULATOR,
    SISTER,
    SUPERVISOR,
    but,
    find_one,
    found,
    unlooked,
)
from trace.findings import Severity

D = Decimal
# 0.032 kg a metre, 16 kg a drum of 500 m; 97 % of that are 15.52 kg.
CERTIFIED = replace(CERTIFICATE, masses={"BV 2.5": D("0.032")})


def weighed(mass="16", certificates=(CERTIFIED,), **changes):
    measurement = replace(MEASUREMENT, net_mass_kg=D(mass) if mass else None, **changes)
    return but(measurements=(measurement,), certificates=certificates)


@pytest.mark.parametrize(("mass", "is_found"), [("16", False), ("15.52", False), ("15.519", True), ("10", True)])
def test_ninety_seven_per_cent_of_the_type_tests_mass_are_enough(mass, is_found):
    findings = found(drum_too_light, weighed(mass))
    assert [one.severity for one in findings] == [Severity.MAJOR] * is_found


def test_both_masses_of_a_metre_are_shown():
    finding = find_one(drum_too_light, weighed("13.6"))
    facts = finding.facts
    assert (facts["kg_per_m"], facts["reference"], facts["share_pct"]) == (D("0.0272"), D("0.032"), D("85.0"))
    assert (facts["party"], facts["number"]) == (SUPERVISOR, "CCC-0001")
    assert finding.entries == (MEASUREMENT.entry, CERTIFICATE.entry)


def test_length_that_was_measured_counts():
    assert found(drum_too_light, weighed("15.21", length_m=D(490))) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"masses": {}},
        {"masses": {"BV 4": D("0.032")}},
        {"types": ("BV 4",)},
        {"maker": OTHER_LAB},
        {"valid_from": date(2015, 5, 5)},
        {"valid_to": date(2015, 5, 3)},
        {"withdrawn_on": date(2015, 5, 4)},
    ],
)
def test_certificate_that_does_not_say_it_of_the_drum_is_no_reference(changes):
    assert unlooked(drum_too_light, weighed("10", (replace(CERTIFIED, **changes),))) == ("no_reference",)


def test_certificate_that_was_withdrawn_later_was_in_force():
    assert len(found(drum_too_light, weighed("10", (replace(CERTIFIED, withdrawn_on=date(2015, 5, 5)),)))) == 1


def test_newest_certificate_counts():
    newer = replace(CERTIFIED, entry=16, number="CCC-2", body=REGULATOR, masses={"BV 2.5": D("0.020")})
    assert found(drum_too_light, weighed("10", (CERTIFIED, newer))) == ()


@pytest.mark.parametrize("dossier", [weighed(None), weighed("10", lot=SISTER), weighed("10", length_m=D(0))])
def test_without_a_drum_on_the_scales_nothing_was_looked_at(dossier):
    assert unlooked(drum_too_light, dossier) == ("not_weighed",)


def test_copper_rod_is_weighed_elsewhere():
    assert found(drum_too_light, but(weighed("10"), lot=replace(LOT, family="copper_rod"))) == ()
