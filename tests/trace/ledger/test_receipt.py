"""Receipts hold offline, for us and for an implementation that is not ours, and not after one bit is changed."""

import hashlib
from datetime import UTC, datetime

import cbor2
import pytest
import scitt_cose
from hypothesis import given
from hypothesis import strategies as st

from keys import cbor
from keys.envelope import sig_structure
from keys.errors import RefusedError
from keys.keyring import generate_key
from trace.ledger.checkpoint import Sealer, SignedRoot, sign_root, write_receipt
from trace.ledger.receipt import verify_receipt
from trace.ledger.tree import hash_children, hash_leaf, prove_inclusion, root_of

ORIGIN = "suzheng.example/test"
SEALER = Sealer(ORIGIN, generate_key())
PUBLIC = SEALER.key.public
AT = datetime(2015, 4, 13, tzinfo=UTC)
LEAVES = [hashlib.sha256(bytes([number])).digest() for number in range(40)]


def nodes(level, index):
    if level == 0:
        return hash_leaf(LEAVES[index])
    return hash_children(nodes(level - 1, 2 * index), nodes(level - 1, 2 * index + 1))


def issue(position, size, sealer=SEALER):
    signed = sign_root(sealer, size, root_of(size, nodes), AT)
    return write_receipt(signed, size, position, prove_inclusion(position, size, nodes))


def refusal_of(receipt, leaf=LEAVES[5], key=PUBLIC):
    with pytest.raises(RefusedError) as refused:
        verify_receipt(receipt, leaf, key)
    return refused.value.code


def ask_others(receipt, leaf):
    return scitt_cose.verify_receipt(receipt, leaf_entry_hex=leaf.hex(), log_public_key_pem=PUBLIC.to_pem())


@given(st.integers(1, len(LEAVES)), st.data())
def test_every_entrys_receipt_holds_for_us_and_for_others(size, data):
    position = data.draw(st.integers(0, size - 1))
    receipt = issue(position, size)
    shown = verify_receipt(receipt, LEAVES[position], PUBLIC)
    assert (shown.origin, shown.position, shown.size) == (ORIGIN, position, size)
    assert (shown.root, shown.recorded_at) == (root_of(size, nodes), AT)
    others = ask_others(receipt, LEAVES[position])
    assert others.ok, others.errors
    assert (others.leaf_index, others.tree_size, others.root) == (position, size, shown.root.hex())
    assert (others.issuer, others.iat) == (ORIGIN, int(AT.timestamp()))


@pytest.mark.parametrize("bit", range(8))
def test_no_bit_of_a_receipt_can_be_changed(bit):
    receipt = issue(5, 11)
    for place in range(len(receipt)):
        changed = bytearray(receipt)
        changed[place] ^= 1 << bit
        assert refusal_of(bytes(changed)).startswith(("receipt-", "cbor-")), place


@pytest.mark.parametrize("bit", range(8))
def test_no_bit_but_the_unsigned_size_can_be_changed_for_others(bit):
    """The size beside the path is not signed in RFC 9942, and some paths fit several sizes. We compare it with the
    signed claims (the test above); others, who do not know our claims, still learn no root but the signed one.
    """
    receipt = issue(5, 11)
    size_at = receipt.index(cbor.encode([11, 5, prove_inclusion(5, 11, nodes)])) + 1
    for place in range(len(receipt)):
        changed = bytearray(receipt)
        changed[place] ^= 1 << bit
        others = ask_others(bytes(changed), LEAVES[5])
        assert not others.ok or (place == size_at and others.root == root_of(11, nodes).hex()), place


@given(st.binary(min_size=32, max_size=32).filter(lambda leaf: leaf != LEAVES[5]))
def test_a_receipt_is_for_one_statement(leaf):
    assert refusal_of(issue(5, 11), leaf) == "receipt-invalid"
    assert not ask_others(issue(5, 11), leaf).ok


def test_a_receipt_of_another_ledger_is_refused():
    other = Sealer(ORIGIN, generate_key())
    assert refusal_of(issue(5, 11, other)) == "receipt-invalid"
    assert refusal_of(issue(5, 11), key=other.key.public) == "receipt-invalid"


@pytest.mark.parametrize(("size", "position"), [(11, 4), (12, 5), (10, 5), (11, 11), (11, -1), (0, 0), (2**70, 5)])
def test_a_receipt_that_claims_another_place_is_refused(size, position):
    signed = sign_root(SEALER, 11, root_of(11, nodes), AT)
    receipt = write_receipt(signed, size, position, prove_inclusion(5, 11, nodes))
    assert refusal_of(receipt) in ("receipt-invalid", "cbor-malformed")


@pytest.mark.parametrize(
    "unprotected",
    [
        {},
        {396: {}},
        {396: {-1: []}},
        {396: {-1: [b"", b""]}},
        {396: {-2: [b"\x80"]}},
        {396: {-1: [cbor.encode([11, 5])]}},
        {396: {-1: [cbor.encode([11, 5, [b"\0" * 31]])]}},
        {396: {-1: [cbor.encode([11, 5, "path"])]}},
        {396: {-1: [cbor.encode([11, "5", []])]}},
        {396: []},
    ],
    ids=str,
)
def test_a_receipt_without_its_proof_is_refused(unprotected):
    signed = sign_root(SEALER, 11, root_of(11, nodes), AT)
    receipt = cbor.encode(cbor2.CBORTag(18, [signed.protected, unprotected, None, signed.signature]))
    assert refusal_of(receipt) in ("receipt-malformed", "cbor-malformed")


def test_a_receipt_carries_no_root_of_its_own():
    signed = sign_root(SEALER, 11, root_of(11, nodes), AT)
    proof = cbor.encode([11, 5, prove_inclusion(5, 11, nodes)])
    attached = [signed.protected, {396: {-1: [proof]}}, root_of(11, nodes), signed.signature]
    assert refusal_of(cbor.encode(cbor2.CBORTag(18, attached))) == "receipt-malformed"


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_code(data):
    assert refusal_of(data).startswith(("receipt-", "cbor-"))


def test_a_signature_over_something_else_is_no_receipt():
    signed = sign_root(SEALER, 11, root_of(11, nodes), AT)
    stranger = SignedRoot(signed.protected, SEALER.key.sign(b"something else"))
    assert refusal_of(write_receipt(stranger, 11, 5, prove_inclusion(5, 11, nodes))) == "receipt-invalid"


def test_true_and_false_are_no_numbers_though_a_ledger_signs_them():
    claims = {1: ORIGIN, 2: f"{ORIGIN}/checkpoint/True", 6: int(AT.timestamp())}
    protected = cbor.encode({**cbor2.loads(sign_root(SEALER, 1, bytes(32), AT).protected), 15: claims})
    root = hash_leaf(LEAVES[0])
    signed = SignedRoot(protected, SEALER.key.sign(sig_structure(protected, root)))
    assert refusal_of(write_receipt(signed, True, False, []), LEAVES[0]) == "receipt-malformed"
