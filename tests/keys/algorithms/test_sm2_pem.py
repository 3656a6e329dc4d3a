"""A private SM2 key in a file: what is written reads back, and what would keep us busy is refused."""

import base64
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.algorithms.sm2 import Sm2PrivateKey
from keys.algorithms.sm2_pem import read_pem, write_pem
from keys.keyring import generate_key
from tests.pem import armour

D = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
NUMBER = D.to_bytes(32)
POINT = Sm2PrivateKey(D).public.x.to_bytes(32) + Sm2PrivateKey(D).public.y.to_bytes(32)


def der_of(pem):
    return base64.b64decode(b"".join(pem.splitlines()[1:-1]))


def test_what_is_written_reads_back_and_is_hidden_by_a_passphrase():
    assert read_pem(write_pem(NUMBER, POINT, None), None) == NUMBER
    locked = write_pem(NUMBER, POINT, b"open")
    assert NUMBER not in der_of(locked)
    assert read_pem(locked, b"open") == NUMBER
    assert locked != write_pem(NUMBER, POINT, b"open")


@pytest.mark.parametrize("passphrase", [None, b"", b"shut"])
def test_a_wrong_passphrase_is_an_error(passphrase):
    locked = write_pem(NUMBER, POINT, b"open")
    with pytest.raises(ValueError, match=r"."):
        read_pem(locked, passphrase)


@pytest.mark.parametrize("algorithm", ["ES256", "SM2"])
def test_keys_of_another_curve_are_left_to_others(algorithm):
    found = read_pem(generate_key(algorithm).to_pem(), None)
    assert (found is not None) == (algorithm == "SM2")


@pytest.mark.parametrize("number", [NUMBER[1:], NUMBER + b"\0", b""])
def test_a_number_of_another_length_is_an_error(number):
    inner = b"\x02\x01\x01" + b"\x04" + bytes([len(number)]) + number
    inner = b"\x30" + bytes([len(inner)]) + inner
    algorithm = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")
    info = b"\x02\x01\x00" + algorithm + b"\x04" + bytes([len(inner)]) + inner
    with pytest.raises(ValueError, match="expected a number of 32 bytes"):
        read_pem(armour(b"\x30" + bytes([len(info)]) + info, "PRIVATE KEY"), None)


def test_more_rounds_than_anybody_asks_for_are_refused_unspent():
    der = der_of(write_pem(NUMBER, POINT, b"open"))
    rounds = (600_000).to_bytes(3)
    assert der.count(b"\x02\x03" + rounds) == 1
    # A number a byte longer takes that byte from the salt, so that every length around it stays true.
    start = der.index(b"\x04\x10")
    many = der[:start] + b"\x04\x0f" + bytes(15) + b"\x02\x04\x7f\xff\xff\xff" + der[start + 23 :]
    assert len(many) == len(der)
    with pytest.raises(ValueError, match="at most 10 million rounds"):
        read_pem(armour(many, "ENCRYPTED PRIVATE KEY"), b"open")


@given(data=st.binary(max_size=300))
@settings(max_examples=60)
def test_any_bytes_are_no_key_or_an_error(data):
    for label in ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"):
        with contextlib.suppress(ValueError):
            assert read_pem(armour(data, label), b"open") is None
