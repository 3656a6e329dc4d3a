"""Offline proofs as text (c2sp.org/tlog-proof): that an entry stands in the log of a checkpoint.

    c2sp.org/tlog-proof@v1
    index 152
    gSKyXo…=
    B95lDa…=

    suzheng.example/demo
    …

1. The first line MUST be the format's name; the second the entry's position in decimal.
2. Then the inclusion proof MUST follow (RFC 9162 §2.1.3.1), base64, a hash a line, the leaf's sibling first.
3. After an empty line the checkpoint MUST follow as it was signed, cosignatures and all.

What is proved is the entry's hash, hash_leaf(SHA-256 of the statement): the reader computes it from the statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from keys.errors import RefusedError
from trace.ledger.note import Note, decode64, encode64, parse_note
from trace.ledger.tree import hash_leaf, root_from_inclusion
from trace.ledger.tree_head import TreeHead, read_hash, read_head, read_size

FORMAT = "c2sp.org/tlog-proof@v1"
# As many as a path in the largest tree has.
MAX_PATH = 63


def write_proof(position: int, path: Sequence[bytes], note: str) -> str:
    """The proof, of the inclusion path and the checkpoint's signed note."""
    hashes = "".join(f"{encode64(node)}\n" for node in path)
    return f"{FORMAT}\nindex {position}\n{hashes}\n{note}"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof says: nothing is verified yet. `extra` is nobody's word: it is not signed."""

    position: int
    path: tuple[bytes, ...]
    note: Note
    extra: bytes | None


def is_proof(data: bytes) -> bool:
    """Do the bytes say to be such a proof?"""
    return data.startswith(f"{FORMAT}\n".encode())


def read_proof(data: bytes) -> Proof:
    """Read a proof. Raises RefusedError `receipt-malformed`, or `note-malformed` for its checkpoint."""
    head, blank, note = data.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
        extra = decode64(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else None
        word, _, position = lines.pop(0).partition(" ")
        if first != FORMAT or word != "index" or not blank or len(lines) > MAX_PATH:
            raise ValueError("other lines")
        return Proof(read_size(position), tuple(map(read_hash, lines)), parse_note(note), extra)
    except (ValueError, IndexError) as error:
        raise RefusedError(
            "receipt-malformed", where="the proof", expected=f"{FORMAT}, index, up to {MAX_PATH} hashes", got=str(error)
        ) from error


def verify_proof(proof: Proof, leaf: bytes) -> TreeHead:
    """The tree head that a proof leads to from the SHA-256 of a statement; whether it is signed is not asked here.

    Raises RefusedError `receipt-invalid`.
    """
    head = read_head(proof.note.text)
    root = root_from_inclusion(hash_leaf(leaf), proof.position, head.size, proof.path)
    if root != head.root:
        raise RefusedError(
            "receipt-invalid",
            where="the inclusion proof",
            expected=f"a path of entry {proof.position} of {head.size} to {head.root.hex()}",
        )
    return head
