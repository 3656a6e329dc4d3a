"""Keys as values: a public key with its permanent name, a private key that signs, and how each is written down.

A key's name, `kid`, is its COSE key thumbprint (RFC 9679, SHA-256): 32 bytes, the same for whoever computes it.
Public keys travel as JWK (RFC 7517, 8037). Private keys are PKCS#8 PEM in their owner's hands and are read nowhere
else.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from keys import cbor
from keys.algorithms import ALGORITHMS, ED25519, ES256, Algorithm
from keys.errors import RefusedError

_P256_BYTES = 32


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A verification key and the one algorithm that it is admitted for."""

    algorithm: Algorithm
    key: Any

    @property
    def kid(self) -> bytes:
        """COSE key thumbprint: SHA-256 over the required parameters only (RFC 9679 §3)."""
        jwk = self.to_jwk()
        if self.algorithm is ED25519:
            required: dict[int, object] = {1: 1, -1: 6, -2: _b64decode(jwk["x"])}
        else:
            required = {1: 2, -1: 1, -2: _b64decode(jwk["x"]), -3: _b64decode(jwk["y"])}
        return hashlib.sha256(cbor.encode(required)).digest()

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        """Does `signature` hold over the bytes `signed`?"""
        return self.algorithm.verify(self.key, signature, signed)

    def to_jwk(self) -> dict[str, str]:
        """The public key as a JWK object."""
        if self.algorithm is ED25519:
            raw = self.key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            return {"kty": "OKP", "crv": "Ed25519", "x": _b64encode(raw)}
        numbers = self.key.public_numbers()
        x, y = (number.to_bytes(_P256_BYTES, "big") for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": _b64encode(x), "y": _b64encode(y)}

    def to_pem(self) -> str:
        """The public key as a SubjectPublicKeyInfo PEM, for other people's tools."""
        return str(
            self.key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode(
                "ascii"
            )
        )


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A signing key. It never travels: `to_pem` writes it for its owner's own file."""

    algorithm: Algorithm
    key: Any

    @property
    def public(self) -> PublicKey:
        """The verification key that belongs to it."""
        return PublicKey(self.algorithm, self.key.public_key())

    def sign(self, signed: bytes) -> bytes:
        """A COSE signature over the bytes `signed`."""
        return self.algorithm.sign(self.key, signed)

    def to_pem(self, passphrase: bytes | None = None) -> bytes:
        """PKCS#8 PEM, encrypted when a passphrase is given."""
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase is not None:
            encryption = serialization.BestAvailableEncryption(passphrase)
        pem = self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        return bytes(pem)


def generate_key(algorithm: str = ED25519.name) -> PrivateKey:
    """A fresh private key for one of the names in ALGORITHMS."""
    row = ALGORITHMS[algorithm]
    return PrivateKey(row, row.generate())


def read_private_key(pem: bytes, passphrase: bytes | None = None) -> PrivateKey:
    """Read a PKCS#8 PEM. Raises RefusedError `key-unreadable` when it is none, is locked, or is of a type not
    admitted.
    """
    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm, InternalError) as error:
        raise RefusedError("key-unreadable", expected="a PKCS#8 PEM private key", got=str(error)[:80]) from error
    for algorithm in ALGORITHMS.values():
        if isinstance(key, algorithm.private_type) and _is_admitted_curve(key):
            return PrivateKey(algorithm, key)
    raise RefusedError("key-unreadable", expected=" or ".join(ALGORITHMS), got=type(key).__name__)


def read_public_pem(pem: bytes) -> PublicKey:
    """Read a SubjectPublicKeyInfo PEM, as `to_pem` writes it. Raises RefusedError `key-unreadable`."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm, InternalError) as error:
        raise RefusedError("key-unreadable", expected="a public key in PEM", got=str(error)[:80]) from error
    if isinstance(key, ed25519.Ed25519PublicKey):
        return PublicKey(ED25519, key)
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return PublicKey(ES256, key)
    raise RefusedError("key-unreadable", expected=" or ".join(ALGORITHMS), got=type(key).__name__)


def read_jwk(jwk: object) -> PublicKey:
    """Read a public JWK with exactly the members of its type. Raises RefusedError `key-unreadable`."""
    if not isinstance(jwk, dict):
        raise RefusedError("key-unreadable", expected="a JWK object", got=type(jwk).__name__)
    shape = (jwk.get("kty"), jwk.get("crv"), *sorted(name for name in jwk if name not in ("kty", "crv")))
    try:
        if shape == ("OKP", "Ed25519", "x"):
            return PublicKey(ED25519, ed25519.Ed25519PublicKey.from_public_bytes(_b64decode(jwk["x"])))
        if shape == ("EC", "P-256", "x", "y"):
            x, y = _b64decode(jwk["x"]), _b64decode(jwk["y"])
            if len(x) == len(y) == _P256_BYTES:
                point = b"\x04" + x + y
                return PublicKey(ES256, ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))
    except ValueError as error:
        raise RefusedError("key-unreadable", expected="a point on the curve", got=str(error)[:80]) from error
    raise RefusedError("key-unreadable", expected="an Ed25519 or P-256 public JWK", got=", ".join(map(str, shape)))


def _is_admitted_curve(key: Any) -> bool:
    return not isinstance(key, ec.EllipticCurvePrivateKey) or isinstance(key.curve, ec.SECP256R1)


def _b64encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _b64decode(text: object) -> bytes:
    """Unpadded base64url; raises ValueError for anything else, other spellings of the same bytes included."""
    if not isinstance(text, str) or len(text) > 128:
        raise ValueError("expected base64url text")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("expected base64url text") from error
    if _b64encode(data) != text:
        raise ValueError("expected unpadded base64url")
    return data
