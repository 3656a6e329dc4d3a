"""Places that say where they are: RFC 5870 `geo:` URIs, as EPCIS read points and business locations may have.

    geo:34.26,108.94      geo:34.26,108.94,400;u=35

Height and parameters are passed over, but for another reference system than WGS 84: that is a place that we can't read.
"""

import math
import re

_GEO = re.compile(
    r"geo:(-?[0-9]{1,3}(?:\.[0-9]{1,12})?),(-?[0-9]{1,3}(?:\.[0-9]{1,12})?)(?:,-?[0-9]{1,6}(?:\.[0-9]{1,12})?)?"
    r"((?:;[A-Za-z0-9-]{1,20}(?:=[A-Za-z0-9.%_~:\[\]&+$-]{1,40})?){0,4})",
    re.IGNORECASE,
)
_EARTH_KM = 6371.0


def read_geo(place: str) -> tuple[float, float] | None:
    """Latitude and longitude in degrees; None where the place does not say, or not in WGS 84."""
    match = _GEO.fullmatch(place)
    if match is None:
        return None
    latitude, longitude = float(match[1]), float(match[2])
    names = [part.partition("=") for part in match[3].lower().split(";") if part]
    if any(name == "crs" and value != "wgs84" for name, _, value in names):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def measure_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The way between two places over the ground, in km (haversine on a sphere: within half a percent)."""
    (lat_a, lon_a), (lat_b, lon_b) = ((math.radians(x), math.radians(y)) for x, y in (one, other))
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))
