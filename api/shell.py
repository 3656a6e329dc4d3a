"""The shell around the pure floors: it holds the clock, the database and the ledger's key, and it alone commits."""

import os
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from types import MappingProxyType

from flask import current_app
from sqlalchemy.orm import Session

from api import metrics
from api.anchor import check_anchor, keep_anchor
from api.database import Database
from api.judge_thread import JudgeThread
from api.label_keys import open_label_key, read_label_keys
from api.logs import log
from api.photos import drop_photo
from api.scan_log import ScanLog
from api.sequencer import Group, Sequencer, Take
from api.settings import Settings
from api.signing import open_ledger_key, read_ledger_passphrase
from api.tlog.files import files_of
from api.tlog.publish import publish_grown
from api.wiring import House, build_house
from keys.errors import RefusedError
from keys.keyring import PublicKey, SigningKey, generate_key
from labs.casework.register import mark_stale, read_stale
from labs.judge import Verdict
from labs.refresh import judge_lot, list_judged, look_at, mark_touched, mark_withdrawn
from labs.screens.register import REPORTS_AT_ONCE, is_screened, screen_on
from trace.chains import read_heads_by_lot
from trace.epcis.register import Handles, Progress, event_kinds, index_events, read_handles, read_progress
from trace.epcis.statements import EVENT_WITHDRAWN
from trace.intake import Accepted, Checked, Outcome, Prepared, admit, find_public_keys, prepare
from trace.ledger.checkpoint import Sealer
from trace.ledger.store import latest_checkpoint, size_of
from trace.mismatches.register import forget_mismatches
from trace.parties.register import Registry, find_registry
from trace.scans.register import Scan, add_scans, forget_scans, lots_with_place

# What one request judges again before it answers; the rest waits for the next, or for `flask findings refresh`.
_REFRESH_PER_REQUEST = 20
# Lots that the background looks up at once, to judge them one after another.
_LOOKED_UP_AT_ONCE = 200
# Ours to choose: some megabytes.
_KEYS_REMEMBERED = 10_000
# Entries that are indexed under one lock: by a request that finds the index behind, and in the background, where a
# step must be short, since whoever wants to append waits.
_INDEXED_AT_ONCE = 5000
_INDEXED_A_STEP = 200
# Reports that screens take into account under one lock, in the background.
_SCREENED_A_STEP = 100


