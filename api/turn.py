"""One writer at a time among several processes, in turn: what SQLite's own lock does not give.

Processes that wait for SQLite's lock try again and again, and whoever has just let go is always first; so one writes
and the others starve. Here a process waits in the kernel, in two places of one file:

1. the gate: whoever has it is next, and waits for the pen there;
2. the pen: whoever has it writes, and lets go of the gate as soon as it has it.

So a process that has just written stands behind the one that waits in the gate. A process that dies lets go of both.
Threads of one process share its locks (POSIX record locks); the caller keeps them apart.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_GATE, _PEN = 0, 1


class Turn:
    """The lock on one file, which is made where it is not there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: tuple[int, int] | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the pen for as long as the block lasts."""
        file = self._file()
        fcntl.lockf(file, fcntl.LOCK_EX, 1, _GATE)
        try:
            fcntl.lockf(file, fcntl.LOCK_EX, 1, _PEN)
        finally:
            fcntl.lockf(file, fcntl.LOCK_UN, 1, _GATE)
        try:
            yield
        finally:
            fcntl.lockf(file, fcntl.LOCK_UN, 1, _PEN)

    def _file(self) -> int:
        # A lock belongs to a process and a file: after a fork the child opens it for itself. It is never closed, since
        # closing any descriptor of a file lets go of all of a process's locks on it.
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = os.getpid(), os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._opened[1]
