"""Private SM2 keys as PKCS#8 PEM, for the library reads and writes no key on this curve.

PrivateKeyInfo (RFC 5958) around an ECPrivateKey (RFC 5915). Encrypted: PBES2 (RFC 8018 §6.2), written as PBKDF2 with
HMAC-SHA-256 and AES-256-CBC, which OpenSSL reads; read with SM3 and SM4 too, as GmSSL writes (GM/T 0091-2020).
"""

import base64
import binascii
import re
from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.x509 import ObjectIdentifier

EC_PUBLIC_KEY = ObjectIdentifier("1.2.840.10045.2.1")  # RFC 5480 §2.1.1
CURVE = ObjectIdentifier("1.2.156.10197.1.301")  # GM/T 0006-2012
_PBES2, _PBKDF2 = ObjectIdentifier("1.2.840.113549.1.5.13"), ObjectIdentifier("1.2.840.113549.1.5.12")
_HMAC_SHA256, _AES256_CBC = ObjectIdentifier("1.2.840.113549.2.9"), ObjectIdentifier("2.16.840.1.101.3.4.1.42")
_DIGESTS: dict[ObjectIdentifier, type[hashes.HashAlgorithm]] = {
    _HMAC_SHA256: hashes.SHA256,
    ObjectIdentifier("1.2.156.10197.1.401.2"): hashes.SM3,
}
_CIPHERS: dict[ObjectIdentifier, tuple[type[algorithms.AES | algorithms.SM4], int]] = {
    _AES256_CBC: (algorithms.AES, 32),
    ObjectIdentifier("2.16.840.1.101.3.4.1.2"): (algorithms.AES, 16),
    ObjectIdentifier("1.2.156.10197.1.104.2"): (algorithms.SM4, 16),
}
_BLOCK_BITS = 128
_NUMBER_BYTES = 32
# What OWASP asks of PBKDF2 with SHA-256; a file that asks for more than the bound is no key but a way to keep us busy.
_ROUNDS, _MOST_ROUNDS = 600_000, 10_000_000
_PEM = re.compile(rb"\s*-----BEGIN ((?:ENCRYPTED )?PRIVATE KEY)-----([A-Za-z0-9+/=\s]{1,4000})-----END \1-----\s*")


@asn1.sequence
class _Curve:
    oid: ObjectIdentifier
    curve: ObjectIdentifier


@asn1.sequence
class _PrivateKeyInfo:
    version: int
    algorithm: _Curve
    key: bytes


@asn1.sequence
class _EcPrivateKey:
    version: int
    key: bytes
    curve: Annotated[ObjectIdentifier | None, asn1.Explicit(0)]
    public: Annotated[asn1.BitString | None, asn1.Explicit(1)]


@asn1.sequence
class _Prf:
    oid: ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class _Pbkdf2:
    salt: bytes
    rounds: int
    size_bytes: int | None
    prf: _Prf


@asn1.sequence
class _Kdf:
    oid: ObjectIdentifier
    parameters: _Pbkdf2


@asn1.sequence
class _Cipher:
    oid: ObjectIdentifier
    iv: bytes


@asn1.sequence
class _Pbes2:
    kdf: _Kdf
    cipher: _Cipher


@asn1.sequence
class _Scheme:
    oid: ObjectIdentifier
    parameters: _Pbes2


@asn1.sequence
class _EncryptedPrivateKeyInfo:
    scheme: _Scheme
    data: bytes


