"""A parser to be thrown at, and the judge of what it does.

For whatever bytes it is given, a target's `read`

1. MUST return or raise RefusedError with a code that `api/problems.py` knows, and nothing else;
2. MUST do the same when it is given the same bytes again;
3. MUST take no more than `MAX_SECONDS` of processor time, and no more memory than a multiple of the input.

What it returns has been through the round trips that the format has: each `read` asserts its own.
"""

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.problems import PROBLEMS
from keys.errors import RefusedError

# Ours to choose: a hundred times what the slowest honest input takes on a slow machine, so that only growth is caught.
MAX_SECONDS = 2.0
MAX_BYTES, MAX_BYTES_A_BYTE = 4 * 1024 * 1024, 200


@dataclass(frozen=True)
class Target:
    """One declaration. `seeds` are good inputs to start from, `words` the pieces that the format is made of."""

    name: str
    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()
    covers: tuple[Callable[..., Any], ...] = ()
    """The product's functions that `read` sends the bytes through."""
    is_guided: bool = True
    """Are its lines watched and its memory measured? Not where a whole application answers, whose caches fill."""


def judge(target: Target, data: bytes) -> None:
    """Give the target the bytes, twice. Raises AssertionError, or whatever else the parser let out."""
    started = time.process_time()
    first, second = outcome(target, data), outcome(target, data)
    spent = time.process_time() - started
    assert first == second, f"two readings of the same bytes: {first!r:.200} and {second!r:.200}"
    assert spent < 2 * MAX_SECONDS, f"{spent:.1f} s for {len(data)} bytes, twice"


def judge_memory(target: Target, data: bytes) -> None:
    """Give the target the bytes once more and count. Slow, so not done for each input."""
    tracemalloc.start()
    try:
        outcome(target, data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MAX_BYTES + MAX_BYTES_A_BYTE * len(data), f"{peak} bytes of memory for {len(data)}"


def outcome(target: Target, data: bytes) -> str:
    """What came of it, as text."""
    try:
        return repr(target.read(data))
    except RefusedError as error:
        refusal = error
    assert refusal.code in PROBLEMS, f"{refusal.code} is no problem that anybody knows"
    return str(refusal)


def as_text(data: bytes) -> str:
    """Bytes for a parser of text: what is no UTF-8 comes as lone surrogates, which a stranger can send as well."""
    return data.decode("utf-8", errors="surrogateescape")
