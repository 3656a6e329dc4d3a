"""The text of a checkpoint (c2sp.org/tlog-checkpoint v1.0.0): which log, how many entries, which root.

    suzheng.example/demo
    1387
    Jj2x…=

1. The lines MUST be origin, decimal size without leading zeros, and base64 of the 32-byte root.
2. Further lines, opaque to us, MUST NOT be empty.
"""

import re
from dataclasses import dataclass

from keys.errors import RefusedError
from trace.ledger.note import decode64, encode64
from trace.ledger.tree import MAX_SIZE

HASH_BYTES = 32
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class TreeHead:
    """A log's name, its size (0 to MAX_SIZE) and its root hash."""

    origin: str
    size: int
    root: bytes


def write_head(origin: str, size: int, root: bytes) -> str:
    """The text, final newline included."""
    return f"{origin}\n{size}\n{encode64(root)}\n"


def read_head(text: str) -> TreeHead:
    """The tree head of a note's text. Raises RefusedError `note-malformed`."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines):
        raise RefusedError("note-malformed", where="the checkpoint", expected="origin, size and root", got=text[:80])
    try:
        return TreeHead(lines[0], read_size(lines[1]), read_hash(lines[2]))
    except ValueError as error:
        raise RefusedError(
            "note-malformed", where="the checkpoint", expected="a size and a root", got=str(error)
        ) from error


def read_size(text: str) -> int:
    """A size in decimal, in its one spelling. Raises ValueError."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise ValueError(f"no size: {text[:30]}")
    return int(text)


def read_hash(text: str) -> bytes:
    """A SHA-256 hash in base64. Raises ValueError."""
    hash_ = decode64(text)
    if len(hash_) != HASH_BYTES:
        raise ValueError(f"a hash of {len(hash_)} bytes")
    return hash_
