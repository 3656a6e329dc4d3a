"""`flask keys` makes keys that only their owner can read, and shows public halves alone."""

import stat

import pytest

from keys.algorithms import ALGORITHMS
from keys.keyring import generate_key, read_private_key
from tests.factories import uscc_of


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_new_key_is_for_its_owner_alone(run, tmp_path, algorithm):
    result = run(f"keys new --algorithm {algorithm} --no-passphrase --out new.pem")
    path = tmp_path / "new.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert f"kid {read_private_key(path.read_bytes()).public.kid.hex()}\nalg {algorithm}\n" in result.stdout
    assert run("keys show new.pem").stdout == result.stdout


def test_a_key_is_never_written_over_another(run, tmp_path):
    run("keys new --no-passphrase --out new.pem")
    before = (tmp_path / "new.pem").read_bytes()
    again = run("keys new --no-passphrase --out new.pem")
    assert (again.exit_code, again.stderr) == (1, "new.pem: File exists\n")
    assert (tmp_path / "new.pem").read_bytes() == before


def test_no_private_half_is_ever_printed(run, tmp_path):
    result = run("keys new --no-passphrase --out new.pem")
    secret = (tmp_path / "new.pem").read_text().splitlines()[1]
    assert secret not in result.output
    assert '"d"' not in result.output


def test_a_passphrase_is_asked_for_twice_and_not_shown(run, tmp_path):
    result = run("keys new --out new.pem", input="secret\nsecret\n")
    assert result.exit_code == 0
    assert "secret" not in result.output
    assert read_private_key((tmp_path / "new.pem").read_bytes(), b"secret").algorithm.name == "EdDSA"
    assert run("keys show new.pem", input="secret\n").exit_code == 0


def test_a_key_is_never_left_open_for_want_of_a_passphrase(run, tmp_path):
    assert run("keys new --out new.pem").exit_code == 1
    assert not (tmp_path / "new.pem").exists()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_passphrase_may_lie_in_a_file(run, tmp_path, algorithm):
    (tmp_path / "secret").write_text("correct horse\n")
    environment = {"SUZHENG_PASSPHRASE_FILE": str(tmp_path / "secret")}
    assert run(f"keys new --algorithm {algorithm} --out new.pem", env=environment).exit_code == 0
    pem = (tmp_path / "new.pem").read_bytes()
    assert read_private_key(pem, b"correct horse").algorithm.name == algorithm
    assert run("keys show new.pem", env=environment).exit_code == 0
    (tmp_path / "secret").write_text("\n")
    assert "expected a secret in secret" in run("keys show new.pem", env=environment).stderr


def test_a_key_in_a_token_is_shown(run, token):
    token.generate("signer", "ES256")
    shown = run("keys show", token.uri("signer"))
    assert shown.exit_code == 0, shown.stderr
    assert "\nalg ES256\n" in shown.stdout


def test_keys_on_record_are_found_by_party_and_by_name(run, world):
    by_party = run("keys show", uscc_of("maker"))
    by_name = run("keys show", world.kid("maker"))
    assert by_party.stdout == by_name.stdout
    assert f"of  {uscc_of('maker')}, entry" in by_name.stdout


def test_a_revoked_key_says_so(run, world):
    world.say("regulator", "key.revoked", kid=world.kid("maker"), compromised_since="2014-08-01T00:00:00+08:00")
    told = run("keys show", world.kid("maker")).stdout
    assert "revoked   2014-07-01" in told
    assert "not believed since 2014-07-31" in told


@pytest.mark.parametrize("name", ["nobody", "0" * 64, "missing.pem"])
def test_an_unknown_key_is_refused(run, world, name):
    refused = run("keys show", name)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("key-unknown: expected a PEM file, a kid or a party's code")


def test_a_file_that_is_no_key_is_refused(run, tmp_path):
    (tmp_path / "x.pem").write_text("no key")
    refused = run("keys show x.pem")
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert refused.stderr.startswith("key-unreadable: where x.pem")


def test_a_rotated_key_and_one_that_a_thief_enrolled_say_so(run, world):
    world.keys["maker.next"], world.keys["dealer.thiefs"] = generate_key(), generate_key()
    world.say("maker", "key.rotated", key=world.jwk("maker.next"))
    assert f"replaced by {world.kid('maker.next')}" in run("keys show", world.kid("maker")).stdout
    world.say("dealer", "key.enrolled", party=uscc_of("dealer"), key=world.jwk("dealer.thiefs"))
    world.say("regulator", "key.revoked", kid=world.kid("dealer"), compromised_since="2014-07-01T00:00:00Z")
    told = run("keys show", world.kid("dealer.thiefs")).stdout
    assert "not believed: enrolled with a key that was stolen by then" in told
    assert "revoked" not in told
