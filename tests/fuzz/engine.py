"""Makes inputs, keeps those that lead somewhere new, and shortens what fails.

An input is one of the corpus with up to eight edits, two of them spliced, a heap of the format's pieces, or noise. The
corpus begins with the target's seeds; an input that runs a line of the product that none before has run joins it.
Everything follows from the seed of the run, so a run can be repeated.
"""

import hashlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from tests.fuzz.target import Target, judge, judge_memory, outcome

_ROOT = Path(__file__).parents[2]
_PRODUCT = tuple(f"{_ROOT / floor}/" for floor in ("keys", "trace", "labs", "api"))
_MEASURED_EVERY = 100
_LONGEST, _MOST_EDITS, _MOST_TRIALS = 20_000, 8, 3_000
# What breaks parsers of any format: ends of ranges, lengths that lie, marks of other formats.
_WORDS = (
    *(b"\0", b"\xff", b"\x7f", b"\x80", b"\n", b"\r\n", b"-1", b"%00", b"%2F", b"9" * 30, b"[" * 70, b'{"a":' * 40),
    *map(str.encode, ("\u2028", "\ufeff", "\u0663", "\u00e9", "\U0001f600")),
    *map(bytes.fromhex, ("1bffffffffffffffff", "9bffffffffffffffff", "bf", "d818", "5f")),
)


@dataclass
class Run:
    """What was done to one target. `failing` is the shortest input that failed, `error` what came out of it."""

    target: Target
    corpus: list[bytes] = field(repr=False)
    lines: set[tuple[str, int]] = field(default_factory=set, repr=False)
    inputs: int = 0
    failing: bytes | None = None
    error: Exception | None = field(default=None, repr=False)


def fuzz(target: Target, seconds: float, seed: int, kept: tuple[bytes, ...] = ()) -> Run:
    """Throw inputs at a target for a while, those first that failed once."""
    run, random, ends = Run(target, list(target.seeds)), Random(f"{target.name} {seed}"), time.monotonic() + seconds
    for data in (*kept, *target.seeds):
        if not _try(run, data):
            return run
    while time.monotonic() < ends and _try(run, make_input(random, run)):
        pass
    return run


def _try(run: Run, data: bytes) -> bool:
    """One input. False where it fails; it is shortened first."""
    run.inputs += 1
    try:
        lines = _watch(lambda: outcome(run.target, data)) if run.target.is_guided else set()
        judge(run.target, data)
        if run.target.is_guided and run.inputs % _MEASURED_EVERY == 0:
            judge_memory(run.target, data)
    except Exception as error:
        run.failing, run.error = shorten(run.target, data, error)
        return False
    if lines - run.lines:
        run.lines |= lines
        run.corpus.append(data)
    return True


def _watch(act: Callable[[], object]) -> set[tuple[str, int]]:
    """The lines of the product that run in `act`."""
    lines: set[tuple[str, int]] = set()

    def see_line(frame: FrameType, _event: str, _argument: Any) -> Any:
        lines.add((frame.f_code.co_filename, frame.f_lineno))
        return see_line

    def see_call(frame: FrameType, _event: str, _argument: Any) -> Any:
        return see_line if frame.f_code.co_filename.startswith(_PRODUCT) else None

    before = sys.gettrace()
    sys.settrace(see_call)
    try:
        act()
    finally:
        sys.settrace(before)
    return lines


def make_input(random: Random, run: Run) -> bytes:
    how = random.random()
    if how < 0.1:
        return b"".join(_piece(random, run.target) for _ in range(random.randrange(20)))
    data = random.choice(run.corpus)
    if how < 0.25:
        other = random.choice(run.corpus)
        data = data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]
    for _ in range(random.randrange(1, _MOST_EDITS)):
        data = _edit(data, random, _piece(random, run.target))
    return data[:_LONGEST]


def _piece(random: Random, target: Target) -> bytes:
    how = random.random()
    if how < 0.5 and target.words:
        return random.choice(target.words)
    return random.choice(_WORDS) if how < 0.8 else random.randbytes(random.randrange(1, 6))


def _edit(data: bytes, random: Random, piece: bytes) -> bytes:
    at, length = random.randrange(len(data) + 1), random.randrange(1, 65)
    match random.randrange(7):
        case 0:
            return data[:at] + piece + data[at + len(piece) :]
        case 1:
            return data[:at] + piece + data[at:]
        case 2:
            return data[:at] + data[at + length :]
        case 3:
            return data[:at] + data[at : at + length] * random.randrange(2, 5) + data[at + length :]
        case 4:
            return data[:at] + bytes(byte ^ 1 << random.randrange(8) for byte in data[at : at + 1]) + data[at + 1 :]
        case 5:
            return (
                data[:at] + bytes((byte + random.choice((-1, 1))) % 256 for byte in data[at : at + 1]) + data[at + 1 :]
            )
    return data[:at]


def shorten(target: Target, data: bytes, error: Exception) -> tuple[bytes, Exception]:
    """The shortest input found that still lets out an error of the same type, by leaving out ever smaller parts."""
    trials, length = 0, len(data) // 2
    while length and trials < _MOST_TRIALS:
        at = 0
        while at < len(data) and trials < _MOST_TRIALS:
            trials += 1
            shorter = data[:at] + data[at + length :]
            found = _failure(target, shorter)
            if type(found) is type(error) and found is not None:
                data, error = shorter, found
            else:
                at += length
        length //= 2
    return data, error


def _failure(target: Target, data: bytes) -> Exception | None:
    try:
        judge(target, data)
    except Exception as error:  # whatever it is, it is what we are after
        return error
    return None


def keep(run: Run, folder: Path) -> Path:
    """Write what failed where the next run looks: `<target>-<hash>.hex`, one line of hexadecimal."""
    assert run.failing is not None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run.target.name}-{hashlib.sha256(run.failing).hexdigest()[:12]}.hex"
    path.write_text(run.failing.hex() + "\n", encoding="ascii")
    return path


def read_kept(folder: Path, target: Target) -> tuple[bytes, ...]:
    """What earlier runs have kept of a target."""
    paths = sorted(folder.glob(f"{target.name}-{'?' * 12}.hex"))
    return tuple(bytes.fromhex(path.read_text(encoding="ascii")) for path in paths)
