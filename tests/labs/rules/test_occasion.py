"""S03: where and when a sample was drawn."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from labs.drawing.register import SiteBound
from labs.rules.occasion import drawn_off_site_or_off_time
from tests.facts import (
    ACCEPTED,
    CONTRACT,
    DELIVERED,
    MAKER,
    OWNER,
    REGULATOR,
    SAMPLE,
    SISTER,
    but,
    find_one,
    found,
    unlooked,
)
from trace.findings import Severity

D = Decimal
SECOND = timedelta(seconds=1)
# A square of 111 m on the equator.
CORNERS = tuple(
    (D(lat), D(lon)) for lat, lon in (("0", "116"), ("0", "116.001"), ("0.001", "116.001"), ("0.001", "116"))
)
BOUND = SiteBound(24, CONTRACT.number, OWNER, "station 3", CORNERS)
THERE = replace(SAMPLE, latitude_deg=D("0.0005"), longitude_deg=D("116.0005"))


def at(longitude="116.0005", **changes):
    return but(samples=(replace(THERE, longitude_deg=D(longitude), **changes),), site_bounds=(BOUND,))


def test_drawn_on_site_between_delivery_and_acceptance():
    assert found(drawn_off_site_or_off_time, at()) == ()


@pytest.mark.parametrize(("longitude", "is_found"), [("116.00144", False), ("116.00146", True), ("116.01", True)])
def test_fifty_metres_outside_are_still_the_site(longitude, is_found):
    """0.00045 degrees are 50.04 m, 0.00044 are 48.9 m."""
    findings = found(drawn_off_site_or_off_time, at(longitude))
    assert [(one.case, one.severity) for one in findings] == [("off_site", Severity.MAJOR)] * is_found


def test_distance_and_site_are_shown():
    finding = find_one(drawn_off_site_or_off_time, at("116.01"))
    assert (finding.facts["distance_m"], finding.facts["site"]) == (1001, "station 3")
    assert finding.entries == (SAMPLE.entry, BOUND.entry)


def test_nearest_of_two_sites_counts():
    far = replace(BOUND, entry=25, corners=tuple((lat, lon + 1) for lat, lon in CORNERS))
    assert found(drawn_off_site_or_off_time, but(at(), site_bounds=(far, BOUND))) == ()


@pytest.mark.parametrize(
    ("dossier", "reason"),
    [
        (but(at(), samples=()), "no_sample"),
        (but(at(), samples=(SAMPLE,)), "no_place"),
        (but(at(), site_bounds=()), "no_site"),
        (but(at(), site_bounds=(replace(BOUND, party=MAKER),)), "no_site"),
        (but(at(), site_bounds=(replace(BOUND, contract="HT-2"),)), "no_site"),
        (but(at(), site_acts=(ACCEPTED,)), "not_delivered"),
    ],
)
def test_what_could_not_be_looked_at(dossier, reason):
    assert unlooked(drawn_off_site_or_off_time, dossier) == (reason,)


def test_each_reason_is_said_once():
    two = but(at(), samples=(SAMPLE, replace(SAMPLE, entry=60, sample="S-2")))
    assert unlooked(drawn_off_site_or_off_time, two) == ("no_place",)


@pytest.mark.parametrize(("later", "is_found"), [(-SECOND, True), (timedelta(0), False)])
def test_drawn_before_the_delivery(later, is_found):
    findings = found(drawn_off_site_or_off_time, at(drawn_at=DELIVERED.at + later))
    assert [(one.case, one.severity) for one in findings] == [("before_delivery", Severity.MINOR)] * is_found


@pytest.mark.parametrize(("later", "is_found"), [(SECOND, True), (timedelta(0), False)])
def test_drawn_after_the_acceptance_that_should_rest_on_it(later, is_found):
    findings = found(drawn_off_site_or_off_time, at(drawn_at=ACCEPTED.at + later))
    assert [(one.case, one.severity) for one in findings] == [("after_acceptance", Severity.MAJOR)] * is_found


def test_one_more_may_be_drawn_at_any_time():
    late = replace(THERE, entry=60, sample="S-2", drawn_at=ACCEPTED.at + SECOND)
    assert found(drawn_off_site_or_off_time, but(at(), samples=(THERE, late))) == ()


def test_regulators_draw_when_and_where_they_like():
    late = replace(THERE, entry=60, sampler=REGULATOR, drawn_at=DELIVERED.at - SECOND, longitude_deg=D(117))
    assert found(drawn_off_site_or_off_time, but(at(), samples=(THERE, late))) == ()
    assert unlooked(drawn_off_site_or_off_time, but(at(), samples=(late,))) == ("no_sample",)


def test_acts_on_a_sister_say_nothing():
    sisters = tuple(replace(act, lot=SISTER) for act in (DELIVERED, ACCEPTED))
    assert unlooked(drawn_off_site_or_off_time, but(at(), site_acts=sisters)) == ("not_delivered",)
