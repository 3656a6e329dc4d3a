"""The C2SP formats against what others have published: notes signed by other people's keys, paths that they write.

Sources: golang.org/x/mod/sumdb/note (its documented key and note); a checkpoint that the Go checksum database has
signed; every worked example of c2sp.org's signed-note, tlog-checkpoint, tlog-tiles and tlog-proof; the examples of
transparency-dev/tessera's package api/layout and of transparency-dev/formats' package proof.
"""

import base64
import hashlib
from collections import Counter

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from keys.algorithms import ED25519
from keys.errors import RefusedError
from keys.keyring import PublicKey
from tests.api.tlog.client import open_note
from trace.ledger.checkpoint import key_hash, read_note, read_verifier_key, verifier_key
from trace.ledger.proof import write_proof
from trace.ledger.tiles import ENTRIES, Tile, read_path, tiles_of

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
# c2sp.org/signed-note, "Example".
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOOS_NOTE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
# c2sp.org/tlog-checkpoint; its key is published nowhere.
SOFA = "example.com/behind-the-sofa"
SOFAS_CHECKPOINT = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""  # noqa: E501 - as it is published
# c2sp.org/tlog-proof, without the extra line, which we never write; its signatures are cut short there.
FANCY_PATH = [
    "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=",
    "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=",
    "EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=",
    "RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=",
    "AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=",
]
FANCY_NOTE = (
    "example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n— example.com/fancylog hI2DJw\n"
)
NOTES = [(PETERS_NOTE, PETER), (SUMDBS_CHECKPOINT, SUMDB), (FOOS_NOTE, FOO)]


def key_of(vkey: str) -> tuple[str, PublicKey]:
    name, _, encoded = vkey.split("+", 2)
    return name, PublicKey(ED25519, Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded)[1:]))


@pytest.mark.parametrize("vkey", [PETER, SUMDB, FOO])
def test_we_write_and_read_a_key_as_others_have_published_it(vkey: str) -> None:
    name, key = key_of(vkey)
    assert verifier_key(name, key) == vkey
    assert (read_verifier_key(vkey)[0], read_verifier_key(vkey)[1].kid) == (name, key.kid)


@pytest.mark.parametrize(("note", "vkey"), NOTES)
def test_published_note_holds_by_our_key_and_not_when_a_letter_changes(note: str, vkey: str) -> None:
    name, key = key_of(vkey)
    text, _, line = note.rpartition("\n\n")
    signature = base64.b64decode(line.split(" ")[2])
    assert signature[:4] == key_hash(name, key)
    assert key.verifies(signature[4:], f"{text}\n".encode())
    assert not key.verifies(signature[4:], f"{text}.\n".encode())


@pytest.mark.parametrize(("note", "vkey"), NOTES)
def test_our_tests_own_reader_agrees_on_published_notes(note: str, vkey: str) -> None:
    assert "\n".join(open_note(note, vkey)) + "\n" == note.rpartition("\n\n")[0] + "\n"


def test_checkpoint_of_the_checksum_database_is_read_and_checked() -> None:
    name, key = key_of(SUMDB)
    # Its origin line is not its key's name, which ours always is: so the layout is what is looked at.
    with pytest.raises(RefusedError, match="checkpoint-invalid: expected origin"):
        read_note(SUMDBS_CHECKPOINT, name, key)


def test_checkpoint_behind_the_sofa_is_laid_out_as_ours_and_signed_by_another_key() -> None:
    with pytest.raises(RefusedError, match=f"where the signatures, expected one by {SOFA}"):
        read_note(SOFAS_CHECKPOINT, SOFA, key_of(FOO)[1])
    text, _, line = SOFAS_CHECKPOINT.rpartition("\n\n")
    assert len(base64.b64decode(line.split(" ")[2])) == 4 + 64
    assert len(base64.b64decode(text.split("\n")[2])) == 32


@pytest.mark.parametrize(
    ("size", "full", "partial"),
    [
        (70_000, {0: 273, 1: 1}, {"0/273.p/112", "1/001.p/17", "2/000.p/1"}),
        (256, {0: 1}, {"1/000.p/1"}),
    ],
)
def test_log_is_cut_into_the_tiles_that_the_specification_counts(
    size: int, full: dict[int, int], partial: set[str]
) -> None:
    tiles = [tile for tile in tiles_of(size) if tile.level >= 0]
    assert Counter(tile.level for tile in tiles if tile.is_full) == full
    assert {tile.path for tile in tiles if not tile.is_full} == partial


def test_proof_is_laid_out_as_in_its_specification() -> None:
    path = [base64.b64decode(one) for one in FANCY_PATH]
    lines = ["c2sp.org/tlog-proof@v1", "index 73894", *FANCY_PATH, "", *FANCY_NOTE.split("\n")]
    assert write_proof(73894, path, FANCY_NOTE) == "\n".join(lines)


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
