"""The standards pack: limits as data, each row with its standard, edition, clause, validity and source.

A family is a file of `labs/standards/data/`; adding one needs no code. A row's `conditions` are the product attributes
that select it:

    standard,edition,clause,family,parameter,conditions,limit_kind,limit,unit,valid_from,valid_to,source,status
    GB/T 3956,2008,table 2,cable,conductor_resistance,class=2;material=Cu;nominal_area_mm2=2.5;surface=plain,max,7.41,
        ohm/km,2009-11-01,,IEC 60228:2004 (identical),confirmed                         (one line in the file)

1. `conditions` MUST be name=value pairs in order of name, joined by ";"; numbers are compared as decimals.
2. `status` MUST be `confirmed` (found in at least one published source) or `recalled` (unconfirmed, and shown as such).
3. An empty `valid_to` means that the edition is still in force.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit. `limit_kind` is max or min; `limit` is in `unit`; validity includes both days."""

    standard: str
    edition: str
    clause: str
    family: str
    parameter: str
    conditions: Mapping[str, str]
    limit_kind: str
    limit: Decimal
    unit: str
    valid_from: date
    valid_to: date | None
    source: str
    is_confirmed: bool

    @property
    def citation(self) -> str:
        """Standard, edition and clause in one line."""
        return f"{self.standard}-{self.edition}, {self.clause}"


class StandardsPack:
    """All limits, found by family, parameter and product attributes."""

    def __init__(self, limits: Iterable[Limit]) -> None:
        self._limits: dict[tuple[str, str], list[Limit]] = {}
        # A lot's rules look for the same limit five times, and a maker's lots for the same few.
        self._known = lru_cache(maxsize=1024)(self._look_up)
        for limit in limits:
            self._limits.setdefault((limit.family, limit.parameter), []).append(limit)

    def __iter__(self) -> Iterator[Limit]:
        return (limit for limits in self._limits.values() for limit in limits)

    def find(
        self, family: str, parameter: str, attributes: Mapping[str, str], on: date, standard: str | None = None
    ) -> Limit | None:
        """The limit that fits: by the named standard and edition ("GB/T 3956-2008") if given, else the edition in
        force on the day.

        None where the pack has none: the caller must not take that for a pass.
        """
        return self._known(family, parameter, frozenset(attributes.items()), on, standard)

    def _look_up(
        self, family: str, parameter: str, told: frozenset[tuple[str, str]], on: date, standard: str | None
    ) -> Limit | None:
        attributes = dict(told)
        fitting = [limit for limit in self._limits.get((family, parameter), ()) if _fits(limit, attributes)]
        if standard is not None:
            named = [limit for limit in fitting if f"{limit.standard}-{limit.edition}" == standard]
            if named:
                return named[0]
        in_force = [
            limit for limit in fitting if limit.valid_from <= on and (limit.valid_to is None or on <= limit.valid_to)
        ]
        return in_force[0] if in_force else None


def read_pack(folder: Path = DATA) -> StandardsPack:
    """Read every CSV file of a folder. Raises ValueError naming file and line where a row is wrong."""
    limits: list[Limit] = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                try:
                    limits.append(_read_limit(row))
                except (KeyError, ValueError, InvalidOperation) as error:
                    raise ValueError(f"{path.name} line {number}: {error}") from error
    return StandardsPack(limits)


def _read_limit(row: Mapping[str, str]) -> Limit:
    if row["limit_kind"] not in ("max", "min") or row["status"] not in ("confirmed", "recalled"):
        raise ValueError(f"expected max or min, confirmed or recalled, got {row['limit_kind']}, {row['status']}")
    conditions = dict(pair.split("=", 1) for pair in row["conditions"].split(";"))
    if list(conditions) != sorted(conditions):
        raise ValueError(f"expected conditions in order of name, got {row['conditions']}")
    return Limit(
        standard=row["standard"],
        edition=row["edition"],
        clause=row["clause"],
        family=row["family"],
        parameter=row["parameter"],
        conditions=conditions,
        limit_kind=row["limit_kind"],
        limit=Decimal(row["limit"]),
        unit=row["unit"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        source=row["source"],
        is_confirmed=row["status"] == "confirmed",
    )


def _fits(limit: Limit, attributes: Mapping[str, str]) -> bool:
    return all(name in attributes and _same(value, attributes[name]) for name, value in limit.conditions.items())


def _same(left: str, right: str) -> bool:
    if left == right:
        return True
    try:
        return Decimal(left) == Decimal(right)
    except InvalidOperation:
        return False
