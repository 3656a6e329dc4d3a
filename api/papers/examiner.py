"""Whoever wants a PDF examined asks here: one child process for this one (`api/papers/child.py`), one file at a time.

What is found follows from the bytes, the authorities and the time that the file is judged for. So it is kept under
these three, and nothing has to be forgotten when the ledger grows.
"""

import base64
import hashlib
import json
import os
import select
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from typing import Any

from api.papers.child import LENGTH, MAX_REPLY_BYTES, WALL_SECONDS
from api.settings import ROOT
from keys.errors import RefusedError
from labs.papers.examine import Examination, read_examination
from labs.papers.seals import Authority

# Ours to choose: a kept examination has some 10 KB, at most 200 KB of text.
_MOST_KEPT = 128
# How long one waits for those before it, each of whom may take all of its time.
_PATIENCE_SECONDS = 30.0
Key = tuple[str, str, str]


class Examiner:
    """The child, what it has found, and whose turn it is. Threads may share it; a forked process begins its own."""

    def __init__(self) -> None:
        self._lock, self._owner = Lock(), os.getpid()
        self._child: subprocess.Popen[bytes] | None = None
        self._kept: OrderedDict[Key, Examination] = OrderedDict()

    def examine(self, document: bytes, authorities: Sequence[Authority], known_at: datetime) -> Examination:
        """See `labs.papers.examine`. Raises RefusedError as it does, and `too-busy`."""
        if os.getpid() != self._owner:
            self.__init__()  # type: ignore[misc]  # the pipes are our parent's
        told = [[one.purpose, base64.b64encode(one.certificate).decode("ascii")] for one in authorities]
        trusted = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        key = (hashlib.sha256(document).hexdigest(), trusted, known_at.isoformat())
        if not self._lock.acquire(timeout=_PATIENCE_SECONDS):
            raise RefusedError("too-busy", where="pdf", expected=f"a turn within {_PATIENCE_SECONDS:.0f} s")
        try:
            if key not in self._kept:
                asked = {"known_at": known_at.isoformat(), "authorities": told, "size": len(document)}
                self._kept[key] = self._ask(json.dumps(asked).encode(), document)
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()

    def _ask(self, head: bytes, document: bytes) -> Examination:
        try:
            answer = self._converse(head, document)
        except (OSError, ValueError) as error:
            # A child that is gone or talks nonsense is begun anew with the next file.
            self.close()
            raise RefusedError("document-unreadable", where="pdf", expected="a reply", got=str(error)[:80]) from error
        if "refused" in answer:
            code, facts = answer["refused"]
            raise RefusedError(code, **facts)
        return read_examination(answer["examination"])

    def _converse(self, head: bytes, document: bytes) -> dict[str, Any]:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "api.papers.child"],
                cwd=ROOT,
                env={"LC_ALL": "C.UTF-8"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        incoming, outgoing = self._child.stdout, self._child.stdin
        if incoming is None or outgoing is None:
            raise ValueError("the reader of PDFs has no pipes")
        outgoing.write(LENGTH.pack(len(head)) + head)
        outgoing.write(document)
        outgoing.flush()
        if not select.select([incoming], [], [], 2 * WALL_SECONDS)[0]:
            raise TimeoutError("the reader of PDFs does not answer")
        (length,) = LENGTH.unpack(incoming.read(LENGTH.size).ljust(LENGTH.size, b"\xff"))
        if length > MAX_REPLY_BYTES:
            raise ValueError("the reader of PDFs has ended")
        answer: dict[str, Any] = json.loads(incoming.read(length))
        return answer


EXAMINER = Examiner()
"""This process's."""
