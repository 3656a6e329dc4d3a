"""Each kind of signature is over exactly the bytes that c2sp.org/tlog-cosignature writes, and nothing else holds."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import RefusedError
from tests.trace.ledger.cosigners import make_signer
from trace.ledger.note import Note, SignatureLine
from trace.ledger.signature import (
    ED25519_COSIGNATURE,
    ED25519_NOTE,
    MAX_TIME,
    ML_DSA_44_COSIGNATURE,
    TYPES,
    find_signature,
    read_vkey,
)
from trace.ledger.tree_head import write_head

ROOT = hashlib.sha256(b"root").digest()
TEXT = write_head("suzheng.example/test", 1387, ROOT)
AT = 1_679_315_147
SIGNERS = {row: make_signer("witness.example/w1", row) for row in TYPES.values()}


def sign(row, text=TEXT, time=AT):
    return Note(text, (SIGNERS[row].sign_text(text, time),))


@pytest.mark.parametrize("row", SIGNERS, ids=lambda row: row.title)
def test_a_signature_holds_and_tells_its_time(row):
    found = find_signature(sign(row), SIGNERS[row].key)
    assert found is not None
    assert found.time == (AT if row.is_cosignature else 0)


def test_an_ed25519_cosignature_is_over_two_lines_and_the_whole_text():
    key, extended = SIGNERS[ED25519_COSIGNATURE].key, TEXT + "an extension\n"
    raw = sign(ED25519_COSIGNATURE, extended).lines[0].signature
    assert raw[:8] == AT.to_bytes(8, "big")
    Ed25519PublicKey.from_public_bytes(key.material).verify(
        raw[8:], b"cosignature/v1\ntime 1679315147\n" + extended.encode()
    )


def test_an_ml_dsa_44_cosignature_is_over_the_struct_and_no_extension_line():
    key = SIGNERS[ML_DSA_44_COSIGNATURE].key
    raw = sign(ML_DSA_44_COSIGNATURE, TEXT + "an extension\n").lines[0].signature
    struct = b"subtree/v1\n\0" + b"\x12witness.example/w1" + AT.to_bytes(8, "big") + b"\x14suzheng.example/test"
    struct += bytes(8) + (1387).to_bytes(8, "big") + ROOT
    assert (len(raw), raw[:8]) == (8 + 2420, AT.to_bytes(8, "big"))
    MLDSA44PublicKey.from_public_bytes(key.material).verify(raw[8:], struct)


@pytest.mark.parametrize("row", SIGNERS, ids=lambda row: row.title)
def test_a_key_id_is_as_specified_and_a_vkey_reads_back(row):
    key = SIGNERS[row].key
    named = b"witness.example/w1\n" + bytes([row.tag]) + key.material
    assert key.key_id == hashlib.sha256(named).digest()[:4]
    assert read_vkey(str(key)) == key
    assert read_vkey(f"{key}\n") == key


def test_one_key_of_two_kinds_has_two_ids():
    private = Ed25519PrivateKey.generate()
    one, other = (make_signer("a.example", row, private).key for row in (ED25519_NOTE, ED25519_COSIGNATURE))
    assert one.material == other.material
    assert one.key_id != other.key_id


@pytest.mark.parametrize("row", SIGNERS, ids=lambda row: row.title)
@given(place=st.integers(0), bit=st.integers(0, 7))
def test_no_bit_of_a_signature_or_its_time_can_be_changed(row, place, bit):
    line = SIGNED[row].lines[0]
    changed = bytearray(line.signature)
    changed[place % len(changed)] ^= 1 << bit
    note = Note(TEXT, (SignatureLine(line.name, line.key_id, bytes(changed)),))
    with pytest.raises(RefusedError, match="note-signature-invalid"):
        find_signature(note, SIGNERS[row].key)


SIGNED = {row: sign(row) for row in SIGNERS}


@pytest.mark.parametrize("row", SIGNERS, ids=lambda row: row.title)
def test_another_text_does_not_hold(row):
    for other in (TEXT.replace("1387", "1388"), TEXT.replace("test", "best"), TEXT.replace(TEXT[-4], "x", 1)):
        with pytest.raises(RefusedError, match="note-"):
            find_signature(Note(other, SIGNED[row].lines), SIGNERS[row].key)


def test_lines_of_unknown_keys_are_ignored_though_they_share_a_name_or_an_id():
    key = SIGNERS[ED25519_COSIGNATURE].key
    strangers = (SignatureLine(key.name, b"\0\0\0\0", b"x"), SignatureLine("other.example", key.key_id, b"x"))
    assert find_signature(Note(TEXT, strangers), key) is None
    note = Note(TEXT, (*strangers, *SIGNED[ED25519_COSIGNATURE].lines))
    assert find_signature(note, key) is not None


def test_one_that_fails_is_not_made_up_for_by_one_that_holds():
    key, line = SIGNERS[ED25519_COSIGNATURE].key, SIGNED[ED25519_COSIGNATURE].lines[0]
    bad = SignatureLine(line.name, line.key_id, bytes(72))
    for lines in ((bad, line), (line, bad)):
        with pytest.raises(RefusedError, match="note-signature-invalid"):
            find_signature(Note(TEXT, lines), key)


def test_of_several_the_latest_counts():
    signer = SIGNERS[ML_DSA_44_COSIGNATURE]
    lines = tuple(signer.sign_text(TEXT, time) for time in (AT, AT + 2, AT + 1))
    found = find_signature(Note(TEXT, lines), signer.key)
    assert found is not None
    assert found.time == AT + 2


def test_a_time_beyond_63_bits_is_refused():
    for row in (ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE):
        assert find_signature(sign(row, time=MAX_TIME), SIGNERS[row].key) is not None
        with pytest.raises(RefusedError, match="note-signature-invalid"):
            find_signature(sign(row, time=MAX_TIME + 1), SIGNERS[row].key)


def test_a_cosignature_is_of_a_checkpoint_alone():
    for row in (ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE):
        with pytest.raises(RefusedError, match="note-malformed"):
            sign(row, "This is an example message.\n")
    long_origin = write_head("o" * 256, 1, ROOT)
    with pytest.raises(RefusedError, match="note-malformed"):
        sign(ML_DSA_44_COSIGNATURE, long_origin)


@pytest.mark.parametrize("row", SIGNERS, ids=lambda row: row.title)
def test_what_is_no_verifier_key_is_refused(row):
    good = str(SIGNERS[row].key)
    name, id_, encoded = good.split("+", 2)
    others = ["", name, f"{name}+{id_}", f"{name}+00000000+{encoded}", f"x{good}", f"{good}AA", good[:-4]]
    others += [f"{name}+{id_.upper()}x+{encoded}", f"a b+{id_}+{encoded}", f"{name}+{id_}+Aw==", good.replace("+", "-")]
    for other in others:
        with pytest.raises(RefusedError, match="key-unreadable"):
            read_vkey(other)


def test_the_lengths_are_those_of_the_algorithms():
    assert ML_DSA_44_COSIGNATURE.key_bytes == len(MLDSA44PrivateKey.generate().public_key().public_bytes_raw())