Completion = Callable[[Session, Sequence[Outcome]], None]
"""What is done in the transaction that lets a batch in, once it is in."""


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
    _judge_thread: JudgeThread | None = None
    _to_judge: list[str] = field(default_factory=list)
    """Lots that the background judges next, the last first; of its thread alone."""
    _keys: dict[bytes, PublicKey] = field(default_factory=dict)
    """Keys on record by thumbprint: which key that is never changes; whether it may speak is not asked here."""
    _forgotten_on: date | None = None
    _label_keys: tuple[int, Mapping[str, PublicKey]] = (-1, MappingProxyType({}))

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
        key = open_ledger_key(self.settings)
        if key.public.kid != registry.ledger_key.kid:
            where = self.settings.ledger_key_name
            raise RefusedError("key-unreadable", where=where, expected="the key that the ledger was founded with")
        return Sealer(registry.origin, key)

    def accept(
        self, envelopes: Sequence[bytes], at: datetime | None = None, sealer: Sealer | None = None
    ) -> list[Outcome]:
        """Send statements through the one door and commit; the outcomes are final when this returns.

        Reading and verifying happens here, before any lock; what is let in together with others waits in the
        sequencer. `at` other than now is for ledgers founded as a demonstration. Raises RefusedError `clock-not-yours`
        elsewhere, `too-busy`, and what refuses a batch as a whole.
        """
        if at is not None and sealer is None and not self.registry.is_demonstration:
            raise RefusedError("clock-not-yours", expected="a ledger founded as a demonstration", got=at.isoformat())
        if at is not None or sealer is not None:
            prepared = self._prepare(envelopes)
            self._index_before(prepared)
            return self._commit(lambda: prepared, sealer or self.sealer, at)
        with self.sequencer.coming():
            prepared = self._prepare(envelopes)
        self._index_before(prepared)
        try:
            return self.sequencer.submit(prepared)
        except RefusedError as error:
            metrics.count_refusal(error.code)
            raise

    def capture(
        self, envelopes: Sequence[bytes], *, is_whole: bool, also: Completion = lambda session, outcomes: None
    ) -> list[Outcome]:
        """As `accept`, for statements whose payloads are EPCIS events. `is_whole`: all are recorded, or none is.

        Where all are, `also` is part of their transaction. Where none is, those that nothing is wrong with are refused
        as `capture-rolled-back`. Raises RefusedError as `accept` does.
        """
        if not is_whole:
            with self.sequencer.coming():
                prepared = self._prepare_events(envelopes)
            self._index_before(prepared)
            return self.sequencer.submit(prepared)
        with self.sequencer.beside():
            prepared = self._prepare_events(envelopes)
            self._index_before(prepared)
            if any(isinstance(one, RefusedError) for one in prepared):
                return [one if isinstance(one, RefusedError) else _rolled_back() for one in prepared]
            try:
                return self._commit(lambda: prepared, self.sealer, None, also=self._completing(prepared, also))
            except _RolledBackError as error:
                return [one if isinstance(one, RefusedError) else _rolled_back() for one in error.outcomes]

    def _prepare_events(self, envelopes: Sequence[bytes]) -> list[Prepared | RefusedError]:
        kinds = event_kinds(self.house.catalogue)
        return [_as_event(one, kinds) for one in self._prepare(envelopes)]

    def _completing(self, prepared: Group, also: Completion) -> Completion:
        """What follows on letting a batch of events in, all or none: they are indexed, and some that are behind."""
        handles = [_handles_of(one) for one in prepared]  # now, and not under the lock

        def complete(session: Session, outcomes: Sequence[Outcome]) -> None:
            if any(isinstance(one, RefusedError) for one in outcomes):
                raise _RolledBackError(outcomes)  # and with it all that this transaction has written
            known = {
                one.position: found_by
                for one, found_by in zip(outcomes, handles, strict=True)
                if isinstance(one, Accepted) and one.is_new and found_by is not None
            }
            self._index(session, len(known) + _INDEXED_A_STEP, known)
            also(session, outcomes)

        return complete

    def _prepare(self, envelopes: Sequence[bytes]) -> Group:
        return prepare(envelopes, catalogue=self.house.catalogue, find_keys=self._find_keys)

    def _find_keys(self, kids: Collection[bytes]) -> Mapping[bytes, PublicKey]:
        unread = [kid for kid in kids if kid not in self._keys]
        if unread:
            if len(self._keys) > _KEYS_REMEMBERED:
                self._keys.clear()
            with self.database.reading() as session:
                self._keys |= find_public_keys(session, unread)
        # Another thread may have cleared it: then the signature is verified later.
        return {kid: key for kid in kids if (key := self._keys.get(kid)) is not None}

    @cached_property
    def scans(self) -> ScanLog:
        """Where scans wait to be written."""
        return ScanLog(self._write_scans)

    def _write_scans(self, scans: list[Scan]) -> None:
        """Write those of lots that somebody has spoken of, and have judged what they may say something about."""
        at = self.clock()
        with self.database.writing() as session:
            known = read_heads_by_lot(session, list({scan.lot for scan in scans}))
            kept = [scan for scan in scans if scan.lot in known]
            add_scans(session, kept)
            mark_stale(session, lots_with_place(kept), size_of(session) - 1)
            if self._forgotten_on != at.date():
                self._forgotten_on = at.date()
                self._forget(session, at)

    def _forget(self, session: Session, at: datetime) -> None:
        """Delete what strangers said and has been kept for long enough: once a day."""
        mark_stale(session, forget_scans(session, at), size_of(session) - 1)
        # Before the commit: what goes wrong in between leaves a report without its photo, which goes another day.
        for photo in forget_mismatches(session, at):
            drop_photo(self.settings, photo)

    @cached_property
    def label_key(self) -> SigningKey | None:
        """The key that signs labels; None where this registry signs none. Raises RefusedError `key-unreadable`."""
        return open_label_key(self.settings)

    @property
    def label_keys(self) -> Mapping[str, PublicKey]:
        """The keys whose labels are believed, by their ids: read anew when a key has come or gone."""
        try:
            changed_at = self.settings.label_keys_dir.stat().st_mtime_ns
        except FileNotFoundError:
            return {}
        if changed_at != self._label_keys[0]:
            self._label_keys = changed_at, read_label_keys(self.settings)
        return self._label_keys[1]

    @cached_property
    def sequencer(self) -> Sequencer:
        """Where statements wait that are let in now and under the ledger's own key."""
        sealer = self.sealer
        return Sequencer(lambda take: self._commit(take, sealer, None), metrics.set_queue)

    def _commit(
        self,
        take: Take,
        sealer: Sealer,
        at: datetime | None,
        *,
        also: Completion = lambda session, outcomes: None,
    ) -> list[Outcome]:
        with self.database.writing() as session:
            started = time.perf_counter()
            check_anchor(self.settings, session, sealer.origin, sealer.key.public)
            # The clock is read when the turn has come, lest a time of record lie before the last one.
            outcomes = admit(session, take(), sealer=sealer, at=at or self.clock())
            also(session, outcomes)
            mark_touched(session, outcomes)
            if any(isinstance(one, Accepted) and one.said and one.said.kind == EVENT_WITHDRAWN.tag for one in outcomes):
                # What is taken back counts for nothing from this very commit on. Little lags: see `_index_before`.
                self._index(session, sys.maxsize)
            note = next((one.batch.note for one in outcomes if isinstance(one, Accepted) and one.batch), None)
            if note is None and (latest := latest_checkpoint(session)) is not None:
                note = latest.note
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

    def catch_up(self, most: int = _INDEXED_AT_ONCE) -> Progress:
        """Index up to `most` entries more where the index of events is behind; how far it has come then."""
        with self.database.reading() as session:
            progress = read_progress(session)
        if not progress.is_behind:
            return progress
        with self.database.writing() as session:
            self._index(session, most)
            return read_progress(session)

    def _index_before(self, prepared: Group) -> None:
        """Before something is taken back, index what lags, in steps that each hold the lock briefly: whoever takes it
        back waits for them, and nobody else. The commit then has no more to index than came in meanwhile.
        """
        if any(isinstance(one, Prepared) and one.statement.kind == EVENT_WITHDRAWN.tag for one in prepared):
            while (progress := self.catch_up(_INDEXED_A_STEP)).of - progress.indexed > _INDEXED_A_STEP:
                pass

    def _index(self, session: Session, most: int, known: Mapping[int, Handles] = MappingProxyType({})) -> None:
        mark_withdrawn(session, index_events(session, self.house.catalogue, most, known=known))

    def start_judging(self) -> None:
        """Judge touched lots, and write scans, in the background of this process from now on, not with the requests."""
        lock = self.settings.anchor_path.with_name("judging.lock")
        self._judge_thread = JudgeThread(self._work_once, lambda: self.sequencer.is_busy, lock)
        self._judge_thread.start()
        self.scans.start()

    def _work_once(self) -> bool:
        """One step of what waits: some entries to be indexed, else a lot to be judged."""
        with self.database.reading() as session:
            is_behind = read_progress(session).is_behind
            if not is_behind and not self._to_judge:
                # Finding the first of a long queue costs as much as finding many.
                self._to_judge = read_stale(session, self.clock(), _LOOKED_UP_AT_ONCE)[::-1]
        if is_behind:
            self.catch_up(_INDEXED_A_STEP)
            return True
        if not self._to_judge:
            return self.screen(_SCREENED_A_STEP)
        self._judge_again(self._to_judge.pop())
        return True

    def screen(self, most: int = REPORTS_AT_ONCE) -> bool:
        """Take up to `most` more reports into what screens count, and ask again; False where there are none."""
        with self.database.reading() as session:
            if is_screened(session):
                return False
        with self.database.writing() as session:
            screen_on(session, most)
        return True

    def judge_touched(self) -> None:
        """See to it that lots which were touched are judged again: in the background, else some of them now."""
        if self._judge_thread is not None:
            self._judge_thread.wake()
        else:
            self.catch_up()
            self.refresh()
            self.screen()

    def refresh(self, most: int = _REFRESH_PER_REQUEST) -> int:
        """Judge up to `most` waiting lots again, one transaction each; returns how many. One that is touched
        meanwhile waits on.
        """
        with self.database.reading() as session:
            waiting = read_stale(session, self.clock(), most)
        for lot in waiting:
            self._judge_again(lot)
        return len(waiting)

    def _judge_again(self, lot: str) -> None:
        with self.database.reading() as session:
            judged = look_at(session, lot, self.house.rules, self.house.pack, self.clock())
        with self.database.writing() as session:
            list_judged(session, judged)

    def judge(self, lot_id: str) -> Verdict:
        """The verdict on a lot, now."""
        with self.database.reading() as session:
            return judge_lot(session, lot_id, self.house.rules, self.house.pack, self.clock())[1]


class _RolledBackError(Exception):
    """A batch that was to go in whole did not."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        super().__init__("one of them is refused")
        self.outcomes = outcomes


def _rolled_back() -> RefusedError:
    return RefusedError("capture-rolled-back", expected="every event in order", got="another that is refused")


def _as_event(one: Prepared | RefusedError, kinds: Collection[str]) -> Prepared | RefusedError:
    if isinstance(one, RefusedError) or one.statement.kind in kinds:
        return one
    return RefusedError(
        "no-event", where="typ", expected="a kind whose payload is an EPCIS event", got=one.statement.kind
    )


def _handles_of(one: Prepared | RefusedError) -> Handles | None:
    """What an event is found by; None where it could not be read."""
    return read_handles(one.content.told) if isinstance(one, Prepared) and isinstance(one.content, Checked) else None


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
    """The key for a ledger that is about to be founded: the token's where the settings name one, else a fresh one in a
    file only its owner can read. Never replaces one.
    """
    if settings.ledger_key_uri is not None:
        return Sealer(origin, open_ledger_key(settings))
    path = settings.ledger_key_path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = generate_key()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.to_pem(read_ledger_passphrase(settings)))
        file.flush()
        os.fsync(file.fileno())
    return Sealer(origin, key)
