"""The standards pack: limits as data, each row with its standard, edition, clause, validity and source.

A family is a file of `labs/standards/data/`; adding one needs no code. A row's `conditions` are the product attributes
that select it:

    standard,edition,clause,family,parameter,conditions,limit_kind,limit,unit,valid_from,valid_to,source,status
    GB/T 3956,2008,table 2,cable,conductor_resistance,class=2;material=Cu;nominal_area_mm2=2.5;surface=plain,max,7.41,
        ohm/km,2009-11-01,,IEC 60228:2004 (identical),confirmed                         (one line in the file)

1. `conditions` MUST be name=value pairs in order of name, joined by ";"; numbers are compared as decimals.
2. `status` MUST be `confirmed` (found in at least one published source) or `recalled` (unconfirmed, and shown as such).
3. An empty `valid_to` means that the edition is still in force.
4. Empty `conditions` fit every product of the family.

The files of `data/durations/` say how long a test takes at least, and whether its instrument holds one specimen at a
time (`one`: from the row's start to its end it is taken) or `many`.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

R = TypeVar("R")
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
    def designation(self) -> str:
        """Standard and edition, as contracts name it."""
        return f"{self.standard}-{self.edition}"

    @property
    def citation(self) -> str:
        """Standard, edition and clause in one line."""
        return f"{self.designation}, {self.clause}"

    @property
    def status(self) -> str:
        """`confirmed` or `recalled`."""
        return "confirmed" if self.is_confirmed else "recalled"

    def excess(self, value: Decimal) -> Decimal:
        """By how much a value in the limit's unit breaks it; negative where it keeps it."""
        return value - self.limit if self.limit_kind == "max" else self.limit - value

    def outcome(self, value: Decimal, expanded: Decimal | None) -> str:
        """`kept` or `broken`; `unclear` where the limit lies within the value's expanded uncertainty, ends included.

        The guard band of ISO/IEC 17025:2017 7.8.6, on both sides of the limit and as wide as the uncertainty. Without a
        stated uncertainty the value counts as it stands.
        """
        if expanded and abs(value - self.limit) <= expanded:
            return "unclear"
        return "broken" if self.excess(value) > 0 else "kept"


@dataclass(frozen=True, slots=True)
class Duration:
    """How long a test of a parameter takes at least, in hours, and whether one specimen takes its instrument whole."""

    standard: str
    edition: str
    clause: str
    family: str
    parameter: str
    minimum_h: Decimal
    takes_instrument: bool
    valid_from: date
    valid_to: date | None
    source: str
    is_confirmed: bool

    @property
    def designation(self) -> str:
        """Standard and edition, as contracts name it."""
        return f"{self.standard}-{self.edition}"

    @property
    def citation(self) -> str:
        """Standard, edition and clause in one line."""
        return f"{self.designation}, {self.clause}"

    @property
    def status(self) -> str:
        """`confirmed` or `recalled`."""
        return "confirmed" if self.is_confirmed else "recalled"


P = TypeVar("P", Limit, Duration)


class StandardsPack:
    """All limits, found by family, parameter and product attributes; and how long tests take."""

    def __init__(self, limits: Iterable[Limit], durations: Iterable[Duration] = ()) -> None:
        self._limits: dict[tuple[str, str], list[Limit]] = {}
        self.durations = tuple(durations)
        # A lot's rules look for the same limit five times, and a maker's lots for the same few.
        self._known = lru_cache(maxsize=1024)(self._look_up)
        for limit in limits:
            self._limits.setdefault((limit.family, limit.parameter), []).append(limit)

    def __iter__(self) -> Iterator[Limit]:
        return (limit for limits in self._limits.values() for limit in limits)

    @property
    def families(self) -> frozenset[str]:
        """The families that it has limits for."""
        return frozenset(family for family, _ in self._limits)

    def parameters(self, family: str) -> frozenset[str]:
        """What it has limits for, of a family."""
        return frozenset(parameter for known, parameter in self._limits if known == family)

    def find(
        self, family: str, parameter: str, attributes: Mapping[str, str], on: date, standard: str | None = None
    ) -> Limit | None:
        """The first of the limits that fit, where one is enough."""
        return next(iter(self.find_all(family, parameter, attributes, on, standard)), None)

    def find_all(
        self, family: str, parameter: str, attributes: Mapping[str, str], on: date, standard: str | None = None
    ) -> tuple[Limit, ...]:
        """The limits that fit: of the named standard and edition ("GB/T 3956-2008") if given and known, else of those
        in force on the day. More than one where a value must lie between two, or two standards are in force.

        None at all where the pack has none: the caller must not take that for a pass.
        """
        return self._known(family, parameter, frozenset(attributes.items()), on, standard)

    def find_duration(self, family: str, parameter: str, on: date) -> Duration | None:
        """What is known of how a parameter is tested on a day."""
        return next(
            (
                one
                for one in self.durations
                if (one.family, one.parameter) == (family, parameter) and _is_in_force(one, on)
            ),
            None,
        )

    def _look_up(
        self, family: str, parameter: str, told: frozenset[tuple[str, str]], on: date, standard: str | None
    ) -> tuple[Limit, ...]:
        attributes = dict(told)
        fitting = [limit for limit in self._limits.get((family, parameter), ()) if _fits(limit, attributes)]
        if standard is not None:
            named = tuple(limit for limit in fitting if limit.designation == standard)
            if named:
                return named
        return tuple(limit for limit in fitting if _is_in_force(limit, on))


