"""The threads that keep a ledger witnessed while it is served: one for each witness, so that one question at most is
under way to each, and none waits for another.

With several worker processes each has its threads; a lock by witness lets one ask at a time, and the others then find
nothing left to ask. They look for a new checkpoint themselves: the way of a statement knows nothing of them.
"""

import fcntl
import hashlib
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from api.settings import Settings
from api.shell import Shell
from api.witnessing.collecting import collect, read_standing
from api.witnessing.policy_file import read_policy
from keys.errors import RefusedError
from trace.ledger.policy import Party, witnesses_by_url

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.5
# A ledger that grows all the time has a checkpoint cosigned this often, by each witness.
_SPACING_SECONDS = 5.0
# After a failure twice as long as before, up to this.
_LONGEST_SECONDS = 300.0
_MOST_DOUBLINGS = 10
# An idle ledger's checkpoint is signed again, so that its cosignatures are not older than this.
_FRESH_SECONDS = 24 * 3600


class Collector:
    """Keeps asking until it is stopped."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.stopped = threading.Event()
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin, a thread a witness of POLICY_FILE. A policy that can't be read is said so and asks nobody."""
        try:
            policy = read_policy(self.shell.settings)
        except (RefusedError, OSError) as error:
            _log.error("no witness is asked: %s", error)
            return
        for url, parties in witnesses_by_url(policy) if policy is not None else ():
            # A daemon: the end of the process waits for no witness.
            thread = threading.Thread(target=self._follow, args=(url, parties), name=f"witness {url}", daemon=True)
            self.threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Ask no more, and wait for what is under way."""
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def _follow(self, url: str, parties: Sequence[Party]) -> None:
        failures = 0
        wait_s = 0.0
        while not self.stopped.wait(wait_s or _LOOK_SECONDS):
            wait_s = 0.0
            try:
                with _in_turn(self.shell.settings, url) as is_ours:
                    if is_ours and self._is_due(parties):
                        collect(self.shell, url, parties)
                        failures, wait_s = 0, _SPACING_SECONDS
            # Whatever it is, the database gone or a bug in here: the thread lives on, else nobody would ask again.
            except Exception as error:
                failures += 1
                wait_s = min(_SPACING_SECONDS * 2 ** min(failures - 1, _MOST_DOUBLINGS), _LONGEST_SECONDS)
                is_fork = isinstance(error, RefusedError) and error.code == "ledger-forked"
                level = logging.ERROR if is_fork else logging.WARNING
                _log.log(level, "not signed by %s: %s; again in %.0f s", url, error, wait_s)

    def _is_due(self, parties: Sequence[Party]) -> bool:
        standing = read_standing(self.shell, parties)
        if standing is None:
            return False
        age_s = self.shell.clock().timestamp() - standing.time
        return standing.size > standing.known or age_s > _FRESH_SECONDS


@contextmanager
def _in_turn(settings: Settings, url: str) -> Iterator[bool]:
    """Is it this process that may ask the witness now? Nobody waits for it."""
    folder = settings.anchor_path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = hashlib.sha256(url.encode()).hexdigest()[:16]
    descriptor = os.open(folder / f"witness-{name}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        is_ours = False
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = True
        yield is_ours
    finally:
        os.close(descriptor)
