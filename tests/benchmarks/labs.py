"""`bin/bench labs`: how well the screens tell labs apart, and reports, look-ups and screens among 100,000 reports.

What was planted is known (`reports.py`), so detection and false alarms are counted, not guessed. Reports are of eight
rows, each on a drum of its own; one in a hundred has the values of an earlier one.
"""

import gc
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import func, select

from api.database import Database
from api.settings import ROOT
from keys.envelope import parse_statement, seal_statement
from keys.errors import RefusedError
from keys.keyring import PrivateKey, generate_key
from labs.casework.register import read_stale
from labs.copies.register import ReportCopyRow, VectorPrintRow, find_alike
from labs.copies.vectors import read_cells
from labs.refresh import list_judged, look_at, mark_touched
from labs.reports.register import TestRow, read_rows
from labs.screens import SCREENS
from labs.screens.register import forget_screened, screen_on
from labs.screens.screen import Counts, Issued, Screened, add_counts
from tests import facts
from tests.benchmarks.figures import Figure
from tests.benchmarks.material import make_statements
from tests.benchmarks.reports import HABITS, Written, write_reports
from tests.benchmarks.serving import fresh_database
from tests.factories import BODIES
from tests.world import World
from trace.intake import accept

Scale = Callable[[int], int]
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_REPORTS, _BATCH, _LABS = 100_000, 500, 20
_HONEST, _OF_LAB = 8, 400
_COPIES = 100
_BOUND_S = timedelta(seconds=10)


def measure_screens(folder: Path, limits: dict[str, float], scale: Scale) -> Iterator[Figure]:
    """Districts of honest labs, with one lab of each habit among them; what each screen asks of whom."""
    seen, alarms, looked = dict.fromkeys(HABITS, 0), dict.fromkeys(HABITS, 0), dict.fromkeys(HABITS, 0)
    districts = scale(40)
    for number in range(districts):
        chance = random.Random(number)
        labs = {f"honest {lab}": "" for lab in range(_HONEST)} | {habit: habit for habit in HABITS}
        for code, said in _screen(labs, chance):
            if said.lab == code:
                seen[code] += said.is_open and (code != "L24" or said.about == "0")
            elif said.lab.startswith("honest"):
                looked[code] += 1
                alarms[code] += said.is_open
    for screen in SCREENS:
        code = screen.code
        # A lab has two triplicated parameters; one that asks is enough, and both may.
        found = min(100.0, 100 * seen[code] / districts / (2 if code in ("L12", "L13") else 1))
        yield Figure(f"{code}: asked, of what its habit shows in", found, "%")
        share = 100 * alarms[code] / max(looked[code], 1)
        note = f"{alarms[code]} of {looked[code]:,} looks at honest labs; p < {screen.threshold:g}"
        yield Figure("  honest labs asked for nothing", share, "%", is_cost=True, note=note)


