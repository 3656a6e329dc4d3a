"""The places where material lies, without a map: stations with their circuits, and stores with who keeps them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from api.naming import place_label
from api.pages.standing import Line
from api.tracing import Trace, add_up
from trace.balance import State
from trace.epcis.events import Quantity
from trace.site.register import SiteAct
from trace.whereabouts import length_of

MOST_PLACES = 60


@dataclass(frozen=True, slots=True)
class Circuit:
    """What lies in one circuit of a station; `name` is "" where none is named."""

    name: str
    totals: tuple[Quantity, ...]
    lots: tuple[str, ...]
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Station:
    """A station with all that is built in there, since when, by whom."""

    name: str
    totals: tuple[Quantity, ...]
    lots: tuple[str, ...]
    since: datetime
    parties: tuple[str, ...]
    circuits: tuple[Circuit, ...]


@dataclass(frozen=True, slots=True)
class Store:
    """Where something is kept, or was sent from: `name` is "" where the place is not stated."""

    name: str
    line: Line


def list_stations(told: Trace) -> tuple[Station, ...]:
    """Stations by name, over the whole lineage; acts that were undone or are not believed are no part of it."""
    stations: dict[str, list[SiteAct]] = {}
    for row in told.rows:
        for act in row.installed:
            stations.setdefault(act.station or "", []).append(act)
    return tuple(_station(name, acts) for name, acts in sorted(stations.items()))


def list_stores(lines: Iterable[Line]) -> tuple[Store, ...]:
    """Where material is held or under way, by the place's name and its keeper."""
    kept = [line for line in lines if line.state in (State.HELD, State.ON_WAY)]
    stores = [Store(place_label(line.where) if line.where else "", line) for line in kept]
    return tuple(sorted(stores, key=lambda store: (store.name == "", store.name, store.line.party or "")))


def _station(name: str, acts: list[SiteAct]) -> Station:
    circuits: dict[str, list[SiteAct]] = {}
    for act in acts:
        circuits.setdefault(act.circuit or "", []).append(act)
    return Station(
        name,
        add_up(map(length_of, acts)),
        _lots(acts),
        min(act.at for act in acts),
        tuple(sorted({act.party for act in acts})),
        tuple(_circuit(circuit, of_one) for circuit, of_one in sorted(circuits.items())),
    )


def _circuit(name: str, acts: list[SiteAct]) -> Circuit:
    return Circuit(name, add_up(map(length_of, acts)), _lots(acts), tuple(act.entry for act in acts))


def _lots(acts: Iterable[SiteAct]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(act.lot for act in acts))
