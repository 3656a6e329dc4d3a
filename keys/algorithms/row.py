"""What a row of the table of algorithms says: its names, what its keys look like, and how it signs and verifies.

A public key is its parts, a few strings of fixed length; joined in order they are its raw bytes. JWK, COSE_Key and
SubjectPublicKeyInfo are ways of writing the same parts down, so a row names the parts once and the keyring does the
rest.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization


@dataclass(frozen=True, slots=True)
class Part:
    """One string of a public key: its name in a JWK, its label in a COSE_Key, its length in bytes."""

    jwk: str
    cose: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class TokenForm:
    """How a PKCS#11 token does it: key type (CKK_…) and mechanism (CKM_…) by their names."""

    key_type: str
    mechanism: str
    digest: Callable[[bytes], bytes] | None
    """What is made of the signed bytes before the token gets them; None where it takes them as they are."""
    point_prefixes: tuple[bytes, ...]
    """What may stand before the raw bytes in CKA_EC_POINT."""


# Compared and hashed as what it is, one row of one table.
@dataclass(frozen=True, slots=True, eq=False)
class Algorithm:
    """One admitted algorithm. What reads raises ValueError for anything that is no key of its own."""

    name: str
    cose_id: int
    """COSE algorithm identifier (IANA COSE Algorithms)."""
    signature_bytes: int
    jwk: Mapping[str, str]
    """The members of a JWK that say the type; the parts come on top."""
    cose_key: Mapping[int, int]
    """The required parameters of a COSE_Key that say the type; the parts come on top (RFC 9679 §3)."""
    parts: tuple[Part, ...]
    spki: bytes
    """SubjectPublicKeyInfo in DER up to the raw bytes; they are its end."""
    read_public: Callable[[bytes], Any]
    """Raw bytes → public key. Points that are not on the curve, or of small order, are no keys."""
    write_public: Callable[[Any], bytes]
    generate: Callable[[], Any]
    read_private: Callable[[bytes, bytes | None], Any | None]
    """(PKCS#8 PEM, passphrase) → private key, or None where it is one of another algorithm."""
    write_private: Callable[[Any, bytes | None], bytes]
    sign: Callable[[Any, bytes], bytes]
    verify: Callable[[Any, bytes, bytes], bool]
    """(public key, signature of the right length, signed bytes) → does it hold."""
    token: TokenForm | None = None
    """None where no token of today does it."""

    @property
    def raw_bytes(self) -> int:
        """The length of a public key's raw bytes."""
        return sum(part.size_bytes for part in self.parts)


def private_reader(fits: Callable[[Any], bool]) -> Callable[[bytes, bytes | None], Any | None]:
    """Reads PKCS#8 with the library that knows the algorithm; `fits` tells its own keys from others."""

    def read(pem: bytes, passphrase: bytes | None) -> Any | None:
        try:
            key = serialization.load_pem_private_key(pem, passphrase)
        except UnsupportedAlgorithm:
            return None
        return key if fits(key) else None

    return read


def write_private(key: Any, passphrase: bytes | None) -> bytes:
    """PKCS#8 PEM by the library that knows the algorithm, encrypted (PBES2) when a passphrase is given."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    return bytes(pem)
