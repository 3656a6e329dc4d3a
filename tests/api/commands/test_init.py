"""`flask init` founds a registry once, and leaves no key behind that nobody can use."""

import json
import stat

import pytest

from keys.keyring import read_private_key
from tests.factories import uscc_of

LINE = f"init --origin registry.example/1 --title Registry --party {uscc_of('regulator')} --name-zh 局 --key root.pem"


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


def test_the_root_key_can_have_a_passphrase(run, tmp_path):
    assert run(LINE, env={"SUZHENG_PASSPHRASE": "correct horse"}).exit_code == 0
    assert b"ENCRYPTED" in (tmp_path / "root.pem").read_bytes()
    assert run("keys show root.pem", env={"SUZHENG_PASSPHRASE": "correct horse"}).exit_code == 0
    assert run("keys show root.pem", env={"SUZHENG_PASSPHRASE": "wrong"}).stderr.startswith("key-unreadable")


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
    made = run("keys new --out maker.pem")
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
