"""How probable a count is by chance: exact tails, in double precision.

Our own, since scipy would be 40 MB in every installation for five functions; tests hold them against its values. Each
tail is a sum of positive terms or a convergent fraction, so that 1e-90 comes out as exactly as 0.5.
"""

from math import erfc, exp, inf, lgamma, log, log1p, sqrt


def chi_square_above(statistic: float, freedom: int) -> float:
    """The chance of a χ² of `freedom` degrees that is at least `statistic`; upper regularised gamma."""
    return _gamma_above(freedom / 2, statistic / 2)


def chi_square_below(statistic: float, freedom: int) -> float:
    """The chance of a χ² of `freedom` degrees that is at most `statistic`; lower regularised gamma."""
    return _gamma_below(freedom / 2, statistic / 2)


def binomial_above(count: int, of: int, share: float) -> float:
    """The chance of at least `count` among `of` where each comes with probability `share`, between 0 and 1."""
    if count <= 0 or share >= 1:
        return 1.0
    if count > of or share <= 0:
        return 0.0
    terms = (_log_choose(of, k) + k * log(share) + (of - k) * log1p(-share) for k in range(count, of + 1))
    return _sum(terms, is_falling=count > of * share)


def fisher_above(count: int, of: int, other: int, of_other: int) -> float:
    """Fisher's exact test, one side: the chance that at least `count` of `of` are among the `count + other` of all.

    All margins are held; the hypergeometric tail.
    """
    among, total = count + other, of + of_other
    if count <= max(0, among - of_other):
        return 1.0
    whole = _log_choose(total, among)
    terms = (_log_choose(of, k) + _log_choose(of_other, among - k) - whole for k in range(count, min(of, among) + 1))
    return _sum(terms, is_falling=count * total > of * among)


def normal_below(z: float) -> float:
    """The share of a normal distribution below z standard deviations."""
    return erfc(-z / sqrt(2)) / 2


def _sum(logs: object, *, is_falling: bool) -> float:
    """Of terms given by their logarithms. Where they only fall, what no longer counts is left out."""
    total = 0.0
    for one in logs:  # type: ignore[attr-defined]
        term = exp(one)
        total += term
        if is_falling and term < total * 1e-17:
            break
    return min(total, 1.0)


def _log_choose(of: int, count: int) -> float:
    return lgamma(of + 1) - lgamma(count + 1) - lgamma(of - count + 1)


def _gamma_below(a: float, x: float) -> float:
    """Abramowitz & Stegun 6.5.29: the series, where it converges fast."""
    if x <= 0:
        return 0.0
    if x > a + 1:
        return 1 - _gamma_above(a, x)
    term = total = 1 / a
    n = a
    while term > total * 1e-17:
        n += 1
        term *= x / n
        total += term
    return total * exp(a * log(x) - x - lgamma(a))


def _gamma_above(a: float, x: float) -> float:
    """Abramowitz & Stegun 6.5.31: the continued fraction, by Lentz's method."""
    if x <= 0:
        return 1.0
    if x == inf:
        return 0.0
    if x <= a + 1:
        return 1 - _gamma_below(a, x)
    tiny = 1e-300
    b = x + 1 - a
    c, d = 1 / tiny, 1 / b
    fraction = d
    for n in range(1, 10_000):
        step = -n * (n - a)
        b += 2
        d = 1 / (step * d + b or tiny)
        c = b + step / c or tiny
        fraction *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return exp(a * log(x) - x - lgamma(a)) * fraction
