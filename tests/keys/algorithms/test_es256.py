"""ES256 takes COSE's form of a signature, and points of its own curve."""

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from keys.algorithms import ES256
from keys.errors import RefusedError
from keys.keyring import generate_key, read_raw

KEY = generate_key("ES256")
# SEC 2 §2.4.2.
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def split(signature):
    return int.from_bytes(signature[:32]), int.from_bytes(signature[32:])


def join(r, s):
    return r.to_bytes(32) + s.to_bytes(32)


def test_a_signature_in_der_is_not_one_of_cose():
    assert not KEY.public.verifies(encode_dss_signature(*split(KEY.sign(b"words"))), b"words")


@pytest.mark.parametrize("other", [0, N, 2**256 - 1])
def test_numbers_out_of_range_are_no_signature(other):
    r, s = split(KEY.sign(b"words"))
    assert not KEY.public.verifies(join(other, s), b"words")
    assert not KEY.public.verifies(join(r, other), b"words")


@pytest.mark.parametrize("raw", [bytes(64), b"\xff" * 64, P.to_bytes(32) + bytes(32), bytes(32) + P.to_bytes(32)])
def test_a_point_off_the_curve_is_refused(raw):
    with pytest.raises(RefusedError, match="key-unreadable"):
        read_raw(ES256, raw)
