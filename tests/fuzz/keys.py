"""Targets on the floor of keys: CBOR, JSON, envelopes, public and private keys, keys in tokens."""

import base64
import json
from dataclasses import asdict
from datetime import UTC, datetime
from urllib.parse import quote

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from keys import cbor
from keys.algorithms import ED25519, ES256, ML_DSA_44, SM2
from keys.algorithms.sm2 import Sm2PrivateKey
from keys.algorithms.sm2_pem import read_pem
from keys.envelope import Statement, parse_statement, seal_statement, sig_structure, verify_statement
from keys.errors import RefusedError
from keys.keyring import PrivateKey, read_jwk, read_private_key, read_public_pem
from keys.payload import read_json
from keys.token_uri import parse_token_uri
from tests.fuzz.target import Target, as_text
from tests.pem import armour

# The same in each run, so that what was kept by one fails in the next.
KEY = PrivateKey(ED25519, ed25519.Ed25519PrivateKey.from_private_bytes(b"a key for tests, of 32 bytes...."))
BROWSER_KEY = PrivateKey(ES256, ec.derive_private_key(0x5A5A, ec.SECP256R1()))
_ML_DSA_KEY = PrivateKey(ML_DSA_44, mldsa.MLDSA44PrivateKey.from_seed_bytes(b"a key for tests, of 32 bytes...."))
_SM2_KEY = PrivateKey(SM2, Sm2PrivateKey(0x5A5A))
_KEYS = (KEY, BROWSER_KEY, _ML_DSA_KEY, _SM2_KEY)
AT = datetime(2015, 4, 13, tzinfo=UTC)


def seal(key: PrivateKey = KEY, **changes: object) -> Statement:
    """A statement that is the same in each run, but for the signature of a browser's key."""
    said: dict[str, object] = {"kind": "lot.commissioned", "issuer": "91110000600037341L"}
    said |= {"subject": "01/06901234567892/10/A1", "issued_at": AT, "payload": b'{"a": 1}', "nonce": bytes(16)}
    return seal_statement(key, **(said | {"follows": (b"\1" * 32, b"\2" * 32)} | changes))  # type: ignore[arg-type]


STATEMENT = seal().to_bytes()
_SEALED_BY = tuple(map(seal, _KEYS))
_SEALED = {said.identity for said in (seal(follows=()), *_SEALED_BY)}
_BY_KID = {key.public.kid: key.public for key in _KEYS}
HEADS = tuple(map(bytes.fromhex, ("d284", "a0", "f6", "f5", "1818", "20", "5820", "7801", "81", "a1", "f97e00")))


def _read_cbor(data: bytes) -> object:
    value = cbor.decode(data, where="here")
    assert cbor.encode(value) == data
    return value


def _read_sequence(data: bytes) -> object:
    items = list(cbor.split_sequence(data, where="here", most=50))
    assert b"".join(items) == data
    return items


def _read_envelope(data: bytes) -> object:
    said = parse_statement(data)
    assert parse_statement(said.to_bytes()) == said
    verify_statement(said, _BY_KID.get(said.kid, KEY.public))
    assert said.identity in _SEALED, "a forged statement holds"
    return said


def _read_jwk(data: bytes) -> object:
    jwk = read_json(data)
    key = read_jwk(jwk)
    assert key.to_jwk() == jwk
    assert read_public_pem(key.to_pem().encode()).kid == key.kid
    return key.kid


def _read_pem(data: bytes) -> object:
    key = read_public_pem(data)
    assert read_jwk(key.to_jwk()).kid == key.kid
    return key.kid


def _read_sm2_pem(data: bytes) -> object:
    """A file, or the DER of one: changes inside base64 would lead nowhere."""
    try:
        if data.startswith(b"-----"):
            number = read_pem(data, None)
        else:
            label = "ENCRYPTED PRIVATE KEY" if _OIDS[-1] in data else "PRIVATE KEY"
            number = read_pem(armour(data, label), _PASSPHRASE)
    except ValueError as error:
        raise RefusedError("key-unreadable") from error
    assert number is None or len(number) == 32
    return number


def _lock(der: bytes) -> bytes:
    """An SM2 key as `write_pem` encrypts it, but by two rounds: its salt has two bytes more, its number two fewer."""
    locked = _der_of(_SM2_KEY.to_pem(_PASSPHRASE))
    start = locked.index(b"\x04\x10")
    salt, rounds = locked[start + 2 : start + 18] + b"..", b"\x02\x01\x02"
    iv = locked[locked.index(b"\x04\x10", start + 23) + 2 :][:16]
    key = PBKDF2HMAC(hashes.SHA256(), 32, salt, 2).derive(_PASSPHRASE)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    padded = der + bytes([16 - len(der) % 16]) * (16 - len(der) % 16)
    data = encryptor.update(padded) + encryptor.finalize()
    return locked[:start] + b"\x04\x12" + salt + rounds + locked[start + 23 : -len(data)] + data


