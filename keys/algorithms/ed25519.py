"""Ed25519 (RFC 8032), in COSE as EdDSA with an OKP key (RFC 9053 §2.2, §7.2; JWK: RFC 8037).

A public key whose order is small is refused: under it one signature holds over many messages. So are other spellings
of a point (a y of the field's size or more), since a key has one name, and strings that are no point.
"""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from keys.algorithms.row import Algorithm, Part, TokenForm, private_reader, write_private

_SIGNATURE_BYTES = 64
# RFC 8032 §5.1: the field, and the curve -x² + y² = 1 + d x² y².
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
# The y of the eight points whose order divides 8; the two of order 8 differ by the sign of x alone.
_Y_OF_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = frozenset({0, 1, _P - 1, _Y_OF_ORDER_8, _P - _Y_OF_ORDER_8})


def _read_public(raw: bytes) -> ed25519.Ed25519PublicKey:
    y = int.from_bytes(raw, "little") & (2**255 - 1)  # the last bit is the sign of x
    if y >= _P or y in _SMALL_ORDER or not _is_on_curve(y):
        raise ValueError("expected a point of large order")
    return ed25519.Ed25519PublicKey.from_public_bytes(raw)


def _is_on_curve(y: int) -> bool:
    """Is (y² - 1) / (d y² + 1) a square, so that there is an x? A quotient is one if the product is (Euler)."""
    y2 = y * y % _P
    return pow((y2 - 1) * (_D * y2 + 1), (_P - 1) // 2, _P) == 1


def _write_public(key: ed25519.Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _sign(key: ed25519.Ed25519PrivateKey, signed: bytes) -> bytes:
    return key.sign(signed)


def _verify(key: ed25519.Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    """By libsodium, in half the time of OpenSSL. What it accepts, OpenSSL and browsers accept too (RFC 8032 §5.1.7)."""
    if len(signature) != _SIGNATURE_BYTES:
        return False
    try:
        crypto_sign_open(signature + signed, key.public_bytes_raw())
    except BadSignatureError:
        return False
    return True


# -8 and not RFC 9864's -19: today's independent verifiers of receipts know -8; the key fixes the curve
# (trace/DECISIONS.md).
ED25519 = Algorithm(
    name="EdDSA",
    cose_id=-8,
    signature_bytes=_SIGNATURE_BYTES,
    jwk={"kty": "OKP", "crv": "Ed25519"},
    cose_key={1: 1, -1: 6},
    parts=(Part("x", -2, 32),),
    spki=bytes.fromhex("302a300506032b6570032100"),
    read_public=_read_public,
    write_public=_write_public,
    generate=ed25519.Ed25519PrivateKey.generate,
    read_private=private_reader(lambda key: isinstance(key, ed25519.Ed25519PrivateKey)),
    write_private=write_private,
    sign=_sign,
    verify=_verify,
    token=TokenForm("EC_EDWARDS", "EDDSA", None, (b"\x04\x20", b"")),
)
