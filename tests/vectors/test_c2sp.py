"""The C2SP formats against what others have published: notes signed by other people's keys, paths that they write.

Sources: golang.org/x/mod/sumdb/note (its documented key and note); a checkpoint that the Go checksum database has
signed; the examples in c2sp.org/tlog-tiles and of transparency-dev/tessera's package api/layout; those of
transparency-dev/formats' package proof for c2sp.org/tlog-proof.
"""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from keys.algorithms import ED25519
from keys.keyring import PublicKey
from tests.api.tlog.client import open_note
from trace.ledger.checkpoint import key_hash, verifier_key
from trace.ledger.proof import write_proof
from trace.ledger.tiles import ENTRIES, Tile, read_path

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
SUMDB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
SUMDBS_CHECKPOINT = """go.sum database tree
63096908
8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=

— sum.golang.org Az3gri/oVBN1jAhNZ/iS+W31psFAWRT20/GyrhpU6taFwulQGetBkH5S7wpGXdS935jiIGiUUAXBVHzT/P6fYhqAmAk=
"""


def key_of(vkey: str) -> tuple[str, PublicKey]:
    name, _, encoded = vkey.split("+", 2)
    return name, PublicKey(ED25519, Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded)[1:]))


@pytest.mark.parametrize("vkey", [PETER, SUMDB])
def test_we_write_a_key_as_others_have_published_it(vkey: str) -> None:
    assert verifier_key(*key_of(vkey)) == vkey


@pytest.mark.parametrize(("note", "vkey"), [(PETERS_NOTE, PETER), (SUMDBS_CHECKPOINT, SUMDB)])
def test_published_note_holds_by_our_key_and_not_when_a_letter_changes(note: str, vkey: str) -> None:
    name, key = key_of(vkey)
    text, _, line = note.rpartition("\n\n")
    signature = base64.b64decode(line.split(" ")[2])
    assert signature[:4] == key_hash(name, key)
    assert key.verifies(signature[4:], f"{text}\n".encode())
    assert not key.verifies(signature[4:], f"{text}.\n".encode())


@pytest.mark.parametrize(("note", "vkey"), [(PETERS_NOTE, PETER), (SUMDBS_CHECKPOINT, SUMDB)])
def test_our_tests_own_reader_agrees_on_published_notes(note: str, vkey: str) -> None:
    assert "\n".join(open_note(note, vkey)) + "\n" == note.rpartition("\n\n")[0] + "\n"


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("entries/x001/x234/067.p/8", Tile(ENTRIES, 1234067, 8)),
        ("entries/x001/x234/067", Tile(ENTRIES, 1234067)),
        ("0/x001/x234/067.p/8", Tile(0, 1234067, 8)),
        ("0/x001/x234/067", Tile(0, 1234067)),
    ],
)
def test_paths_are_those_that_others_publish(path: str, tile: Tile) -> None:
    assert (tile.path, read_path(path)) == (path, tile)


@pytest.mark.parametrize(
    ("position", "hashes", "note"),
    [(5, (b"hash1", b"hash2"), "test checkpoint\n"), (0, (), "checkpoint\n")],
)
def test_proof_is_laid_out_as_others_publish_it(position: int, hashes: tuple[bytes, ...], note: str) -> None:
    path = [hashlib.sha256(one).digest() for one in hashes]
    encoded = [base64.b64encode(one).decode() for one in path]
    expected = "\n".join(["c2sp.org/tlog-proof@v1", f"index {position}", *encoded, "", note])
    assert write_proof(position, path, note) == expected
