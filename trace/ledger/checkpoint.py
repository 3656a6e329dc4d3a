"""Checkpoints: the ledger's signed word on its size and root, twice.

As a COSE_Sign1 over the root with detached payload: the signed half of every receipt of that size (RFC 9942 §5.2).
As a C2SP signed note (`note.py`, `tree_head.py`, `signature.py`), for mirrors, monitors and witnesses.
"""

from dataclasses import dataclass
from datetime import datetime

import cbor2

from keys import cbor
from keys.algorithms import ED25519
from keys.envelope import ALG, COSE_SIGN1_TAG, CWT_CLAIMS, IAT, ISS, KID, SUB, sig_structure
from keys.errors import RefusedError
from keys.keyring import PublicKey, SigningKey, read_raw
from trace.ledger.note import Note, parse_note
from trace.ledger.signature import ED25519_NOTE, Signer, VerifierKey, find_signature, read_vkey
from trace.ledger.tree_head import read_head, write_head

# IANA COSE Header Parameters: verifiable data structure and its proofs (RFC 9942 §2); 1 is RFC9162_SHA256.
VDS, VDP, RFC9162_SHA256 = 395, 396, 1
# After it no calendar here has a day.
_MAX_IAT = 253_402_300_799


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
    """(iss, sub, iat) of a signed root's header; iat is seconds since 1970, before the year 10000.

    A ledger may be anybody's, and sign anything. Raises RefusedError `receipt-malformed`.
    """
    header = cbor.decode(protected, where="the receipt's header")
    claims = header.get(CWT_CLAIMS) if isinstance(header, dict) else None
    if not isinstance(claims, dict) or claims.keys() != {ISS, SUB, IAT} or header.get(VDS) != RFC9162_SHA256:
        raise RefusedError(
            "receipt-malformed", where="the receipt's header", expected="RFC9162_SHA256 with iss, sub and iat"
        )
    match claims[ISS], claims[SUB], claims[IAT]:
        case str() as issuer, str() as subject, int() as issued if type(issued) is int and 0 <= issued <= _MAX_IAT:
            return issuer, subject, issued
    raise RefusedError(
        "receipt-malformed", where="the receipt's header", expected="two texts and seconds from 1970 to the year 9999"
    )


def write_receipt(signed: SignedRoot, size: int, position: int, path: list[bytes]) -> bytes:
    """A COSE receipt of inclusion (RFC 9942 §5.2): the signed root, with the proof in the unprotected header."""
    # No map in it has two keys, which `cbor.encode` would have to put in order.
    proof = cbor2.dumps([size, position, path])
    return cbor2.dumps(cbor2.CBORTag(COSE_SIGN1_TAG, [signed.protected, {VDP: {-1: [proof]}}, None, signed.signature]))


def write_note(sealer: Sealer, size: int, root: bytes) -> str:
    """The signed note of a checkpoint."""
    text = write_head(sealer.origin, size, root)
    signer = Signer(log_key(sealer.origin, sealer.key.public), sealer.key.sign)
    return str(Note(text, (signer.sign_text(text),)))


def read_note(note: str, origin: str, key: PublicKey) -> tuple[int, bytes]:
    """Verify a checkpoint note by `key` and return (size, root). Raises RefusedError `checkpoint-invalid`."""
    try:
        read = parse_note(note.encode("utf-8", "surrogatepass"))
        head = read_head(read.text)
        signed = find_signature(read, log_key(origin, key))
    except RefusedError as error:
        raise RefusedError("checkpoint-invalid", **error.facts) from error
    if head.origin != origin:
        raise RefusedError("checkpoint-invalid", expected=f"origin {origin}, size and root", got=head.origin)
    if signed is None:
        raise RefusedError("checkpoint-invalid", where="the signatures", expected=f"one by {origin}")
    return head.size, head.root


def log_key(name: str, key: PublicKey) -> VerifierKey:
    """A log's Ed25519 key as the verifier of its notes."""
    return VerifierKey(name, ED25519_NOTE, key.raw)


def key_hash(name: str, key: PublicKey) -> bytes:
    """The 4 bytes that name a key in a note."""
    return log_key(name, key).key_id


def verifier_key(name: str, key: PublicKey) -> str:
    """The key as C2SP tools take it: name+hash+base64(type ‖ key)."""
    return str(log_key(name, key))


def read_verifier_key(text: str) -> tuple[str, PublicKey]:
    """(name, key) of what `verifier_key` wrote. Raises RefusedError `key-unreadable`."""
    key = read_vkey(text)
    if key.type is not ED25519_NOTE:
        raise RefusedError("key-unreadable", expected=ED25519_NOTE.title, got=key.type.title)
    return key.name, read_raw(ED25519, key.material)
