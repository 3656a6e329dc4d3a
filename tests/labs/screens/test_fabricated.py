"""The screens on counts that were published and disputed: group A is asked about, and none of the controls.

The data lie beside this checkout, as the published vectors do: triplicate cell counts of Pitt and Hill (2016), names
removed. Their terminal digits are of counts with two digits or more in dishes, three or more in the Coulter counter.
"""

import csv
import json
from collections import defaultdict

import pytest

from labs.screens.centrality import count_triple, judge_triples
from labs.screens.screen import sum_counts
from labs.screens.terminal_digits import judge_digits
from tests.conftest import FABRICATED, NO_FABRICATED

LEAST = {"colony": 10, "coulter": 100}


@pytest.fixture(scope="module")
def groups():
    """By group and instrument: the triples, and what was published of them."""
    if not FABRICATED.is_dir():
        pytest.skip(NO_FABRICATED)
    triples = defaultdict(list)
    with (FABRICATED / "triplicate_counts.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            group = f"{row['investigator_group']}/{row['instrument']}"
            triples[group].append(tuple(int(row[f"count{number}"]) for number in (1, 2, 3)))
    expected = json.loads((FABRICATED / "expected_screen_results.json").read_text(encoding="utf-8"))
    assert triples.keys() == expected.keys()
    return {name: (triples[name], expected[name]) for name in expected}


def screen_digits(name, triples):
    least = LEAST[name.partition("/")[2]]
    last = [count % 10 for triple in triples for count in triple if count >= least]
    return judge_digits(name, [last.count(digit) for digit in range(10)])


def screen_triples(name, triples):
    return judge_triples(name, "", sum_counts(map(count_triple, triples)))


def test_the_numbers_are_those_that_were_expected(groups):
    for name, (triples, expected) in groups.items():
        digits = screen_digits(name, triples)
        assert [bar.count for bar in digits.bins] == expected["digit_counts"]
        assert digits.n == expected["digits"]
        assert float(digits.facts["statistic"]) == pytest.approx(expected["chi2"], abs=0.01)
        assert digits.p == pytest.approx(expected["p"], rel=0.01)
        central = screen_triples(name, triples)
        assert float(central.facts["share_pct"]) == pytest.approx(100 * expected["share_midratio_0_4_to_0_6"], abs=0.06)


def test_group_a_is_asked_about_and_no_control_is(groups):
    for screen in (screen_digits, screen_triples):
        said = {name: screen(name, triples) for name, (triples, _) in groups.items()}
        assert {name for name, one in said.items() if one.is_open} == {"A/colony", "A/coulter"}
        assert {name for name, one in said.items() if one.p < 1e-4} == {"A/colony", "A/coulter"}
