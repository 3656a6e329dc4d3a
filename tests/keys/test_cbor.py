"""CBOR is read in its one deterministic form or not at all."""

import tracemalloc

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import cbor
from keys.errors import RefusedError
from tests.keys import cbor_model

INTEGERS = st.integers(-(2**64), 2**64 - 1)
# Among the keys many on both sides of where heads grow.
KEYS = INTEGERS | st.integers(-300, 300) | st.text(max_size=20) | st.binary(max_size=20)
PLAIN = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.binary(max_size=40) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=12,
).filter(lambda value: depth_of(value) < cbor.MAX_DEPTH)


def depth_of(value):
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


def refusal_of(data, **options):
    with pytest.raises(RefusedError) as refused:
        cbor.decode(data, where="here", **options)
    assert refused.value.facts["where"] == "here"
    return refused.value.code


@given(PLAIN)
def test_what_is_written_reads_back(value):
    assert cbor.decode(cbor.encode(value), where="here") == value


@given(PLAIN)
def test_what_is_written_is_what_the_rfc_writes(value):
    assert cbor.encode(value) == cbor_model.write(value)


@given(st.binary(max_size=60) | PLAIN.map(cbor_model.write).flatmap(lambda data: changed(data)))
def test_bytes_are_read_as_the_rfc_reads_them_or_not_at_all(data):
    try:
        expected = cbor_model.read(data, cbor.MAX_DEPTH - 1)
    except cbor_model.NotDeterministicError:
        assert refusal_of(data).startswith("cbor-")
    else:
        assert cbor.decode(data, where="here") == expected
        assert cbor.encode(expected) == data


def changed(data):
    """The bytes themselves, or with some of them overwritten, left out, doubled or cut off."""
    places = st.integers(0, max(len(data) - 1, 0))
    return st.one_of(
        st.just(data),
        st.builds(lambda at, byte: data[:at] + bytes([byte]) + data[at + 1 :], places, st.integers(0, 255)),
        st.builds(lambda at, more: data[:at] + more + data[at:], places, st.binary(min_size=1, max_size=4)),
        st.builds(lambda at, length: data[:at] + data[at + length :], places, st.integers(1, 4)),
        st.builds(lambda at: data[:at], places),
    )


def test_map_keys_are_in_bytewise_order_whatever_their_lengths():
    in_order = "a5 1818 00 190100 00 20 00 4178 00 6161 00"
    assert cbor.encode({"a": 0, 256: 0, b"x": 0, -1: 0, 24: 0}) == bytes.fromhex(in_order)
    assert cbor.decode(bytes.fromhex("a2 190100 00 6161 00"), where="here") == {256: 0, "a": 0}


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_or_are_the_one_way_to_write_their_value(data):
    try:
        value = cbor.decode(data, where="here")
    except RefusedError:
        assert refusal_of(data).startswith("cbor-")
    else:
        assert cbor.encode(value) == data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        # heads that are longer than they need to be (RFC 8949 §4.2.1)
        ("b900010126", "cbor-not-deterministic"),
        ("1800", "cbor-not-deterministic"),
        ("1900ff", "cbor-not-deterministic"),
        ("580141", "cbor-not-deterministic"),
        ("7801 61", "cbor-not-deterministic"),
        ("9801 00", "cbor-not-deterministic"),
        # map keys out of order or twice
        ("a2 0200 0100", "cbor-not-deterministic"),
        ("a2 616100 0100", "cbor-not-deterministic"),
        ("a2 2000 181800", "cbor-not-deterministic"),
        ("a2 6000 181800", "cbor-not-deterministic"),
        # the order of RFC 7049, shorter keys first, is another one
        ("a2 616100 190100 00", "cbor-not-deterministic"),
        ("a2 0126 0127", "cbor-malformed"),
        # lengths that are not said
        ("9f00ff", "cbor-malformed"),
        ("5f4100ff", "cbor-malformed"),
        ("bf0100ff", "cbor-malformed"),
        # map keys that are maps or arrays
        ("a1 a0 00", "cbor-malformed"),
        ("a1 80 00", "cbor-malformed"),
        ("a1 8101 00", "cbor-malformed"),
        # map keys that Python takes for numbers, or that are nothing
        ("a1 f5 00", "cbor-malformed"),
        ("a1 f4 00", "cbor-malformed"),
        ("a1 f6 00", "cbor-malformed"),
        # items that we have no use for: floats, undefined, simple values, tags, big integers
        ("f93c00", "cbor-malformed"),
        ("f97e00", "cbor-malformed"),
        ("fb3ff8000000000000", "cbor-malformed"),
        ("f7", "cbor-malformed"),
        ("e0", "cbor-malformed"),
        ("c11a514b67b0", "cbor-malformed"),
        ("c0 74 323031332d30332d32315432303a30343a30305a", "cbor-malformed"),
        ("c2 49 010000000000000000", "cbor-malformed"),
        ("d81c 80", "cbor-malformed"),
        ("d823 612e", "cbor-malformed"),
        ("d9 d9f7 00", "cbor-malformed"),
        ("d2 80", "cbor-malformed"),
        # ends too early or too late, or is no text
        ("", "cbor-malformed"),
        ("18", "cbor-malformed"),
        ("4401", "cbor-malformed"),
        ("81", "cbor-malformed"),
        ("62c328", "cbor-malformed"),
        ("63eda080", "cbor-malformed"),
        ("0000", "cbor-trailing-bytes"),
        ("f600", "cbor-trailing-bytes"),
    ],
)
def test_any_other_form_is_refused(data, code):
    assert refusal_of(bytes.fromhex(data)) == code


