"""Checkpoints: the ledger's signed word on its size and root, twice.

As a COSE_Sign1 over the root with detached payload: the signed half of every receipt of that size (RFC 9942 §5.2).
As a C2SP signed note (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), for mirrors, monitors and witnesses:

    suzheng.example/demo
    1387
    Jj2x…=

    — suzheng.example/demo Az3grl…=

1. The note's body MUST be origin, decimal size and base64 root, a line each.
2. A signature line MUST carry base64 of the 4-byte key hash and the 64-byte Ed25519 signature of the body.
3. The key hash is the first 4 bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key).
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

import cbor2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from keys import cbor
from keys.algorithms import ED25519
from keys.envelope import ALG, COSE_SIGN1_TAG, CWT_CLAIMS, IAT, ISS, KID, SUB, sig_structure
from keys.errors import RefusedError
from keys.keyring import PublicKey, SigningKey

# IANA COSE Header Parameters: verifiable data structure and its proofs (RFC 9942 §2); 1 is RFC9162_SHA256.
VDS, VDP, RFC9162_SHA256 = 395, 396, 1
_ED25519_NOTE_TYPE = b"\x01"
_HASH_BYTES = 32
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
# c2sp.org/signed-note: no spaces of any script and no plus in a name.
_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")
_SIGNATURE = re.compile(rf"— ({_NAME.pattern}) (\S+)")


@dataclass(frozen=True, slots=True)
class Sealer:
    """Who signs for the ledger: its origin (a schema-less URL, the log's name) and its Ed25519 key."""

    origin: str
    key: SigningKey

    def __post_init__(self) -> None:
        """A note's signature type is Ed25519, so the ledger's key must be too."""
        if self.key.algorithm is not ED25519:
            raise RefusedError("key-unreadable", expected="an Ed25519 key for the ledger", got=self.key.algorithm.name)


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """The COSE half of a checkpoint: protected header and signature over the detached root."""

    protected: bytes
    signature: bytes


def sign_root(sealer: Sealer, size: int, root: bytes, recorded_at: datetime) -> SignedRoot:
    """Sign `root` with the size and the time of record (UTC seconds) in the header's claims."""
    claims = {ISS: sealer.origin, SUB: f"{sealer.origin}/checkpoint/{size}", IAT: int(recorded_at.timestamp())}
    header = {ALG: sealer.key.algorithm.cose_id, KID: sealer.key.public.kid, CWT_CLAIMS: claims, VDS: RFC9162_SHA256}
    protected = cbor.encode(header)
    return SignedRoot(protected, sealer.key.sign(sig_structure(protected, root)))


def claims_of(protected: bytes) -> tuple[str, str, int]:
    """(iss, sub, iat) of a signed root's header. Raises RefusedError `receipt-malformed`."""
    header = cbor.decode(protected, where="the receipt's header")
    claims = header.get(CWT_CLAIMS) if isinstance(header, dict) else None
    if not isinstance(claims, dict) or claims.keys() != {ISS, SUB, IAT} or header.get(VDS) != RFC9162_SHA256:
        raise RefusedError(
            "receipt-malformed", where="the receipt's header", expected="RFC9162_SHA256 with iss, sub and iat"
        )
    return claims[ISS], claims[SUB], claims[IAT]


def write_receipt(signed: SignedRoot, size: int, position: int, path: list[bytes]) -> bytes:
    """A COSE receipt of inclusion (RFC 9942 §5.2): the signed root, with the proof in the unprotected header."""
    proof = cbor.encode([size, position, path])
    envelope = [signed.protected, {VDP: {-1: [proof]}}, None, signed.signature]
    return cbor.encode(cbor2.CBORTag(COSE_SIGN1_TAG, envelope))


def write_note(sealer: Sealer, size: int, root: bytes) -> str:
    """The signed note of a checkpoint."""
    body = f"{sealer.origin}\n{size}\n{base64.b64encode(root).decode('ascii')}\n"
    signature = key_hash(sealer.origin, sealer.key.public) + sealer.key.sign(body.encode())
    return f"{body}\n— {sealer.origin} {base64.b64encode(signature).decode('ascii')}\n"


def read_note(note: str, origin: str, key: PublicKey) -> tuple[int, bytes]:
    """Verify a checkpoint note by `key` and return (size, root). Raises RefusedError `checkpoint-invalid`.

    Lines of other signers are passed over, as c2sp.org/signed-note asks, but have to be signature lines.
    """
    body, blank, signatures = note.partition("\n\n")
    lines = body.split("\n")
    if not blank or len(lines) != 3 or lines[0] != origin or not _SIZE.fullmatch(lines[1]):
        raise RefusedError("checkpoint-invalid", expected=f"origin {origin}, size and root", got=lines[0][:200])
    root = _decode(lines[2])
    if len(root) != _HASH_BYTES:
        raise RefusedError("checkpoint-invalid", where="the root", expected=f"{_HASH_BYTES} bytes", got=len(root))
    *signed, rest = signatures.split("\n")
    for line in signed:
        signature = _SIGNATURE.fullmatch(line)
        if signature is None or rest:
            raise RefusedError("checkpoint-invalid", where="the signatures", expected="— name base64", got=line[:200])
        raw = _decode(signature[2])
        if signature[1] == origin and raw[:4] == key_hash(origin, key) and key.verifies(raw[4:], f"{body}\n".encode()):
            return int(lines[1]), root
    raise RefusedError("checkpoint-invalid", where="the signatures", expected=f"one by {origin}")


def _decode(encoded: str) -> bytes:
    """Base64 in its one spelling."""
    try:
        data = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise RefusedError("checkpoint-invalid", expected="base64", got=str(error)) from error
    if base64.b64encode(data).decode("ascii") != encoded:
        raise RefusedError("checkpoint-invalid", expected="base64", got="another spelling of it")
    return data


def key_hash(name: str, key: PublicKey) -> bytes:
    """The 4 bytes that name a key in a note."""
    raw = key.key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(name.encode() + b"\n" + _ED25519_NOTE_TYPE + raw).digest()[:4]


def verifier_key(name: str, key: PublicKey) -> str:
    """The key as C2SP tools take it: name+hash+base64(type ‖ key)."""
    raw = key.key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    encoded = base64.b64encode(_ED25519_NOTE_TYPE + raw).decode("ascii")
    return f"{name}+{key_hash(name, key).hex()}+{encoded}"


def read_verifier_key(text: str) -> tuple[str, PublicKey]:
    """(name, key) of what `verifier_key` wrote. Raises RefusedError `key-unreadable`."""
    name, _, rest = text.strip().partition("+")
    hash_, _, encoded = rest.partition("+")
    if not _NAME.fullmatch(name):
        raise RefusedError("key-unreadable", expected="a name without spaces", got=repr(name)[:80])
    try:
        raw = base64.b64decode(encoded, validate=True)
        key = PublicKey(ED25519, ed25519.Ed25519PublicKey.from_public_bytes(raw[1:]))
    except ValueError as error:
        raise RefusedError("key-unreadable", expected="name+hash+base64", got=repr(text)[:80]) from error
    if verifier_key(name, key) != f"{name}+{hash_}+{encoded}":
        raise RefusedError("key-unreadable", expected=verifier_key(name, key), got=repr(text)[:200])
    return name, key
