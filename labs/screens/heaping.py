"""L14: do values gather just inside their limit, and hardly any just outside?

Counted are values within half a per cent of the limit on either side, and their share inside is held against chance by
a one-sided binomial test: the caliper test of A. S. Gerber and N. Malhotra (2008; found, of published test statistics).

Makers aim at the inside of a limit, so more values inside than outside are honest. What chance gives is therefore the
largest of: one half; the share by a normal distribution with the lab's own mean and spread; and what all other labs
have on this parameter, where that is at least 50 values. A maker who sorts out what fails before it is sent to a lab
makes the same picture, and no lab has done anything then.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import sqrt

from labs.reports.register import TestRow
from labs.screens.chance import binomial_above, normal_below
from labs.screens.screen import Bin, Counts, Issued, Key, Screen, Screened, Tallies, by_lab, shown, sum_counts

_THRESHOLD, _LEAST = 1e-3, 20
_LEAST_OTHERS = 50
# Half a per cent of the limit, and how many such steps are counted apart on either side.
_STEP = Decimal("0.005")
_STEPS = 6
# Distances are counted in whole millionths of the limit.
_SCALE = 10**6


def distance_inside(row: TestRow) -> Decimal | None:
    """How far a value lies inside its limit, in parts of it; negative outside. None where nothing says which side."""
    if row.value is None or not row.limit or row.limit_kind is None:
        return None
    inside = row.limit - row.value if row.limit_kind == "max" else row.value - row.limit
    return inside / abs(row.limit)


def _count(report: Issued) -> Iterable[tuple[Key, Counts]]:
    for row in report.rows:
        inside = distance_inside(row)
        if inside is not None:
            millionths = round(inside * _SCALE)
            counts = {"n": 1, "sum": millionths, "squares": millionths**2}
            step = _step_of(inside)
            if -_STEPS <= step < _STEPS:
                counts[f"s{step}"] = 1
            yield (row.parameter, report.lab, row.limit_kind or ""), counts


def _step_of(inside: Decimal) -> int:
    """Step 0 are [0, 0.5 %], the limit itself included; step -1 what is outside by up to that; and so on."""
    steps = inside / _STEP
    whole = int(steps.to_integral_value(rounding="ROUND_CEILING"))
    return max(whole - 1, 0) if inside >= 0 else int(steps.to_integral_value(rounding="ROUND_FLOOR"))


def _ask(subject: str, tallies: Tallies) -> Iterator[Screened]:
    labs = {lab: sum_counts(kinds.values()) for lab, kinds in by_lab(tallies).items()}
    whole = sum_counts(labs.values())
    for lab, counts in labs.items():
        if counts.get("s0", 0) + counts.get("s-1", 0) >= _LEAST:
            yield _judge(lab, counts, whole)


def _judge(lab: str, counts: Counts, whole: Counts) -> Screened:
    inside, outside = counts.get("s0", 0), counts.get("s-1", 0)
    n = inside + outside
    share = max(0.5, _normal_share(counts), _share_of_others(counts, whole))
    p = binomial_above(inside, n, share)
    facts: dict[str, str | int] = {
        "statistic": inside,
        "p": shown(p),
        "n": n,
        "inside": inside,
        "outside": outside,
        "expected_pct": f"{100 * share:.1f}",
    }
    bins = tuple(
        Bin(f"{-100 * float(_STEP) * (step + (1 if step >= 0 else 0)):+.1f}", counts.get(f"s{step}", 0))
        for step in reversed(range(-_STEPS, _STEPS))
    )
    return Screened(lab, "", n, p, p < _THRESHOLD, facts, bins)


def _normal_share(counts: Counts) -> float:
    """Of what lies within a step of the limit, how much is inside by a normal distribution as wide as the values."""
    n = counts["n"]
    variance = (n * counts.get("squares", 0) - counts.get("sum", 0) ** 2) / (n * (n - 1)) if n > 1 else 0
    if variance <= 0:
        return 0.0
    mean, deviation = counts.get("sum", 0) / n, sqrt(variance)
    step = float(_STEP) * _SCALE
    below, at, above = (normal_below((edge - mean) / deviation) for edge in (-step, 0, step))
    return (above - at) / (above - below) if above > below else 0.0


def _share_of_others(counts: Counts, whole: Counts) -> float:
    inside, outside = (whole.get(name, 0) - counts.get(name, 0) for name in ("s0", "s-1"))
    return inside / (inside + outside) if inside + outside >= _LEAST_OTHERS else 0.0


SCREEN = Screen("L14", _THRESHOLD, _LEAST, _count, _ask)
