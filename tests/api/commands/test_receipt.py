"""`flask receipt verify` says what a receipt shows and what it can't, and needs nothing but files."""

import io
import json

import cbor2
import pytest

from api.commands import remote
from keys.keyring import generate_key
from tests.api.commands.conftest import runner
from trace.ledger.checkpoint import verifier_key
from trace.ledger.issuing import issue_receipt
from trace.ledger.store import read_entry
from trace.ledger.tree import hash_leaf, root_from_inclusion


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
    said, signature, path, sealed, claims, time, heading, *limits = result.stdout.splitlines()
    assert said.startswith("[Holds] What it says of itself: ")
    assert "tender.published" in said
    assert proof.leaf.hex() in said
    assert signature == f"[Not checked] The signer's signature: The key {world.kid('owner')} was not given."
    assert path.startswith("[Holds] Its place in the ledger: ")
    assert f"as entry {proof.position} of " in path
    assert sealed.startswith(f"[Holds] The ledger's signature: The ledger's key {world.sealer.key.public.kid.hex()} ")
    assert claims.startswith("[Holds] What the ledger signed with it: ")
    assert world.sealer.origin in claims
    assert time.startswith("[Holds] The time of record: ")
    assert heading == "What this does not show:"
    assert len(limits) == 5


def test_the_signers_key_decides_on_the_signers_signature(run, proof, world, tmp_path):
    (tmp_path / "owner.pem").write_text(world.keys["owner"].public.to_pem())
    (tmp_path / "owner.jwk").write_text(json.dumps(world.jwk("owner")))
    for name in ("owner.pem", "owner.jwk"):
        result = run("receipt verify r.cose --statement s.cose --key ledger.pem --signer-key", name)
        assert result.exit_code == 0, result.stderr
        assert f"[Holds] The signer's signature: Under the key {world.kid('owner')} it holds." in result.stdout
    (tmp_path / "other.pem").write_text(world.keys["maker"].public.to_pem())
    result = run("receipt verify r.cose --statement s.cose --key ledger.pem --signer-key other.pem")
    assert "[Not checked] The signer's signature" in result.stdout


def test_each_step_that_fails_is_told_by_its_line(run, proof, world, tmp_path):
    whole = (tmp_path / "s.cose").read_bytes()
    (tmp_path / "owner.pem").write_text(world.keys["owner"].public.to_pem())
    (tmp_path / "s.cose").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    result = run("receipt verify r.cose --statement s.cose --key ledger.pem --signer-key owner.pem")
    assert result.exit_code == 1
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == [
        "[Holds] What it says of itself",
        "[Does not hold] The signer's signature",
        "[Holds] Its place in the ledger",
        "[Does not hold] The ledger's signature",
        "[Not checked] What the ledger signed with it",
    ]
    assert result.stderr.startswith("signature-invalid: ")


def test_a_receipt_of_another_size_is_told_by_the_claims(run, world, tmp_path):
    # Its siblings all stand to the right, and the same path fits trees of other sizes.
    with world.database.reading() as session:
        receipt = cbor2.loads(issue_receipt(session, 0))
        entry = read_entry(session, 0)
    (tmp_path / "s.cose").write_bytes(entry.statement)
    protected, unprotected, _, signature = receipt.value
    proofs = {key: dict(value) for key, value in unprotected.items()}
    size, place, path = cbor2.loads(proofs[396][-1][0])
    resized = next(
        other
        for other in range(1, 4 * size)
        if other != size
        and root_from_inclusion(hash_leaf(entry.leaf), place, other, path)
        == root_from_inclusion(hash_leaf(entry.leaf), place, size, path)
    )
    envelope = [protected, {396: {-1: [cbor2.dumps([resized, place, path])]}}, None, signature]
    (tmp_path / "r.cose").write_bytes(cbor2.dumps(cbor2.CBORTag(18, envelope)))
    (tmp_path / "ledger.pem").write_text(world.sealer.key.public.to_pem())
    result = run("receipt verify r.cose --statement s.cose --key ledger.pem")
    assert result.exit_code == 1
    assert f"[Does not hold] What the ledger signed with it: Signed was {world.sealer.origin}" in result.stdout


def test_a_hash_and_a_verifier_key_do_too(run, proof, world):
    vkey = verifier_key(world.sealer.origin, world.sealer.key.public)
    for key in (vkey, "ledger.vkey"):
        result = run("receipt verify r.cose --leaf", proof.leaf.hex(), "--key", key)
        assert result.exit_code == 0, result.stderr
        assert "you gave its hash alone" in result.stdout
        assert "What it says of itself" not in result.stdout


def test_it_is_said_in_chinese(run, proof):
    result = run("receipt verify r.cose --statement s.cose --key ledger.pem", env={"LC_ALL": "zh_CN.UTF-8"})
    assert result.stdout.startswith("[成立] 声明自述：")
    assert "这不能说明：" in result.stdout


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
        assert result.exit_code == 1, place
        assert "[Does not hold]" in result.stdout
        assert "What this does not show" not in result.stdout
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
