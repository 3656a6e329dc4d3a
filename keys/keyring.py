"""Keys as values: a public key with its permanent name, a private key that signs, and how each is written down.

A key's name, `kid`, is its COSE key thumbprint (RFC 9679, SHA-256): 32 bytes, the same for whoever computes it.
Public keys travel as JWK (RFC 7517). Private keys are PKCS#8 PEM in their owner's hands and are read nowhere else.
What a key of each algorithm looks like stands in its row of `keys/algorithms`; here is what all have in common.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol

from cryptography.exceptions import InternalError, UnsupportedAlgorithm

from keys import cbor
from keys.algorithms import ALGORITHMS, ED25519, Algorithm
from keys.errors import RefusedError

_PEM = re.compile(rb"\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]{1,4000})-----END PUBLIC KEY-----\s*")
# Ours to choose: the keys that one process meets again and again, at most 2 KiB each.
_KEPT_KEYS = 4096


# No slots: what is computed once is kept beside the fields.
@dataclass(frozen=True)
class PublicKey:
    """A verification key and the one algorithm that it is admitted for."""

    algorithm: Algorithm
    key: Any

    @cached_property
    def raw(self) -> bytes:
        """The key's parts, joined; `algorithm.raw_bytes` long."""
        return self.algorithm.write_public(self.key)

    @cached_property
    def kid(self) -> bytes:
        """COSE key thumbprint: SHA-256 over the required parameters only (RFC 9679 §3)."""
        labels = (part.cose for part in self.algorithm.parts)
        required = {**self.algorithm.cose_key, **dict(zip(labels, self._parts(), strict=True))}
        return hashlib.sha256(cbor.encode(required)).digest()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as its JWK, for the key itself is no value of Python's, and read as strictly when it comes back."""
        return read_jwk, (self.to_jwk(),)

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        """Does `signature` hold over the bytes `signed`?"""
        if len(signature) != self.algorithm.signature_bytes:
            return False
        return self.algorithm.verify(self.key, signature, signed)

    def to_jwk(self) -> dict[str, str]:
        """The public key as a JWK object."""
        names = (part.jwk for part in self.algorithm.parts)
        return {**self.algorithm.jwk, **dict(zip(names, map(_b64encode, self._parts()), strict=True))}

    def to_pem(self) -> str:
        """The public key as a SubjectPublicKeyInfo PEM, for other people's tools."""
        text = base64.b64encode(self.algorithm.spki + self.raw).decode("ascii")
        lines = [text[start : start + 64] for start in range(0, len(text), 64)]
        return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])

    def _parts(self) -> list[bytes]:
        parts, start = [], 0
        for part in self.algorithm.parts:
            parts.append(self.raw[start : start + part.size_bytes])
            start += part.size_bytes
        return parts


class SigningKey(Protocol):
    """Whoever can sign: a key in a file (`PrivateKey`), or one in a token that never leaves it (`keys/token.py`)."""

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm that it signs with."""

    @property
    def public(self) -> PublicKey:
        """The verification key that belongs to it."""

    def sign(self, signed: bytes) -> bytes:
        """A COSE signature over the bytes `signed`."""


@dataclass(frozen=True)
class PrivateKey:
    """A signing key. It never travels: `to_pem` writes it for its owner's own file."""

    algorithm: Algorithm
    key: Any

    @cached_property
    def public(self) -> PublicKey:
        """The verification key that belongs to it."""
        return PublicKey(self.algorithm, self.key.public_key())

    def sign(self, signed: bytes) -> bytes:
        """A COSE signature over the bytes `signed`."""
        return self.algorithm.sign(self.key, signed)

    def to_pem(self, passphrase: bytes | None = None) -> bytes:
        """PKCS#8 PEM, encrypted when a passphrase is given."""
        return self.algorithm.write_private(self.key, passphrase)


def generate_key(algorithm: str = ED25519.name) -> PrivateKey:
    """A fresh private key for one of the names in ALGORITHMS."""
    row = ALGORITHMS[algorithm]
    return PrivateKey(row, row.generate())


