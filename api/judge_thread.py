"""Judging in the background of a server: lots that entries have touched, judged again when nobody waits for the door.

One process at a time does it (a lock on a file); which one makes no difference. While statements wait it works a tenth
of the time, so that the list of findings lags behind in a rush and never stands still. Whoever asks about one lot
never waits for this: what is still to be judged is judged for the answer.
"""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_log = logging.getLogger(__name__)
# Ours to choose: how soon a list is looked at again that nobody has touched, for lots whose date has passed.
_IDLE_S = 60.0
# While statements wait: how many times as long as it worked it rests.
_REST = 9


class JudgeThread:
    """`refresh_one` judges one waiting lot and says whether there was one; `is_busy` whether statements wait."""

    def __init__(self, refresh_one: Callable[[], bool], is_busy: Callable[[], bool], lock: Path) -> None:
        self._refresh_one, self._is_busy, self._lock = refresh_one, is_busy, lock
        self._touched = threading.Event()

    def start(self) -> None:
        """Begin, with what the last run has left; it ends with its process."""
        self._touched.set()
        threading.Thread(target=self._run, name="judge", daemon=True).start()

    def wake(self) -> None:
        """Something was let in."""
        self._touched.set()

    def _run(self) -> None:
        while True:
            self._touched.wait(_IDLE_S)
            self._touched.clear()
            try:
                with _alone(self._lock) as is_ours:
                    if is_ours:
                        self._work_off()
            except Exception:
                _log.exception("lots that were touched could not be judged again; they wait")
                time.sleep(1)

    def _work_off(self) -> None:
        while True:
            started = time.monotonic()
            if not self._refresh_one():
                return
            if self._is_busy():
                time.sleep(_REST * (time.monotonic() - started))


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Is this the only process that is here?"""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)
