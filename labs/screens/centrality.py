"""L13: does the middle one of three replicates lie in the middle too often?

Whoever invents three values begins with the mean. The mid-ratio (middle - least) / (greatest - least) is from J. H.
Pitt and H. Z. Hill, Statistical analysis of numerical preclinical radiobiological data, ScienceOpen Research 2016
(found). Of three values of one normal distribution it has the density 3√3 / (2π (r² - r + 1)) (derived here, and tested
by drawing), of which 22.0 % lie in [0.4, 0.6].

Values are recorded to some decimal, and of a small range the ratios are few: 1/2 alone of a range of two. So the share
that chance gives is reckoned for each range in units of the last decimal: of ordered triples six times the density for
a middle between the ends, three for one on an end. What differs between triples has a smaller tail than a binomial of
the same mean (W. Hoeffding, Annals of Mathematical Statistics 27 (1956) 713, recalled), so p is never too small.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from math import atan, pi, sqrt

from labs.screens.chance import binomial_above
from labs.screens.replicates import find_replicates
from labs.screens.screen import Bin, Counts, Issued, Key, Screen, Screened, Tallies, by_lab, shown, sum_counts

_THRESHOLD, _LEAST = 1e-4, 50
# Of a smaller range there is no middle (as in the paper); beyond the larger one decimals no longer matter.
_LEAST_RANGE, _FINE_RANGE = 2, 60
_BINS = 10


def count_triple(values: Iterable[int]) -> Counts:
    """What three whole numbers add: their range, whether the middle one is central, and its bar of the histogram."""
    least, middle, greatest = sorted(values)
    width, offset = greatest - least, middle - least
    if width < _LEAST_RANGE:
        return {}
    size = min(width, _FINE_RANGE)
    counts = {"n": 1, f"r{size}": 1, f"m{min(_BINS * offset // width, _BINS - 1)}": 1}
    # 0.4 ≤ offset / width ≤ 0.6, without rounding.
    return counts | {"central": 1} if 2 * width <= 5 * offset <= 3 * width else counts


def judge_triples(lab: str, about: str, counts: Counts) -> Screened:
    """Is the share of central ones above what chance gives for these ranges?"""
    n, central = counts["n"], counts.get("central", 0)
    ranges = [(int(name[1:]), count) for name, count in counts.items() if name[0] == "r"]
    share = sum(count * central_share(size) for size, count in ranges) / n
    p = binomial_above(central, n, share)
    facts: dict[str, str | int] = {
        "statistic": central,
        "p": shown(p),
        "n": n,
        "share_pct": f"{100 * central / n:.1f}",
        "expected_pct": f"{100 * share:.1f}",
    }
    bins = tuple(
        Bin(f"{index / _BINS:.1f}", counts.get(f"m{index}", 0), n * _share(index / _BINS, (index + 1) / _BINS))
        for index in range(_BINS)
    )
    return Screened(lab, about, n, p, p < _THRESHOLD, facts, bins)


@cache
def central_share(width: int) -> float:
    """How often the middle one of three lies in [0.4, 0.6] of a range of so many units, by chance."""
    if width >= _FINE_RANGE:
        return _share(0.4, 0.6)
    weights = [(3 if middle in (0, width) else 6) * _density(middle / width) for middle in range(width + 1)]
    central = [weight for middle, weight in enumerate(weights) if 2 * width <= 5 * middle <= 3 * width]
    return sum(central) / sum(weights)


def _count(report: Issued) -> Iterable[tuple[Key, Counts]]:
    for replicates in find_replicates(report):
        if len(replicates.values) == 3:
            decimals = max(-int(value.as_tuple().exponent) for value in replicates.values)
            counts = count_triple(int(value.scaleb(max(decimals, 0))) for value in replicates.values)
            if counts:
                yield (replicates.parameter, report.lab, replicates.unit), counts


def _ask(subject: str, tallies: Tallies) -> Iterator[Screened]:
    for lab, units in by_lab(tallies).items():
        counts = sum_counts(units.values())
        if counts["n"] >= _LEAST:
            yield judge_triples(lab, "", counts)


def _density(ratio: float) -> float:
    return 3 * sqrt(3) / (2 * pi * (ratio**2 - ratio + 1))


def _share(low: float, high: float) -> float:
    return 3 / pi * (atan((2 * high - 1) / sqrt(3)) - atan((2 * low - 1) / sqrt(3)))


SCREEN = Screen("L13", _THRESHOLD, _LEAST, _count, _ask)
