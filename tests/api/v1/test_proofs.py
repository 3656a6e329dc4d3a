"""Proofs for outsiders: checked here by a reader that knows the specifications alone."""

import pytest
from flask.testing import FlaskClient

from tests.api.tlog.client import climb, grow, open_checkpoint, open_proof, sha256
from tests.world import ORIGIN, World
from trace.ledger.scitt import verify_consistency_receipt


def _ledger(reader: FlaskClient) -> tuple[int, str]:
    ledger = reader.get("/api/v1/ledger").get_json()
    return ledger["size"], ledger["ledger_key"]["verifier_key"]


def _leaf(reader: FlaskClient, position: int) -> bytes:
    return bytes.fromhex(reader.get(f"/api/v1/entries/{position}").get_json()["leaf"])


def test_every_entry_has_a_text_proof_that_holds_offline(reader: FlaskClient) -> None:
    size, vkey = _ledger(reader)
    for position in range(size):
        proof = reader.get(f"/api/v1/entries/{position}/tlog-proof")
        assert proof.mimetype == "text/plain"
        assert open_proof(proof.text, _leaf(reader, position), vkey) == (position, size)


def test_text_proof_comes_as_a_file_of_its_own_name(reader: FlaskClient) -> None:
    proof = reader.get("/api/v1/entries/7/tlog-proof")
    assert proof.headers["Content-Disposition"] == 'attachment; filename="7.tlog-proof"'
    assert "immutable" not in proof.headers["Cache-Control"]
    assert proof.text.startswith("c2sp.org/tlog-proof@v1\nindex 7\n")


def test_text_proof_is_against_any_later_checkpoint(reader: FlaskClient) -> None:
    size, vkey = _ledger(reader)
    first = reader.get("/api/v1/ledger/inclusion?entry=0&size=1").get_json()["checkpoint"]
    proof = reader.get(f"/api/v1/entries/3/tlog-proof?size={size - 1}").text
    assert open_proof(proof, _leaf(reader, 3), vkey) == (3, size - 1)
    assert first is None
    missing = reader.get("/api/v1/entries/0/tlog-proof?size=1")
    assert (missing.status_code, missing.get_json()["code"]) == (404, "checkpoint-unknown")


def test_text_proof_of_another_entry_does_not_hold(reader: FlaskClient) -> None:
    _, vkey = _ledger(reader)
    proof = reader.get("/api/v1/entries/3/tlog-proof").text
    with pytest.raises(AssertionError):
        open_proof(proof, _leaf(reader, 4), vkey)
    with pytest.raises(AssertionError):
        open_proof(proof.replace("index 3\n", "index 2\n"), _leaf(reader, 3), vkey)


def test_entry_is_proved_in_every_size_that_has_it(reader: FlaskClient) -> None:
    size, vkey = _ledger(reader)
    for asked in range(6, size + 1):
        told = reader.get(f"/api/v1/ledger/inclusion?entry=5&size={asked}").get_json()
        path = [bytes.fromhex(node) for node in told["path"]]
        leaf = bytes.fromhex(told["leaf"])
        assert leaf == _leaf(reader, 5)
        assert climb(5, asked, sha256(b"\x00" + leaf), path).hex() == told["root"]
        if told["checkpoint"] is not None:
            assert open_checkpoint(told["checkpoint"], vkey) == (ORIGIN, asked, bytes.fromhex(told["root"]))


def test_any_two_sizes_are_proved_consistent(reader: FlaskClient) -> None:
    size, _ = _ledger(reader)
    for first in range(1, size + 1):
        told = reader.get(f"/api/v1/ledger/consistency?first={first}&second={size}").get_json()
        old, new = bytes.fromhex(told["first_root"]), bytes.fromhex(told["second_root"])
        assert grow(first, size, old, [bytes.fromhex(node) for node in told["path"]]) == (old, new)
    assert told["path"] == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("ledger/consistency", 400, "request-malformed"),
        ("ledger/consistency?first=0", 400, "request-malformed"),
        ("ledger/consistency?first=9&second=8", 404, "size-unknown"),
        ("ledger/consistency?first=1&second=9999", 404, "size-unknown"),
        ("ledger/inclusion", 400, "request-malformed"),
        ("ledger/inclusion?entry=8&size=8", 404, "size-unknown"),
        ("ledger/inclusion?entry=8&size=9999", 404, "size-unknown"),
        ("ledger/inclusion?entry=9999", 404, "entry-unknown"),
        ("entries/9999/tlog-proof", 404, "entry-unknown"),
        ("entries/99999999999999999999/tlog-proof", 404, "entry-unknown"),
        ("entries/8/tlog-proof?size=8", 404, "checkpoint-unknown"),
    ],
)
def test_what_the_ledger_never_had_is_not_proved(reader: FlaskClient, path: str, status: int, code: str) -> None:
    response = reader.get(f"/api/v1/{path}")
    assert (response.status_code, response.get_json()["code"]) == (status, code)


def test_proof_is_given_as_soon_as_the_statement_is_in(client: FlaskClient, world: World) -> None:
    accepted = world.say("owner", "tender.published", ocid="ocds-1")
    size, vkey = _ledger(client)
    proof = client.get(f"/api/v1/entries/{accepted.position}/tlog-proof").text
    assert open_proof(proof, accepted.leaf, vkey) == (accepted.position, size)
    assert open_checkpoint(client.get("/checkpoint").text, vkey)[1] == size == accepted.position + 1


def test_growth_to_a_checkpoint_is_a_receipt_that_holds_offline(reader: FlaskClient, told: World) -> None:
    size, _ = _ledger(reader)
    for first in (1, 9, size - 1):
        old = bytes.fromhex(reader.get(f"/api/v1/ledger/consistency?first={first}").get_json()["first_root"])
        response = reader.get(f"/api/v1/ledger/consistency-receipt?first={first}")
        shown = verify_consistency_receipt(response.data, old, told.sealer.key.public)
        assert (response.mimetype, shown.first, shown.second) == ("application/cose", first, size)


@pytest.mark.parametrize(
    ("query", "code"),
    [("first=0", "request-malformed"), ("first=3&second=2", "checkpoint-unknown"), ("first=999999", "size-unknown")],
)
def test_no_receipt_for_growth_that_was_not_signed(reader: FlaskClient, query: str, code: str) -> None:
    assert reader.get(f"/api/v1/ledger/consistency-receipt?{query}").get_json()["code"] == code


def test_no_receipt_that_a_tree_grew_out_of_itself(reader: FlaskClient) -> None:
    size, _ = _ledger(reader)
    response = reader.get(f"/api/v1/ledger/consistency-receipt?first={size}&second={size}")
    assert (response.status_code, response.get_json()["code"]) == (404, "size-unknown")
