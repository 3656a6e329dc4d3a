"""`flask init` founds a registry once, and leaves no key behind that nobody can use."""

import json
import stat

import pytest

from keys.errors import RefusedError
from keys.keyring import read_private_key
from tests.api.commands.conftest import runner
from tests.factories import uscc_of

ASKING = f"init --origin registry.example/1 --title Registry --party {uscc_of('regulator')} --name-zh 局 --key root.pem"
LINE = f"{ASKING} --no-passphrase"


def test_entry_0_is_signed_by_the_root_key_and_names_the_ledgers(run, shell, tmp_path):
    result = run(LINE)
    assert (result.exit_code, result.stderr) == (0, "")
    root = read_private_key((tmp_path / "root.pem").read_bytes())
    assert root.public.kid.hex() in result.stdout
    assert shell.registry.origin == "registry.example/1"
    assert shell.registry.ledger_key.kid == shell.sealer.key.public.kid
    assert not shell.registry.is_demonstration
    verified = run("ledger verify --root-key", root.public.kid.hex())
    assert verified.exit_code == 0, verified.stderr


def test_keys_are_for_their_owner_alone(run, settings, tmp_path):
    run(LINE)
    for path in (tmp_path / "root.pem", settings.ledger_key_path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_time_is_refused(run, tmp_path):
    run(LINE)
    again = run(LINE.replace("root.pem", "other.pem"))
    assert again.exit_code == 1
    assert again.stderr.startswith("founding-misplaced: expected an empty ledger")
    assert again.stderr.count("\n") == 1
    assert not (tmp_path / "other.pem").exists()


def test_a_wrong_code_leaves_no_keys_behind(run, settings, tmp_path):
    refused = run(LINE.replace(uscc_of("regulator"), "91110000600037341X"))
    assert refused.exit_code == 1
    assert refused.stderr.startswith("schema-violated: where party.uscc")
    assert not (tmp_path / "root.pem").exists()
    assert not settings.ledger_key_path.exists()


def test_a_file_that_is_there_is_never_written_over(run, settings, tmp_path):
    (tmp_path / "root.pem").write_text("mine")
    refused = run(LINE)
    assert (refused.exit_code, refused.stderr) == (1, "root.pem: File exists\n")
    assert (tmp_path / "root.pem").read_text() == "mine"
    assert not settings.ledger_key_path.exists()


def test_the_root_key_has_a_passphrase_unless_that_is_declined(run, tmp_path):
    assert run(ASKING, env={"SUZHENG_PASSPHRASE": "correct horse"}).exit_code == 0
    assert b"ENCRYPTED" in (tmp_path / "root.pem").read_bytes()
    assert run("keys show root.pem", env={"SUZHENG_PASSPHRASE": "correct horse"}).exit_code == 0
    assert run("keys show root.pem", env={"SUZHENG_PASSPHRASE": "wrong"}).stderr.startswith("key-unreadable")


def test_nobody_to_ask_for_a_passphrase_is_no_reason_to_go_without(run, settings, tmp_path):
    assert run(ASKING).exit_code == 1
    assert not (tmp_path / "root.pem").exists()
    assert not settings.ledger_key_path.exists()


def test_the_ledgers_key_is_encrypted_where_that_is_wanted(make_app, settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "passphrase").write_text("battery staple\n")
    app = make_app(ledger_passphrase_file=tmp_path / "passphrase")
    assert runner(app)(LINE).exit_code == 0
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in settings.ledger_key_path.read_bytes()
    shell = app.extensions["suzheng"]
    assert shell.sealer.key.public.kid == shell.registry.ledger_key.kid
    with pytest.raises(RefusedError, match="LEDGER_PASSPHRASE_FILE, for the ledger's key is encrypted"):
        _ = make_app().extensions["suzheng"].sealer
    (tmp_path / "passphrase").write_text("wrong\n")
    with pytest.raises(RefusedError, match="key-unreadable"):
        _ = make_app(ledger_passphrase_file=tmp_path / "passphrase").extensions["suzheng"].sealer


def test_the_ledgers_key_may_lie_in_a_token(make_app, settings, token, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    token.generate("ledger", "EdDSA")
    app = make_app(ledger_key=token.uri("ledger"))
    run = runner(app)
    founded = run(LINE)
    assert founded.exit_code == 0, founded.stderr
    assert not settings.ledger_key_path.exists()
    assert "pkcs11:token=suzheng%20test;object=ledger" in founded.stdout
    assert run("ledger verify").exit_code == 0
    again = make_app(ledger_key=token.uri("ledger")).extensions["suzheng"]
    assert again.sealer.key.public.kid == app.extensions["suzheng"].registry.ledger_key.kid


def test_a_token_with_another_key_is_not_the_ledgers(make_app, token, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    token.generate("ledger", "EdDSA", b"\x01")
    token.generate("other", "EdDSA", b"\x02")
    token.generate("p256", "ES256", b"\x03")
    assert runner(make_app(ledger_key=token.uri("ledger")))(LINE).exit_code == 0
    for name, reason in (("other", "the key that the ledger was founded with"), ("p256", "the key that")):
        with pytest.raises(RefusedError, match=reason):
            _ = make_app(ledger_key=token.uri(name)).extensions["suzheng"].sealer


def test_a_ledger_is_not_founded_on_a_key_of_another_algorithm(make_app, token, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    token.generate("p256", "ES256")
    refused = runner(make_app(ledger_key=token.uri("p256")))(LINE)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("key-unreadable: expected an Ed25519 key for the ledger, got ES256")
    assert not (tmp_path / "root.pem").exists()


def test_the_mark_of_a_demonstration_is_signed(run, shell):
    assert run(LINE + " --demonstration").exit_code == 0
    assert shell.registry.is_demonstration


@pytest.mark.parametrize("missing", ["--origin", "--title", "--party", "--name-zh", "--key"])
def test_what_is_missing_is_wrong_usage(run, missing):
    words = LINE.split()
    at = words.index(missing)
    assert run(" ".join(words[:at] + words[at + 2 :])).exit_code == 2


def test_the_first_regulator_admits_the_next_party(run, tmp_path):
    run(LINE)
    made = run("keys new --no-passphrase --out maker.pem")
    jwk = json.loads(next(line for line in made.stdout.splitlines() if line.startswith("jwk "))[4:])
    party = {"uscc": uscc_of("maker"), "name": {"zh": "厂"}, "roles": ["producer"]}
    (tmp_path / "maker.json").write_text(json.dumps({"party": party, "key": jwk}))
    signed = run(
        f"statement sign --key root.pem --kind party.admitted --issuer {uscc_of('regulator')} "
        "--body maker.json --out maker.cose"
    )
    assert signed.exit_code == 0, signed.stderr
    submitted = run("statement submit maker.cose")
    assert submitted.stdout.startswith("maker.cose: entry 1 ")
    assert uscc_of("maker") in run("keys show", uscc_of("maker")).stdout
