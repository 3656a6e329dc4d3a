"""`bin/bench ledger`: the door, HTTP, proofs, verification and memory, on 2 cores with statements of about 1 KiB."""

import gc
import os
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from api.auditing import looking_by_processes
from api.database import Database
from api.wiring import build_house
from keys.envelope import Statement
from keys.errors import RefusedError
from keys.keyring import PrivateKey
from tests.benchmarks.figures import Figure
from tests.benchmarks.load import Load, make_request, run_load
from tests.benchmarks.machine import DURABLE, ED25519, OPENSSL, SHA256
from tests.benchmarks.material import found_registry, make_statements
from tests.benchmarks.serving import Served, fresh_database, serving
from trace.audit import Depth, audit
from trace.intake import accept
from trace.ledger import store
from trace.ledger.checkpoint import Sealer
from trace.ledger.issuing import issue_receipt
from trace.ledger.shelf import show_consistency, show_inclusion

_POST, _SEQUENCE = "/api/v1/statements", "application/cbor-seq"
Scale = Callable[[int], int]


def measure_accept(folder: Path, limits: dict[str, float], scale: Scale) -> Iterator[Figure]:
    """`accept` in this process, batches of 500, SQLite; the median batch, commit included."""
    with fresh_database("sqlite", folder / "accept") as database:
        registry = found_registry(database)
        batches = [make_statements(registry.maker, 500, 500 * number) for number in range(scale(12))]
        # As in a worker (api/gunicorn.conf.py).
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        rates = []
        for batch in batches:
            started = time.perf_counter()
            with database.writing() as session:
                outcomes = accept(
                    session, batch, catalogue=registry.house.catalogue, sealer=registry.sealer, at=datetime.now(UTC)
                )
            rates.append(len(batch) / (time.perf_counter() - started))
            _check_all_new(outcomes)
    rate = sorted(rates)[len(rates) // 2]
    name = "accept, batches of 500, one process, SQLite"
    yield Figure(name, rate, "statements/s", 0.5 * limits[ED25519], limit=ED25519)
    yield Figure("  the same, against OpenSSL's checks", rate, "statements/s", 0.5 * limits[OPENSSL], limit=OPENSSL)


def measure_posts(kind: str, demanded: float, folder: Path, scale: Scale) -> Iterator[Figure]:
    """POSTs of one statement and of 100, to two workers."""
    place, name = folder / f"http-{kind}", {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[kind]
    with fresh_database(kind, place) as database:
        registry = found_registry(database)
        maker = registry.maker
        with serving(database, place, registry.ledger_pem) as server:
            yield from _measure_posts_to(server, maker, name, demanded, scale)


def _measure_posts_to(server: Served, maker: PrivateKey, name: str, demanded: float, scale: Scale) -> Iterator[Figure]:
    single = [make_request("POST", _POST, one) for one in make_statements(maker, scale(12_000))]
    warm = len(single) // 6
    run_load(server.address, single[:warm], connections=32)
    load = _checked(run_load(server.address, single[warm:], connections=32))
    yield Figure(f"single POSTs, 32 connections, {name}", load.per_second, "statements/s", demanded, limit=DURABLE)
    p50 = f"p50 {load.latency_ms(0.5):.0f} ms"
    yield Figure(f"  their latency, p99, {name}", load.latency_ms(0.99), "ms", 100, is_cost=True, note=p50)
    many = make_statements(maker, scale(60_000), start=10_000_000)
    hundreds = [
        make_request("POST", _POST, b"".join(many[at : at + 100]), _SEQUENCE) for at in range(0, len(many), 100)
    ]
    warm = len(hundreds) // 6
    run_load(server.address, hundreds[:warm], connections=8)
    load = _checked(run_load(server.address, hundreds[warm:], connections=8))
    yield Figure(f"POSTs of 100, 8 connections, {name}", 100 * load.per_second, "statements/s", 6000, limit=ED25519)


def measure_proofs(folder: Path, scale: Scale) -> Iterator[Figure]:
    """Receipts and proofs at 10,000 entries and at 1 million; and what a worker holds then."""
    medians: dict[str, list[float]] = {}
    for size in (10_000, scale(1_000_000)):
        place = folder / f"proofs-{size}"
        with fresh_database("sqlite", place) as database:
            registry = found_registry(database)
            fill_ledger(database, registry.sealer, size)
            for name, prove in _PROOFS.items():
                median = _median_ms(database, prove, size)
                medians.setdefault(name, []).append(median)
                yield Figure(f"{name} at {size:,} entries, median", median, "ms", 1.0, is_cost=True)
            if size > 10_000:
                with serving(database, place, registry.ledger_pem) as server:
                    positions = random.Random(1).sample(range(size), 2000)
                    reads = [make_request("GET", f"/api/v1/entries/{position}/receipt") for position in positions]
                    load = _checked(run_load(server.address, reads, connections=16))
                    yield Figure("receipts over HTTP at that size", load.per_second, "requests/s")
                    posts = [make_request("POST", _POST, one) for one in make_statements(registry.maker, 2000)]
                    _checked(run_load(server.address, posts, connections=32))
                    held = server.memory_bytes() / 1e6
                    yield Figure("memory of a worker at that size, after it", held, "MB", 250, is_cost=True)
    for name, (small, large) in medians.items():
        yield Figure(f"{name}: large to small", large / small, "times", 1.2, is_cost=True)


def measure_verify(folder: Path, limits: dict[str, float], scale: Scale) -> Iterator[Figure]:
    """The audit on all cores: with signatures over statements of the door, by hashes alone over a long ledger."""
    place = folder / "verify"
    with fresh_database("sqlite", place) as database:
        registry = found_registry(database)
        for start in range(0, scale(100_000), 1000):
            batch = make_statements(registry.maker, 1000, start)
            with database.writing() as session:
                _check_all_new(
                    accept(
                        session, batch, catalogue=registry.house.catalogue, sealer=registry.sealer, at=datetime.now(UTC)
                    )
                )
        rate = _verify(database, Depth.SIGNATURES)
        yield Figure("verify with signatures, all cores", rate, "entries/s", 10_000, limit=ED25519)
    with fresh_database("sqlite", folder / "verify-long") as database:
        registry = found_registry(database)
        size = scale(1_000_000)
        fill_ledger(database, registry.sealer, size)
        rate = _verify(database, Depth.HASHES)
        yield Figure(f"verify by hashes, all cores, {size:,} entries", rate, "entries/s", 150_000, limit=SHA256)
        held = max(
            resource.getrusage(who).ru_maxrss * 1024 / 1e6 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        yield Figure("  its memory, the largest process", held, "MB", 500, is_cost=True)


def _verify(database: Database, depth: Depth) -> float:
    """Entries a second, the start of the processes included."""
    started = time.perf_counter()
    with (
        database.reading() as session,
        looking_by_processes(database.url, os.cpu_count() or 1) as look,
    ):
        result = audit(
            session, depth=depth, catalogue=build_house().catalogue, progress=lambda done, total: None, look=look
        )
    if not result.is_sound:
        raise SystemExit(f"not sound: {result.fault}")
    return result.entries / (time.perf_counter() - started)


def fill_ledger(database: Database, sealer: Sealer, size: int) -> None:
    """Bring a ledger to `size` entries past the door: nobody asks here what they say, only how many they are."""
    chance = random.Random(size)
    with database.reading() as session:
        present = store.size_of(session)
    for start in range(present, size, 2000):
        batch = [_blank(number, chance) for number in range(start, min(start + 2000, size))]
        with database.writing() as session:
            store.append(session, store.read_head(session), batch, sealer, datetime.now(UTC))


def _blank(number: int, chance: random.Random) -> Statement:
    return Statement(
        protected=b"\xa0",
        payload=chance.randbytes(900),
        signature=bytes(64),
        algorithm_id=-8,
        kid=bytes(32),
        content_type="application/json",
        kind="bench.blank",
        issuer="nobody",
        subject=str(number),
        issued_at=datetime.now(UTC),
        follows=(),
        nonce=number.to_bytes(16),
    )


_PROOFS: dict[str, Callable[[Session, int, int], object]] = {
    "receipt": lambda session, position, size: issue_receipt(session, position, size),
    "inclusion proof": lambda session, position, size: show_inclusion(session, position, size),
    "consistency proof": lambda session, position, size: show_consistency(session, position + 1, size),
}


def _median_ms(database: Database, prove: Callable[[Session, int, int], object], size: int) -> float:
    """Of 1,000 entries at random, after as many others that warm up what a running server has warm."""
    took = []
    for position in random.Random(size).choices(range(size), k=2000):
        started = time.perf_counter()
        with database.reading() as session:
            prove(session, position, size)
        took.append(time.perf_counter() - started)
    return 1000 * sorted(took[1000:])[500]


def _checked(load: Load) -> Load:
    if set(load.statuses) - {200, 201}:
        raise SystemExit(f"refused: {load.statuses}")
    return load


def _check_all_new(outcomes: Sequence[object]) -> None:
    refused = [outcome for outcome in outcomes if isinstance(outcome, RefusedError)]
    if refused:
        raise SystemExit(f"refused: {refused[0]}")
