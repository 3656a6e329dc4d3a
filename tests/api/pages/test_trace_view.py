"""What the trace page's address asks for: read as it was written, whatever stands in it, and refused by a code."""

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from api.pages.trace_view import MOST_OPENED, SORTS, View, read_view
from keys.errors import RefusedError
from labs.judge import Word
from tests.lineages import lineage_of

TOLD = lineage_of(30)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(str.strip)
VIEWS = st.builds(
    View,
    st.just(TOLD.lot_id),
    st.dictionaries(TEXT.filter(lambda key: key and "@" not in key), st.integers(0, 999_999), max_size=MOST_OPENED),
    st.none() | st.sampled_from([row.lot_id for row in TOLD.rows]),
    TEXT,
    TEXT,
    st.just("") | st.sampled_from([word.value for word in Word]),
    st.sampled_from([*SORTS, *(f"-{sort}" for sort in SORTS)]),
    st.integers(1, 99_999),
)
NAMES = st.sampled_from(["open", "path", "find", "holder", "verdict", "sort", "page", "format"])


def args_of(address):
    return MultiDict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


@given(VIEWS)
def test_an_address_is_read_as_it_was_written(view):
    assert read_view(TOLD, args_of(view.address("graph"))) == view


@given(VIEWS, TEXT.filter(lambda key: key and "@" not in key))
def test_opening_and_closing_a_group_leaves_the_rest(view, key):
    opened = read_view(TOLD, args_of(view.opening(key, 40)))
    assert opened.opened[key] == 40
    assert len(opened.opened) <= MOST_OPENED
    assert key not in read_view(TOLD, args_of(opened.closing(key))).opened
    assert (opened.find, opened.path, opened.sort) == (view.find, view.path, view.sort)


def read_or_refuse(pairs):
    try:
        return read_view(TOLD, MultiDict(pairs)), ""
    except RefusedError as error:
        return View(TOLD.lot_id), error.code


@given(st.lists(st.tuples(NAMES, st.text(max_size=120)), max_size=30))
def test_whatever_stands_in_an_address_is_read_or_refused_by_a_code(pairs):
    view, code = read_or_refuse(pairs)
    assert code in ("", "not-found", "request-malformed")
    assert len(view.opened) <= MOST_OPENED
    assert len(view.find) <= 80
