"""The shell around the pure floors: it holds the clock, the database and the ledger's key, and it alone commits."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from flask import current_app

from api import metrics
from api.anchor import check_anchor, keep_anchor
from api.database import Database
from api.logs import log
from api.settings import Settings
from api.tlog.files import files_of
from api.tlog.publish import publish_grown
from api.wiring import House, build_house
from keys.errors import RefusedError
from keys.keyring import generate_key, read_private_key
from labs.casework.register import read_stale
from labs.judge import Verdict
from labs.refresh import judge_lot, mark_touched, refresh_lot
from trace.intake import Accepted, Outcome, accept
from trace.ledger.checkpoint import Sealer
from trace.ledger.store import latest_checkpoint
from trace.parties.register import Registry, find_registry

# What one request judges again before it answers; the rest waits for the next, or for `flask findings refresh`.
_REFRESH_PER_REQUEST = 20


def now() -> datetime:
    """The clock. The only one in the house."""
    return datetime.now(UTC)


@dataclass
class Shell:
    """What every request and command works through."""

    settings: Settings
    database: Database
    house: House = field(default_factory=build_house)
    clock: Callable[[], datetime] = now

    @cached_property
    def registry(self) -> Registry:
        """This registry's facts. Raises RefusedError `not-founded` before `flask init`."""
        with self.database.reading() as session:
            registry = find_registry(session)
        if registry is None:
            raise RefusedError("not-founded", expected="a registry founded by `flask init` or `flask demo load`")
        return registry

    @cached_property
    def sealer(self) -> Sealer:
        """The ledger's signer. Raises RefusedError `key-unreadable` where its key is missing or is not the founding
        one.
        """
        # Asked first: before the founding there is no key either, and "not-founded" is what helps.
        registry = self.registry
        path = self.settings.ledger_key_path
        if not path.exists():
            raise RefusedError("key-unreadable", where=path.name, expected="the ledger's private key", got="no file")
        key = read_private_key(path.read_bytes())
        if key.public.kid != registry.ledger_key.kid:
            raise RefusedError("key-unreadable", where=path.name, expected="the key that the ledger was founded with")
        return Sealer(registry.origin, key)

    def accept(
        self, envelopes: Sequence[bytes], at: datetime | None = None, sealer: Sealer | None = None
    ) -> list[Outcome]:
        """Send statements through the one door and commit; the outcomes are final when this returns.

        `at` other than now is for ledgers founded as a demonstration. Raises RefusedError `clock-not-yours` elsewhere.
        """
        if at is not None and sealer is None and not self.registry.is_demonstration:
            raise RefusedError("clock-not-yours", expected="a ledger founded as a demonstration", got=at.isoformat())
        sealer = sealer or self.sealer
        started = time.perf_counter()
        with self.database.writing() as session:
            check_anchor(self.settings, session, sealer.origin, sealer.key.public)
            outcomes = accept(
                session,
                envelopes,
                catalogue=self.house.catalogue,
                sealer=sealer,
                at=at or self.clock(),
            )
            mark_touched(session, outcomes)
            latest = latest_checkpoint(session)
            note = latest.note if latest is not None else None
        keep_anchor(self.settings, note)
        _tell(outcomes, time.perf_counter() - started)
        self._publish(outcomes, sealer)
        return outcomes

    def _publish(self, outcomes: Sequence[Outcome], sealer: Sealer) -> None:
        """Put the tiles that these entries have completed on the disk; `/checkpoint` is read from its row."""
        fresh = [one.position for one in outcomes if isinstance(one, Accepted) and one.is_new]
        if fresh:
            files = files_of(self.settings, sealer.key.public.kid)
            started = time.perf_counter()
            publish_grown(self.database, files, min(fresh), max(fresh) + 1)
            metrics.observe_publish(time.perf_counter() - started)

    def refresh(self, most: int = _REFRESH_PER_REQUEST) -> int:
        """Judge up to `most` waiting lots again, one transaction each; returns how many."""
        with self.database.reading() as session:
            waiting = read_stale(session, self.clock(), most)
        for lot in waiting:
            with self.database.writing() as session:
                refresh_lot(session, lot, self.house.rules, self.house.pack, self.clock())
        return len(waiting)

    def judge(self, lot_id: str) -> Verdict:
        """The verdict on a lot, now."""
        with self.database.reading() as session:
            return judge_lot(session, lot_id, self.house.rules, self.house.pack, self.clock())[1]


def _tell(outcomes: Sequence[Outcome], seconds: float) -> None:
    """Count what became of a batch, and say so in a line."""
    fresh = metrics.count_outcomes(outcomes)
    if fresh:
        metrics.observe_batch(fresh, seconds)
        last = max(one.position for one in outcomes if isinstance(one, Accepted) and one.is_new)
        refused = sum(isinstance(one, RefusedError) for one in outcomes)
        log("batch.accepted", statements=fresh, refused=refused, size=last + 1, seconds=round(seconds, 4))


def current_shell() -> Shell:
    """The shell of the running application."""
    shell: Shell = current_app.extensions["suzheng"]
    return shell


def make_ledger_key(settings: Settings, origin: str) -> Sealer:
    """A fresh key for a ledger that is about to be founded, in a file only its owner can read. Never replaces one."""
    path = settings.ledger_key_path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = generate_key()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.to_pem())
        file.flush()
        os.fsync(file.fileno())
    return Sealer(origin, key)
