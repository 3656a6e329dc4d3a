"""How far a place is from a site."""

from decimal import Decimal

import pytest

from labs.sampling.ground import metres_outside

D = Decimal
# 0.001 degrees are 111.2 m: a square on the equator, and an L that the point at its inner corner lies outside of.
SQUARE = [(D(lat), D(lon)) for lat, lon in (("0", "116"), ("0", "116.001"), ("0.001", "116.001"), ("0.001", "116"))]
CORNERS = (("0", "0"), ("0", "0.002"), ("0.001", "0.002"), ("0.001", "0.001"), ("0.002", "0.001"), ("0.002", "0"))
ELL = [(D(lat), D(lon)) for lat, lon in CORNERS]


def at(latitude, longitude):
    return D(latitude), D(longitude)


@pytest.mark.parametrize(
    ("place", "corners", "metres"),
    [
        (at("0.0005", "116.0005"), SQUARE, 0),
        (at("0.0005", "116.001"), SQUARE, 0),
        (at("0.0005", "116.0015"), SQUARE, 55.6),
        (at("0.0005", "115.9991"), SQUARE, 100.1),
        (at("0.0014", "116.0013"), SQUARE, 55.6),
        (at("0.0015", "0.0015"), ELL, 55.6),
        (at("0.0015", "0.0005"), ELL, 0),
        (at("0.0005", "0.0015"), ELL, 0),
    ],
)
def test_metres_outside(place, corners, metres):
    for turned in (corners, corners[::-1], [*corners[2:], *corners[:2]]):
        assert metres_outside(place, turned) == pytest.approx(metres, abs=0.1)


def test_a_degree_of_longitude_is_shorter_in_the_north():
    north = [(latitude + 60, longitude) for latitude, longitude in SQUARE]
    assert metres_outside(at("60.0005", "116.0019"), north) == pytest.approx(50.0, abs=0.1)


def test_the_date_line_is_no_edge():
    site = [at("0", "179.9995"), at("0", "-179.9995"), at("0.001", "-179.9995"), at("0.001", "179.9995")]
    assert metres_outside(at("0.0005", "179.9999"), site) == 0
    assert metres_outside(at("0.0005", "-179.9999"), site) == 0
    assert metres_outside(at("0.0005", "-179.9985"), site) == pytest.approx(111.2, abs=0.1)
