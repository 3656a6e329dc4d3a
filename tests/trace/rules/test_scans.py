"""C06: one label at two places. It fires by speed, by state and by region, and never for being scanned at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.facts import DRUM, HISTORY, INSTALLED, RECEIVED, SHIPPED, but, cst
from trace.epcis.geo import measure_km
from trace.findings import Finding, Severity, Unchecked
from trace.rules.scans import BLUR_KM, MAX_KM_H, NEAR_INSTALLED_KM, cloned_label
from trace.scans.register import Scan

# Xi'an, where the goods go, and Shanghai, 1,220 km off.
XIAN, SHANGHAI = (343, 1089), (312, 1215)
GEO = "geo:34.26,108.94"
NOON = cst(5, 3, 12)
MOVES = (replace(SHIPPED, place=GEO), replace(RECEIVED, place=GEO))


def scan(place, at=NOON):
    return Scan(DRUM, at, *place)


def judged(*scans, moves=MOVES, **more):
    return list(cloned_label.check(but(scans=scans, movements=moves, **more)))


def found(said, case):
    return [one for one in said if isinstance(one, Finding) and one.case == case]


def find_one(said, case):
    (finding,) = found(said, case)
    assert finding.code == "C06"
    return finding


def test_no_scans_and_any_number_at_one_place_say_nothing():
    assert judged() == []
    assert judged(*(scan(XIAN, NOON + timedelta(minutes=number)) for number in range(50))) == []


def test_a_first_scan_is_no_sign_of_anything():
    assert judged(scan(XIAN)) == []


def test_two_far_places_within_minutes_are_faster_than_any_journey():
    told = find_one(judged(scan(XIAN), scan(SHANGHAI, NOON + timedelta(minutes=10)), moves=()), "too_fast")
    assert (told.severity, told.facts["minutes"], told.facts["count"]) == (Severity.MINOR, 10, 1)
    assert told.facts["km"] == pytest.approx(1220, abs=20)


def test_it_holds_no_lot_however_often_for_anybody_can_make_up_a_place():
    scans = [scan((XIAN, SHANGHAI)[number % 2], NOON + timedelta(minutes=number)) for number in range(40)]
    told = find_one(judged(*scans, moves=()), "too_fast")
    assert (told.severity, told.facts["count"]) == (Severity.MINOR, 39)


def test_at_the_same_instant_two_neighbouring_cells_are_one_place():
    assert found(judged(scan((343, 1089)), scan((344, 1089)), moves=()), "too_fast") == []
    assert found(judged(scan((343, 1089)), scan((347, 1089)), moves=()), "too_fast") != []


def test_the_limit_is_900_km_an_hour_after_the_blur_is_taken_off():
    km = measure_km((XIAN[0] / 10, XIAN[1] / 10), (SHANGHAI[0] / 10, SHANGHAI[1] / 10)) - BLUR_KM
    just = timedelta(hours=km / MAX_KM_H)
    for late, is_found in ((just - timedelta(seconds=1), True), (just + timedelta(seconds=1), False)):
        pair = (scan(XIAN), scan(SHANGHAI, NOON + late))
        assert bool(found(judged(*pair, moves=()), "too_fast")) is is_found


def test_a_scan_far_from_where_the_goods_are_built_in_is_odd_and_names_the_installation():
    later = INSTALLED.at + timedelta(days=2)
    told = find_one(judged(scan(SHANGHAI, later)), "after_installed")
    assert told.severity is Severity.MINOR
    assert told.entries == (RECEIVED.entry, INSTALLED.entry)
    assert judged(scan(XIAN, later)) == []


@pytest.mark.parametrize(("tenths", "is_found"), [(10, False), (11, True)])
def test_the_border_of_near_is_100_km_after_the_blur(tenths, is_found):
    """A tenth of a degree of latitude is 11.1 km."""
    later = INSTALLED.at + timedelta(days=2)
    place = (XIAN[0] + tenths, XIAN[1])
    km = measure_km((34.26, 108.94), (place[0] / 10, place[1] / 10)) - BLUR_KM
    assert (km > NEAR_INSTALLED_KM) is is_found
    assert bool(found(judged(scan(place, later)), "after_installed")) is is_found


def test_a_region_that_it_was_never_shipped_to_is_odd_before_it_is_built_in():
    before = INSTALLED.at - timedelta(days=1)
    told = find_one(judged(scan(SHANGHAI, before)), "elsewhere")
    assert told.facts["km"] == pytest.approx(1220, abs=20)
    assert told.entries == (SHIPPED.entry, RECEIVED.entry)
    moves = (*MOVES, replace(SHIPPED, place="geo:31.23,121.47"))
    assert judged(scan(SHANGHAI, before), moves=moves) == []


def test_what_was_taken_out_again_may_be_anywhere_it_was_shipped():
    acts = (*HISTORY.site_acts, replace(INSTALLED, act="removed", entry=INSTALLED.entry + 100))
    later = INSTALLED.at + timedelta(days=2)
    assert found(judged(scan(SHANGHAI, later), site_acts=acts), "after_installed") == []
    assert found(judged(scan(SHANGHAI, later), site_acts=acts), "elsewhere") != []


def test_without_a_place_on_record_it_could_not_look_and_says_so():
    told = judged(scan(SHANGHAI), moves=())
    assert [one.reason for one in told if isinstance(one, Unchecked)] == ["places_unknown"]
    assert found(told, "elsewhere") == []