@pytest.mark.parametrize(("data", "value"), [("1bffffffffffffffff", 2**64 - 1), ("3bffffffffffffffff", -(2**64))])
def test_integers_reach_to_64_bits(data, value):
    assert cbor.decode(bytes.fromhex(data), where="here") == value


@pytest.mark.parametrize(
    ("data", "value"), [("a2 181800 2000", {24: 0, -1: 0}), ("a2 1903e800 6000", {1000: 0, "": 0})]
)
def test_keys_are_in_bytewise_order_not_the_shorter_first(data, value):
    assert cbor.encode(value).hex() == data.replace(" ", "")
    assert cbor.decode(bytes.fromhex(data), where="here") == value


def test_nesting_is_bounded():
    deepest = b"\x81" * (cbor.MAX_DEPTH - 1) + b"\x00"
    assert cbor.decode(deepest, where="here")
    assert refusal_of(b"\x81" * 2 + deepest) == "cbor-malformed"
    assert refusal_of(b"\x81" * 100_000) == "cbor-malformed"


def test_a_long_claimed_length_costs_nothing():
    assert refusal_of(bytes.fromhex("5b00ffffffffffffff")) == "cbor-malformed"
    assert refusal_of(bytes.fromhex("9b00ffffffffffffff")) == "cbor-malformed"


def test_the_tag_that_is_asked_for_is_taken_off():
    data = cbor.encode(cbor2.CBORTag(18, [1, b"x"]))
    assert cbor.decode(data, where="here", tag=18) == [1, b"x"]


@pytest.mark.parametrize("data", ["80", "d180", "d8 12 80", "d2 d2 80"])
def test_another_tag_or_none_is_refused(data):
    assert refusal_of(bytes.fromhex(data), tag=18).startswith("cbor-")


@given(st.lists(PLAIN, max_size=6))
def test_a_sequence_is_cut_into_its_items(values):
    items = [cbor.encode(value) for value in values]
    assert list(cbor.split_sequence(b"".join(items), where="here", most=6)) == items


def test_a_sequence_is_bounded():
    with pytest.raises(RefusedError, match="too-many-statements"):
        list(cbor.split_sequence(b"\x00" * 4, where="here", most=3))


def test_a_sequence_that_breaks_off_is_refused():
    with pytest.raises(RefusedError, match="cbor-malformed"):
        list(cbor.split_sequence(b"\x00\x18", where="here", most=3))


@given(st.lists(st.binary(max_size=12), max_size=4).map(b"".join))
def test_what_a_sequence_is_cut_into_is_all_of_it(data):
    try:
        items = list(cbor.split_sequence(data, where="here", most=50))
    except RefusedError:
        with pytest.raises(RefusedError, match="cbor-malformed"):
            list(cbor.split_sequence(data, where="here", most=50))
    else:
        assert b"".join(items) == data
        assert all(list(cbor.split_sequence(item, where="here", most=1)) == [item] for item in items)


@pytest.mark.parametrize("data", ["ff", "9f", "1c", "5f4100ff", "9bffffffffffffffff", "5bffffffffffffffff", "1b", "d2"])
def test_an_item_that_has_no_end_is_refused(data):
    with pytest.raises(RefusedError, match="cbor-malformed"):
        list(cbor.split_sequence(bytes.fromhex(data), where="here", most=3))


def test_cutting_builds_nothing():
    data = bytes.fromhex("9a00989680") + bytes(10_000_000)
    tracemalloc.start()
    with pytest.raises(RefusedError, match="cbor-malformed"):
        list(cbor.split_sequence(data, where="here", most=3))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000
