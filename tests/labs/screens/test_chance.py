"""Tails against values of scipy 1.17.1 (chi2.sf and cdf, binom.sf, hypergeom.sf), which is no library of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.screens.chance import binomial_above, chi_square_above, chi_square_below, fisher_above, normal_below


@pytest.mark.parametrize(
    ("statistic", "freedom", "above", "below"),
    [
        (213.51, 9, 4.841104700232448e-41, 1.0),
        (468.31, 9, 3.482616098520617e-95, 1.0),
        (2.1, 9, 0.9897856280084842, 0.010214371991515718),
        (16.72, 9, 0.05328561241438858, 0.9467143875856114),
        (27.877, 9, 0.001000063357757273, 0.9989999366422427),
        (100, 120, 0.907734948041067, 0.09226505195893298),
        (1.5, 1, 0.22067136191984324, 0.7793286380801531),
        (900, 1000, 0.9892827619087102, 0.01071723809128973),
    ],
)
def test_chi_square(statistic, freedom, above, below):
    assert chi_square_above(statistic, freedom) == pytest.approx(above, rel=1e-11)
    assert chi_square_below(statistic, freedom) == pytest.approx(below, rel=1e-11)


@pytest.mark.parametrize(
    ("count", "of", "share", "above"),
    [
        (833, 1357, 0.2196, 4.672090291117371e-214),
        (523, 1727, 0.22, 7.793671437992774e-16),
        (60, 100, 0.5, 0.028443966820490444),
        (3, 10, 0.5, 0.9453125),
        (0, 10, 0.1, 1.0),
        (10, 10, 0.1, 1e-10),
        (700, 1000, 0.9, 1.0),
        (95, 1000, 0.1, 0.7157798418712749),
    ],
)
def test_binomial(count, of, share, above):
    assert binomial_above(count, of, share) == pytest.approx(above, rel=1e-8)


@pytest.mark.parametrize(
    ("count", "of", "other", "of_other", "above"),
    [
        (50, 50, 800, 1000, 1.9404485058791408e-05),
        (10, 12, 30, 90, 0.001296710814730365),
        (3, 10, 60, 100, 0.984963838236138),
        (100, 100, 10, 100, 5.1792828189501335e-46),
        (200, 200, 80000, 100000, 4.363027345555821e-20),
        (5, 10, 5, 10, 0.6718591006516704),
    ],
)
def test_fisher(count, of, other, of_other, above):
    assert fisher_above(count, of, other, of_other) == pytest.approx(above, rel=1e-8)


def test_what_must_be_is_certain_and_what_cannot_be_is_not():
    assert (binomial_above(0, 5, 0.0), binomial_above(1, 5, 0.0), binomial_above(5, 5, 1.0)) == (1.0, 0.0, 1.0)
    assert (binomial_above(6, 5, 0.5), chi_square_above(0, 9), chi_square_below(0, 9)) == (0.0, 1.0, 0.0)
    assert fisher_above(0, 10, 3, 10) == 1.0
    assert normal_below(0) == 0.5


@given(st.integers(0, 60), st.integers(1, 60), st.floats(0.01, 0.99))
def test_a_binomial_tail_is_a_chance_and_shrinks(count, of, share):
    here, further = binomial_above(count, of, share), binomial_above(count + 1, of, share)
    assert 0 <= further <= here + 1e-12
    assert here <= 1


@given(st.floats(0, 300), st.integers(1, 200))
def test_the_two_tails_of_chi_square_are_all_there_is(statistic, freedom):
    whole = chi_square_above(statistic, freedom) + chi_square_below(statistic, freedom)
    assert whole == pytest.approx(1)
