"""Sixty-four writers, two workers, twenty SIGKILLs: what was acknowledged is there once, and no checkpoint contradicts
another.
"""

import base64
import http.client
import itertools
import json
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from api import migrate
from api.database import Database
from keys.envelope import parse_statement
from tests.attacks.server import Service
from tests.benchmarks.material import Registry, found_registry, make_statements
from trace.audit import Depth, audit
from trace.ledger.checkpoint import read_note
from trace.ledger.compact import EMPTY_RANGE
from trace.ledger.receipt import verify_receipt
from trace.ledger.store import EntryRow, stored_nodes
from trace.ledger.tree import hash_leaf, root_of

WRITERS, KILLS = 64, 20


@dataclass
class Record:
    """What clients have been told."""

    acknowledged: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    """Statement → (entry, receipt)."""
    notes: set[str] = field(default_factory=set)
    strange: list[str] = field(default_factory=list)


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    database = Database(database_url)
    service = Service(found_registry(database), tmp_path)
    service.start()
    yield service
    service.kill()
    database.close()


def insist(service: Service, statements: Iterator[bytes], is_over: threading.Event, record: Record) -> None:
    """Send one statement after another, each again and again until it is acknowledged."""
    for statement in statements:
        while statement not in record.acknowledged:
            if is_over.is_set():
                return
            try:
                status, _, body = service.ask("POST", "/api/v1/statements", statement)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)  # killed, or not up yet
                continue
            if status in (200, 201):
                told = json.loads(body)
                record.acknowledged[statement] = told["entry"], base64.b64decode(told["receipt"])
            elif status not in (500, 503):
                record.strange.append(f"{status} {body[:200]!r}")
                return


def watch(service: Service, is_over: threading.Event, record: Record) -> None:
    """Keep every checkpoint that is shown."""
    while not is_over.wait(0.02):
        try:
            status, _, body = service.ask("GET", "/checkpoint")
        except (OSError, http.client.HTTPException):
            continue
        if status == 200:
            record.notes.add(body.decode())


@pytest.mark.slow
def test_what_was_acknowledged_stands_once_whenever_the_server_is_killed(service, tmp_path, database_kind):
    seed = random.randrange(2**32)
    print("seed", seed)  # noqa: T201
    chance = random.Random(seed)
    record, is_over = Record(), threading.Event()
    numbers = itertools.count()
    lock = threading.Lock()

    def endless() -> Iterator[bytes]:
        while True:
            with lock:
                number = next(numbers)
            yield make_statements(service.registry.maker, 1, number)[0]

    threads = [threading.Thread(target=insist, args=(service, endless(), is_over, record)) for _ in range(WRITERS)]
    threads.append(threading.Thread(target=watch, args=(service, is_over, record)))
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 1.5))
        service.kill()
        service.start()
    # The last of them lets at least one statement in after the last kill.
    before, until = len(record.acknowledged), time.monotonic() + 60
    while len(record.acknowledged) == before and time.monotonic() < until:
        time.sleep(0.05)
    is_over.set()
    for thread in threads:
        thread.join(90)
    assert record.strange == []
    assert len(record.acknowledged) > before > KILLS
    _check(service.registry, record)
    _audit(service.registry, tmp_path / "scratch.sqlite3")


def _check(registry: Registry, record: Record) -> None:
    """Everything acknowledged is there once and proved; every checkpoint shown is one of this one history."""
    with registry.database.reading() as session:
        kept = dict(session.execute(select(EntryRow.position, EntryRow.statement)).all())
        nodes = stored_nodes(session)
        assert sorted(kept) == list(range(len(kept)))
        assert len(set(kept.values())) == len(kept)
        for statement, (entry, receipt) in record.acknowledged.items():
            assert kept[entry] == statement
            shown = verify_receipt(receipt, parse_statement(statement).leaf, registry.sealer.key.public)
            assert shown.position == entry
            assert shown.root == root_of(shown.size, nodes)
    roots, grown = {}, EMPTY_RANGE
    for position in range(len(kept)):
        grown, _ = grown.append([hash_leaf(parse_statement(kept[position]).leaf)])
        roots[grown.size] = grown.root()
    assert len(record.notes) > KILLS
    for note in record.notes:
        size, root = read_note(note, registry.sealer.origin, registry.sealer.key.public)
        assert root == roots[size]


def _audit(registry: Registry, path: Path) -> None:
    scratch = Database(f"sqlite:///{path}")
    migrate.upgrade(scratch)
    with registry.database.reading() as session, scratch.reading() as other:
        result = audit(
            session,
            depth=Depth.DOOR,
            scratch=other,
            catalogue=registry.house.catalogue,
            progress=lambda done, total: None,
        )
    scratch.close()
    assert result.is_sound, result.fault
