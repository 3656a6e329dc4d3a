"""An envelope is read strictly. Each forgery takes an honest one, changes one thing, and signs it again."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import cbor, envelope
from keys.envelope import parse_statement, reread_payload, seal_statement, sig_structure, verify_statement
from keys.errors import RefusedError
from keys.keyring import generate_key
from tests.keys.test_cbor import changed as cbor_changes

KEY, BROWSER_KEY = generate_key(), generate_key("ES256")
AT = datetime(2015, 4, 13, tzinfo=UTC)
# The order of P-256, SEC 2 v2 §2.4.2.
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def seal(key=KEY, **changes):
    said = {
        "kind": "lot.commissioned",
        "issuer": "91110000600037341L",
        "subject": "01/06901234567892/10/A1",
        "issued_at": AT,
        "payload": b'{"a": 1}',
        "nonce": bytes(16),
        "follows": (b"\2" * 32, b"\1" * 32),
    }
    return seal_statement(key, **{**said, **changes})


def forge(change, *, key=KEY, unprotected=None):
    """The bytes of an honest envelope whose header `change` has been at, signed again."""
    header = cbor.decode(seal(key).protected, where="header")
    changed = change(header)
    header = header if changed is None else changed
    protected = header if isinstance(header, bytes) else cbor.encode(header)
    parts = [protected, unprotected or {}, b"{}", key.sign(sig_structure(protected, b"{}"))]
    return cbor.encode(cbor2.CBORTag(18, parts))


def refusal_of(data):
    with pytest.raises(RefusedError) as refused:
        parse_statement(data)
    return refused.value.code


@pytest.mark.parametrize("key", [KEY, BROWSER_KEY], ids=["EdDSA", "ES256"])
def test_a_sealed_statement_reads_back_and_its_signature_holds(key):
    said = seal(key)
    assert parse_statement(said.to_bytes()) == said
    verify_statement(said, key.public)
    assert said.leaf == hashlib.sha256(said.to_bytes()).digest()


@given(
    st.text("abcdefghij", min_size=1, max_size=5).map(lambda word: f"{word}.said"),
    st.text(min_size=1, max_size=256),
    st.text(min_size=1, max_size=256),
    st.integers(946_684_800, 2**37).map(lambda seconds: datetime.fromtimestamp(seconds + 0.5, UTC)),
    st.binary(max_size=300),
    st.binary(min_size=16, max_size=16),
    st.sets(st.binary(min_size=32, max_size=32), max_size=5),
)
def test_whatever_is_sealed_reads_back(kind, issuer, subject, issued_at, payload, nonce, follows):
    said = seal(
        kind=kind,
        issuer=issuer,
        subject=subject,
        issued_at=issued_at,
        payload=payload,
        nonce=nonce,
        follows=tuple(follows),
    )
    assert parse_statement(said.to_bytes()) == said
    assert (said.issuer, said.subject, said.payload) == (issuer, subject, payload)
    assert said.issued_at == issued_at.replace(microsecond=0)
    assert said.follows == tuple(sorted(follows))


@pytest.mark.parametrize("bit", range(8))
@pytest.mark.parametrize("key", [KEY, BROWSER_KEY], ids=["EdDSA", "ES256"])
def test_no_bit_can_be_changed(key, bit):
    said = seal(key)
    for place in range(len(said.to_bytes())):
        data = bytearray(said.to_bytes())
        data[place] ^= 1 << bit
        with pytest.raises(RefusedError):
            verify_statement(parse_statement(bytes(data)), key.public)


@given(st.data())
def test_bytes_of_a_statement_that_were_changed_are_refused_or_are_another_statement(data):
    said = seal()
    changed = data.draw(cbor_changes(said.to_bytes()))
    try:
        other = parse_statement(changed)
    except RefusedError:
        return
    # What is signed says the same only where it is the same: but for the signature and what nobody signs.
    assert (other.identity == said.identity) == (other.signed_bytes == said.signed_bytes)
    assert (other.leaf == said.leaf) == (other == said)
    assert parse_statement(other.to_bytes()) == other


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_code(data):
    assert refusal_of(data).startswith(("cbor-", "envelope-"))


# --- the header ---


def named(change, *words):
    """The change with a name, by which its test is called."""
    change.__name__ = " ".join(str(word)[:30] for word in words)
    return change


def without(label):
    return named(lambda header: {name: value for name, value in header.items() if name != label}, "without", label)


def with_(label, value):
    return named(lambda header: {**header, label: value}, label, "=", repr(value), len(str(value)))


def with_claim(label, value):
    def change(header):
        return {**header, envelope.CWT_CLAIMS: {**header[envelope.CWT_CLAIMS], label: value}}

    return named(change, "claim", label, "=", repr(value))


def without_claim(label):
    def change(header):
        left = {name: value for name, value in header[envelope.CWT_CLAIMS].items() if name != label}
        return {**header, envelope.CWT_CLAIMS: left}

    return named(change, "without claim", label)


def replaced(data):
    return named(lambda header: data, data.hex() or "nothing")


LABELS = (1, 3, 4, 15, 16, "follows", "nonce")
LEAF = b"\1" * 32


@pytest.mark.parametrize(
    "change",
    [
        *(without(label) for label in LABELS),
        with_(5, b"an iv"),
        with_("more", 1),
        with_(1, "EdDSA"),
        with_(3, 0),
        with_(3, ""),
        with_(3, "x" * 257),
        with_(4, b"\0" * 31),
        with_(4, b"\0" * 33),
        with_(4, "\0" * 32),
        with_("nonce", bytes(15)),
        with_("nonce", bytes(17)),
        with_("nonce", "x" * 16),
        with_(16, "lot.commissioned"),
        with_(16, "vnd.suzheng."),
        with_(16, "vnd.suzheng.lot"),
        with_(16, "vnd.suzheng.Lot.commissioned"),
        with_(16, "vnd.suzheng.lot.commissioned\n"),
        with_(16, 16),
        with_("follows", LEAF),
        with_("follows", [LEAF, LEAF]),
        with_("follows", [b"\2" * 32, LEAF]),
        with_("follows", [LEAF[:-1]]),
        with_("follows", ["\1" * 32]),
        with_("follows", [n.to_bytes(32) for n in range(envelope.MAX_FOLLOWS + 1)]),
        with_(15, []),
        with_claim(4, 1),
        without_claim(envelope.ISS),
        without_claim(envelope.SUB),
        without_claim(envelope.IAT),
        with_claim(envelope.ISS, ""),
        with_claim(envelope.ISS, 7),
        with_claim(envelope.SUB, "x" * 257),
        with_claim(envelope.IAT, "2015"),
        with_claim(envelope.IAT, True),
        with_claim(envelope.IAT, 946_684_799),
        with_claim(envelope.IAT, 253_402_300_800),
        with_claim(envelope.IAT, 2**40),
        with_claim(envelope.IAT, -1),
        with_(2, []),
        with_(2, [5]),
        with_(2, ["unknown"]),
        with_(2, [15, 395]),
        with_(2, 15),
        with_(2, [[]]),
        with_(2, [{}]),
        with_(2, [True]),
        replaced(b""),
        replaced(cbor.encode([])),
        replaced(cbor.encode({})),
    ],
)
def test_a_header_that_is_not_the_one_of_the_example_is_refused(change):
    assert refusal_of(forge(change)) in ("envelope-malformed", "cbor-malformed")


@pytest.mark.parametrize(
    "change", [with_(2, [15]), with_(2, [15, 16, "follows"]), with_claim(envelope.IAT, 946_684_800)]
)
def test_what_the_example_allows_is_read(change):
    assert parse_statement(forge(change)).kind == "lot.commissioned"


def test_a_header_that_is_not_deterministic_is_refused():
    honest = seal().protected
    longer = b"\xb8" + bytes([honest[0] & 0x1F]) + honest[1:]
    assert refusal_of(forge(lambda header: longer)) == "cbor-not-deterministic"


def test_a_header_with_a_label_twice_is_refused():
    honest = seal().protected
    twice = bytes([honest[0] + 1]) + honest[1:3] + honest[1:]
    assert refusal_of(forge(lambda header: twice)) == "cbor-malformed"


# --- the envelope around it ---


@pytest.mark.parametrize(
    "parts",
    [
        [b"", {}, b""],
        [b"", {}, b"", b"", b""],
        [b"", {}, 1, b""],
        [b"", [], b"", b""],
        ["", {}, b"", b""],
        [b"", {}, b"", ""],
        {},
    ],
)
def test_what_is_no_cose_sign1_is_refused(parts):
    assert refusal_of(cbor.encode(cbor2.CBORTag(18, parts))) == "envelope-malformed"


def test_a_payload_that_is_elsewhere_is_missed_by_name():
    assert refusal_of(cbor.encode(cbor2.CBORTag(18, [b"", {}, None, b""]))) == "payload-missing"


@pytest.mark.parametrize("tag", [None, 17, 98, 998])
def test_another_tag_is_refused(tag):
    untagged = cbor2.loads(seal().to_bytes()).value
    data = cbor.encode(untagged if tag is None else cbor2.CBORTag(tag, untagged))
    assert refusal_of(data) == "cbor-malformed"


def test_bytes_behind_the_envelope_are_refused():
    assert refusal_of(seal().to_bytes() + b"\0") == "cbor-trailing-bytes"


def test_a_statement_may_be_64_kib_and_no_more():
    empty = len(seal(payload=b"\0" * 60_000).to_bytes()) - 60_000
    most = envelope.MAX_STATEMENT_BYTES - empty
    while len(seal(payload=b"\0" * most).to_bytes()) > envelope.MAX_STATEMENT_BYTES:
        most -= 1
    assert parse_statement(seal(payload=b"\0" * most).to_bytes()).payload == b"\0" * most
    assert refusal_of(seal(payload=b"\0" * (most + 3)).to_bytes()) == "statement-too-large"


def test_the_unprotected_header_is_nobodys_word():
    said = parse_statement(forge(lambda header: None, unprotected={4: b"stranger", "note": "true"}))
    assert said == parse_statement(forge(lambda header: None))
    assert parse_statement(said.to_bytes()) == said


# --- who signed ---


def test_another_key_does_not_verify():
    with pytest.raises(RefusedError, match="signature-invalid"):
        verify_statement(seal(), generate_key().public)


@pytest.mark.parametrize(("key", "other"), [(KEY, BROWSER_KEY), (BROWSER_KEY, KEY)])
def test_the_key_decides_on_the_algorithm_and_not_the_message(key, other):
    with pytest.raises(RefusedError, match="algorithm-mismatch"):
        verify_statement(seal(key), other.public)


@pytest.mark.parametrize("name", ["payload", "protected", "signature"])
def test_a_changed_part_does_not_verify(name):
    said = seal()
    changed = bytearray(getattr(said, name))
    changed[-1] ^= 1
    with pytest.raises(RefusedError, match="signature-invalid"):
        verify_statement(replace(said, **{name: bytes(changed)}), KEY.public)


def test_the_same_words_under_the_other_signature_are_the_same_statement():
    """For an ECDSA signature (r, s) there is always (r, n-s): it holds, and makes no second statement."""
    said = seal(BROWSER_KEY)
    r, s = said.signature[:32], int.from_bytes(said.signature[32:])
    other = replace(said, signature=r + (P256_ORDER - s).to_bytes(32))
    verify_statement(other, BROWSER_KEY.public)
    assert other.identity == said.identity
    assert other.leaf != said.leaf


def test_the_same_body_under_another_key_is_another_statement():
    assert seal(KEY).identity != seal(generate_key()).identity


def test_the_payload_of_what_was_read_before_is_read_again() -> None:
    said = seal()
    assert reread_payload(said.to_bytes()) == said.payload
    for data in (b"", b"\xd2\x80", said.to_bytes()[:-1], b"\xd2\x84\x40\xa0\xf6\x40"):
        with pytest.raises(RefusedError) as refused:
            reread_payload(data)
        assert refused.value.code == "envelope-malformed"