def _screen(labs: dict[str, str], chance: random.Random) -> Iterator[tuple[str, Screened]]:
    subjects: dict[tuple[str, str], dict[tuple[str, str], Counts]] = {}
    for lab, habit in labs.items():
        for written in write_reports(_OF_LAB, chance, habit):
            report = Issued(lab, str(written.client), written.conclusion, read_rows(map(_kept, written.rows)))
            for screen in SCREENS:
                for (subject, of, about), counts in screen.count(report):
                    add_counts(subjects.setdefault((screen.code, subject), {}).setdefault((of, about), {}), counts)
    for screen in SCREENS:
        for (code, subject), tallies in subjects.items():
            if code == screen.code:
                yield from ((code, said) for said in screen.ask(subject, tallies))


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the register keeps it: all its fields."""
    return dict.fromkeys(TestRow.__slots__) | {"replicates": [], "raw_sha256": []} | row


def measure_reports(kind: str, folder: Path, scale: Scale) -> Iterator[Figure]:
    """Reports in bulk, the look-up of L10 and the screens, on one database, `sqlite` or `postgresql`."""
    name = _NAMES[kind]
    with fresh_database(kind, folder / f"labs-{kind}") as database:
        field = _Field.found(database)
        yield from _measure_accept(field, scale(_REPORTS), name)
        yield from _measure_copies(field, scale(_REPORTS), name)
        yield from _measure_look_up(field, name)
        yield from _measure_judging(field, scale(_REPORTS), scale(2000), name)
        yield from _measure_all(field, folder / f"labs-{kind}", name)


@dataclass(slots=True)
class _Field:
    """A registry with labs and their keys, and how long accepting took, a report."""

    world: World
    labs: Sequence[tuple[str, PrivateKey]]
    copied: int = 0
    accept_s: float = 0.0

    @classmethod
    def found(cls, database: Database) -> "_Field":
        world = World.found(database, cast=("regulator", "maker", "lab"), is_demonstration=False)
        labs = [(facts.uscc(3000 + number), generate_key()) for number in range(_LABS)]
        for uscc, key in labs:
            party = {"uscc": uscc, "name": {"zh": f"lab {uscc}"}, "roles": ["lab"]}
            world.say("regulator", "party.admitted", party=party, key=key.public.to_jwk())
        return cls(world, labs)

    @property
    def database(self) -> Database:
        return self.world.database


def _measure_accept(field: _Field, count: int, name: str) -> Iterator[Figure]:
    """The median batch: signatures, schema, effects with the look-up of L10, marking of lots, commit."""
    chance = random.Random(1)
    makers = [list(write_reports(count // _LABS + 1, chance)) for _ in field.labs]
    world, written, earlier = field.world, [], list[Written]()
    for number in range(count):
        own = makers[number % _LABS][number // _LABS]
        if number % _COPIES == _COPIES - 1:
            own = chance.choice(earlier)
        earlier.append(own)
        written.append(own)
    field.copied = count // _COPIES
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    rates = []
    for start in range(0, count, _BATCH):
        some = written[start : start + _BATCH]
        drums = make_statements(world.keys["maker"], len(some), start)
        _let_in(world, drums)
        batch = [
            _seal(field.labs[number % _LABS], number, report, parse_statement(drum).leaf)
            for number, (report, drum) in enumerate(zip(some, drums, strict=True), start)
        ]
        started = time.perf_counter()
        _let_in(world, batch)
        rates.append(len(batch) / (time.perf_counter() - started))
    rate = median(rates[len(rates) // 2 :])
    field.accept_s = 1 / rate
    yield Figure(f"reports let in, batches of {_BATCH}, {name}", rate, "reports/s", 500, note="of the later half")


def _let_in(world: World, batch: Sequence[bytes]) -> None:
    at = datetime.now(UTC)
    with world.database.writing() as session:
        outcomes = accept(session, batch, catalogue=world.house.catalogue, sealer=world.sealer, at=at)
        mark_touched(session, outcomes)
    refused = [outcome for outcome in outcomes if isinstance(outcome, RefusedError)]
    if refused:
        raise SystemExit(f"refused: {refused[0]}")


def _seal(lab: tuple[str, PrivateKey], number: int, report: Written, follows: bytes) -> bytes:
    body = dict(BODIES["report.issued"]())
    body |= {
        "number": f"B-{number:06d}",
        "lots": [f"/01/06901234567892/10/B{number // 500:06d}/21/D{number:08d}"],
        "sample": f"S-{number}",
        "client": facts.uscc(4000 + report.client),
        "conclusion": report.conclusion,
        "rows": report.rows,
        "required": [],
        "covers": None,
        "pdf_sha256": None,
    }
    statement = seal_statement(
        lab[1],
        kind="report.issued",
        issuer=lab[0],
        subject=body["number"],
        issued_at=datetime.now(UTC) - _BOUND_S,
        payload=json.dumps(body).encode(),
        nonce=os.urandom(16),
        follows=(follows,),
    )
    return statement.to_bytes()


def _measure_copies(field: _Field, count: int, name: str) -> Iterator[Figure]:
    """Which reports were found to have an earlier one's values: those that do, and any others."""
    with field.database.reading() as session:
        later = select(ReportCopyRow.number).where(ReportCopyRow.entry > ReportCopyRow.other).distinct()
        numbers = [int(number.removeprefix("B-")) for number in session.scalars(later)]
        prints = session.scalar(select(func.count()).select_from(VectorPrintRow))
    found = sum(number % _COPIES == _COPIES - 1 for number in numbers)
    yield Figure(f"L10: copies found, {name}", 100 * found / max(field.copied, 1), "%", note=f"of {field.copied:,}")
    others = len(numbers) - found
    yield Figure("  of honest reports found to be copies", others, "reports", is_cost=True, note=f"of {count:,}")
    yield Figure("  prints a report", (prints or 0) / count, "rows", is_cost=True)


def _measure_look_up(field: _Field, name: str) -> Iterator[Figure]:
    """The question of L10 for reports that are not on record: which others may be alike, and whether they are."""
    vectors = [read_cells(read_rows(map(_kept, one.rows))) for one in write_reports(1000, random.Random(2))]
    took = []
    with field.database.reading() as session:
        for cells in vectors:
            started = time.perf_counter()
            find_alike(session, cells)
            took.append(1000 * (time.perf_counter() - started))
    took = sorted(took[len(took) // 4 :])
    p99 = f"p99 {took[int(0.99 * len(took))]:.2f} ms"
    yield Figure(f"L10 look-up, median, {name}", median(took), "ms", 2, is_cost=True, note=p99)


def _measure_judging(field: _Field, count: int, lots: int, name: str) -> Iterator[Figure]:
    """Lots with a report judged by all rules and put on the list, by one process."""
    world, chance = field.world, random.Random(3)
    with field.database.reading() as session:
        waiting = chance.sample(read_stale(session, world.at, count), min(lots, count))
    at = datetime.now(UTC)
    started = time.perf_counter()
    for begin in range(0, len(waiting), 50):
        with field.database.reading() as session:
            judged = [
                look_at(session, lot, world.house.rules, world.house.pack, at) for lot in waiting[begin : begin + 50]
            ]
        with field.database.writing() as session:
            for one in judged:
                list_judged(session, one)
    each = (time.perf_counter() - started) / len(waiting)
    yield Figure(f"lots judged by all rules, one process, {name}", 1 / each, "lots/s")
    whole = 1 / (field.accept_s + each)
    yield Figure(f"reports let in and their lots judged, {name}", whole, "reports/s", 500)


def _measure_all(field: _Field, folder: Path, name: str) -> Iterator[Figure]:
    """All screens from the first report, by the command, with nobody else at the database."""
    started = time.perf_counter()
    (folder / "var" / "keys").mkdir(parents=True, exist_ok=True)
    (folder / "var" / "keys" / "ledger.pem").write_bytes(field.world.ledger_pem)
    environment = os.environ | {"VAR_DIR": str(folder / "var"), "DATABASE_URL": field.database.url, "DEMO": "no"}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "labs", "screen", "--anew"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"flask labs screen failed: {done.stderr[-500:]}")
    yield Figure(f"all screens, {name}", time.perf_counter() - started, "s", 60, is_cost=True)
    held = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
    yield Figure(f"  their memory, {name}", held, "MB", 1000, is_cost=True)
    with field.database.writing() as session:
        forget_screened(session)
        started = time.perf_counter()
        screen_on(session, 100)
        yield Figure("  a step of 100 reports", 1000 * (time.perf_counter() - started), "ms", is_cost=True)
