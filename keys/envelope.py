"""The envelope of a statement: a COSE_Sign1 (RFC 9052 §4.2) with the protected header that DESIGN.md §2 gives it.

Example, in diagnostic notation:

    18([ << {1: -8, 3: "application/json", 4: h'…32…', 15: {1: "91110000600037341L", 2: "01/0690…/10/A1", 6:
    1430000000},
             16: "vnd.suzheng.lot.commissioned", "nonce": h'…16…', "follows": [h'…32…']} >>, {}, h'…payload…', h'…64…'
             ])

1. The envelope MUST be tagged 18, deterministic CBOR and at most MAX_STATEMENT_BYTES long.
2. The protected header MUST hold exactly the labels of the example; `crit` (2) MAY be there and then MUST name only
these.
3. `typ` (RFC 9596) MUST be "vnd.suzheng." and a kind's tag; claims (RFC 9597) MUST be iss, sub and iat and no other.
4. `follows` names each followed leaf once, 32 bytes each, in bytewise order; `nonce` MUST be 16 bytes.
5. The unprotected header is nobody's word: it is dropped, and the leaf is the SHA-256 of the envelope without it.

What identifies a statement is its Sig_structure (header, payload) with its key (the header names it): never the
signature, since for an ECDSA signature (r, s) there is always (r, n-s).
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import cbor2

from keys import cbor
from keys.errors import RefusedError
from keys.keyring import PublicKey, SigningKey

MAX_STATEMENT_BYTES = 64 * 1024
MAX_FOLLOWS = 512
COSE_SIGN1_TAG = 18
# Labels: IANA COSE Header Parameters; text labels are ours.
ALG, CRIT, CONTENT_TYPE, KID, CWT_CLAIMS, TYP, FOLLOWS, NONCE = 1, 2, 3, 4, 15, 16, "follows", "nonce"
# IANA CWT Claims.
ISS, SUB, IAT = 1, 2, 6
TYP_PREFIX = "vnd.suzheng."
HASH_BYTES, NONCE_BYTES = 32, 16
_REQUIRED = {ALG, CONTENT_TYPE, KID, CWT_CLAIMS, TYP, FOLLOWS, NONCE}
_TAG = re.compile(r"[a-z]+(?:\.[a-z]+)+")
_MAX_TEXT = 256
# Ours to choose: before the year 2000 no statement can be meant; after 9999 no calendar here has a day.
_MIN_IAT, _MAX_IAT = 946_684_800, 253_402_300_799


@dataclass(frozen=True)
class Statement:
    """What one party signed, as bytes and as read. `issued_at` is UTC, to the second.

    Without slots: its hashes are asked for many times on the way into the ledger, and are computed once.
    """

    protected: bytes
    payload: bytes
    signature: bytes
    algorithm_id: int
    kid: bytes
    content_type: str
    kind: str
    """The kind's permanent tag, such as `lot.commissioned`."""
    issuer: str
    subject: str
    issued_at: datetime
    follows: tuple[bytes, ...]
    nonce: bytes

    def to_bytes(self) -> bytes:
        """The envelope with its unprotected header emptied: what is kept, and what the leaf is the hash of."""
        return self._encoded

    @cached_property
    def _encoded(self) -> bytes:
        return cbor.encode(cbor2.CBORTag(COSE_SIGN1_TAG, [self.protected, {}, self.payload, self.signature]))

    @cached_property
    def leaf(self) -> bytes:
        """SHA-256 of `to_bytes()`: the statement's name in the ledger, 32 bytes."""
        return hashlib.sha256(self.to_bytes()).digest()

    @cached_property
    def signed_bytes(self) -> bytes:
        """The Sig_structure (RFC 9052 §4.4), without external data."""
        return sig_structure(self.protected, self.payload)

    @cached_property
    def identity(self) -> bytes:
        """What makes two envelopes the same statement: SHA-256 of the signed bytes, which name the key."""
        return hashlib.sha256(self.signed_bytes).digest()


