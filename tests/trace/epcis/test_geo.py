"""RFC 5870 places, and how far they are apart."""

import pytest

from trace.epcis.geo import measure_km, read_geo


@pytest.mark.parametrize(
    ("place", "degrees"),
    [
        ("geo:34.26,108.94", (34.26, 108.94)),
        ("GEO:-33.9,18.4,1200;u=35", (-33.9, 18.4)),
        ("geo:1,2;crs=wgs84", (1.0, 2.0)),
        ("geo:1,2;crs=Moon-2011", None),
        ("geo:91,0", None),
        ("geo:0,181", None),
        ("geo:34.26", None),
        ("geo:34.26,108.94\n", None),
        ("urn:suzheng:place:station-3", None),
        ("https://id.gs1.org/414/6901234567892", None),
        ("", None),
    ],
)
def test_a_place_says_where_it_is_or_is_not_read(place, degrees):
    assert read_geo(place) == degrees


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        ((34.27, 108.95), (34.27, 108.95), 0),
        ((34.27, 108.95), (31.23, 121.47), 1223),  # Xi'an, Shanghai
        ((0, 0), (0, 180), 20015),  # half around
        ((0, 179.95), (0, -179.95), 11),  # across the date line
    ],
)
def test_the_way_over_the_ground(one, other, km):
    assert measure_km(one, other) == pytest.approx(km, rel=0.01, abs=1)
