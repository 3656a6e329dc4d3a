"""A checkpoint is what the ledger's key signed, and its note is written in one way."""

import base64
import hashlib
from datetime import UTC, datetime

import cbor2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from keys import cbor
from keys.envelope import CWT_CLAIMS, sig_structure
from keys.errors import RefusedError
from keys.keyring import generate_key
from trace.ledger.checkpoint import (
    Sealer,
    claims_of,
    key_hash,
    read_note,
    read_verifier_key,
    sign_root,
    verifier_key,
    write_note,
)
from trace.ledger.tree import MAX_SIZE

ORIGIN = "suzheng.example/test"
SEALER = Sealer(ORIGIN, generate_key())
PUBLIC = SEALER.key.public
ROOT = hashlib.sha256(b"root").digest()
AT = datetime(2015, 4, 13, tzinfo=UTC)
NOTE = write_note(SEALER, 1387, ROOT)


def raw_of(key):
    return key.key.public_bytes(Encoding.Raw, PublicFormat.Raw)


@given(st.integers(0, MAX_SIZE), st.binary(min_size=32, max_size=32))
def test_a_note_reads_back(size, root):
    assert read_note(write_note(SEALER, size, root), ORIGIN, PUBLIC) == (size, root)


def test_a_note_is_laid_out_as_c2sp_says():
    body, signature = NOTE.split("\n\n")
    assert body == f"{ORIGIN}\n1387\n{base64.b64encode(ROOT).decode()}"
    dash, name, encoded = signature.removesuffix("\n").split(" ")
    raw = base64.b64decode(encoded)
    assert (dash, name, len(raw)) == ("—", ORIGIN, 68)
    assert raw[:4] == hashlib.sha256(ORIGIN.encode() + b"\n\x01" + raw_of(PUBLIC)).digest()[:4]
    assert PUBLIC.verifies(raw[4:], (body + "\n").encode())


def test_the_key_of_c2sps_own_example_has_the_published_hash():
    # c2sp.org/signed-note: the example key PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
    name, digest, encoded = "PeterNeumann", "c74f20a3", "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    raw = base64.b64decode(encoded)
    assert raw[:1] == b"\x01"
    assert hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex() == digest
    mine = verifier_key(ORIGIN, PUBLIC).split("+", 2)
    assert mine == [ORIGIN, key_hash(ORIGIN, PUBLIC).hex(), base64.b64encode(b"\x01" + raw_of(PUBLIC)).decode()]


@given(st.integers(0, len(NOTE) - 1), st.integers(0, 6))
def test_no_character_that_is_signed_can_be_changed(place, bit):
    changed = NOTE[:place] + chr(ord(NOTE[place]) ^ 1 << bit) + NOTE[place + 1 :]
    try:
        read = read_note(changed, ORIGIN, PUBLIC)
    except RefusedError as error:
        assert error.code == "checkpoint-invalid"  # noqa: PT017 - most changes are refused, none may mislead
    else:
        assert read == (1387, ROOT)


BODY = NOTE.partition("\n\n")[0]
OTHERS = {
    "nothing": "",
    "blank lines": "\n\n",
    "no signature part": BODY,
    "no signature": BODY + "\n\n",
    "another size": NOTE.replace("1387", "1388"),
    "a leading zero": NOTE.replace("1387", "01387"),
    "other digits": NOTE.replace("1387", "१३८७"),
    "a size of 20 digits": NOTE.replace("1387", "1" * 20),
    "one line more": NOTE.replace("\n\n", "\nmore\n\n"),
    "a hyphen for the dash": NOTE.replace("— ", "- "),
    "another origin in the text": NOTE.replace("test", "best"),
    "no end of the last line": NOTE[:-1],
    "letters that are no base64": NOTE.replace("=", "é"),
    "a root of another length": NOTE.replace(BODY.split("\n")[2], "AAAA"),
    "another spelling of the root": NOTE.replace(BODY.split("\n")[2], BODY.split("\n")[2][:-2] + "B="),
    "a line that is no signature": BODY + "\n\nmore\n" + NOTE.partition("\n\n")[2],
    "another kind of line's end": NOTE[:-1] + "\u2028" + NOTE.partition("\n\n")[2],
    "no dash": NOTE.replace("— ", ""),
    "another key": write_note(Sealer(ORIGIN, generate_key()), 1387, ROOT),
    "another origin": write_note(Sealer("suzheng.example/other", SEALER.key), 1387, ROOT),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_note_is_refused(name):
    with pytest.raises(RefusedError, match="checkpoint-invalid"):
        read_note(OTHERS[name], ORIGIN, PUBLIC)


def test_a_witness_may_sign_beside_the_ledger():
    witness = Sealer("witness.example", generate_key())
    line = write_note(witness, 1387, ROOT).split("\n\n")[1]
    assert read_note(NOTE + line, ORIGIN, PUBLIC) == (1387, ROOT)


def test_a_signed_root_says_whose_it_is_which_and_when():
    signed = sign_root(SEALER, 1387, ROOT, AT)
    assert claims_of(signed.protected) == (ORIGIN, f"{ORIGIN}/checkpoint/1387", int(AT.timestamp()))
    assert PUBLIC.verifies(signed.signature, sig_structure(signed.protected, ROOT))
    assert not PUBLIC.verifies(signed.signature, sig_structure(signed.protected, b"\0" * 32))


@pytest.mark.parametrize("change", [{395: 2}, {395: None}, {CWT_CLAIMS: {}}, {CWT_CLAIMS: {1: "a", 2: "b"}}, {15: []}])
def test_a_header_without_its_claims_is_refused(change):
    header = cbor2.loads(sign_root(SEALER, 1, ROOT, AT).protected)
    with pytest.raises(RefusedError, match="receipt-malformed"):
        claims_of(cbor.encode({**header, **change}))


@pytest.mark.parametrize("change", [{1: b"a"}, {2: 1}, {6: "1"}, {6: -1}, {6: True}, {6: 2**60}, {6: 253_402_300_800}])
def test_a_ledger_that_signs_claims_of_another_kind_is_refused(change):
    header = cbor2.loads(sign_root(SEALER, 1, ROOT, AT).protected)
    protected = cbor.encode({**header, CWT_CLAIMS: header[CWT_CLAIMS] | change})
    with pytest.raises(RefusedError, match="receipt-malformed"):
        claims_of(protected)


def test_the_ledgers_key_is_ed25519():
    with pytest.raises(RefusedError, match="key-unreadable"):
        Sealer(ORIGIN, generate_key("ES256"))


VKEY = verifier_key(ORIGIN, PUBLIC)
OTHER_KEYS = {
    "nothing": "",
    "no name": "+" + VKEY.partition("+")[2],
    "a space in the name": VKEY.replace("suzheng", "su zheng"),
    "a space of another script": VKEY.replace("suzheng", "su\u3000zheng"),
    "half a character": VKEY.replace("suzheng", "su\udcffzheng"),
    "too short": VKEY[:-1],
    "too long": VKEY + "A",
    "one plus more": VKEY.replace("+", "++"),
}


@pytest.mark.parametrize("name", OTHER_KEYS)
def test_another_verifier_key_is_refused(name):
    assert read_verifier_key(VKEY)[1].kid == PUBLIC.kid
    with pytest.raises(RefusedError, match="key-unreadable"):
        read_verifier_key(OTHER_KEYS[name])


def test_a_verifier_key_without_a_name_is_refused():
    with pytest.raises(RefusedError, match="key-unreadable"):
        read_verifier_key(verifier_key("", PUBLIC))