def _der_of(pem: bytes) -> bytes:
    return base64.b64decode(b"".join(pem.splitlines()[1:-1]))


def _read_token_uri(data: bytes) -> object:
    uri = parse_token_uri(as_text(data))
    told = {name.replace("_", "-"): value for name, value in asdict(uri).items() if value is not None}
    asked = [f"{name}={quote(told.pop(name))}" for name in ("module-path", "pin-source") if name in told]
    again = f"pkcs11:{';'.join(f'{name}={quote(value)}' for name, value in told.items())}?{'&'.join(asked)}"
    assert len(again) > 2000 or parse_token_uri(again) == uri
    # No file has such a name.
    assert "\0" not in f"{uri.module_path}{uri.pin_source}"
    return uri


_PASSPHRASE = b"a passphrase"
_SM2_DER = _der_of(_SM2_KEY.to_pem())
# Of keys on curves, SM2, PBKDF2, HMAC with SM3, SM4 and AES-128 in CBC, PBES2.
_OIDS = tuple(
    bytes([6, len(one)]) + one
    for one in map(
        bytes.fromhex,
        (
            *("2a8648ce3d0201", "2a811ccf5501822d", "2a864886f70d01050c", "2a811ccf5501831102"),
            *("2a811ccf55016802", "608648016503040102", "2a864886f70d01050d"),
        ),
    )
)
_DETACHED = cbor.encode(cbor2.CBORTag(18, [b"", {}, None, b""]))
_VALUES: tuple[object, ...] = (
    {24: 0, -1: [None, True, b"x"], "ä": {"a": 2**64 - 1}},
    [],
    -(2**64),
    "text",
    b"",
    [[[[1]]]],
)
_JWKS = tuple(json.dumps(key.public.to_jwk()).encode() for key in _KEYS)
_OBJECTS = (b'{"a": [1, -2.50, 1e3, "\\u6e2f\\ud83d\\ude00", null, true], "b": {"c": {}}}', b"{}", *_JWKS)
TARGETS = (
    Target(
        "cbor",
        _read_cbor,
        (*map(cbor.encode, _VALUES), parse_statement(STATEMENT).protected),
        HEADS,
        (cbor.decode,),
    ),
    Target(
        "cbor-sequence",
        _read_sequence,
        (STATEMENT * 2, b"".join(map(cbor.encode, _VALUES))),
        (*HEADS, STATEMENT),
        (cbor.split_sequence,),
    ),
    Target(
        "json",
        lambda data: read_json(data),
        _OBJECTS,
        (b'"', b"\\u", b"\\ud800", b"{", b"}", b"[", b"]", b",", b":", b"1e9", b"0.", b"NaN", b'"a"', b"null"),
        (read_json,),
    ),
    Target(
        "envelope",
        _read_envelope,
        (*(said.to_bytes() for said in _SEALED_BY), seal(follows=()).to_bytes(), _DETACHED),
        (*HEADS, b"vnd.suzheng.", b"follows", b"nonce", b"\x02\x81\x01"),
        (parse_statement, verify_statement, sig_structure),
    ),
    Target(
        "jwk",
        _read_jwk,
        _JWKS,
        (b'"kty"', b'"OKP"', b'"EC"', b'"AKP"', b'"P-256"', b'"SM2"', b'"pub"', b'"x"', b'"d"', b"AA"),
        (read_jwk,),
    ),
    Target(
        "public-pem",
        _read_pem,
        tuple(key.public.to_pem().encode() for key in _KEYS),
        (b"-----BEGIN PUBLIC KEY-----\n", b"-----END PUBLIC KEY-----\n", b"MCowBQYDK2VwAyEA", b"\n", b"="),
        (read_public_pem,),
    ),
    Target(
        "private-pem",
        lambda data: read_private_key(data).public.kid,
        (*(key.to_pem() for key in _KEYS), KEY.to_pem(b"a passphrase")),
        (b"-----BEGIN PRIVATE KEY-----\n", b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n", b"-----END"),
        (read_private_key,),
    ),
    Target(
        "sm2-pem",
        _read_sm2_pem,
        (_SM2_KEY.to_pem(), _SM2_DER, _lock(_SM2_DER)),
        (*_OIDS, b"\x30\x03", b"\x04\x20", b"\x02\x01\x01", b"\x05\x00", b"\xa0\x0a", b"\xa1\x44"),
        (read_pem,),
    ),
    Target(
        "token-uri",
        _read_token_uri,
        (
            b"pkcs11:token=Ledger%20HSM;object=ledger-2026?module-path=/usr/lib/libsofthsm2.so&pin-source=file:/run/pin",
            b"pkcs11:id=%00%ff%41;serial=7;manufacturer=m;model=x;type=private",
        ),
        (b";", b"&", b"?", b"=", b"%", b"%e6", b"|", b"object=", b"id=", b"type=", b"pin-value=", b"pin-source="),
        (parse_token_uri,),
    ),
)
