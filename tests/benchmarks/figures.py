"""Figures: what was measured, beside what was demanded and what the machine itself can do.

A figure is compared by its ratio to a limit of the machine that was measured in the same run, so that results of two
machines, or of a busy and a quiet hour, can be held against each other.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# What `--compare` calls a regression.
TOLERATED = 0.20


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement. `demanded` is the least that it has to reach, or where `is_cost` the most that it may be."""

    name: str
    value: float
    unit: str
    demanded: float | None = None
    is_cost: bool = False
    limit: str | None = None
    """Which limit of the machine it is held against."""
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        """Does it reach what was demanded? None where nothing was."""
        if self.demanded is None:
            return None
        return self.value <= self.demanded if self.is_cost else self.value >= self.demanded

    def ratio(self, limits: Mapping[str, float]) -> float | None:
        """The share of its limit that it reaches; a cost in seconds, how many of the limit's operations it takes."""
        if self.limit is None:
            return None
        return self.value * limits[self.limit] if self.is_cost else self.value / limits[self.limit]


@dataclass(frozen=True, slots=True)
class Result:
    """One run."""

    machine: Mapping[str, Any]
    limits: Mapping[str, float]
    figures: Sequence[Figure]

    def to_json(self) -> str:
        """As it is kept in `results/`."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    def to_table(self) -> str:
        """For a person: the machine, its limits, and each figure with what was demanded."""
        lines = [f"{name:<42}{value}" for name, value in self.machine.items()]
        lines += ["", "limits of this machine, measured in this run"]
        lines += [f"  {name:<58}{_number(value):>12}/s" for name, value in self.limits.items()]
        lines += ["", f"  {'figure':<58}{'measured':>12}  {'demanded':<14}{'of limit':>9}"]
        lines += [self._line(figure) for figure in self.figures]
        return "\n".join(lines)

    def _line(self, figure: Figure) -> str:
        demanded = "" if figure.demanded is None else f"{'≤' if figure.is_cost else '≥'} {_number(figure.demanded)}"
        mark = {True: "✓", False: "✗", None: " "}[figure.is_met]
        ratio = figure.ratio(self.limits)
        share = "" if ratio is None else f"{ratio:9.2f}"
        note = f"  {figure.note}" if figure.note else ""
        return f"{mark} {figure.name:<58}{_number(figure.value):>12}  {demanded:<14}{share:>9} {figure.unit}{note}"


def read_result(path: Path) -> Result:
    """What `to_json` wrote."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Result(kept["machine"], kept["limits"], [Figure(**figure) for figure in kept["figures"]])


def find_regressions(before: Result, now: Result) -> Iterable[str]:
    """Each figure that is more than a fifth worse than it was, by its ratio to its limit; a line each."""
    earlier = {figure.name: figure for figure in before.figures}
    for figure in now.figures:
        known = earlier.get(figure.name)
        if known is None:
            continue
        old, new = known.ratio(before.limits), figure.ratio(now.limits)
        if old is None or new is None:
            old, new = known.value, figure.value
        worse = new / old - 1 if figure.is_cost else 1 - new / old
        if worse > TOLERATED:
            then, today = _number(known.value), _number(figure.value)
            yield f"{figure.name}: {worse:.0%} worse ({then} then, {today} now, {figure.unit})"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
