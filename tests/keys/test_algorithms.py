"""A signature is what the algorithm's own row says, and nothing that merely looks like it."""

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from keys.algorithms import ALGORITHMS
from keys.keyring import generate_key

KEYS = {name: generate_key(name) for name in ALGORITHMS}


@pytest.mark.parametrize("name", ALGORITHMS)
@given(words=st.binary(max_size=100))
def test_what_is_signed_verifies(name, words):
    assert KEYS[name].public.verifies(KEYS[name].sign(words), words)


@pytest.mark.parametrize("name", ALGORITHMS)
@given(signature=st.binary(max_size=80))
def test_any_other_bytes_do_not_verify_and_do_not_fail(name, signature):
    assert not KEYS[name].public.verifies(signature, b"words")


@pytest.mark.parametrize("name", ALGORITHMS)
def test_signatures_have_64_bytes(name):
    signature = KEYS[name].sign(b"words")
    assert len(signature) == 64
    for other in (b"", signature[:-1], signature + b"\0", b"\0" + signature):
        assert not KEYS[name].public.verifies(other, b"words")


def test_an_ecdsa_signature_in_der_is_not_one_of_cose():
    raw = KEYS["ES256"].sign(b"words")
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    assert not KEYS["ES256"].public.verifies(der, b"words")


def test_the_names_are_those_of_cose():
    assert {algorithm.name: algorithm.cose_id for algorithm in ALGORITHMS.values()} == {"EdDSA": -8, "ES256": -7}
