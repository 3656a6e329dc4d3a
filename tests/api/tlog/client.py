"""Other people's side of the log, written from the specifications alone: it imports nothing of the product.

c2sp.org/signed-note, tlog-checkpoint, tlog-tiles, tlog-proof; RFC 6962 §2.1 for the arithmetic.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def open_note(note: str, vkey: str) -> list[str]:
    """The lines of a note's text, once the key of `vkey` is seen to have signed it."""
    name, key_id, encoded = vkey.split("+", 2)
    kind_and_key = base64.b64decode(encoded, validate=True)
    assert kind_and_key[0] == 1
    assert sha256(name.encode() + b"\n" + kind_and_key)[:4].hex() == key_id
    head, _, tail = note.rpartition("\n\n")
    assert note.endswith("\n")
    text = head + "\n"
    for line in tail.splitlines():
        dash, signer, signature = line.split(" ")
        assert dash == "—"
        raw = base64.b64decode(signature, validate=True)
        if (signer, raw[:4].hex()) == (name, key_id):
            Ed25519PublicKey.from_public_bytes(kind_and_key[1:]).verify(raw[4:], text.encode())
            return text.splitlines()
    raise AssertionError(f"no signature by {name}")


def open_checkpoint(note: str, vkey: str) -> tuple[str, int, bytes]:
    """(origin, size, root)."""
    origin, size, root, *_ = open_note(note, vkey)
    assert str(int(size)) == size
    return origin, int(size), base64.b64decode(root, validate=True)


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def climb(position: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """The root that an inclusion path leads to: RFC 6962 §2.1.1 read backwards."""
    if size == 1:
        assert not path
        return leaf
    split = split_of(size)
    *rest, sibling = path
    if position < split:
        return node(climb(position, split, leaf, rest), sibling)
    return node(sibling, climb(position - split, size - split, leaf, rest))


def split_of(size: int) -> int:
    """The largest power of two below it."""
    split = 1
    while split * 2 < size:
        split *= 2
    return split


def open_proof(proof: str, entry: bytes, vkey: str) -> tuple[int, int]:
    """(position, size) of a tlog-proof that holds for the entry's data."""
    head, _, note = proof.partition("\n\n")
    name, *lines = head.split("\n")
    assert name == "c2sp.org/tlog-proof@v1"
    if lines[0].startswith("extra "):
        lines.pop(0)
    word, position = lines.pop(0).split(" ")
    assert (word, str(int(position))) == ("index", position)
    _, size, root = open_checkpoint(note, vkey)
    path = [base64.b64decode(line, validate=True) for line in lines]
    assert all(len(one) == 32 for one in path)
    assert climb(int(position), size, sha256(b"\x00" + entry), path) == root
    return int(position), size


@dataclass
class TileClient:
    """Reads a log by its checkpoint and its tiles, each fetched once."""

    fetch: Callable[[str], bytes]
    vkey: str

    def __post_init__(self) -> None:
        self.origin, self.size, self.root = open_checkpoint(self.fetch("checkpoint").decode(), self.vkey)
        self.kept: dict[str, bytes] = {}

    def path(self, level: str, index: int) -> str:
        """The tile's path in the tree of the checkpoint."""
        groups = [f"{index % 1000:03}"]
        while index >= 1000 ** len(groups):
            groups.insert(0, f"x{index // 1000 ** len(groups) % 1000:03}")
        row = self.size >> (0 if level == "entries" else 8 * int(level))
        width = min(256, row - index * 256)
        return f"tile/{level}/{'/'.join(groups)}" + ("" if width == 256 else f".p/{width}")

    def load(self, path: str) -> bytes:
        if path not in self.kept:
            self.kept[path] = self.fetch(path)
        return self.kept[path]

    def entry(self, position: int) -> bytes:
        """The data of an entry, out of its bundle."""
        index, skip = divmod(position, 256)
        bundle, entries = self.load(self.path("entries", index)), []
        while bundle:
            length = int.from_bytes(bundle[:2])
            entries.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
        return entries[skip]

    def perfect(self, height: int, index: int) -> bytes:
        """The root of a perfect subtree of 2**height leaves, made from the tile that it lies in."""
        level, within = divmod(height, 8)
        first = index << within
        tile = self.load(self.path(str(level), first // 256))
        row = [tile[i * 32 : i * 32 + 32] for i in range(first % 256, first % 256 + (1 << within))]
        while len(row) > 1:
            row = [node(*row[i : i + 2]) for i in range(0, len(row), 2)]
        assert len(row[0]) == 32
        return row[0]

    def hash_of(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]) of RFC 6962 §2.1; `start` is where a subtree of that size may begin."""
        size = end - start
        if size & (size - 1) == 0:
            return self.perfect(size.bit_length() - 1, start // size)
        split = start + split_of(size)
        return node(self.hash_of(start, split), self.hash_of(split, end))

    def path_of(self, position: int, start: int, end: int) -> list[bytes]:
        """PATH of RFC 6962 §2.1.1."""
        if end - start == 1:
            return []
        split = start + split_of(end - start)
        if position < split:
            return [*self.path_of(position, start, split), self.hash_of(split, end)]
        return [*self.path_of(position, split, end), self.hash_of(start, split)]

    def proof_of_growth(self, first: int, start: int, end: int, *, is_whole: bool = True) -> list[bytes]:
        """SUBPROOF of RFC 6962 §2.1.2, the first `first` leaves counted from `start`."""
        size = end - start
        if first == size:
            return [] if is_whole else [self.hash_of(start, end)]
        split = split_of(size)
        if first <= split:
            rest = self.proof_of_growth(first, start, start + split, is_whole=is_whole)
            return [*rest, self.hash_of(start + split, end)]
        rest = self.proof_of_growth(first - split, start + split, end, is_whole=False)
        return [*rest, self.hash_of(start, start + split)]


def grow(first: int, second: int, old: bytes, path: list[bytes], *, is_whole: bool = True) -> tuple[bytes, bytes]:
    """The two roots that a consistency path leads to, RFC 6962 §2.1.2 read backwards; `old` is the root to check."""
    if first == second:
        if is_whole:
            assert not path
            return old, old
        (only,) = path
        return only, only
    *rest, sibling = path
    split = split_of(second)
    if first <= split:
        before, after = grow(first, split, old, rest, is_whole=is_whole)
        return before, node(after, sibling)
    before, after = grow(first - split, second - split, old, rest, is_whole=False)
    return node(sibling, before), node(sibling, after)
