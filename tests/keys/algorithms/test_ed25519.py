"""Ed25519 keys that would bless anything are no keys."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from keys.algorithms import ED25519
from keys.errors import RefusedError
from keys.keyring import generate_key, read_raw

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def add(one, other):
    """The addition law of RFC 8032 §5.1.4, in the plainest form."""
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P
    return x, y


def x_of(y):
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    return x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P


def small_points():
    """All multiples of a point of order 8."""
    y = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
    point = step = (x_of(y), y)
    points = {point}
    while (point := add(point, step)) not in points:
        points.add(point)
    return sorted(points)


def encode(x, y):
    return (y | (x & 1) << 255).to_bytes(32, "little")


def test_there_are_eight_of_them():
    points = small_points()
    assert len(points) == 8
    assert (0, 1) in points


@pytest.mark.parametrize("point", small_points(), ids=lambda point: encode(*point).hex())
def test_a_point_of_small_order_is_refused(point):
    with pytest.raises(RefusedError, match="key-unreadable"):
        read_raw(ED25519, encode(*point))


def test_such_a_key_would_have_blessed_anything():
    """Why: under the neutral point, R = identity and S = 0 hold over every message. OpenSSL says so, libsodium not."""
    neutral = encode(0, 1)
    key = Ed25519PublicKey.from_public_bytes(neutral)
    key.verify(neutral + bytes(32), b"any words")
    assert not ED25519.verify(key, neutral + bytes(32), b"any words")


@pytest.mark.parametrize("y", [P, P + 1, P + 2, 2**255 - 1])
@pytest.mark.parametrize("sign", [0, 1])
def test_another_spelling_of_a_point_is_refused(y, sign):
    with pytest.raises(RefusedError, match="key-unreadable"):
        read_raw(ED25519, (y | sign << 255).to_bytes(32, "little"))


def test_a_string_that_is_no_point_is_refused():
    raw = bytearray(generate_key().public.raw)
    refused = 0
    for first in range(256):
        raw[0] = first
        try:
            read_raw(ED25519, bytes(raw))
        except RefusedError:
            refused += 1
    assert 80 < refused < 176  # half of all y have no x


def test_a_signature_with_s_beyond_the_order_is_refused():
    """Else (R, S + L) would be a second signature (RFC 8032 §5.1.7)."""
    key = generate_key()
    signature = key.sign(b"words")
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(signature[32:], "little") + order
    assert not key.public.verifies(signature[:32] + s.to_bytes(32, "little"), b"words")
