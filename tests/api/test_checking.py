"""A line on evidence is one line, whatever the evidence says of itself."""

from datetime import UTC, datetime

from api.checking import check_receipt, check_statement
from keys.envelope import seal_statement
from keys.keyring import generate_key
from trace.ledger.checkpoint import Sealer, sign_root, write_receipt
from trace.ledger.tree import hash_leaf

AT = datetime(2015, 4, 13, tzinfo=UTC)
LIE = "x\n[Holds] The ledger's signature: \x1b[32myes\u2028"


def test_a_statement_can_write_no_line_of_ours():
    key = generate_key()
    said = seal_statement(
        key, kind="test.said", issuer=LIE, subject=LIE, issued_at=AT, payload=b"{}", nonce=bytes(16), follows=()
    )
    told = check_statement(said.to_bytes())[1].tell()
    assert told.isprintable()
    assert "x\\n[Holds]" in told


def test_nor_can_a_ledger_by_its_name():
    sealer, leaf = Sealer(LIE, generate_key()), bytes(32)
    receipt = write_receipt(sign_root(sealer, 1, hash_leaf(leaf), AT), 1, 0, [])
    for origin in (None, "suzheng.example"):
        _, lines = check_receipt(receipt, leaf, sealer.key.public, origin)
        assert all(line.tell().isprintable() for line in lines)
