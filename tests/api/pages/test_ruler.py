"""The drum unrolled: what lies where, overlaps and metres too many marked, sums exact."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.ruler import WIDTH, find_overlaps, measure_out, sum_up
from labs.dossier import Dossier
from labs.sampling.register import Sample
from tests import facts
from tests.factories import BATCH, lot_at
from tests.lineages import AT, flow_of, make_trace
from trace.epcis.events import Quantity
from trace.oversight.register import RecallAnswer
from trace.site.register import SiteAct

DRUM, LENGTH = lot_at("A1", "D0001"), lot_at("A1", "L0001")
METRES = st.decimals(0, 60, places=1)
SPANS = st.lists(st.tuples(METRES, METRES).map(lambda ends: (min(ends), max(ends))), max_size=8)


def act(entry, start, end, word="installed", station="station 3"):
    start, end = (None if metre is None else Decimal(metre) for metre in (start, end))
    amount = Quantity(Decimal(40), "MTR")
    at = AT + timedelta(days=entry)
    return SiteAct(entry, DRUM, word, facts.CONTRACTOR, at, None, None, amount, station, None, start, end)


def sample(entry, at):
    where = (Decimal(at), Decimal(500))
    return Sample(entry, f"S-{entry}", DRUM, facts.CONTRACTOR, "p", None, None, None, None, *where, AT, None)


def ruler_of(*acts, samples=(), flows=(), answers=()):
    told = make_trace([BATCH, DRUM, LENGTH], list(flows), asked=DRUM)
    history = replace(told.history, site_acts=acts, recall_answers=tuple(answers))
    dossier = Dossier(history, told.dossier.pack, samples=tuple(samples))
    return measure_out(replace(told, history=history, dossier=dossier))


def test_what_is_built_in_stands_in_order_of_its_metres_with_numbers():
    ruler = ruler_of(act(1, 260, 500), act(2, 0, 240), samples=[sample(3, 247)])
    assert [(mark.number, mark.start, mark.end) for mark in ruler.installed] == [("1", 0, 240), ("2", 260, 500)]
    assert [(mark.x, mark.width) for mark in ruler.installed] == [(0, 192), (208, 192)]
    assert [(mark.number, mark.start) for mark in ruler.samples] == [("S1", 247)]
    assert (ruler.length, ruler.placed, ruler.unknown, ruler.excess) == (500, 480, 20, 0)
    assert ruler.end_x == WIDTH
    assert ruler.ticks[-1] == (500, WIDTH)


def test_a_metre_that_is_claimed_twice_is_marked_and_counted_once():
    ruler = ruler_of(act(1, 0, 300), act(2, 250, 500, station="station 9"))
    assert [(mark.start, mark.end) for mark in ruler.overlaps] == [(250, 300)]
    assert (ruler.placed, ruler.unknown) == (500, 0)


def test_metres_beyond_the_drum_s_end_are_drawn_beyond_it():
    ruler = ruler_of(act(1, 0, 625))
    assert (ruler.beyond, ruler.excess, ruler.end_x) == (125, 125, 320)


def test_what_was_taken_out_again_is_not_there_any_more():
    ruler = ruler_of(act(1, 0, 300), act(2, 0, 300, "removed"))
    assert (ruler.installed, ruler.placed, ruler.unknown) == ((), 0, 500)
    assert [(mark.number, mark.start, mark.end) for mark in ruler.removed] == [("−1", 0, 300)]


def test_what_has_no_place_on_the_drum_is_counted_all_the_same():
    cut = flow_of(7, "split", [(DRUM, Decimal(200))], [(LENGTH, Decimal(200))])
    answer = RecallAnswer(8, "K", DRUM, facts.CONTRACTOR, "returned", AT.date(), Quantity(Decimal(60), "MTR"))
    ruler = ruler_of(act(1, 0, 100), act(2, None, None), flows=[cut], answers=[answer])
    assert (ruler.placed, ruler.cut, ruler.gone, len(ruler.unplaced)) == (100, 200, 60, 1)
    assert ruler.unknown == 500 - 100 - 200 - 60 - 40


def test_more_than_there_is_is_said():
    cut = flow_of(7, "split", [(DRUM, Decimal(450))], [(LENGTH, Decimal(450))])
    assert ruler_of(act(1, 0, 100), flows=[cut]).excess == 50


def test_a_batch_and_a_drum_of_which_nothing_is_said_have_no_ruler():
    told = make_trace([BATCH, DRUM, LENGTH], [], asked=BATCH)
    assert measure_out(told) is None
    assert ruler_of() is None


@given(SPANS)
def test_overlaps_are_the_metres_in_two_spans_or_more(spans):
    tenths = [Decimal(number) / 10 for number in range(600)]
    twice = [tenth for tenth in tenths if sum(start <= tenth < end for start, end in spans) > 1]
    once = [tenth for tenth in tenths if any(start <= tenth < end for start, end in spans)]
    overlaps = find_overlaps(spans)
    assert [tenth for tenth in tenths if any(start <= tenth < end for start, end in overlaps)] == twice
    assert sum(end - start for start, end in overlaps) == Decimal(len(twice)) / 10
    assert sum_up(spans) == Decimal(len(once)) / 10
    assert all(one[1] < other[0] for one, other in pairwise(overlaps))


@pytest.mark.parametrize("count", [300])
def test_a_flood_of_claims_is_drawn_up_to_a_bound(count):
    ruler = ruler_of(*(act(number, 0, 500) for number in range(1, count + 1)))
    assert len(ruler.installed) == 100
    assert ruler.placed == 500
