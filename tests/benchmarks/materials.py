"""`bin/bench materials`: scans, links, events, traces and imports in a generated district, and in one a hundredth its
size: 4,100 batches are 205,000 lots and a million EPCIS events.

Every lot has been judged, and every report screened, before the measuring begins, as in a registry that has had a
quiet hour. What the captures touch is judged behind them, as ever.
"""

import os
import pickle
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import quote

from api.database import Database
from api.settings import ROOT
from tests.benchmarks.district import (
    DRUMS,
    EVENTS_OF_BATCH,
    Cast,
    drum_at,
    fill_district,
    found_district,
    grow_family,
    judge_district,
    make_events,
    screen_district,
)
from tests.benchmarks.figures import Figure
from tests.benchmarks.load import Load, make_request, run_load
from tests.benchmarks.serving import Served, copied_database, fresh_database, kept_database, serving
from trace.epcis.register import index_events, read_progress
from trace.kinds import Catalogue

Scale = Callable[[int], int]
_BATCHES, _HUNDREDTH = 4_100, 41
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_A_CAPTURE, _IMPORTED = 500, 10_000
_FILLED = "filled.pickle"
# What a cost may be of the cost in a district a hundredth the size.
_GROWTH = 1.3


@dataclass(frozen=True, slots=True)
class Field:
    """A district as it is served, with what the parts of a measurement need."""

    batches: int
    server: Served
    scale: Scale
    chance: random.Random

    def units(self, count: int) -> list[str]:
        """Drums at random, as lot ids."""
        return [drum_at(self.chance.randrange(self.batches * DRUMS)) for _ in range(count)]

    def run(self, paths: Sequence[str], *, keep_bodies: bool = False) -> Load:
        """GET these over 16 connections, after a sixth of them that warm up."""
        requests = [make_request("GET", path) for path in paths]
        warm = len(requests) // 6
        run_load(self.server.address, requests[:warm], connections=16)
        return run_load(self.server.address, requests[warm:], connections=16, keep_bodies=keep_bodies)


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure, and what it cost to do the thing once, in any unit: what is compared between districts."""

    figure: Figure
    cost: float


def measure_district(kind: str, folder: Path, scale: Scale) -> Iterator[Figure]:
    """All of it on one database, `sqlite` or `postgresql`."""
    costs: dict[str, list[float]] = {}
    for batches in (scale(_HUNDREDTH), scale(_BATCHES)):
        for measured in _measure_one(kind, folder / f"{kind}-{batches}", batches, scale):
            costs.setdefault(measured.figure.name, []).append(measured.cost)
            if batches == scale(_BATCHES):
                yield measured.figure
    for name, (small, large) in ((name, both) for name, both in costs.items() if len(both) == 2):
        yield Figure(f"  {name}: large to small", large / small, "times", _GROWTH, is_cost=True)


@dataclass(frozen=True, slots=True)
class Filled:
    """A district that is on record and indexed; it is kept beside its database."""

    cast: Cast
    ledger_pem: bytes
    families: Mapping[int, str]
    """The lot id of a batch by how many lots are below it."""


def fill(kind: str, folder: Path, batches: int) -> Iterator[Measured]:
    """Fill a district of so many batches in this folder, unless that was done before; what that took."""
    done, name = folder / _FILLED, _NAMES[kind]
    if done.exists():
        return
    with fresh_database(kind, folder) as database:
        world, cast = found_district(database)
        started = time.perf_counter()
        fill_district(world, cast, batches)
        rate = batches * EVENTS_OF_BATCH / (time.perf_counter() - started)
        yield _rate(Figure(f"events made and let in by one process, {name}", rate, "events/s"))
        families = {size: grow_family(world, cast, f"W{size}", size) for size in (1000, 20_000)}
        started = time.perf_counter()
        entries = _index(database, world.house.catalogue)
        rate = entries / (time.perf_counter() - started)
        yield _rate(Figure(f"entries indexed for queries, {name}", rate, "entries/s"))
    done.write_bytes(pickle.dumps(Filled(cast, world.ledger_pem, families)))


def _measure_one(kind: str, folder: Path, batches: int, scale: Scale) -> Iterator[Measured]:
    yield from fill(kind, folder, batches)
    yield from _judge(kind, folder)
    # What is read back is our own, written by this program.
    filled: Filled = pickle.loads((folder / _FILLED).read_bytes())
    name = _NAMES[kind]
    # What the service kept beside the last copy knows of entries that this one lacks.
    shutil.rmtree(folder / "var", ignore_errors=True)
    with copied_database(kind, folder) as database:
        with serving(database, folder, filled.ledger_pem) as server:
            field = Field(batches, server, scale, random.Random(1))
            yield from _measure_scans(field, name)
            yield from _measure_links(field, name)
            yield from _measure_traces(field, name, filled.families)
            yield from _measure_events(field, name)
            yield from _measure_capture(field, filled.cast, name)
        yield from _measure_import(database, folder / "var", filled.cast, name)


def _judge(kind: str, folder: Path) -> Iterator[Measured]:
    """Judge what this edition has not judged yet; what that took."""
    with kept_database(kind, folder) as database:
        started = time.perf_counter()
        judged = judge_district(database)
        taken = time.perf_counter() - started
        screen_district(database)
        if judged:
            rate = judged / taken
            yield _rate(Figure(f"lots judged by all cores, {_NAMES[kind]}", rate, "lots/s"))


def _measure_scans(field: Field, name: str) -> Iterator[Measured]:
    load = _checked(field.run([f"/{unit}" for unit in field.units(field.scale(4000))], keep_bodies=True))
    note = f"p50 {load.latency_ms(0.5):.0f} ms"
    yield _rate(Figure(f"scan pages of random units, {name}", load.per_second, "pages/s", 400, note=note))
    slowest = load.latency_ms(0.99)
    yield Measured(Figure(f"  their latency, p99, {name}", slowest, "ms", 80, is_cost=True), slowest)
    largest = max(map(len, load.bodies)) / 1000
    yield Measured(Figure(f"  the largest page, {name}", largest, "kB", 50, is_cost=True), largest)


def _measure_links(field: Field, name: str) -> Iterator[Measured]:
    for what, link in (("redirects", "gs1:traceability"), ("linksets", "linkset")):
        load = field.run([f"/{unit}?linkType={link}" for unit in field.units(field.scale(6000))])
        yield _rate(Figure(f"resolver's {what}, {name}", _checked(load).per_second, "requests/s", 1200))


def _measure_traces(field: Field, name: str, families: Mapping[int, str]) -> Iterator[Measured]:
    for size, demanded in ((1000, 100), (20_000, 2000)):
        request = make_request("GET", f"/api/v1/lots/{families[size]}/trace")
        took = []
        for _ in range(6):
            load = _checked(run_load(field.server.address, [request], connections=1))
            took.append(load.latency_ms(1))
        # The first finds nothing warm.
        usual = median(took[1:])
        yield Measured(Figure(f"trace of {size:,} relatives, {name}", usual, "ms", demanded, is_cost=True), usual)


def _index(database: Database, catalogue: Catalogue) -> int:
    """Index all there is, as the server does while nobody waits; how many entries that is."""
    while True:
        with database.writing() as session:
            index_events(session, catalogue, 20_000)
            progress = read_progress(session)
        if not progress.is_behind:
            return progress.of


def _measure_events(field: Field, name: str) -> Iterator[Measured]:
    """All events of a drum, six of them, by its identifier."""
    uris = [quote(f"https://id.gs1.org/{unit}", safe="") for unit in field.units(field.scale(4000))]
    load = _checked(field.run([f"/epcis/epcs/{uri}/events" for uri in uris]))
    yield _rate(Figure(f"events by EPC, {name}", load.per_second, "requests/s", 800))


def _measure_capture(field: Field, cast: Cast, name: str) -> Iterator[Measured]:
    """Signed events in requests of 500, each of which goes in whole or not at all."""
    for epcs, count, demanded in ((1, 30_000, 3000), (20, 10_000, 1000)):
        events = make_events(cast, f"X{epcs}", field.scale(count), epcs)
        bodies = [b"".join(events[at : at + _A_CAPTURE]) for at in range(0, len(events), _A_CAPTURE)]
        requests = [make_request("POST", "/epcis/capture", body, "application/cbor-seq") for body in bodies]
        warm = max(1, len(requests) // 6)
        run_load(field.server.address, requests[:warm], connections=4)
        load = _checked(run_load(field.server.address, requests[warm:] or requests, connections=4))
        rate = load.per_second * len(events) / len(requests)
        yield _rate(Figure(f"events captured, {epcs} EPC each, {name}", rate, "events/s", demanded))


def _measure_import(database: Database, var_dir: Path, cast: Cast, name: str) -> Iterator[Measured]:
    """A spreadsheet of 10,000 drums by the command, from its start to its end, with nobody else at the database."""
    place = var_dir.parent
    (place / "maker.pem").write_bytes(cast.makers[0].pem)
    columns = {"product": "06901234567892", "lot": "I1", "length": "500", "made_at": "2015-05-05 14:00"}
    columns |= {"type": "BV 2.5", "name_zh": "电线", "class": "2", "material": "Cu", "nominal_area_mm2": "2.5"}
    rows = [",".join((*columns.values(), f"D{number:05d}")) for number in range(_IMPORTED)]
    (place / "drums.csv").write_text("\n".join((",".join((*columns, "serial")), *rows)), encoding="utf-8")
    command = ["flask", "--app", "wsgi", "import", "drums", str(place / "drums.csv"), "--key", str(place / "maker.pem")]
    environment = os.environ | {"VAR_DIR": str(var_dir), "DATABASE_URL": database.url, "DEMO": "no"}
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"the import was refused: {done.stdout[-500:]}{done.stderr[-500:]}")
    yield Measured(Figure(f"10,000 drums imported by command, {name}", seconds, "s", 15, is_cost=True), seconds)


def _rate(figure: Figure) -> Measured:
    return Measured(figure, 1 / figure.value)


def _checked(load: Load) -> Load:
    if set(load.statuses) - {200, 202, 307}:
        raise SystemExit(f"refused: {load.statuses}")
    return load
