"""SM2 with SM3: GB/T 32918.2-2016 (GM/T 0003.2) on the curve of GB/T 32918.5-2017, digest GB/T 32905-2016.

The equations are here, the arithmetic of the curve is fastecdsa's and SM3 is OpenSSL's: no kept library that signs
SM2 installs on every machine that this does (trace/DECISIONS.md).

1. What is signed is SM3(Z ‖ message); Z = SM3(ENTL ‖ ID ‖ a ‖ b ‖ xG ‖ yG ‖ xA ‖ yA) binds the key, and ID is
   "1234567812345678", as GM/T 0009-2012 §10 has it where nothing else was agreed. ENTL is its length in bits.
2. A signature is r ‖ s, 32 bytes each, as RFC 9053 §2.1 writes those of ECDSA; not the DER of GM/T 0009.
3. COSE has no identifiers for SM2. Ours are from the range for private use, below -65536 (RFC 9053 §11.1, §11.2),
   and spell the standards' numbers: algorithm -3291802 (GB/T 32918.2), curve -3291805 (GB/T 32918.5). A JWK's `crv`
   is "SM2", which no registry has either.
4. A nonce is derived from key and digest as RFC 6979 §3.2 does for ECDSA (HMAC-SHA-256): one that repeats, or that
   can be guessed, gives the private key away.

Verifying handles nothing secret. Signing does its last step in Python's integers, whose time depends on their values:
it is for a key in its owner's hands, and not for a server that strangers can time.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.hazmat.primitives import hashes
from fastecdsa.keys import gen_private_key
from fastecdsa.rust import Curve, Point
from fastecdsa.util import RFC6979

from keys.algorithms.row import Algorithm, Part
from keys.algorithms.sm2_pem import read_pem, write_pem

_SIZE = 32
# GB/T 32918.5-2017 §2: the recommended curve over a prime field; its cofactor is 1, so no point is of small order.
_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A = _P - 3
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
_GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
_CURVE = Curve("SM2", _P, _A, _B, _N, _GX, _GY)
_ID = b"1234567812345678"


@dataclass(frozen=True)
class Sm2PublicKey:
    """A point of the curve, its coordinates between 0 and p-1. Raises ValueError for any other pair."""

    x: int
    y: int

    def __post_init__(self) -> None:
        """The bound comes first: the arithmetic panics on numbers beyond the field."""
        if not (0 <= self.x < _P and 0 <= self.y < _P and _is_on_curve(self.x, self.y)):
            raise ValueError("expected a point on the curve")

    @cached_property
    def point(self) -> Point:
        """The same as the arithmetic has it."""
        return Point(self.x, self.y, _CURVE)

    @cached_property
    def z(self) -> bytes:
        """GB/T 32918.2 §5.5: who signs, and on which curve, as 32 bytes."""
        numbers = (_A, _B, _GX, _GY, self.x, self.y)
        return _sm3((8 * len(_ID)).to_bytes(2, "big"), _ID, *map(_octets, numbers))

    def digest(self, signed: bytes) -> bytes:
        """The 32 bytes that this key's signature over `signed` covers."""
        return _sm3(self.z, signed)


@dataclass(frozen=True)
class Sm2PrivateKey:
    """A number between 1 and n-2: n-1 has no inverse of 1+d. Raises ValueError for any other. Never shown."""

    d: int = field(repr=False)

    def __post_init__(self) -> None:
        """A key from a file may say anything."""
        if not 1 <= self.d <= _N - 2:
            raise ValueError("expected a number between 1 and n-2")

    @cached_property
    def public(self) -> Sm2PublicKey:
        """The point that belongs to it."""
        point = (_CURVE.G * self.d).normalize()
        return Sm2PublicKey(point.x, point.y)

    def public_key(self) -> Sm2PublicKey:
        """By the name that the library's keys have for it."""
        return self.public


def sign_digest(key: Sm2PrivateKey, digest: bytes, k: int) -> bytes | None:
    """GB/T 32918.2 §6.1, A4 to A7, with the nonce `k` between 1 and n-1; None where that one can't be used."""
    r = (int.from_bytes(digest, "big") + (_CURVE.G * k).normalize().x) % _N
    if r == 0 or r + k == _N:
        return None
    s = pow(1 + key.d, -1, _N) * (k - r * key.d) % _N
    return None if s == 0 else _octets(r) + _octets(s)


def _sign(key: Sm2PrivateKey, signed: bytes) -> bytes:
    digest = key.public.digest(signed)
    signatures = (sign_digest(key, digest, k) for k in _nonces(key, digest))
    return next(filter(None, signatures))


def _nonces(key: Sm2PrivateKey, digest: bytes) -> Iterator[int]:
    # The first one serves but for one in 2**254.
    while True:
        yield RFC6979(digest, key.d, _N, hashlib.sha256, prehashed=True).gen_nonce()
        digest = _sm3(digest)


def _verify(key: Sm2PublicKey, signature: bytes, signed: bytes) -> bool:
    """GB/T 32918.2 §7.1: B1 and B2 the ranges, B4 the digest, B5 to B7 the point and its x."""
    r, s = (int.from_bytes(half, "big") for half in (signature[:_SIZE], signature[_SIZE:]))
    t = (r + s) % _N
    if not (0 < r < _N and 0 < s < _N) or t == 0:
        return False
    point = _CURVE.G * s + key.point * t
    if point.z == 0:  # the point at infinity has no x
        return False
    return (int.from_bytes(key.digest(signed), "big") + point.normalize().x) % _N == r


def _is_on_curve(x: int, y: int) -> bool:
    return (y * y - (x * x * x + _A * x + _B)) % _P == 0


def _sm3(*parts: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    for part in parts:
        digest.update(part)
    return digest.finalize()


def _octets(number: int) -> bytes:
    return number.to_bytes(_SIZE, "big")


def _read_public(raw: bytes) -> Sm2PublicKey:
    return Sm2PublicKey(int.from_bytes(raw[:_SIZE], "big"), int.from_bytes(raw[_SIZE:], "big"))


def _write_public(key: Sm2PublicKey) -> bytes:
    return _octets(key.x) + _octets(key.y)


def _generate() -> Sm2PrivateKey:
    # Between 1 and n-1; the one that is no key comes once in 2**256.
    return Sm2PrivateKey(min(gen_private_key(_CURVE), _N - 2))


def _read_private(pem: bytes, passphrase: bytes | None) -> Sm2PrivateKey | None:
    number = read_pem(pem, passphrase)
    return None if number is None else Sm2PrivateKey(int.from_bytes(number, "big"))


def _write_private(key: Sm2PrivateKey, passphrase: bytes | None) -> bytes:
    return write_pem(_octets(key.d), _write_public(key.public), passphrase)


SM2 = Algorithm(
    name="SM2",
    cose_id=-3291802,
    signature_bytes=2 * _SIZE,
    jwk={"kty": "EC", "crv": "SM2"},
    cose_key={1: 2, -1: -3291805},
    parts=(Part("x", -2, _SIZE), Part("y", -3, _SIZE)),
    spki=bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004"),
    read_public=_read_public,
    write_public=_write_public,
    generate=_generate,
    read_private=_read_private,
    write_private=_write_private,
    sign=_sign,
    verify=_verify,
)
