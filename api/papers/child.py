"""The process in which PDFs are read: `python -m api.papers.child`, started and fed by `api/papers/examiner.py`.

It has loaded the libraries, and forks for each file. So a file has a process to itself that is bounded in memory, time
and files, sees no other file, and may crash; what it leaves is a reply or nothing.

    in    4 bytes length, JSON {"known_at", "authorities", "size"}, then `size` bytes of PDF
    out   4 bytes length, JSON {"examination": …} or {"refused": [code, facts]}
"""

import base64
import gc
import json
import logging
import os
import resource
import signal
import struct
import sys
from datetime import datetime
from typing import Any, BinaryIO

from keys.errors import RefusedError
from labs.papers.examine import examine, write_examination
from labs.papers.seals import Authority

# Ours to choose: a report of some pages takes 50 ms and 40 MiB more than the libraries.
MEMORY_BYTES, CPU_SECONDS, WALL_SECONDS = 1024**3, 10, 15
MAX_REPLY_BYTES = 4 * 1024**2
LENGTH = struct.Struct(">I")
_TOO_COSTLY = {"where": "pdf", "expected": f"{CPU_SECONDS} s and 1 GiB to read it", "got": "more, or a crash"}


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """One file after the other until nothing more comes."""
    while (head := incoming.read(LENGTH.size)) and len(head) == LENGTH.size:
        asked = json.loads(incoming.read(LENGTH.unpack(head)[0]))
        document = incoming.read(asked["size"])
        reply = _fork(asked, document) or json.dumps({"refused": ["document-unreadable", _TOO_COSTLY]}).encode()
        outgoing.write(LENGTH.pack(len(reply)) + reply)
        outgoing.flush()


def _fork(asked: dict[str, Any], document: bytes) -> bytes:
    """What a process of its own says of the file; nothing where it was ended or said too much."""
    ours, its = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(ours)
            _limit()
            with os.fdopen(its, "wb") as out:
                out.write(_answer(asked, document))
        finally:
            os._exit(0)
    os.close(its)
    with os.fdopen(ours, "rb") as answer:
        said = answer.read(MAX_REPLY_BYTES + 1)
    _, status = os.waitpid(process, 0)
    return said if os.waitstatus_to_exitcode(status) == 0 and len(said) <= MAX_REPLY_BYTES else b""


def _limit() -> None:
    """From here on: no file grows, none is opened beyond a few, memory and time end."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(WALL_SECONDS)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _answer(asked: dict[str, Any], document: bytes) -> bytes:
    authorities = [Authority(purpose, base64.b64decode(der)) for purpose, der in asked["authorities"]]
    try:
        found = examine(document, authorities, datetime.fromisoformat(asked["known_at"]))
    except RefusedError as error:
        return json.dumps({"refused": [error.code, error.facts]}, default=str).encode()
    except MemoryError:
        return b""
    return json.dumps({"examination": write_examination(found)}).encode()


if __name__ == "__main__":
    # Libraries tell a log about each fault of a stranger's file; the reply says it.
    logging.disable(logging.CRITICAL)
    # A forked process lives for one file: it need not look through the libraries' objects, whose pages it would copy.
    gc.freeze()
    gc.disable()
    serve(sys.stdin.buffer, sys.stdout.buffer)
