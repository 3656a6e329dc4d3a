"""C16: the metres of a drum that are named one by one agree with each other and with its length."""

from decimal import Decimal

import pytest

from tests.facts import BATCH, CONTRACTOR, DEALER, HONEST, act, but, cst, find_one, found
from trace.rules.stretches import metres_of_a_drum


def on(entry, word, start, end, day=20, party=CONTRACTOR):
    return act(entry, word, cst(5, day), party=party, station="S", from_m=Decimal(start), to_m=Decimal(end))


def test_an_honest_drum_agrees():
    assert found(metres_of_a_drum, HONEST) == ()
    honest = (on(50, "sampled", 0, 2, 8), on(51, "installed", 2, 490), on(52, "destroyed", 490, 500))
    assert found(metres_of_a_drum, but(site_acts=honest)) == ()


def test_a_sample_out_of_cable_that_lies_is_no_contradiction():
    assert found(metres_of_a_drum, but(site_acts=(on(50, "installed", 0, 500), on(51, "sampled", 230, 232, 21)))) == ()


@pytest.mark.parametrize(
    ("first", "second", "case"),
    [
        ("installed", "installed", "laid_twice"),
        ("sampled", "installed", "laid_after_cut"),
        ("destroyed", "installed", "laid_after_cut"),
        ("destroyed", "sampled", "cut_twice"),
        ("sampled", "sampled", "cut_twice"),
    ],
)
def test_metres_of_which_two_statements_cannot_both_be_true(first, second, case):
    acts = (on(50, first, 100, 200), on(51, second, 150, 300, 21, DEALER))
    finding = find_one(metres_of_a_drum, but(site_acts=acts))
    assert (finding.case, finding.entries) == (case, (50, 51))
    assert finding.facts == {"from_m": 150, "to_m": 200, "party": CONTRACTOR, "other": DEALER}


@pytest.mark.parametrize(("start", "end", "count"), [(400, 502, 0), (400, 503, 1), (-1, 2, 1)])
def test_metres_beyond_the_ends(start, end, count):
    findings = found(metres_of_a_drum, but(site_acts=(on(50, "sampled", start, end),)))
    assert [(one.case, one.entries) for one in findings] == [("beyond_end", (50,))] * count


def test_the_metres_of_a_batch_are_on_many_drums():
    acts = tuple(on(entry, "installed", 0, 100) for entry in (50, 51))
    assert found(metres_of_a_drum, but(site_acts=acts, lot_id=BATCH)) == ()
