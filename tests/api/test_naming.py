"""Facts read as people write them, whatever somebody has put into them."""

import pytest

from api.naming import place_label, tell_facts


def test_day_is_written_as_one() -> None:
    assert tell_facts({"day": "2015-04-13"}, {}) == {"day": "2015年4月13日"}


@pytest.mark.parametrize("number", ["2015-13-45", "0000-01-01", "2015-04-13T99:99Z", "0001-01-01T00:00:00+23:00"])
def test_number_that_only_looks_like_a_day_stays_as_it_is(number: str) -> None:
    assert tell_facts({"number": number}, {}) == {"number": number}


def test_what_a_lab_tested_is_told_by_its_family() -> None:
    assert tell_facts({"object": "cable"}, {}) == {"object": "电线电缆"}


@pytest.mark.parametrize(
    ("place", "label"),
    [
        ("urn:suzheng:place:station-03", "03号站"),
        ("urn:suzheng:place:yard", "yard"),
        ("urn:other:dock-7", "urn:other:dock-7"),
    ],
)
def test_station_is_told_by_its_number_and_other_places_as_they_are(place: str, label: str) -> None:
    assert place_label(place) == label
