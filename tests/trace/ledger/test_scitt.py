"""Transparent statements and receipts of growth hold for us and for an implementation that is not ours."""

from datetime import UTC, datetime

import cbor2
import pytest
import scitt_cose
from hypothesis import given
from hypothesis import strategies as st

from keys.envelope import parse_statement, seal_statement
from keys.errors import RefusedError
from keys.keyring import generate_key
from tests.trace.ledger import model
from trace.ledger.checkpoint import Sealer, sign_root
from trace.ledger.scitt import attach_receipts, verify_consistency_receipt, write_consistency_receipt
from trace.ledger.tree import prove_consistency

SEALER = Sealer("suzheng.example/test", generate_key())
PUBLIC = SEALER.key.public
AT = datetime(2015, 4, 13, tzinfo=UTC)
DATA = [bytes([number]) * 32 for number in range(40)]


def nodes(level, index):
    return model.perfect(level, index, DATA)


def grown(first, second, named=None):
    root = model.mth(DATA[:second])
    signed = sign_root(SEALER, named or second, root, AT)
    return write_consistency_receipt(signed, root, first, second, prove_consistency(first, second, nodes))


def refusal_of(receipt, first_root):
    with pytest.raises(RefusedError) as refused:
        verify_consistency_receipt(receipt, first_root, PUBLIC)
    return refused.value


@given(st.integers(2, len(DATA)), st.data())
def test_growth_is_shown_to_us_and_to_others(second, data):
    first = data.draw(st.integers(1, second - 1))
    receipt, old = grown(first, second), model.mth(DATA[:first])
    shown = verify_consistency_receipt(receipt, old, PUBLIC)
    assert (shown.origin, shown.first, shown.second) == (SEALER.origin, first, second)
    assert shown.second_root == model.mth(DATA[:second])
    understood = frozenset({1, 4, 15, 395})
    others = scitt_cose.verify_sign1(receipt, public_key_pem=PUBLIC.to_pem(), understood_labels=understood)
    first_told, second_told, path = cbor2.loads(others.unprotected[396][-2][0])
    assert scitt_cose.verify_consistency(
        old.hex(), others.payload.hex(), first_told, second_told, [node.hex() for node in path]
    )


def test_a_root_that_did_not_grow_into_it_is_refused():
    assert refusal_of(grown(5, 11), model.mth(DATA[:6])).facts["where"] == "the consistency proof"


def test_the_size_is_the_one_that_was_signed():
    assert refusal_of(grown(5, 11, named=12), model.mth(DATA[:5])).facts["where"] == "the claims"


def test_true_is_no_number():
    root = model.mth(DATA[:2])
    receipt = write_consistency_receipt(sign_root(SEALER, 2, root, AT), root, True, 2, prove_consistency(1, 2, nodes))
    assert refusal_of(receipt, model.mth(DATA[:1])).code == "receipt-malformed"


@pytest.mark.parametrize("bit", range(8))
def test_no_bit_of_it_can_be_changed(bit):
    receipt = grown(5, 11)
    for place in range(len(receipt)):
        changed = bytearray(receipt)
        changed[place] ^= 1 << bit
        assert refusal_of(bytes(changed), model.mth(DATA[:5])).code.startswith(("receipt-", "cbor-")), place


def test_receipts_come_and_go_and_the_statement_stays():
    statement = seal_statement(
        SEALER.key, kind="test.said", issuer="a", subject="b", issued_at=AT, payload=b"{}", nonce=bytes(16)
    )
    carried = attach_receipts(statement, [b"one", b"two"])
    assert parse_statement(carried) == statement
    assert scitt_cose.extract_receipts(carried) == [b"one", b"two"]
