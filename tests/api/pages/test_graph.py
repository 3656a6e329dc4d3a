"""The picture of generated lineages, from three lots to thousands: bounded, within its frame, nothing over another."""

from decimal import Decimal
from itertools import combinations

import pytest
from flask import Flask, render_template_string
from hypothesis import given, settings
from hypothesis import strategies as st

from api.pages.collapse import MOST_BESIDE, MOST_GROUPS, OTHERS
from api.pages.graph import draw, follow
from api.pages.sketch import MOST_KNOTS
from api.pages.trace_view import View
from tests.factories import BATCH, ROD, lot_at
from tests.lineages import flow_of, lineage_of, make_trace
from tests.pages import opened

SIZES = [(3, 1, 1), (30, 4, 3), (300, 14, 9), (300, 3, 40), (2000, 5, 5), (2000, 30, 60), (2000, 900, 300)]
LOTS = [lot_at("A1", f"D{number}") for number in range(30)]
SIDES = st.sets(st.sampled_from(LOTS), min_size=1, max_size=4)
PICTURE = '{% import "macros.html" as m with context %}{% include "trace_picture.html" %}'


@pytest.fixture(scope="module")
def app(tmp_path_factory, shared_folder):
    with opened(tmp_path_factory.mktemp("words"), shared_folder, ()) as (app, _):
        yield app


def draw_in(app: Flask, told, view=None, language="en"):
    with app.test_request_context(f"/?lang={language}"):
        return draw(told, view or View(told.lot_id))


def overlaps(one, other):
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def check_layout(drawing):
    places = [box.place for box in drawing.boxes]
    assert not [pair for pair in combinations(places, 2) if overlaps(*pair)]
    for place in places:
        assert 0 <= place.x <= place.x + place.width <= drawing.width
        assert 0 <= place.y <= place.y + place.height <= drawing.height


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("count", "holders", "stations"), SIZES)
def test_a_lineage_of_any_size_is_drawn_without_overlaps_within_its_frame(app, count, holders, stations, language):
    drawing = draw_in(app, lineage_of(count, holders=holders, stations=stations), language=language)
    check_layout(drawing)
    assert len(drawing.boxes) <= 2 * (MOST_GROUPS + 1) + 2 * MOST_BESIDE + MOST_KNOTS + 20
    assert drawing.height < 2600


@pytest.mark.parametrize(("count", "holders", "stations"), SIZES)
def test_every_lot_is_drawn_once_by_itself_or_in_a_group(app, count, holders, stations):
    told = lineage_of(count, holders=holders, stations=stations)
    shown = draw_in(app, told).shown
    drawn = [row.lot_id for row in shown.singles] + [row.lot_id for group in shown.groups for row in group.rows]
    assert sorted(drawn) == sorted(row.lot_id for row in told.rows)
    assert sum(sum(group.words.values()) for group in shown.groups) + len(shown.singles) == len(told.rows)


@pytest.mark.parametrize(("count", "holders", "stations"), SIZES)
def test_the_svg_is_small(app, count, holders, stations):
    told = lineage_of(count, holders=holders, stations=stations)
    with app.test_request_context("/?lang=en"):
        svg = render_template_string(PICTURE, told=told, drawing=draw(told, View(told.lot_id)))
    assert len(svg.encode()) < 150_000


def test_a_group_that_is_opened_shows_its_members_a_page_at_a_time(app):
    told = lineage_of(300, holders=2)
    (group, *_) = draw_in(app, told).shown.groups
    shown = set()
    skip = 0
    for _ in range(9):
        part = draw_in(app, told, View(told.lot_id, {group.key: skip}))
        check_layout(part)
        shown |= {row.lot_id for row in part.shown.singles}
        rest = [other for other in part.shown.groups if other.key == group.key]
        skip = rest[0].opens_at if rest else 0
        if not skip:
            break
    assert {row.lot_id for row in group.rows} <= shown


def test_more_holders_than_fit_are_others_that_open(app):
    told = lineage_of(2000, holders=200)
    groups = [group for group in draw_in(app, told).shown.groups if group.stage == "unit"]
    others = next(group for group in groups if group.holder == OTHERS)
    assert len(groups) == MOST_GROUPS + 1
    again = draw_in(app, told, View(told.lot_id, {others.key: others.opens_at})).shown.groups
    assert {group.key for group in again if group.stage == "unit"} - {group.key for group in groups}


def test_the_thickest_line_carries_the_most_metres(app):
    drawing = draw_in(app, lineage_of(300, holders=3))
    assert drawing.thickest == Decimal(500 * 198)
    assert max(line.width for line in drawing.lines) == 14.0
    assert min(line.width for line in drawing.lines) == 1.6


def test_a_line_that_contradicts_how_a_lot_began_is_drawn_and_marked(app):
    first, second = LOTS[:2]
    flows = [
        flow_of(1, "split", [(BATCH, None)], [(first, Decimal(5)), (second, Decimal(5))]),
        flow_of(2, "joined", [(first, Decimal(5))], [(second, Decimal(5))]),
    ]
    drawing = draw_in(app, make_trace([BATCH, first, second], flows, asked=BATCH))
    keys = [box.content.key for box in drawing.boxes]
    assert [(keys[line.left], keys[line.right]) for line in drawing.lines if line.is_odd] == [("flow 2", second)]


def test_a_way_leads_over_all_lots_between_and_over_no_other():
    told = lineage_of(30)
    length, drum = lot_at("A1", "L0001"), lot_at("A1", "D0001")
    assert follow(told, length) == {BATCH, drum, length}
    assert follow(told, ROD) == {BATCH, ROD}


def test_a_way_that_is_followed_stands_out_of_its_groups(app):
    told = lineage_of(2000)
    length, drum = lot_at("A1", "L0007"), lot_at("A1", "D0007")
    drawing = draw_in(app, told, View(told.lot_id, path=length))
    on_way = [box.content.key for box in drawing.boxes if box.is_on_way and box.content.kind == "lot"]
    assert sorted(on_way) == sorted([BATCH, drum, length])
    assert sum(line.is_on_way for line in drawing.lines) == 4
    check_layout(drawing)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            SIDES,
            SIDES,
        ),
        max_size=60,
    )
)
def test_any_tangle_of_claims_is_drawn(app, claims):
    flows = [
        flow_of(number, "joined", [(lot, Decimal(5)) for lot in sorted(taken)], [(lot, None) for lot in sorted(given_)])
        for number, (taken, given_) in enumerate(claims)
    ]
    check_layout(draw_in(app, make_trace([BATCH, *LOTS], flows, asked=BATCH, holders=4)))
