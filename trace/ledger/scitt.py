"""What SCITT builds on receipts: statements that carry theirs (RFC 9943 §7), and receipts of growth (RFC 9942 §5.3).

    transparent statement    18([protected, {394: [<<receipt>>, …]}, payload, signature])
    receipt of consistency   18([protected, {396: {-2: [<<[first, second, path]>>]}}, root of `second`, signature])

The unprotected header is nobody's word, so receipts come and go without the statement becoming another one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cbor2

from keys import cbor
from keys.envelope import COSE_SIGN1_TAG, Statement, sig_structure
from keys.errors import RefusedError
from keys.keyring import PublicKey
from trace.ledger.checkpoint import VDP, SignedRoot, claims_of
from trace.ledger.tree import is_consistent

# IANA COSE Header Parameters: receipts (RFC 9942 §2); RFC 9942's proof types of RFC9162_SHA256.
RECEIPTS = 394
_CONSISTENCY = -2
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Growth:
    """What a receipt of consistency that holds has shown: the tree of `first` entries is the beginning of `second`."""

    origin: str
    first: int
    second: int
    second_root: bytes


def attach_receipts(statement: Statement, receipts: Sequence[bytes]) -> bytes:
    """The transparent statement: what was signed, with its receipts in the unprotected header."""
    parts = [statement.protected, {RECEIPTS: list(receipts)}, statement.payload, statement.signature]
    return cbor.encode(cbor2.CBORTag(COSE_SIGN1_TAG, parts))


def write_consistency_receipt(signed: SignedRoot, root: bytes, first: int, second: int, path: Sequence[bytes]) -> bytes:
    """A receipt that the tree of `second` entries, whose signed root is `root`, grew out of that of `first`; 0 <
    `first` < `second`.
    """
    proof = cbor.encode([first, second, list(path)])
    parts = [signed.protected, {VDP: {_CONSISTENCY: [proof]}}, root, signed.signature]
    return cbor.encode(cbor2.CBORTag(COSE_SIGN1_TAG, parts))


def verify_consistency_receipt(receipt: bytes, first_root: bytes, ledger_key: PublicKey) -> Growth:
    """Check, in this order: 1. the shape, 2. the ledger's signature over the newer root, 3. that the signed claims
    name the newer size, 4. that the newer root contains `first_root`, which the reader has kept.

    Raises RefusedError `receipt-malformed` or `receipt-invalid`.
    """
    protected, proof, root, signature = _read(receipt)  # 1
    first, second, path = _read_proof(proof)
    if not ledger_key.verifies(signature, sig_structure(protected, root)):  # 2
        raise RefusedError("receipt-invalid", where="the signature", expected=f"one by key {ledger_key.kid.hex()}")
    origin, subject, _ = claims_of(protected)  # 3
    if subject != f"{origin}/checkpoint/{second}":
        raise RefusedError("receipt-invalid", where="the claims", expected=f"{origin}/checkpoint/{second}", got=subject)
    if not is_consistent(first, second, first_root, root, path):  # 4
        raise RefusedError("receipt-invalid", where="the consistency proof", expected=f"{first} within {second}")
    return Growth(origin, first, second, root)


def _read(receipt: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    match cbor.decode(receipt, where="the receipt", tag=COSE_SIGN1_TAG):
        case [bytes() as protected, dict() as unprotected, bytes() as root, bytes() as signature]:
            match unprotected.get(VDP):
                case {-2: [bytes() as proof]}:
                    return protected, proof, root, signature
    raise RefusedError("receipt-malformed", where="the receipt", expected="one consistency proof and the newer root")


def _read_proof(encoded: bytes) -> tuple[int, int, list[bytes]]:
    match cbor.decode(encoded, where="the consistency proof"):
        # No int(): it takes true and false for numbers.
        case [first, second, list() as path] if type(first) is type(second) is int and all(
            isinstance(node, bytes) and len(node) == _HASH_BYTES for node in path
        ):
            return first, second, path
    raise RefusedError(
        "receipt-malformed", where="the consistency proof", expected="[first, second, path of 32-byte hashes]"
    )
