"""JSON is read exactly, or refused."""

import json
import tracemalloc
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import RefusedError
from keys.payload import MAX_DEPTH, MAX_DIGITS, MAX_EXPONENT, MAX_INTEGER, MAX_VALUES, read_json
from tests.keys import json_model

BOUNDS = (MAX_DEPTH, MAX_INTEGER, MAX_DIGITS, MAX_EXPONENT)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def refusal_of(data):
    with pytest.raises(RefusedError) as refused:
        read_json(data)
    return refused.value.code


@given(st.dictionaries(TEXT, JSON, max_size=5), st.booleans(), st.sampled_from([None, 1]))
def test_any_object_reads_as_it_was_meant(value, is_ascii, indent):
    assert read_json(json.dumps(value, ensure_ascii=is_ascii, indent=indent).encode()) == value


# What JSON is made of, right and nearly right, so that many a heap of it is an object.
PIECES = st.sampled_from(
    [
        *"{}[]:,\"'\\ \n",
        *('"a"', '"b"', r'"\u0061"', r'"\ud83d\ude00"', r'"\ud83d"', r'"\u0000"', r'"\/"', r'"\x"'),
        *('"\t"', '"\u6e2f"', '"\x7f"', '"\ud7ff"', "\u00a0", "\ufeff", "٣", "/**/"),
        *("0", "-0", "1", "01", "-", "+1", ".5", "1.50", "1e5", "1E-41", "1.e1", "1e+40", "0x1"),
        *("9007199254740991", "9007199254740992", "-9007199254740993", "1" * 41 + ".0", "0." + "0" * 41 + "1"),
        *("true", "false", "null", "nul", "NaN", "Infinity", "-Infinity"),
    ]
)
HEAPS = st.lists(PIECES, max_size=12).map("".join)
VALUES = st.recursive(
    PIECES.filter(lambda piece: len(piece) > 1) | st.sampled_from(["0", "1"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]")
        | st.lists(st.tuples(st.sampled_from(['"a"', '"b"', '"\\u0061"', '"c"']), inner), max_size=3).map(
            lambda members: "{" + ", ".join(f"{name} :{value}" for name, value in members) + "}"
        )
    ),
    max_leaves=8,
)


@given(HEAPS | VALUES | VALUES.map(lambda value: f'{{"x": {value}}}') | HEAPS.map(lambda heap: f'{{"x": {heap}}}'))
def test_text_is_read_as_the_rfcs_read_it_or_not_at_all(text):
    data = text.encode()
    try:
        expected = json_model.read(data, BOUNDS)
    except json_model.NotReadError:
        assert refusal_of(data) == "payload-malformed"
    else:
        # repr tells 1 from True, and 1.0 from 1.00.
        assert repr(read_json(data)) == repr(expected)


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_refused(data):
    try:
        value = read_json(data)
    except RefusedError:
        assert refusal_of(data) == "payload-malformed"
    else:
        assert isinstance(value, dict)


@given(st.decimals(-(10**15), 10**15, places=6))
def test_a_number_with_a_fraction_keeps_its_digits(number):
    (read,) = read_json(f'{{"x": {number:f}}}'.encode()).values()
    assert (type(read), str(read)) == (Decimal, f"{number:f}")


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 9007199254740992}',
        b'{"a": -9007199254740992}',
        b'{"a": 1e41}',
        b'{"a": 1e-41}',
        b'{"a": 1e999999999999}',
        b'{"a": 1e9999999999999999999999}',
        b'{"a": 1e-9999999999999999999999}',
        b'{"a": 0.' + b"1" * 41 + b"}",
        b'{"a": ' + b"1" * 5000 + b"}",
        b'{"a": "\\ud800"}',
        b'{"a": ["\\udc00"]}',
        b'{"\\ud800": 1}',
        b'{"a": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\xff"}',
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": 1} {}',
        b'{"a": 1}x',
        b'{"a": 1,}',
        b"{'a': 1}",
        b'{"a": 01}',
        b'{"a": "\n"}',
        b"[1]",
        b"1",
        b'"a"',
        b"null",
        b"",
    ],
)
def test_what_others_might_read_otherwise_is_refused(data):
    assert refusal_of(data) == "payload-malformed"


def test_integers_reach_to_2_to_the_53():
    assert read_json(f'{{"a": {MAX_INTEGER}, "b": {-MAX_INTEGER}}}'.encode()) == {"a": MAX_INTEGER, "b": -MAX_INTEGER}


@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]")])
def test_nesting_is_bounded(opening, closing):
    def nested(depth):
        return ('{"a":' + opening * (depth - 1) + "1" + closing * (depth - 1) + "}").encode()

    assert read_json(nested(MAX_DEPTH))
    assert refusal_of(nested(MAX_DEPTH + 1)) == "payload-malformed"
    assert refusal_of(nested(100_000)) == "payload-malformed"


def test_values_are_bounded_in_number():
    def listed(count):
        return b'{"a":[' + b",".join([b"0"] * count) + b"]}"

    assert read_json(listed(MAX_VALUES - 10))
    for data in (listed(MAX_VALUES + 2), b'{"a":[' + b"{}," * MAX_VALUES, b'{"a":' + b"[]" * MAX_VALUES):
        assert refusal_of(data) == "payload-malformed"


def test_what_would_swell_in_memory_is_refused_before_it_does():
    data = b'{"a":[' + b",".join([b"{}"] * 2_000_000) + b"]}"
    tracemalloc.start()
    assert refusal_of(data) == "payload-malformed"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * len(data)


def test_brackets_in_strings_are_no_nesting():
    text = "[{" * 1000 + '"\\'
    assert read_json(json.dumps({"a": text}).encode()) == {"a": text}


@pytest.mark.parametrize("data", [b'{"' + b'\\"' * 500_000, b'{"a": "' + b"a" * 1_000_000 + b'"'])
def test_a_long_string_costs_no_more_than_its_length(data):
    tracemalloc.start()
    assert refusal_of(data) == "payload-malformed"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * len(data)


def test_a_whole_surrogate_pair_is_a_character():
    assert read_json(b'{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}
