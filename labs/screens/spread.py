"""L12: do a lab's replicates vary as little as no measurement does?

(n - 1) s² / σr² is χ² with n - 1 degrees (ISO 5725-2 for σr, the standard deviation of repeatability; recalled). σr is
the method's own as it shows here: the middle one of the other labs' pooled values, relative to the mean, of at least
three labs. No standard of our pack gives one, and a lab's stated uncertainty is of something else. A lab may well be
better than others, so it is asked about only where it varies by less than half of that.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import sqrt
from statistics import median

from labs.screens.chance import chi_square_below
from labs.screens.replicates import find_replicates
from labs.screens.screen import Bin, Counts, Issued, Key, Screen, Screened, Tallies, shown, sum_counts

# The catalogue: below the 0.1 % point.
_THRESHOLD, _LEAST = 1e-3, 30
_LEAST_LABS = 3
_LEAST_RATIO = 0.5
# Relative squares are counted in whole trillionths.
_SCALE = 10**12


def _count(report: Issued) -> Iterable[tuple[Key, Counts]]:
    for replicates in find_replicates(report):
        values = replicates.values
        mean = sum(values, Decimal(0)) / len(values)
        if mean:
            squares = sum(((value - mean) ** 2 for value in values), Decimal(0)) / mean**2
            about = f"{replicates.unit}|{replicates.method}"
            counts = {"groups": 1, "freedom": len(values) - 1, "squares": round(squares * _SCALE)}
            yield (replicates.parameter, report.lab, about), counts


def _ask(subject: str, tallies: Tallies) -> Iterator[Screened]:
    methods: dict[str, dict[str, Counts]] = {}
    for (lab, about), counts in sorted(tallies.items()):
        methods.setdefault(about, {})[lab] = counts
    for about, labs in methods.items():
        enough = {lab: counts for lab, counts in labs.items() if counts["freedom"] >= _LEAST}
        for lab, counts in enough.items():
            others = [_deviation(other) for name, other in enough.items() if name != lab]
            if len(others) >= _LEAST_LABS and (usual := median(others)) > 0:
                yield _judge(lab, about, counts, usual, enough)


def _judge(lab: str, about: str, counts: Counts, usual: float, labs: dict[str, Counts]) -> Screened:
    freedom, own = counts["freedom"], _deviation(counts)
    p = chi_square_below(freedom * (own / usual) ** 2, freedom)
    method = about.partition("|")[2]
    facts: dict[str, str | int] = {
        "statistic": shown(freedom * (own / usual) ** 2, 5),
        "p": shown(p),
        "n": sum_counts([counts])["groups"],
        "spread_pct": shown(100 * own),
        "usual_pct": shown(100 * usual),
        "method": method,
        "labs": len(labs) - 1,
    }
    is_open = p < _THRESHOLD and own < _LEAST_RATIO * usual
    # Thousandths of a per cent: the labs' spreads side by side, the own one first; the others go unnamed.
    rest = sorted(_deviation(other) for name, other in labs.items() if name != lab)
    bins = [Bin("own", round(1e5 * own))] + [Bin("other", round(1e5 * one)) for one in rest[:9]]
    return Screened(lab, about, counts["groups"], p, is_open, facts, tuple(bins))


def _deviation(counts: Counts) -> float:
    """Pooled relative standard deviation."""
    return sqrt(counts.get("squares", 0) / _SCALE / counts["freedom"])


SCREEN = Screen("L12", _THRESHOLD, _LEAST, _count, _ask)
