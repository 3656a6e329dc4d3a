"""bin/fuzz: throw at every parser for minutes. `--help` says how."""

import argparse
import secrets
import shlex
import sys
import time
import traceback
from pathlib import Path

from tests.fuzz.engine import Run, fuzz, keep, read_kept
from tests.fuzz.every import TARGETS
from tests.fuzz.target import judge

KEPT = Path(__file__).parents[2] / "var" / "fuzz"
_DESCRIPTION = """Throw inputs at every parser that takes bytes from outside, and judge what it does. What fails is made
as short as it can be, printed, and kept under var/fuzz, where each later run tries it first. Exits 1 where something
fails.
"""


def main() -> int:
    """Run as the arguments say."""
    parser = argparse.ArgumentParser("bin/fuzz", description=_DESCRIPTION)
    parser.add_argument("seconds", nargs="?", type=float, default=300, help="in all, shared by the targets (300)")
    parser.add_argument("targets", nargs="*", metavar="target", help=f"some of: {', '.join(TARGETS)}")
    parser.add_argument("--seed", type=int, help="repeat the run that printed this number")
    parser.add_argument("--again", metavar="HEX", help="one input for one target, its error in full")
    arguments = parser.parse_args()
    if unknown := set(arguments.targets) - TARGETS.keys():
        parser.error(f"expected targets out of {', '.join(TARGETS)}, got {', '.join(sorted(unknown))}")
    if arguments.again is not None:
        if len(arguments.targets) != 1:
            parser.error("--again needs exactly one target after the seconds, which don't count")
        judge(TARGETS[arguments.targets[0]], bytes.fromhex(arguments.again))
        print("holds")
        return 0
    seed = secrets.randbelow(10**9) if arguments.seed is None else arguments.seed
    return _run_all(arguments.targets or list(TARGETS), arguments.seconds, seed)


def _run_all(names: list[str], seconds: float, seed: int) -> int:
    print(f"seed {seed}")
    failed = 0
    for name in names:
        started = time.monotonic()
        run = fuzz(TARGETS[name], seconds / len(names), seed, read_kept(KEPT, TARGETS[name]))
        found = len(run.corpus) - len(run.target.seeds)
        lines = f", {len(run.lines)} lines, {found} led to new ones" if run.target.is_guided else ""
        print(f"{name:20} {run.inputs:8} inputs in {time.monotonic() - started:5.1f} s{lines}", flush=True)
        if run.failing is not None:
            failed += 1
            _report(run)
    return 1 if failed else 0


def _report(run: Run) -> None:
    assert run.failing is not None
    assert run.error is not None
    path = keep(run, KEPT)
    traceback.print_exception(run.error, limit=-8)
    print(f"FAILED {run.target.name}: {run.error!r:.300}")
    print(f"  kept as {path}")
    print(f"  bin/fuzz 0 {run.target.name} --again {shlex.quote(run.failing.hex())}")


if __name__ == "__main__":
    sys.exit(main())
