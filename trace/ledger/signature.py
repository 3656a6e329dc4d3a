"""The kinds of signatures on notes, a table with a row each, and the keys that verify or make them.

    witness.example/w1+a1b2c3d4+BPWAnQ…=        a verifier key: name, key id in hex, base64(type ‖ public key)

1. The key id MUST be the first 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key).
2. An Ed25519 signature (0x01) is over the text.
3. A cosignature (0x04, 0x06; c2sp.org/tlog-cosignature v1.1) begins with its time, 8 bytes big-endian, and is over what
   `_say_v1` and `say_subtree` write. Its text MUST be a checkpoint's.
4. Lines of unknown keys MUST be ignored. A line whose name and key id are those of a known key MUST hold, else the
   note is refused.

The row comes from the key that the reader trusts, never from the note.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from keys.errors import RefusedError
from trace.ledger.note import KEY_ID_BYTES, Note, SignatureLine, decode64, encode64, is_key_name
from trace.ledger.tree_head import read_head

TIME_BYTES = 8
# tlog-cosignature, "Format": MUST NOT exceed 2^63 - 1.
MAX_TIME = 2**63 - 1
# The signed struct has one byte for the length of each name.
_MOST_NAME_BYTES = 255
_SUBTREE_LABEL = b"subtree/v1\n\x00"


def _say_text(_name: str, text: str, _time: int) -> bytes:
    return text.encode()


def _say_v1(_name: str, text: str, time: int) -> bytes:
    """tlog-cosignature, "Ed25519 signed message": two lines, then the whole text, extension lines included."""
    read_head(text)
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _say_tree(name: str, text: str, time: int) -> bytes:
    """tlog-cosignature, "ML-DSA-44 signed message", of a checkpoint: the whole tree."""
    head = read_head(text)
    return say_subtree(name, time, head.origin, 0, head.size, head.root)


def say_subtree(name: str, time: int, origin: str, start: int, end: int, hash_: bytes) -> bytes:
    """What an ML-DSA-44 cosignature of the subtree [start, end) is over. `time` is 0 where `start` is not."""
    numbers = start.to_bytes(8) + end.to_bytes(8)
    return _SUBTREE_LABEL + _opaque(name) + time.to_bytes(8) + _opaque(origin) + numbers + hash_


def _opaque(name: str) -> bytes:
    """opaque<1..2^8-1> (RFC 8446 §3.4)."""
    data = name.encode()
    if not 1 <= len(data) <= _MOST_NAME_BYTES:
        raise RefusedError("note-malformed", where="a name", expected=f"1 to {_MOST_NAME_BYTES} bytes", got=len(data))
    return len(data).to_bytes(1) + data


@dataclass(frozen=True, slots=True)
class SignatureType:
    """One kind: its byte, how long its public keys and signatures are, and what is signed."""

    tag: int
    title: str
    key_bytes: int
    signature_bytes: int
    is_cosignature: bool
    say: Callable[[str, str, int], bytes]
    """(key name, text, time) → the signed bytes. Raises RefusedError `note-malformed` for a text that it can't sign."""
    load: Callable[[bytes], Any]
    """The public key as cryptography has it. Raises ValueError."""


ED25519_NOTE = SignatureType(0x01, "Ed25519", 32, 64, False, _say_text, Ed25519PublicKey.from_public_bytes)
ED25519_COSIGNATURE = SignatureType(
    0x04, "Ed25519 cosignature", 32, 64, True, _say_v1, Ed25519PublicKey.from_public_bytes
)
ML_DSA_44_COSIGNATURE = SignatureType(
    0x06, "ML-DSA-44 cosignature", 1312, 2420, True, _say_tree, MLDSA44PublicKey.from_public_bytes
)
TYPES = {row.tag: row for row in (ED25519_NOTE, ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE)}


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name, admitted for one kind of signature."""

    name: str
    type: SignatureType
    material: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that name the key in a note (rule 1)."""
        named = self.name.encode() + b"\n" + bytes([self.type.tag]) + self.material
        return hashlib.sha256(named).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        """The key as C2SP tools take it."""
        return f"{self.name}+{self.key_id.hex()}+{encode64(bytes([self.type.tag]) + self.material)}"

    def is_of(self, line: SignatureLine) -> bool:
        """Does the line say to be by this key?"""
        return (line.name, line.key_id) == (self.name, self.key_id)


@dataclass(frozen=True, slots=True)
class Signed:
    """A line that holds. `time` is seconds since 1970, 0 where the kind has none."""

    key: VerifierKey
    line: SignatureLine
    time: int


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key: `sign` makes the bare signature over bytes."""

    key: VerifierKey
    sign: Callable[[bytes], bytes]

    def sign_text(self, text: str, time: int = 0) -> SignatureLine:
        """The line over a text. A cosignature of a checkpoint has a `time` (1 to MAX_TIME); others have none."""
        stamp = time.to_bytes(TIME_BYTES) if self.key.type.is_cosignature else b""
        bare = self.sign(self.key.type.say(self.key.name, text, time))
        return SignatureLine(self.key.name, self.key.key_id, stamp + bare)


def read_vkey(text: str) -> VerifierKey:
    """The verifier key of a text. Raises RefusedError `key-unreadable`."""
    name, _, rest = text.strip(" \t\n").partition("+")
    _, _, encoded = rest.partition("+")
    try:
        raw = decode64(encoded)
        row = TYPES[raw[0]]
        name.encode()
        if len(raw) - 1 != row.key_bytes:
            raise ValueError(f"a key of {len(raw) - 1} bytes")
        row.load(raw[1:])
    except (ValueError, IndexError, KeyError) as error:
        raise RefusedError("key-unreadable", expected="name+hash+base64 (C2SP signed-note)", got=text[:80]) from error
    key = VerifierKey(name, row, raw[1:])
    if str(key) != text.strip(" \t\n") or not is_key_name(name):
        raise RefusedError("key-unreadable", expected=str(key)[:200], got=text[:200])
    return key


def find_signature(note: Note, key: VerifierKey) -> Signed | None:
    """The signature of `key` on a note, of several the latest; None where there is none.

    Raises RefusedError `note-signature-invalid` where a line says to be by this key and is not.
    """
    found: Signed | None = None
    for line in filter(key.is_of, note.lines):
        signed = _verify(note.text, line, key)
        if found is None or signed.time > found.time:
            found = signed
    return found


def find_signatures(note: Note, keys: Iterable[VerifierKey]) -> list[Signed]:
    """Those of these keys that have signed. Raises RefusedError `note-signature-invalid` as `find_signature`."""
    return [signed for key in keys if (signed := find_signature(note, key)) is not None]


def _verify(text: str, line: SignatureLine, key: VerifierKey) -> Signed:
    stamp_bytes = TIME_BYTES if key.type.is_cosignature else 0
    time = int.from_bytes(line.signature[:stamp_bytes])
    signature = line.signature[stamp_bytes:]
    if len(signature) == key.type.signature_bytes and time <= MAX_TIME:
        try:
            key.type.load(key.material).verify(signature, key.type.say(key.name, text, time))
        except InvalidSignature:
            pass
        else:
            return Signed(key, line, time)
    raise RefusedError(
        "note-signature-invalid", where="the note", expected=f"a {key.type.title} by {key.name}", got=line.key_id.hex()
    )
