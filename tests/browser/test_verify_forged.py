"""One thing of good evidence is changed, and verify.html says so on the line that it is about."""

import base64
import hashlib

import cbor2
import pytest

from keys.envelope import parse_statement
from keys.keyring import generate_key
from tests.verifying import check, check_slots, flip
from trace.ledger.checkpoint import verifier_key, write_note
from trace.ledger.receipt import read_receipt
from trace.ledger.tree import hash_leaf, root_from_inclusion

pytestmark = pytest.mark.browser


def with_proof(receipt, change):
    """The receipt with another proof: size, position, path."""
    tagged = cbor2.loads(receipt)
    protected, unprotected, _, signature = tagged.value
    proof = change(*cbor2.loads(unprotected[396][-1][0]))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {396: {-1: [cbor2.dumps(list(proof))]}}, None, signature]))


# --- one thing is changed ---


def test_a_changed_statement(page, loose, vkey):
    payload = loose["statement.cose"].index(b"suzheng.example/demo")
    report = check(page, {**loose, "statement.cose": flip(loose["statement.cose"], payload)}, ledger=vkey)
    assert report.whole == "fail"
    assert report.failing() == {"signature:fail", "sealed:fail"}


def test_a_changed_signature(page, loose, vkey):
    report = check(page, {**loose, "statement.cose": flip(loose["statement.cose"], -1)}, ledger=vkey)
    assert report.failing() == {"signature:fail", "sealed:fail"}


def test_a_changed_node_of_the_path(page, loose, vkey):
    forged = with_proof(loose["receipt.cose"], lambda *proof: (*proof[:2], [flip(proof[2][0], 0), *proof[2][1:]]))
    assert check(page, {**loose, "receipt.cose": forged}, ledger=vkey).failing() == {"sealed:fail"}


def test_another_size_whose_path_fits(page, loose, vkey):
    leaf = hash_leaf(hashlib.sha256(loose["statement.cose"]).digest())

    def resize(size, position, path):
        root = root_from_inclusion(leaf, position, size, path)
        fitting = (n for n in range(1, 4 * size) if n != size and root_from_inclusion(leaf, position, n, path) == root)
        return next(fitting), position, path

    forged = with_proof(loose["receipt.cose"], resize)
    assert check(page, {**loose, "receipt.cose": forged}, ledger=vkey).failing() == {"claims:size"}


def test_a_path_of_another_length(page, loose, vkey):
    forged = with_proof(loose["receipt.cose"], lambda size, position, path: (size, position, path[1:]))
    assert check(page, {**loose, "receipt.cose": forged}, ledger=vkey).failing() == {"path:shape"}


def test_another_ledgers_key(page, loose, sealer, bundle):
    other = verifier_key(sealer.origin, generate_key().public)
    assert check(page, loose, ledger=other).failing() == {"sealed:fail", "checkpoint:signature"}
    assert "ledger_key:differs" in check(page, {"evidence.zip": bundle}, ledger=other).failing()
    renamed = verifier_key("another.example", sealer.key.public)
    assert check(page, loose, ledger=renamed).failing() == {"claims:origin", "checkpoint:origin"}


def test_a_signers_key_does_not_serve_as_the_ledgers(page, loose):
    without = {name: data for name, data in loose.items() if name != "checkpoint.txt"}
    report = check(page, without)
    assert (report.of("sealed"), report.of("ledger_key")) == ("open:no_key", "open:none")


def test_another_root_in_the_checkpoint(page, loose, vkey):
    origin, size, _, *rest = loose["checkpoint.txt"].decode().split("\n")
    other = base64.b64encode(hashlib.sha256(b"another").digest()).decode()
    forged = "\n".join([origin, size, other, *rest]).encode()
    assert check(page, {**loose, "checkpoint.txt": forged}, ledger=vkey).failing() == {"checkpoint:signature"}


def test_two_histories_of_one_ledger(page, loose, sealer, vkey):
    size = read_receipt(loose["receipt.cose"])[1][0]
    note = write_note(sealer, size, hashlib.sha256(b"another history").digest()).encode()
    assert check(page, {**loose, "checkpoint.txt": note}, ledger=vkey).failing() == {"same:fail"}


def test_a_paper_that_nobody_named(page, loose, vkey):
    report = check(page, {**loose, "report.pdf": b"%PDF-1.7\n"}, ledger=vkey)
    assert report.failing() == {"document:fail"}


# --- what is no statement at all ---


def reencoded(statement, change):
    protected, unprotected, payload, signature = cbor2.loads(statement).value
    return cbor2.dumps(cbor2.CBORTag(18, change(protected, unprotected, payload, signature)))


def twice(protected):
    """The protected header with its last pair once more."""
    assert protected[0] == 0xA7
    header = cbor2.loads(protected)
    name = list(header)[-1]
    return bytes([0xA8]) + protected[1:] + cbor2.dumps(name) + cbor2.dumps(header[name])


BROKEN = {
    "a longer head than needed": (lambda s: s[:1] + b"\x98\x04" + s[2:], "cbor-not-deterministic"),
    "a name twice in the header": (
        lambda s: reencoded(s, lambda protected, *rest: [twice(protected), *rest]),
        "cbor-malformed",
    ),
    "the end missing": (lambda s: s[:-1], "cbor-malformed"),
    "more after the end": (lambda s: s + b"\0", "cbor-trailing-bytes"),
    "another tag": (lambda s: b"\xd1" + s[1:], "cbor-malformed"),
    "a payload that is text": (
        lambda s: reencoded(s, lambda p, u, payload, signature: [p, u, payload.decode(), signature]),
        "envelope-malformed",
    ),
    "ten megabytes of anything": (lambda s: bytes(range(256)) * 40_960, "statement-too-large"),
    "nothing": (lambda s: b"", "cbor-malformed"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_statement_is_told_by_its_first_line(page, loose, name):
    spoil, code = BROKEN[name]
    report = check_slots(page, {"statement": spoil(loose["statement.cose"]), "receipt": loose["receipt.cose"]})
    line = report.line("statement", entry=next(at for at, lines in enumerate(report.entries) if len(lines) > 2))
    assert (line["outcome"], line["facts"]["code"]) == ("fail", code)
    assert report.whole == "fail"


def test_an_unprotected_header_is_nobodys_word(page, loose, vkey):
    dressed = reencoded(loose["statement.cose"], lambda p, _, *rest: [p, {256: 0, "note": 1}, *rest])
    assert check(page, {**loose, "statement.cose": dressed}, ledger=vkey).failing() == set()


def test_an_algorithm_that_no_browser_checks_is_not_passed(page, loose, sealer, vkey):
    said = parse_statement(loose["statement.cose"])
    header = cbor2.loads(said.protected)
    other = cbor2.dumps({**header, 1: -48})
    assert header[1] != -48
    unknown = reencoded(loose["statement.cose"], lambda p, *rest: [other, *rest])
    report = check(page, {"s.cose": unknown, "signer.pem": loose["signer.pem"]}, ledger=vkey)
    assert report.of("signature") == "open:unable"
    assert report.whole == "open"