def sig_structure(protected: bytes, payload: bytes) -> bytes:
    """The bytes that a COSE_Sign1 signature covers (RFC 9052 §4.4)."""
    # No map is in it, whose keys `cbor.encode` would have to put in order.
    return cbor2.dumps(["Signature1", protected, b"", payload])


def parse_statement(data: bytes) -> Statement:
    """Read an envelope strictly; nothing is verified yet. Raises RefusedError (`statement-too-large`, `cbor-…`,
    `envelope-…`, `payload-missing`).
    """
    if len(data) > MAX_STATEMENT_BYTES:
        raise RefusedError("statement-too-large", expected=f"at most {MAX_STATEMENT_BYTES} bytes", got=len(data))
    array = cbor.decode(data, where="the envelope", tag=COSE_SIGN1_TAG)
    match array:
        case [bytes() as protected, dict() as unprotected, bytes() as payload, bytes() as signature]:
            said = _read_header(protected, payload, signature)
            if not unprotected:
                # Then these very bytes, which have one spelling, are what `to_bytes` would write.
                vars(said)["_encoded"] = data
            return said
        case [bytes(), dict(), None, bytes()]:
            # Detached, as COSE allows: but what nobody can read can be held against nobody.
            raise RefusedError("payload-missing", where="the envelope", expected="the payload", got="nil")
    raise RefusedError("envelope-malformed", where="the envelope", expected="[bstr, map, bstr, bstr]")


def reread_claims(data: bytes) -> tuple[datetime, tuple[bytes, ...]]:
    """When a statement was issued, and what it follows: of bytes that `parse_statement` has read before, as their hash
    shows, and so without its care, in a fifth of its time. Raises RefusedError `envelope-malformed` for any others.
    """
    try:
        # Past the head of the tag, which is one byte.
        protected, _, _, _ = cbor2.loads(data[1:])
        header = cbor2.loads(protected)
        return datetime.fromtimestamp(header[CWT_CLAIMS][IAT], UTC), tuple(header[FOLLOWS])
    except Exception as error:
        raise RefusedError("envelope-malformed", where="the envelope", expected="one that was read before") from error


def reread_payload(data: bytes) -> bytes:
    """The payload of a statement, on the same terms as `reread_claims`. Raises RefusedError `envelope-malformed`."""
    try:
        payload = cbor2.loads(data[1:])[2]
    except Exception as error:
        raise RefusedError("envelope-malformed", where="the envelope", expected="one that was read before") from error
    if not isinstance(payload, bytes):
        raise RefusedError("envelope-malformed", where="the envelope", expected="one that was read before")
    return payload


def verify_statement(statement: Statement, key: PublicKey) -> None:
    """Raises RefusedError `algorithm-mismatch` or `signature-invalid`; returning means that it holds under `key`."""
    if statement.algorithm_id != key.algorithm.cose_id:
        raise RefusedError("algorithm-mismatch", expected=key.algorithm.name, got=statement.algorithm_id)
    if not key.verifies(statement.signature, statement.signed_bytes):
        raise RefusedError("signature-invalid", where="the signature", expected=f"one by key {key.kid.hex()}")


def seal_statement(
    key: SigningKey,
    *,
    kind: str,
    issuer: str,
    subject: str,
    issued_at: datetime,
    payload: bytes,
    nonce: bytes,
    follows: tuple[bytes, ...] = (),
    content_type: str = "application/json",
) -> Statement:
    """Sign `payload` as it is; the returned statement parses back to itself."""
    protected = write_header(
        algorithm_id=key.algorithm.cose_id,
        kid=key.public.kid,
        kind=kind,
        issuer=issuer,
        subject=subject,
        issued_at=issued_at,
        nonce=nonce,
        follows=follows,
        content_type=content_type,
    )
    return _read_header(protected, payload, key.sign(sig_structure(protected, payload)))


def write_header(
    *,
    algorithm_id: int,
    kid: bytes,
    kind: str,
    issuer: str,
    subject: str,
    issued_at: datetime,
    nonce: bytes,
    follows: Iterable[bytes],
    content_type: str,
) -> bytes:
    """The protected header of a statement that is yet to be signed: deterministic CBOR, rules 2 to 4."""
    return cbor.encode(
        {
            ALG: algorithm_id,
            CONTENT_TYPE: content_type,
            KID: kid,
            CWT_CLAIMS: {ISS: issuer, SUB: subject, IAT: int(issued_at.timestamp())},
            TYP: TYP_PREFIX + kind,
            NONCE: nonce,
            FOLLOWS: sorted(set(follows)),
        }
    )


