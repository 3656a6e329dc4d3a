"""Checking a receipt offline (RFC 9942 §5.2.1): does this statement stand in the ledger of this key?

A receipt by itself proves what the ledger's key signed. That the same key showed the same root to everybody is
a question for checkpoints and witnesses, and is not answered here.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from keys import cbor
from keys.envelope import COSE_SIGN1_TAG, sig_structure
from keys.errors import RefusedError
from keys.keyring import PublicKey
from trace.ledger.checkpoint import VDP, claims_of
from trace.ledger.tree import hash_leaf, root_from_inclusion


@dataclass(frozen=True, slots=True)
class Inclusion:
    """What a receipt that holds has shown. `recorded_at` is UTC, to the second; None where nothing signed tells it."""

    origin: str
    position: int
    size: int
    root: bytes
    recorded_at: datetime | None


def verify_receipt(receipt: bytes, leaf: bytes, ledger_key: PublicKey) -> Inclusion:
    """Check, in this order: 1. the shape, 2. the path from the leaf to a root, 3. the ledger's signature over that
    root, 4. that the signed claims name the same size.

    `leaf` is the statement's SHA-256. Raises RefusedError `receipt-malformed` or `receipt-invalid`.
    """
    protected, proof, signature = read_receipt(receipt)  # 1
    size, position, path = proof
    root = root_from_inclusion(hash_leaf(leaf), position, size, path)  # 2
    if root is None:
        raise RefusedError(
            "receipt-invalid", where="the inclusion proof", expected=f"a path of entry {position} of {size}"
        )
    if not ledger_key.verifies(signature, sig_structure(protected, root)):  # 3
        raise RefusedError("receipt-invalid", where="the signature", expected=f"one by key {ledger_key.kid.hex()}")
    origin, subject, issued = claims_of(protected)  # 4
    # The path of an entry is the same in trees of several sizes; which of them was signed stands in the claims alone.
    if subject != f"{origin}/checkpoint/{size}":
        raise RefusedError("receipt-invalid", where="the claims", expected=f"{origin}/checkpoint/{size}", got=subject)
    return Inclusion(origin, position, size, root, datetime.fromtimestamp(issued, UTC))


def read_receipt(receipt: bytes) -> tuple[bytes, tuple[int, int, list[bytes]], bytes]:
    """(protected header, (size, position, path), signature) of a receipt; nothing is checked but the shape.

    Raises RefusedError `receipt-malformed` or `cbor-…`.
    """
    array = cbor.decode(receipt, where="the receipt", tag=COSE_SIGN1_TAG)
    match array:
        case [bytes() as protected, dict() as unprotected, None, bytes() as signature]:
            match unprotected.get(VDP):
                case {-1: [bytes() as encoded]}:
                    return protected, _read_proof(cbor.decode(encoded, where="the inclusion proof")), signature
    raise RefusedError("receipt-malformed", where="the receipt", expected="one inclusion proof and a detached root")


def _read_proof(proof: Any) -> tuple[int, int, list[bytes]]:
    match proof:
        # No int(): it takes true and false for numbers.
        case [size, position, list() as path] if type(size) is type(position) is int and all(
            isinstance(node, bytes) and len(node) == 32 for node in path
        ):
            return size, position, path
    raise RefusedError(
        "receipt-malformed", where="the inclusion proof", expected="[size, position, path of 32-byte hashes]"
    )
