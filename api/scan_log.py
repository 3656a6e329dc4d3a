"""Scans that wait to be written: a page is not to wait for the disk because somebody noted where they are.

In a server they are written by a thread of their own, all that wait in one commit every `_EVERY_S`; elsewhere at once.
What a process had not written when it died is lost: a scan is a hint, and nothing is acknowledged but that it was
heard. Beyond `_MOST` waiting ones the oldest fall out, so that a flood fills no memory.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable

from trace.scans.register import Scan

_log = logging.getLogger(__name__)
_EVERY_S = 2.0
_MOST = 10_000


class ScanLog:
    """`write` writes scans to the database."""

    def __init__(self, write: Callable[[list[Scan]], None]) -> None:
        self._write = write
        self._waiting: deque[Scan] = deque(maxlen=_MOST)
        self._heard = threading.Event()
        self._is_served = False

    def start(self) -> None:
        """Write in the background of this process from now on; the thread ends with it."""
        self._is_served = True
        threading.Thread(target=self._run, name="scans", daemon=True).start()

    def note(self, scan: Scan) -> None:
        """Have a scan written."""
        self._waiting.append(scan)
        if self._is_served:
            self._heard.set()
        else:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        scans = []
        while self._waiting:
            scans.append(self._waiting.popleft())
        if scans:
            self._write(scans)

    def _run(self) -> None:
        while True:
            self._heard.wait()
            self._heard.clear()
            # Whoever comes meanwhile shares the commit.
            threading.Event().wait(_EVERY_S)
            try:
                self.flush()
            except Exception:
                _log.exception("scans could not be written and are lost")
