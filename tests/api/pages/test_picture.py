"""The layout: every box once, none over another, edges to the right, what belongs together side by side."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.picture import Box, lay_out

KEYS = [f"lot {number}" for number in range(12)]


def boxes(*keys, height=40):
    return [Box(key, 100, height) for key in keys]


def overlaps(one, other):
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


@st.composite
def graphs(draw):
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1))
    edges = draw(st.lists(st.tuples(st.sampled_from(keys), st.sampled_from(keys)), max_size=30))
    sizes = draw(st.lists(st.integers(10, 90), min_size=len(keys), max_size=len(keys)))
    lasts = draw(st.sets(st.sampled_from(keys), max_size=3)) - {left for left, _ in edges}
    return [Box(k, 100, h, k in lasts) for k, h in zip(keys, sizes, strict=True)], edges


@given(graphs())
def test_any_graph_is_drawn_with_every_box_once_and_none_over_another(graph):
    given_boxes, edges = graph
    picture = lay_out(given_boxes, edges)
    assert set(picture.places) == {box.key for box in given_boxes}
    for one, other in combinations(picture.places.values(), 2):
        assert not overlaps(one, other)


@given(graphs())
def test_any_graph_lies_within_its_picture(graph):
    given_boxes, edges = graph
    picture = lay_out(given_boxes, edges)
    for place in picture.places.values():
        assert 0 <= place.x <= place.x + place.width <= picture.width
        assert 0 <= place.y <= place.y + place.height <= picture.height


@given(graphs())
def test_every_edge_has_a_line_from_box_to_box(graph):
    given_boxes, edges = graph
    picture = lay_out(given_boxes, edges)
    assert set(picture.lines) == {(left, right) for left, right in edges if left != right}
    for (left, right), points in picture.lines.items():
        start, end = picture.places[left], picture.places[right]
        assert points[0] == (start.x + start.width, start.y + start.height // 2)
        assert points[-1] == (end.x, end.y + end.height // 2)


def test_the_order_of_stages_is_the_order_of_columns():
    edges = [("rod", "batch"), ("batch", "drum 1"), ("batch", "drum 2"), ("drum 2", "length")]
    places = lay_out(boxes("length", "drum 2", "rod", "drum 1", "batch"), edges).places
    assert [places[key].layer for key in ("rod", "batch", "drum 1", "drum 2", "length")] == [0, 1, 2, 2, 3]
    assert places["rod"].x < places["batch"].x < places["drum 1"].x == places["drum 2"].x < places["length"].x


def test_what_enters_late_stands_next_to_where_it_enters():
    edges = [("rod", "wire"), ("wire", "cable"), ("compound", "cable")]
    places = lay_out(boxes("rod", "wire", "cable", "compound"), edges).places
    assert places["compound"].layer == places["wire"].layer


def test_what_belongs_last_has_a_column_behind_all_others():
    short = Box("station", 100, 40, is_last=True)
    places = lay_out([*boxes("a", "b", "c", "d"), short], [("a", "b"), ("b", "c"), ("c", "d"), ("a", "station")]).places
    assert places["station"].layer == places["d"].layer + 1


def test_what_came_from_one_stays_together():
    drums = [f"{batch}{number}" for number in range(4) for batch in "AB"]
    edges = [("rod", "A"), ("rod", "B"), *((drum[0], drum) for drum in drums)]
    edges += [("A3", "station"), ("B0", "station")]
    places = lay_out(boxes("rod", "A", "B", "station", *drums), edges).places
    order = sorted(drums, key=lambda drum: places[drum].y)
    assert "".join(drum[0] for drum in order) in ("AAAABBBB", "BBBBAAAA")


def test_a_line_past_a_column_runs_between_its_boxes():
    edges = [("a", "b"), ("b", "c"), ("a", "c")]
    picture = lay_out(boxes("a", "b", "c"), edges)
    middle = picture.places["b"]
    (_, past, leaving, _) = picture.lines["a", "c"]
    assert past[0] == middle.x
    assert leaving[0] == middle.x + middle.width
    assert not middle.y <= past[1] <= middle.y + middle.height


def test_a_circle_of_statements_is_drawn_and_not_walked_for_ever():
    picture = lay_out(boxes("a", "b", "c"), [("a", "b"), ("b", "c"), ("c", "a")])
    assert [picture.places[key].layer for key in "abc"] == [0, 1, 2]


def test_nothing_gives_an_empty_picture():
    assert lay_out([], []).places == {}


@pytest.mark.parametrize("count", [2, 200])
def test_the_same_graph_is_drawn_the_same(count):
    keys = [f"k{number}" for number in range(count)]
    edges = list(pairwise(keys))
    assert lay_out(boxes(*keys), edges) == lay_out(boxes(*keys), edges)