def _read_header(protected: bytes, payload: bytes, signature: bytes) -> Statement:
    header = cbor.decode(protected, where="the protected header")
    if not isinstance(header, dict) or header.keys() - {CRIT} != _REQUIRED:
        got = sorted(map(str, header)) if isinstance(header, dict) else type(header).__name__
        raise RefusedError(
            "envelope-malformed", where="the protected header", expected=sorted(map(str, _REQUIRED)), got=got
        )
    _check_crit(header)
    claims = _typed(header, CWT_CLAIMS, dict)
    if claims.keys() != {ISS, SUB, IAT}:
        raise RefusedError(
            "envelope-malformed", where="CWT claims", expected="iss, sub and iat", got=sorted(map(str, claims))
        )
    typ = _text(header, TYP)
    kind = typ.removeprefix(TYP_PREFIX)
    if kind == typ or not _TAG.fullmatch(kind):
        raise RefusedError("envelope-malformed", where="typ", expected=f"{TYP_PREFIX}<kind>", got=typ)
    issued = _typed(claims, IAT, int)
    if isinstance(issued, bool) or not _MIN_IAT <= issued <= _MAX_IAT:
        raise RefusedError(
            "envelope-malformed", where="iat", expected="seconds since 1970, from the year 2000 on", got=issued
        )
    return Statement(
        protected=protected,
        payload=payload,
        signature=signature,
        algorithm_id=_typed(header, ALG, int),
        kid=_bytes(header, KID, HASH_BYTES),
        content_type=_text(header, CONTENT_TYPE),
        kind=kind,
        issuer=_text(claims, ISS),
        subject=_text(claims, SUB),
        issued_at=datetime.fromtimestamp(issued, UTC),
        follows=_hashes(_typed(header, FOLLOWS, list)),
        nonce=_bytes(header, NONCE, NONCE_BYTES),
    )


def _check_crit(header: dict[Any, Any]) -> None:
    if CRIT not in header:
        return
    named = _typed(header, CRIT, list)
    # A list or a map is no label and can't be looked up; true would be found as 1.
    unknown = [label for label in named if type(label) not in (int, str) or label not in _REQUIRED]
    if not named or unknown:
        raise RefusedError(
            "envelope-malformed", where="crit", expected="known labels only", got=[str(label) for label in unknown]
        )


def _typed(values: dict[Any, Any], label: object, kind: type) -> Any:
    value = values[label]
    if not isinstance(value, kind):
        raise RefusedError(
            "envelope-malformed", where=f"label {label}", expected=kind.__name__, got=type(value).__name__
        )
    return value


def _text(values: dict[Any, Any], label: object) -> str:
    text: str = _typed(values, label, str)
    if not 0 < len(text) <= _MAX_TEXT:
        raise RefusedError(
            "envelope-malformed", where=f"label {label}", expected=f"1 to {_MAX_TEXT} characters", got=len(text)
        )
    return text


def _bytes(values: dict[Any, Any], label: object, size: int) -> bytes:
    data: bytes = _typed(values, label, bytes)
    if len(data) != size:
        raise RefusedError("envelope-malformed", where=f"label {label}", expected=f"{size} bytes", got=len(data))
    return data


def _hashes(items: list[Any]) -> tuple[bytes, ...]:
    if len(items) > MAX_FOLLOWS or not all(isinstance(item, bytes) and len(item) == HASH_BYTES for item in items):
        raise RefusedError(
            "envelope-malformed", where="follows", expected=f"at most {MAX_FOLLOWS} leaf hashes of {HASH_BYTES} bytes"
        )
    if items != sorted(set(items)):
        raise RefusedError("envelope-malformed", where="follows", expected="each leaf once, in bytewise order")
    return tuple(items)
