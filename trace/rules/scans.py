"""Is one label on two drums? Rule C06, from scans that say where they were.

Nobody signs a scan, and a place that a browser tells can be told by anybody. So what scans contradict is told and holds
nothing, however often: the catalogue's "major" is for whoever looks at the drum and signs what they found (C15). That a
label is scanned for the first time, or often, says nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from trace.epcis.geo import measure_km, read_geo
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule
from trace.history import History
from trace.rules.facts import HasHistory, covered_lots
from trace.scans.register import Scan

# detection_rules.csv C06.
MAX_KM_H = 900
# Places are tenths of a degree: either may be half a cell's diagonal from where it says, 7.9 km at the equator.
BLUR_KM = 16.0
# Ours to choose. A drum that is built in stays; one on its way may be scanned a province beside it.
NEAR_INSTALLED_KM = 100.0
NEAR_SHIPPED_KM = 300.0


@rule("C06", Severity.MINOR)
def cloned_label(facts: HasHistory) -> Judgement:
    """One label is at one place: no two scans are farther apart than 900 km/h reach, none is far from where the goods
    were built in or were ever shipped to. Basis: design (anti-counterfeit practice).
    """
    history = facts.history
    if not history.scans:
        return
    yield from _too_fast(history.scans)
    shipped = _shipped_to(history)
    if not shipped:
        yield Unchecked("C06", "places_unknown", {"scans": len(history.scans)})
        return
    built_in = _built_in_at(history)
    after = [scan for scan in history.scans if built_in is not None and scan.at > built_in[1]]
    if built_in is not None:
        yield from _far_off(after, [built_in[0]], NEAR_INSTALLED_KM, "after_installed", built_in[2])
    before = [scan for scan in history.scans if scan not in after]
    places = [place for place, _ in shipped]
    yield from _far_off(before, places, NEAR_SHIPPED_KM, "elsewhere", tuple(entry for _, entry in shipped))


def _too_fast(scans: tuple[Scan, ...]) -> Iterator[Finding]:
    pairs = [(one, other) for one, other in pairwise(scans) if _is_too_fast(one, other)]
    if pairs:
        one, other = max(pairs, key=lambda pair: measure_km(_place(pair[0]), _place(pair[1])))
        told: dict[str, Fact] = {
            "km": round(measure_km(_place(one), _place(other))),
            "minutes": round((other.at - one.at).total_seconds() / 60),
            "at": other.at,
            "count": len(pairs),
        }
        yield Finding("C06", Severity.MINOR, told, (), "too_fast")


def _is_too_fast(one: Scan, other: Scan) -> bool:
    km = measure_km(_place(one), _place(other)) - BLUR_KM
    return km > MAX_KM_H * (other.at - one.at).total_seconds() / 3600 and km > 0


def _far_off(
    scans: list[Scan], places: list[tuple[float, float]], near_km: float, case: str, entries: tuple[int, ...]
) -> Iterator[Finding]:
    far = [(min(measure_km(_place(scan), place) for place in places) - BLUR_KM, scan) for scan in scans]
    far = [(km, scan) for km, scan in far if km > near_km]
    if far:
        km, scan = max(far, key=lambda each: each[0])
        told: dict[str, Fact] = {"km": round(km + BLUR_KM), "at": scan.at, "count": len(far)}
        yield Finding("C06", Severity.MINOR, told, tuple(sorted(set(entries))), case)


def _shipped_to(history: History) -> list[tuple[tuple[float, float], int]]:
    """Where the goods were on record, as far as the places say where they are, with the entries."""
    lots = covered_lots(history)
    told = ((read_geo(move.place), move.entry) for move in history.movements if move.lot in lots and move.place)
    return [(place, entry) for place, entry in told if place is not None]


def _built_in_at(history: History) -> tuple[tuple[float, float], datetime, tuple[int, ...]] | None:
    """The last place on record before the goods were built in, when that was, and the entries; None where they are not,
    or nobody knows where.
    """
    acts = [act for act in history.site_acts if act.lot == history.lot_id and act.act in ("installed", "removed")]
    if not acts or acts[-1].act != "installed":
        return None
    act = acts[-1]
    before = [(place, entry) for place, entry in _shipped_to(history) if entry < act.entry]
    return (before[-1][0], act.at, (before[-1][1], act.entry)) if before else None


def _place(scan: Scan) -> tuple[float, float]:
    return (scan.latitude or 0) / 10, (scan.longitude or 0) / 10
