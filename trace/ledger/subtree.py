"""Subtrees of the log's tree, and proofs that one is part of a larger (draft-ietf-plants-merkle-tree-certs-03 §4).

A subtree [start, end) has its own Merkle tree hash. It is one that a tree of RFC 9162 is made of, or the beginning of
one: `start` is a multiple of the smallest power of two that is not below its size. A witness that has cosigned a
checkpoint signs subtrees of it on request (c2sp.org/tlog-witness, "sign-subtree"):

    subtree 8 13
    mbsQCg+dEIMGlpqeGgk94JutQwKKS2Lo5IuDhKmDjiU=
    CD82D2LDm0phY0+xKbHyZfq3Hw21lVkuV7Zis5EFg0k=

    example.com/behind-the-sofa
    14
    /CcKVZM9n65aH7jLaIZuUB4/MSlEFQ4+ldwUC21rDHM=

    — witness.example/w1 LijDAF…=

1. The lines MUST be the range, the subtree's hash, up to 63 of a proof, an empty line, and the checkpoint.
2. The checkpoint MUST bear a cosignature of the witness itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from keys.errors import RefusedError
from trace.ledger.note import Note, SignatureLine, parse_note
from trace.ledger.signature import ML_DSA_44_COSIGNATURE, TIME_BYTES, Signer, find_signatures, say_subtree
from trace.ledger.tree import MAX_SIZE, hash_children
from trace.ledger.tree_head import TreeHead, read_hash, read_head, read_size
from trace.ledger.witness import MAX_PROOF_LINES


def is_subtree(start: int, end: int, size: int) -> bool:
    """Is [start, end) a subtree of a tree of `size` leaves (§4.1)?"""
    return 0 <= start < end <= size <= MAX_SIZE and start % (1 << (end - start - 1).bit_length()) == 0


def is_consistent_subtree(start: int, end: int, size: int, subtree: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Does `proof` show that the subtree with this hash is part of the tree of `size` leaves with this root (§4.4.3)?

    It is a consistency proof where `start` is 0, and an inclusion proof where it is one leaf.
    """
    if not is_subtree(start, end, size) or not all(len(one) == 32 for one in (subtree, root, *proof)):
        return False
    first, second, last = start, end - 1, size - 1
    # Up to where the subtree is one node of the tree, or its right edge begins to differ from the tree's.
    while first != second and (second == last or second & 1):
        first, second, last = first >> 1, second >> 1, last >> 1
    path = list(proof) if first != second else [subtree, *proof]
    if not path:
        return False
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if second & 1 or second == last:
            # Left of the subtree's own beginning lies what is not part of it.
            old = hash_children(sibling, old) if first < second else old
            new = hash_children(sibling, new)
            while second and not second & 1:
                first, second, last = first >> 1, second >> 1, last >> 1
        else:
            new = hash_children(new, sibling)
        first, second, last = first >> 1, second >> 1, last >> 1
    return last == 0 and old == subtree and new == root


@dataclass(frozen=True, slots=True)
class SubtreeRequest:
    """What is asked: to sign [start, end), of this hash, as part of the checkpoint's tree."""

    start: int
    end: int
    hash: bytes
    proof: tuple[bytes, ...]
    note: Note
    head: TreeHead


def read_subtree_request(data: bytes) -> SubtreeRequest:
    """Read a request. Raises RefusedError `witness-request-malformed` or `note-malformed`."""
    lines, blank, rest = data.partition(b"\n\n")
    try:
        first, hash_, *proof = lines.decode("ascii").split("\n")
        word, start, end = first.split(" ")
        if not blank or word != "subtree" or len(proof) > MAX_PROOF_LINES:
            raise ValueError(first[:60])
        span = (read_size(start), read_size(end))
        hashes = [read_hash(line) for line in (hash_, *proof)]
    except ValueError as error:
        raise _malformed("subtree, start, end, up to 64 hashes and a checkpoint", str(error)[:80]) from error
    note = parse_note(rest)
    head = read_head(note.text)
    if not is_subtree(*span, head.size):
        raise _malformed(f"a subtree of {head.size} entries", f"{span[0]} to {span[1]}")
    return SubtreeRequest(*span, hashes[0], tuple(hashes[1:]), note, head)


def sign_subtree(request: SubtreeRequest, signers: Sequence[Signer], *, is_known: bool) -> list[SignatureLine]:
    """The signatures on a subtree by those keys that can sign one; they have no time, as the specification asks.

    Raises RefusedError `log-unknown`, `cosignature-foreign` where the checkpoint is not cosigned by this witness,
    `note-signature-invalid`, or `tree-inconsistent`.
    """
    if not is_known:
        raise RefusedError("log-unknown", got=request.head.origin[:200])
    if not find_signatures(request.note, [signer.key for signer in signers]):
        raise RefusedError("cosignature-foreign", expected="a checkpoint that this witness has cosigned")
    head, span = request.head, (request.start, request.end)
    if not is_consistent_subtree(*span, head.size, request.hash, head.root, request.proof):
        raise RefusedError("tree-inconsistent", where=f"entries {request.start} to {request.end}")
    lines = []
    for signer in signers:
        if signer.key.type is ML_DSA_44_COSIGNATURE:
            message = say_subtree(signer.key.name, 0, head.origin, *span, request.hash)
            lines.append(SignatureLine(signer.key.name, signer.key.key_id, bytes(TIME_BYTES) + signer.sign(message)))
    return lines


def _malformed(expected: str, got: object) -> RefusedError:
    return RefusedError("witness-request-malformed", expected=expected, got=got)
