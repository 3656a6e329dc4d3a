"""Sampling plans as data: of a delivery of so many drums, how many are drawn (n) and how many may fail (c).

A plan is the rows of `labs/drawing/data/plans.csv` that bear its name; adding one needs no code:

    plan,standard,edition,clause,family,lot_from,lot_to,n,c,margin_pct,source,status
    GB/T 2828.1 S-3 c=0,GB/T 2828.1,2012,"tables 1, 2-A",cable,16,25,3,0,5,ISO 2859-1 …,confirmed

1. `lot_from` to `lot_to` count drums, both included; the ranges of a plan MUST NOT overlap within a family.
2. `margin_pct` of a drum at each end is not drawn from.
3. `status` MUST be `confirmed` (found in at least one published source) or `recalled` (unconfirmed, and shown as such).

GB/T 2828.1 gives n by lot size and inspection level. That no piece may fail is ours: the acceptance numbers of the
standard presuppose an agreed quality level, and nobody agrees on some undersized conductors.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "plans.csv"
# Ours: what is not drawn from where no plan says it, in % of the drum at each end.
USUAL_MARGIN_PCT = Decimal(5)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan's word on deliveries of `lot_from` to `lot_to` drums of a family."""

    plan: str
    standard: str
    edition: str
    clause: str
    family: str
    lot_from: int
    lot_to: int
    n: int
    c: int
    margin_pct: Decimal
    source: str
    is_confirmed: bool

    def n_of(self, drums: int) -> int:
        """How many of so many are drawn: at most all."""
        return min(self.n, drums)

    @property
    def citation(self) -> str:
        """Standard, edition and clause in one line."""
        return f"{self.standard}-{self.edition}, {self.clause}"


@cache
def plans() -> tuple[PlanRow, ...]:
    """The plans as they are delivered."""
    return read_plans()


def find_plan(plan: str, family: str, drums: int) -> PlanRow | None:
    """What a plan says of a delivery of so many drums; None where it says nothing."""
    return next(
        (row for row in plans() if (row.plan, row.family) == (plan, family) and row.lot_from <= drums <= row.lot_to),
        None,
    )


def read_plans(path: Path = DATA) -> tuple[PlanRow, ...]:
    """Read a file of plans. Raises ValueError naming the line where a row is wrong."""
    rows: list[PlanRow] = []
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            try:
                read = _read_row(row)
                _check_apart(read, rows)
            except (KeyError, ValueError, InvalidOperation) as error:
                raise ValueError(f"{path.name} line {number}: {error}") from error
            rows.append(read)
    return tuple(rows)


def _read_row(row: Mapping[str, str]) -> PlanRow:
    read = PlanRow(
        plan=row["plan"],
        standard=row["standard"],
        edition=row["edition"],
        clause=row["clause"],
        family=row["family"],
        lot_from=int(row["lot_from"]),
        lot_to=int(row["lot_to"]),
        n=int(row["n"]),
        c=int(row["c"]),
        margin_pct=Decimal(row["margin_pct"]),
        source=row["source"],
        is_confirmed=row["status"] == "confirmed",
    )
    if row["status"] not in ("confirmed", "recalled"):
        raise ValueError(f"expected confirmed or recalled, got {row['status']}")
    if not (1 <= read.lot_from <= read.lot_to and 0 <= read.c < read.n and 0 <= read.margin_pct < 50):
        raise ValueError(f"expected 1 <= from <= to, 0 <= c < n, a margin below 50 %, got {row}")
    return read


def _check_apart(read: PlanRow, others: list[PlanRow]) -> None:
    for other in _of_same(read, others):
        if read.lot_from <= other.lot_to and other.lot_from <= read.lot_to:
            raise ValueError(f"expected a range apart from {other.lot_from} to {other.lot_to}, got {read.lot_from}")


def _of_same(read: PlanRow, others: list[PlanRow]) -> Iterator[PlanRow]:
    return (other for other in others if (other.plan, other.family) == (read.plan, read.family))