def read_pem(pem: bytes, passphrase: bytes | None) -> bytes | None:
    """The private number, 32 bytes, or None where this is no SM2 key.

    Raises ValueError for a wrong passphrase, and for an SM2 key that is not in the form above.
    """
    found = _PEM.fullmatch(pem)
    if found is None:
        return None
    try:
        der = base64.b64decode(b"".join(found[2].split()), validate=True)
    except binascii.Error:
        return None
    if found[1].startswith(b"ENCRYPTED"):
        der = _decrypt(der, passphrase)
    info = asn1.decode_der(_PrivateKeyInfo, der)
    if (info.algorithm.oid, info.algorithm.curve) != (EC_PUBLIC_KEY, CURVE):
        return None
    number = asn1.decode_der(_EcPrivateKey, info.key).key
    if len(number) != _NUMBER_BYTES:  # RFC 5915 §3: as long as the order, with leading zeros
        raise ValueError(f"expected a number of {_NUMBER_BYTES} bytes, got {len(number)}")
    return number


def write_pem(number: bytes, point: bytes, passphrase: bytes | None) -> bytes:
    """PKCS#8 PEM of the private number and the public point x ‖ y, encrypted when a passphrase is given."""
    public = asn1.BitString(b"\x04" + point, 0)
    inner = asn1.encode_der(_EcPrivateKey(version=1, key=number, curve=None, public=public))
    der = asn1.encode_der(_PrivateKeyInfo(version=0, algorithm=_Curve(oid=EC_PUBLIC_KEY, curve=CURVE), key=inner))
    label = b"PRIVATE KEY"
    if passphrase is not None:
        # The library draws salt and IV, 16 bytes each, as it does for the keys that it writes itself.
        der = _encrypt(der, passphrase, AESGCM.generate_key(128), AESGCM.generate_key(128))
        label = b"ENCRYPTED PRIVATE KEY"
    text = base64.b64encode(der)
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN " + label + b"-----", *lines, b"-----END " + label + b"-----", b""])


def _encrypt(der: bytes, passphrase: bytes, salt: bytes, iv: bytes) -> bytes:
    prf = _Prf(oid=_HMAC_SHA256, parameters=asn1.Null())
    pbkdf2 = _Pbkdf2(salt=salt, rounds=_ROUNDS, size_bytes=None, prf=prf)
    kdf, cipher = _Kdf(oid=_PBKDF2, parameters=pbkdf2), _Cipher(oid=_AES256_CBC, iv=iv)
    parameters = _Pbes2(kdf=kdf, cipher=cipher)
    padder, encryptor = padding.PKCS7(_BLOCK_BITS).padder(), _cipher(parameters, passphrase).encryptor()
    data = encryptor.update(padder.update(der) + padder.finalize()) + encryptor.finalize()
    return asn1.encode_der(_EncryptedPrivateKeyInfo(scheme=_Scheme(oid=_PBES2, parameters=parameters), data=data))


def _decrypt(der: bytes, passphrase: bytes | None) -> bytes:
    if passphrase is None:
        raise ValueError("expected a passphrase, for the key is encrypted")
    locked = asn1.decode_der(_EncryptedPrivateKeyInfo, der)
    if locked.scheme.oid != _PBES2 or locked.scheme.parameters.kdf.oid != _PBKDF2:
        raise ValueError("expected a key encrypted by PBES2 with PBKDF2")
    decryptor = _cipher(locked.scheme.parameters, passphrase).decryptor()
    unpadder = padding.PKCS7(_BLOCK_BITS).unpadder()
    return unpadder.update(decryptor.update(locked.data) + decryptor.finalize()) + unpadder.finalize()


def _cipher(parameters: _Pbes2, passphrase: bytes) -> Cipher[modes.CBC]:
    kdf, cipher = parameters.kdf.parameters, parameters.cipher
    if kdf.prf.oid not in _DIGESTS or cipher.oid not in _CIPHERS or not 1 <= kdf.rounds <= _MOST_ROUNDS:
        raise ValueError("expected HMAC with SHA-256 or SM3, AES or SM4 in CBC, and at most 10 million rounds")
    algorithm, size_bytes = _CIPHERS[cipher.oid]
    key = PBKDF2HMAC(_DIGESTS[kdf.prf.oid](), size_bytes, kdf.salt, kdf.rounds).derive(passphrase)
    return Cipher(algorithm(key), modes.CBC(cipher.iv))
