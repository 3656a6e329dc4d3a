"""`flask receipt verify` says what a receipt shows and what it can't, and needs nothing but files."""

import io
import json

import pytest

from api.commands import remote
from keys.keyring import generate_key
from tests.api.commands.conftest import runner
from trace.ledger.checkpoint import verifier_key
from trace.ledger.issuing import issue_receipt
from trace.ledger.store import read_entry


@pytest.fixture
def proof(world, tmp_path):
    """A statement with its receipt and the ledger's key in two spellings."""
    told = world.say("owner", "tender.published")
    with world.database.reading() as session:
        (tmp_path / "r.cose").write_bytes(issue_receipt(session, told.position))
        (tmp_path / "s.cose").write_bytes(read_entry(session, told.position).statement)
    (tmp_path / "ledger.pem").write_text(world.sealer.key.public.to_pem())
    (tmp_path / "ledger.vkey").write_text(verifier_key(world.sealer.origin, world.sealer.key.public) + "\n")
    return told


def test_what_holds_is_told_with_its_limits(run, proof, world):
    result = run("receipt verify r.cose --statement s.cose --key ledger.pem")
    assert result.exit_code == 0, result.stderr
    first, *rest = result.stdout.splitlines()
    assert first == "The receipt holds."
    assert f"{proof.leaf.hex()} is entry {proof.position} of the ledger {world.sealer.origin}" in rest[0]
    assert world.sealer.key.public.kid.hex() in rest[1]
    assert "tender.published" in rest[2]
    assert rest[3] == "What this does not show:"
    assert len(rest) == 8


def test_a_hash_and_a_verifier_key_do_too(run, proof, world):
    vkey = verifier_key(world.sealer.origin, world.sealer.key.public)
    for key in (vkey, "ledger.vkey"):
        result = run("receipt verify r.cose --leaf", proof.leaf.hex(), "--key", key)
        assert result.exit_code == 0, result.stderr
        assert "you gave its hash alone" in result.stdout


def test_it_is_said_in_chinese(run, proof):
    result = run("receipt verify r.cose --statement s.cose --key ledger.pem", env={"LC_ALL": "zh_CN.UTF-8"})
    assert result.stdout.startswith("回执成立。\n")


def test_no_database_is_needed(make_app, proof, tmp_path, run):
    elsewhere = make_app(database_url=f"sqlite:///{tmp_path / 'none.sqlite3'}")
    assert runner(elsewhere)("receipt verify r.cose --statement s.cose --key ledger.pem").exit_code == 0
    assert not (tmp_path / "none.sqlite3").exists()


def test_a_changed_byte_does_not_hold(run, proof, tmp_path):
    whole = (tmp_path / "r.cose").read_bytes()
    for place in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[place] ^= 1
        (tmp_path / "r.cose").write_bytes(changed)
        result = run("receipt verify r.cose --statement s.cose --key ledger.pem")
        assert (result.exit_code, result.stdout) == (1, ""), place
        assert result.stderr.count("\n") == 1


def test_another_statement_key_or_name_does_not_hold(run, proof, world, tmp_path):
    (tmp_path / "other.pem").write_text(generate_key().public.to_pem())
    renamed = verifier_key("registry.example/other", world.sealer.key.public)
    for arguments in (
        ("--leaf", "ab" * 32, "--key", "ledger.pem"),
        ("--statement", "s.cose", "--key", "other.pem"),
        ("--statement", "s.cose", "--key", renamed),
    ):
        result = run("receipt verify r.cose", *arguments)
        assert (result.exit_code, result.stderr.startswith("receipt-invalid: ")) == (1, True), arguments


@pytest.mark.parametrize("key", ["r.cose", "a+b+c", "registry.example+00000000+AQ=="])
def test_what_is_no_key_is_refused(run, proof, key):
    result = run("receipt verify r.cose --statement s.cose --key", key)
    assert (result.exit_code, result.stderr.startswith("key-unreadable: ")) == (1, True)


@pytest.mark.parametrize("arguments", ["--key ledger.pem", "--statement s.cose", "--leaf 12 --key ledger.pem"])
def test_half_a_question_is_wrong_usage(run, proof, arguments):
    assert run(f"receipt verify r.cose {arguments}").exit_code == 2


def test_a_key_from_the_ledger_itself_is_told_as_such(run, proof, app, monkeypatch):
    def answer(request, timeout):
        assert request.full_url == "https://registry.example/api/v1/ledger"
        return io.BytesIO(json.dumps(app.test_client().get("/api/v1/ledger").get_json()).encode())

    monkeypatch.setattr(remote, "urlopen", answer)
    result = run("receipt verify r.cose --statement s.cose --ledger-url https://registry.example/")
    assert result.exit_code == 0, result.stderr
    assert "The ledger itself named it just now" in result.stdout
