"""L11: are the last digits of a lab's values as even as chance makes them?

Where values are recorded finer than they vary, their last digits are uniform: J. E. Mosimann, C. V. Wiseman and
R. E. Edelman, Data fabrication: can people generate random digits?, Accountability in Research 4 (1995) 31-55, and
J. E. Mosimann, J. E. Dahlberg, N. M. Davidian and J. W. Krueger, Terminal digits and the examination of questioned
data, Accountability in Research 9 (2002) 75-92 (both recalled); the US Office of Research Integrity (ori.hhs.gov,
"Check rightmost digits for uniform distribution", found). People who invent numbers have digits that they like.

Unlike the catalogue (n ≥ 100, a digit at three times its share or a third of 0 and 5), which would not see the group
that was disputed in our labelled data (12 % of its digits are fives, 26 % zeros and fives): here the whole deviation
counts, Cohen's w of at least 0.1, beside p < 1e-4.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import sqrt

from labs.screens.chance import chi_square_above
from labs.screens.screen import Bin, Counts, Issued, Key, Screen, Screened, Tallies, by_lab, shown, sum_counts

_THRESHOLD, _LEAST = 1e-4, 100
# J. Cohen, Statistical Power Analysis (1988): a small effect. Among many thousands any trifle is improbable.
_LEAST_EFFECT = 0.1
# The catalogue: resolution at most 1/20 of the spread, which is four standard deviations here.
_LEAST_UNITS = 20
# So few values tell nothing of their spread.
_LEAST_IN_GROUP = 10


def last_digit(value: Decimal) -> tuple[int, int] | None:
    """The value in units of its last recorded decimal, and how many decimals it has; None for less than two digits,
    of which the last is the first.
    """
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        return None
    decimals = max(-exponent, 0)
    units = int(abs(value).scaleb(decimals))
    return (units, decimals) if units >= 10 else None


def _count(report: Issued) -> Iterable[tuple[Key, Counts]]:
    """Apart by limit and decimals: one product's values vary, where a mixture of products would only seem to."""
    for row in report.rows:
        read = last_digit(row.value) if row.value is not None else None
        if read is not None:
            units, decimals = read
            limit = "" if row.limit is None else f"{row.limit:f}"
            about = f"{row.unit}|{decimals}|{limit}"
            yield (row.parameter, report.lab, about), {"n": 1, "sum": units, "squares": units**2, f"d{units % 10}": 1}


def _ask(subject: str, tallies: Tallies) -> Iterator[Screened]:
    for lab, groups in by_lab(tallies).items():
        counted = sum_counts(counts for counts in groups.values() if _is_fine_enough(counts))
        if counted.get("n", 0) >= _LEAST:
            yield judge_digits(lab, [counted.get(f"d{digit}", 0) for digit in range(10)])


def judge_digits(lab: str, digits: list[int]) -> Screened:
    """How uneven ten counts are: Pearson's χ² against the same number of each."""
    n = sum(digits)
    expected = n / 10
    statistic = sum((count - expected) ** 2 for count in digits) / expected
    p, effect = chi_square_above(statistic, 9), sqrt(statistic / n)
    facts: dict[str, str | int] = {
        "statistic": shown(statistic, 5),
        "p": shown(p),
        "n": n,
        "effect": shown(effect, 2),
        "zeros_and_fives": f"{100 * (digits[0] + digits[5]) / n:.0f}",
    }
    is_open = p < _THRESHOLD and effect >= _LEAST_EFFECT
    bins = tuple(Bin(str(digit), count, expected) for digit, count in enumerate(digits))
    return Screened(lab, "", n, p, is_open, facts, bins)


def _is_fine_enough(counts: Counts) -> bool:
    n = counts.get("n", 0)
    if n < _LEAST_IN_GROUP:
        return False
    variance = (n * counts["squares"] - counts["sum"] ** 2) / (n * (n - 1))
    return 4 * sqrt(max(variance, 0)) >= _LEAST_UNITS


SCREEN = Screen("L11", _THRESHOLD, _LEAST, _count, _ask)