def read_private_key(pem: bytes, passphrase: bytes | None = None) -> PrivateKey:
    """Read a PKCS#8 PEM. Raises RefusedError `key-unreadable` when it is none, is locked, or is of a type not
    admitted.
    """
    failures = []
    for algorithm in ALGORITHMS.values():
        try:
            key = algorithm.read_private(pem, passphrase)
        except (ValueError, TypeError, UnsupportedAlgorithm, InternalError) as error:
            failures.append(error)  # one row may know a cipher that another does not
            continue
        if key is not None:
            return PrivateKey(algorithm, key)
    if failures:
        got = str(failures[0])[:80]
        raise RefusedError("key-unreadable", expected="a PKCS#8 PEM private key", got=got) from failures[0]
    raise RefusedError("key-unreadable", expected=_admitted(), got="a key of another algorithm")


def read_public_pem(pem: bytes) -> PublicKey:
    """Read a SubjectPublicKeyInfo PEM, as `to_pem` writes it. Raises RefusedError `key-unreadable`."""
    found = _PEM.fullmatch(pem)
    if found is None:
        raise RefusedError("key-unreadable", expected="a public key in PEM", got="something else")
    try:
        der = base64.b64decode(b"".join(found[1].split()), validate=True)
    except binascii.Error as error:
        raise RefusedError("key-unreadable", expected="base64", got=str(error)[:80]) from error
    for algorithm in ALGORITHMS.values():
        if der.startswith(algorithm.spki):
            return read_raw(algorithm, der.removeprefix(algorithm.spki))
    raise RefusedError("key-unreadable", expected=_admitted(), got="a key of another algorithm")


def read_jwk(jwk: object) -> PublicKey:
    """Read a public JWK with exactly the members of its type. Raises RefusedError `key-unreadable`."""
    if not isinstance(jwk, dict):
        raise RefusedError("key-unreadable", expected="a JWK object", got=type(jwk).__name__)
    for algorithm in ALGORITHMS.values():
        names = [part.jwk for part in algorithm.parts]
        is_of_type = all(jwk.get(name) == value for name, value in algorithm.jwk.items())
        if is_of_type and jwk.keys() == {*algorithm.jwk, *names}:
            return read_raw(algorithm, b"".join(_b64decode(jwk[part.jwk], part.size_bytes) for part in algorithm.parts))
    got = ", ".join(f"{name} {jwk[name]}" if name in ("kty", "crv", "alg") else str(name) for name in jwk)
    raise RefusedError("key-unreadable", expected=f"a public JWK of {_admitted()}, without more", got=got[:200])


def read_raw(algorithm: Algorithm, raw: bytes) -> PublicKey:
    """A public key from its parts, joined. Raises RefusedError `key-unreadable` for a wrong length or no such point."""
    if len(raw) != algorithm.raw_bytes:
        raise RefusedError(
            "key-unreadable", where=algorithm.name, expected=f"{algorithm.raw_bytes} bytes", got=len(raw)
        )
    try:
        return _read_raw(algorithm, raw)
    except ValueError as error:
        raise RefusedError("key-unreadable", expected="a point on the curve", got=str(error)[:80]) from error


# The same few keys sign nearly everything: whether they are points, and what they are called, is worked out once.
@lru_cache(maxsize=_KEPT_KEYS)
def _read_raw(algorithm: Algorithm, raw: bytes) -> PublicKey:
    return PublicKey(algorithm, algorithm.read_public(raw))


def _admitted() -> str:
    return " or ".join(ALGORITHMS)


def _b64encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _b64decode(text: object, size_bytes: int) -> bytes:
    """Unpadded base64url of just so many bytes; other spellings of the same bytes are refused too."""
    length = -(-size_bytes * 4 // 3)
    if not isinstance(text, str) or len(text) != length:
        got = len(text) if isinstance(text, str) else type(text).__name__
        raise RefusedError("key-unreadable", expected=f"base64url of {length} characters", got=got)
    try:
        data = base64.b64decode(text + "=" * (-length % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise RefusedError("key-unreadable", expected="base64url", got=str(error)[:80]) from error
    if _b64encode(data) != text:
        raise RefusedError("key-unreadable", expected="unpadded base64url", got="another spelling")
    return data