def read_pack(folder: Path = DATA) -> StandardsPack:
    """Read every CSV file of a folder, and those of `durations` in it. Raises ValueError naming file and line where a
    row is wrong.
    """
    return StandardsPack(_read_rows(folder, _read_limit), _read_rows(folder / "durations", _read_duration))


def _read_rows(folder: Path, read: Callable[[Mapping[str, str]], R]) -> Iterator[R]:
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                try:
                    yield read(row)
                except (KeyError, ValueError, InvalidOperation) as error:
                    raise ValueError(f"{path.name} line {number}: {error}") from error


def _read_limit(row: Mapping[str, str]) -> Limit:
    _check_choices(row, limit_kind=("max", "min"), status=("confirmed", "recalled"))
    conditions = dict(pair.split("=", 1) for pair in row["conditions"].split(";") if pair)
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
        limit=_read_decimal(row["limit"]),
        unit=row["unit"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        source=row["source"],
        is_confirmed=row["status"] == "confirmed",
    )


def _read_duration(row: Mapping[str, str]) -> Duration:
    _check_choices(row, instrument=("one", "many"), status=("confirmed", "recalled"))
    return Duration(
        standard=row["standard"],
        edition=row["edition"],
        clause=row["clause"],
        family=row["family"],
        parameter=row["parameter"],
        minimum_h=_read_decimal(row["minimum_h"]),
        takes_instrument=row["instrument"] == "one",
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        source=row["source"],
        is_confirmed=row["status"] == "confirmed",
    )


def _check_choices(row: Mapping[str, str], **choices: tuple[str, ...]) -> None:
    for name, among in choices.items():
        if row[name] not in among:
            raise ValueError(f"expected {name} {' or '.join(among)}, got {row[name]}")


def _read_decimal(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError(f"expected a number, got {text}")
    return value


def choose(
    rows: Iterable[P],
    *,
    family: str | None = None,
    parameter: str | None = None,
    standard: str | None = None,
    status: str | None = None,
    on: date | None = None,
) -> tuple[P, ...]:
    """The rows that fit every filter that is given: `standard` with its edition, `status` confirmed or recalled, in
    force `on` a day.
    """
    return tuple(
        row
        for row in rows
        if family in (None, row.family)
        and parameter in (None, row.parameter)
        and standard in (None, row.designation)
        and status in (None, row.status)
        and (on is None or _is_in_force(row, on))
    )


def _is_in_force(one: Limit | Duration, on: date) -> bool:
    return one.valid_from <= on and (one.valid_to is None or on <= one.valid_to)


def _fits(limit: Limit, attributes: Mapping[str, str]) -> bool:
    return all(name in attributes and _same(value, attributes[name]) for name, value in limit.conditions.items())


def _same(left: str, right: str) -> bool:
    """Spaces apart, as in 0.6/1 kV, and numbers by what they are."""
    if left == right or left.replace(" ", "") == right.replace(" ", ""):
        return True
    try:
        return Decimal(left) == Decimal(right)
    except InvalidOperation:
        return False
