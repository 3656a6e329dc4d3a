"""The command line of `bin/bench`."""

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import labs, ledger, materials
from tests.benchmarks.figures import Figure, Result, find_regressions, read_result
from tests.benchmarks.machine import describe_machine, measure_limits

RESULTS = Path(__file__).parent / "results"
Part = Callable[[Path, dict[str, float], Callable[[int], int]], Iterator[Figure]]

PARTS: dict[str, dict[str, Part]] = {
    "ledger": {
        "accept": ledger.measure_accept,
        "sqlite": lambda folder, limits, scale: ledger.measure_posts("sqlite", 900, folder, scale),
        "postgresql": lambda folder, limits, scale: ledger.measure_posts("postgresql", 1000, folder, scale),
        "proofs": lambda folder, limits, scale: ledger.measure_proofs(folder, scale),
        "verify": ledger.measure_verify,
    },
    "materials": {
        "sqlite": lambda folder, limits, scale: materials.measure_district("sqlite", folder, scale),
        "postgresql": lambda folder, limits, scale: materials.measure_district("postgresql", folder, scale),
    },
    # Validated PDFs and the public check by file are to stand here too.
    "labs": {
        "screens": labs.measure_screens,
        "sqlite": lambda folder, limits, scale: labs.measure_reports("sqlite", folder, scale),
        "postgresql": lambda folder, limits, scale: labs.measure_reports("postgresql", folder, scale),
    },
}


def main() -> None:
    """Run, print a table, and write JSON where that was asked for; exit 1 for a regression."""
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("subject", choices=PARTS)
    parser.add_argument("--only", action="append", metavar="PART", help="one part (again for more)")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the work: to see that it runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")
    parser.add_argument(
        "--compare", nargs="?", type=Path, const=RESULTS, metavar="FILE", help="exit 1 for what is worse by a fifth"
    )
    parser.add_argument(
        "--folder", type=Path, help="where the databases lie while it runs (on the disk to be measured)"
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the filled databases in --folder, and measure in them the next time"
    )
    chosen = parser.parse_args()
    if chosen.keep and not chosen.folder:
        parser.error("--keep needs --folder")
    parts = PARTS[chosen.subject]
    unknown = set(chosen.only or ()) - parts.keys()
    if unknown:
        parser.error(f"expected --only {' or '.join(parts)}, got {', '.join(sorted(unknown))}")
    wanted = {name: parts[name] for name in chosen.only or parts}
    with _folder(chosen.folder, is_kept=chosen.keep) as place:
        result = _run(wanted, place, is_quick=chosen.quick)
    print(result.to_table())  # noqa: T201
    if chosen.json:
        chosen.json.write_text(result.to_json(), encoding="utf-8")
    if chosen.compare:
        kept = chosen.compare / f"{chosen.subject}.json" if chosen.compare.is_dir() else chosen.compare
        worse = list(find_regressions(read_result(kept), result))
        print("\n".join(["", *(worse or ["no figure is worse by a fifth"])]))  # noqa: T201
        sys.exit(bool(worse))


@contextlib.contextmanager
def _folder(chosen: Path | None, *, is_kept: bool) -> Iterator[Path]:
    if chosen and is_kept:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="suzheng-bench-", dir=chosen) as made:
        yield Path(made)


def _run(parts: dict[str, Part], place: Path, *, is_quick: bool) -> Result:
    def scale(count: int) -> int:
        return max(count // 20, 2) if is_quick else count

    machine, limits = describe_machine(), measure_limits(place)
    figures: list[Figure] = []
    for name, part in parts.items():
        print(f"{name} …", file=sys.stderr)  # noqa: T201
        figures += part(place, limits, scale)
    return Result(machine, limits, figures)


if __name__ == "__main__":
    main()
