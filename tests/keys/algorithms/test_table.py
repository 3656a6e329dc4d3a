"""A signature is what the algorithm's own row says, and nothing that merely looks like it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import cbor, keyring
from keys.algorithms import ALGORITHMS
from keys.envelope import parse_statement, verify_statement
from keys.errors import RefusedError
from keys.keyring import generate_key, read_raw
from tests.keys.test_envelope import seal

KEYS = {name: generate_key(name) for name in ALGORITHMS}
each = pytest.mark.parametrize("name", ALGORITHMS)


@each
@given(words=st.binary(max_size=100))
@settings(max_examples=30)
def test_what_is_signed_verifies(name, words):
    assert KEYS[name].public.verifies(KEYS[name].sign(words), words)


@each
@given(signature=st.binary(max_size=80))
def test_any_other_bytes_do_not_verify_and_do_not_fail(name, signature):
    assert not KEYS[name].public.verifies(signature, b"words")


@each
@given(data=st.data())
@settings(max_examples=50)
def test_a_signature_with_one_bit_changed_does_not_verify(name, data):
    signature = bytearray(KEYS[name].sign(b"words"))
    bit = data.draw(st.integers(0, 8 * len(signature) - 1))
    signature[bit // 8] ^= 1 << bit % 8
    assert not KEYS[name].public.verifies(bytes(signature), b"words")


@each
def test_signatures_have_the_length_of_their_row_and_no_other(name):
    signature = KEYS[name].sign(b"words")
    assert len(signature) == ALGORITHMS[name].signature_bytes
    for other in (b"", signature[:-1], signature + b"\0", b"\0" + signature):
        assert not KEYS[name].public.verifies(other, b"words")


@each
def test_zeros_and_ones_are_no_signature(name):
    size = ALGORITHMS[name].signature_bytes
    for forged in (bytes(size), b"\xff" * size):
        assert not KEYS[name].public.verifies(forged, b"words")


@each
@pytest.mark.parametrize("change", [-1, 1])
def test_a_key_of_another_length_is_refused(name, change):
    raw = KEYS[name].public.raw
    assert len(raw) == ALGORITHMS[name].raw_bytes
    with pytest.raises(RefusedError, match="key-unreadable"):
        read_raw(ALGORITHMS[name], (raw + b"\0")[: len(raw) + change])


@each
def test_a_statement_is_sealed_and_verified_under_any_of_them(name):
    said = parse_statement(seal(KEYS[name]).to_bytes())
    verify_statement(said, KEYS[name].public)
    assert said.algorithm_id == ALGORITHMS[name].cose_id


@pytest.mark.parametrize("named", ALGORITHMS)
@pytest.mark.parametrize("registered", ALGORITHMS)
def test_the_key_on_record_says_the_algorithm_and_not_the_message(named, registered):
    said = seal(KEYS[named])
    if named == registered:
        verify_statement(said, KEYS[registered].public)
    else:
        with pytest.raises(RefusedError, match="algorithm-mismatch"):
            verify_statement(said, KEYS[registered].public)


def test_names_and_identifiers_are_permanent():
    """Entries that were signed under them stay: a row is never renamed and never given another number."""
    named = {algorithm.name: algorithm.cose_id for algorithm in ALGORITHMS.values()}
    assert named == {"EdDSA": -8, "ES256": -7, "ML-DSA-44": -48, "SM2": -3291802}


def test_no_two_rows_can_be_taken_for_each_other():
    rows = list(ALGORITHMS.values())
    for shape in (lambda row: row.cose_id, lambda row: tuple(sorted(row.jwk.items())), lambda row: row.spki):
        assert len({shape(row) for row in rows}) == len(rows)
    assert len({tuple(sorted(row.cose_key.items())) for row in rows}) == len(rows)


@each
def test_the_name_of_a_key_is_worked_out_once(name, monkeypatch):
    public = generate_key(name).public
    first = public.kid
    monkeypatch.setattr(cbor, "encode", lambda value: pytest.fail("hashed again"))
    assert public.kid is first


@each
def test_a_key_that_comes_again_is_not_read_again(name):
    public = KEYS[name].public
    assert keyring.read_jwk(public.to_jwk()) is keyring.read_jwk(public.to_jwk())
