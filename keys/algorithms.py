"""The signature algorithms that this registry admits, a table with a row each.

Which row applies comes from the registered key, never from the message (RFC 9052 §3.1 `alg` must merely agree).
Sources: RFC 9053 §2.1 (ECDSA: raw r ‖ s), §2.2 (EdDSA); RFC 8037 and RFC 7518 §6.2 (JWK); RFC 9679 (COSE key
thumbprints).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

_P256_BYTES = 32


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One admitted algorithm: its names in COSE and JWK and what it does with keys of its own type."""

    name: str
    cose_id: int
    """COSE algorithm identifier (IANA COSE Algorithms)."""
    public_type: type[Any]
    private_type: type[Any]
    generate: Callable[[], Any]
    verify: Callable[[Any, bytes, bytes], bool]
    """(public key, signature, signed bytes) → does it hold."""
    sign: Callable[[Any, bytes], bytes]


def _verify_ed25519(key: ed25519.Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _verify_es256(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    if len(signature) != 2 * _P256_BYTES:
        return False
    r = int.from_bytes(signature[:_P256_BYTES], "big")
    s = int.from_bytes(signature[_P256_BYTES:], "big")
    try:
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _sign_ed25519(key: ed25519.Ed25519PrivateKey, signed: bytes) -> bytes:
    return key.sign(signed)


def _sign_es256(key: ec.EllipticCurvePrivateKey, signed: bytes) -> bytes:
    r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")


# -8 and not RFC 9864's -19: today's independent verifiers of receipts know -8; the key fixes the curve
# (trace/DECISIONS.md).
ED25519 = Algorithm(
    "EdDSA",
    -8,
    ed25519.Ed25519PublicKey,
    ed25519.Ed25519PrivateKey,
    ed25519.Ed25519PrivateKey.generate,
    _verify_ed25519,
    _sign_ed25519,
)
ES256 = Algorithm(
    "ES256",
    -7,
    ec.EllipticCurvePublicKey,
    ec.EllipticCurvePrivateKey,
    lambda: ec.generate_private_key(ec.SECP256R1()),
    _verify_es256,
    _sign_es256,
)
ALGORITHMS = {algorithm.name: algorithm for algorithm in (ED25519, ES256)}
