"""The drum unrolled: what lies where, overlaps and metres too many marked, sums exact."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from api.pages.ruler import COLUMNS, WIDTH, list_rows, measure_out
from labs.dossier import Dossier
from labs.sampling.register import Sample
from tests import facts
from tests.factories import BATCH, lot_at
from tests.lineages import AT, flow_of, make_trace
from trace.epcis.events import Quantity
from trace.oversight.register import RecallAnswer
from trace.site.register import SiteAct

DRUM, LENGTH = lot_at("A1", "D0001"), lot_at("A1", "L0001")


def act(entry, start, end, word="installed", station="station 3"):
    start, end = (None if metre is None else Decimal(metre) for metre in (start, end))
    amount = Quantity(Decimal(40), "MTR")
    at = AT + timedelta(days=entry)
    return SiteAct(entry, DRUM, word, facts.CONTRACTOR, at, None, None, amount, station, None, start, end)


def sample(entry, at, length=None):
    where = (Decimal(at), Decimal(500))
    size = None if length is None else Decimal(length)
    return Sample(entry, f"S-{entry}", DRUM, facts.CONTRACTOR, "p", None, None, None, None, *where, AT, None, size)


def ruler_of(*acts, samples=(), flows=(), answers=(), reports=()):
    told = make_trace([BATCH, DRUM, LENGTH], list(flows), asked=DRUM)
    history = replace(told.history, site_acts=acts, recall_answers=tuple(answers))
    dossier = Dossier(history, told.dossier.pack, samples=tuple(samples), reports=tuple(reports))
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


def test_a_sample_with_a_length_is_a_stretch_with_its_report():
    report = replace(facts.REPORT, sample="S-3")
    told = [act(3, 247, 249, "sampled"), act(2, 0, 240), act(4, 260, 500)]
    ruler = ruler_of(*told, samples=[sample(3, 247, 2), sample(5, 30)], reports=[report])
    assert [(mark.number, mark.start, mark.end, mark.width > 0) for mark in ruler.samples] == [
        ("S1", 30, 30, False),
        ("S2", 247, 249, True),
    ]
    assert [mark.reports for mark in ruler.samples] == [(), (report,)]
    assert (ruler.placed, ruler.sampled_m, ruler.unknown, ruler.overlaps) == (480, 2, 18, ())


def test_destroyed_metres_are_a_stretch_and_lie_nowhere_any_more():
    ruler = ruler_of(act(1, 0, 300), act(2, 280, 310, "destroyed"))
    assert [(mark.number, mark.start, mark.end) for mark in ruler.destroyed] == [("D1", 280, 310)]
    assert (ruler.placed, ruler.destroyed_m, ruler.unknown) == (280, 30, 190)
    # It was built in first and cut out later: both are true.
    assert ruler.overlaps == ()


def test_what_was_cut_out_before_cannot_be_built_in():
    ruler = ruler_of(act(1, 280, 310, "destroyed"), act(2, 0, 300))
    assert [(mark.start, mark.end) for mark in ruler.overlaps] == [(280, 300)]
    assert (ruler.placed, ruler.destroyed_m, ruler.unknown) == (280, 30, 190)


@pytest.mark.parametrize("word", ["sampled", "destroyed"])
def test_what_is_cut_out_of_metres_that_nobody_named_comes_from_what_is_left(word):
    ruler = ruler_of(act(1, 0, 490), act(2, None, None, word))
    assert (ruler.sampled_m + ruler.destroyed_m, ruler.unknown, ruler.excess) == (40, 0, 0)
    assert [one.act for one in ruler.unplaced] == [word]


def test_its_table_has_a_row_for_all_that_it_shows():
    told = [act(1, 0, 300), act(2, 200, 310), act(3, 400, 402, "sampled"), act(4, None, None, "destroyed")]
    report = replace(facts.REPORT, sample="S-3")
    ruler = ruler_of(*told, act(5, 490, 500, "destroyed"), samples=[sample(3, 400, 2)], reports=[report])
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in list_rows(ruler, {facts.CONTRACTOR: "builder"})]
    assert [(row["act"], row["from_m"], row["metres"], row["party_name"]) for row in rows] == [
        ("installed", 0, 300, "builder"),
        ("installed", 200, 110, "builder"),
        ("destroyed", 490, 10, "builder"),
        ("sampled", 400, 2, "builder"),
        ("destroyed", None, 40, "builder"),
        ("claimed_twice", 200, 100, None),
        ("unknown", None, 500 - 310 - 2 - 10 - 40, None),
    ]
    assert (rows[3]["sample"], rows[3]["reports"], rows[3]["entry"]) == ("S-3", report.number, 3)


def test_of_a_flood_of_claims_all_are_counted():
    ruler = ruler_of(*(act(number, 0, 500) for number in range(1, 301)))
    assert (len(ruler.installed), len(ruler.overlaps), ruler.placed) == (300, 1, 500)
