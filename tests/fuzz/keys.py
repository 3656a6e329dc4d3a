"""Targets on the floor of keys: CBOR, JSON, envelopes, public and private keys."""

import json
from datetime import UTC, datetime

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from keys import cbor
from keys.algorithms import ED25519, ES256
from keys.envelope import Statement, parse_statement, seal_statement, sig_structure, verify_statement
from keys.keyring import PrivateKey, read_jwk, read_private_key, read_public_pem
from keys.payload import read_json
from tests.fuzz.target import Target

# The same in each run, so that what was kept by one fails in the next.
KEY = PrivateKey(ED25519, ed25519.Ed25519PrivateKey.from_private_bytes(b"a key for tests, of 32 bytes...."))
BROWSER_KEY = PrivateKey(ES256, ec.derive_private_key(0x5A5A, ec.SECP256R1()))
AT = datetime(2015, 4, 13, tzinfo=UTC)


def seal(key: PrivateKey = KEY, **changes: object) -> Statement:
    """A statement that is the same in each run, but for the signature of a browser's key."""
    said: dict[str, object] = {"kind": "lot.commissioned", "issuer": "91110000600037341L"}
    said |= {"subject": "01/06901234567892/10/A1", "issued_at": AT, "payload": b'{"a": 1}', "nonce": bytes(16)}
    return seal_statement(key, **(said | {"follows": (b"\1" * 32, b"\2" * 32)} | changes))  # type: ignore[arg-type]


STATEMENT = seal().to_bytes()
_SEALED = {seal().identity, seal(follows=()).identity}
_HEADS = tuple(map(bytes.fromhex, ("d284", "a0", "f6", "f5", "1818", "20", "5820", "7801", "81", "a1", "f97e00")))


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
    verify_statement(said, KEY.public)
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


_DETACHED = cbor.encode(cbor2.CBORTag(18, [b"", {}, None, b""]))
_VALUES: tuple[object, ...] = (
    {24: 0, -1: [None, True, b"x"], "ä": {"a": 2**64 - 1}},
    [],
    -(2**64),
    "text",
    b"",
    [[[[1]]]],
)
_JWKS = tuple(json.dumps(key.public.to_jwk()).encode() for key in (KEY, BROWSER_KEY))
_OBJECTS = (b'{"a": [1, -2.50, 1e3, "\\u6e2f\\ud83d\\ude00", null, true], "b": {"c": {}}}', b"{}", *_JWKS)
TARGETS = (
    Target(
        "cbor",
        _read_cbor,
        (*map(cbor.encode, _VALUES), parse_statement(STATEMENT).protected),
        _HEADS,
        (cbor.decode,),
    ),
    Target(
        "cbor-sequence",
        _read_sequence,
        (STATEMENT * 2, b"".join(map(cbor.encode, _VALUES))),
        (*_HEADS, STATEMENT),
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
        (STATEMENT, seal(follows=()).to_bytes(), seal(BROWSER_KEY).to_bytes(), _DETACHED),
        (*_HEADS, b"vnd.suzheng.", b"follows", b"nonce", b"\x02\x81\x01"),
        (parse_statement, verify_statement, sig_structure),
    ),
    Target("jwk", _read_jwk, _JWKS, (b'"kty"', b'"OKP"', b'"EC"', b'"P-256"', b'"x"', b'"d"', b"AA"), (read_jwk,)),
    Target(
        "public-pem",
        _read_pem,
        tuple(key.public.to_pem().encode() for key in (KEY, BROWSER_KEY)),
        (b"-----BEGIN PUBLIC KEY-----\n", b"-----END PUBLIC KEY-----\n", b"MCowBQYDK2VwAyEA", b"\n", b"="),
        (read_public_pem,),
    ),
    Target(
        "private-pem",
        lambda data: read_private_key(data).public.kid,
        (KEY.to_pem(), BROWSER_KEY.to_pem(), KEY.to_pem(b"a passphrase")),
        (b"-----BEGIN PRIVATE KEY-----\n", b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n", b"-----END"),
        (read_private_key,),
    ),
)
