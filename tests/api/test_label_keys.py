"""Label keys on the disk: one that signs, the others believed, and none in anybody else's reach."""

import stat
from dataclasses import replace

import pytest

from api.label_keys import (
    distrust_label_key,
    ensure_label_key,
    make_label_key,
    open_label_key,
    read_label_keys,
)
from api.settings import Settings
from keys.errors import RefusedError
from keys.keyring import generate_key
from keys.label import name_label_key


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path, "sqlite://", "http://localhost", "", is_secure=False)


def public_of(settings):
    key = open_label_key(settings)
    assert key is not None
    return key.public


def test_a_registry_without_one_signs_no_labels_and_believes_none(settings):
    assert open_label_key(settings) is None
    assert read_label_keys(settings) == {}


def test_a_new_key_is_its_owners_alone_and_its_public_half_is_believed(settings):
    public = make_label_key(settings)
    assert stat.S_IMODE(settings.label_key_path.stat().st_mode) == 0o600
    assert public_of(settings) == public
    assert read_label_keys(settings) == {name_label_key(public): public}


def test_one_that_is_there_is_never_replaced_unasked(settings):
    public = make_label_key(settings)
    ensure_label_key(settings)
    with pytest.raises(RefusedError) as refused:
        make_label_key(settings)
    assert refused.value.code == "key-known"
    assert public_of(settings) == public


def test_a_replaced_key_is_believed_on_and_a_distrusted_one_is_not(settings):
    old, new = make_label_key(settings), make_label_key(settings, replaces=True)
    assert public_of(settings) == new
    assert set(read_label_keys(settings)) == {name_label_key(old), name_label_key(new)}
    distrust_label_key(settings, name_label_key(old))
    assert set(read_label_keys(settings)) == {name_label_key(new)}
    with pytest.raises(RefusedError) as refused:
        distrust_label_key(settings, "../x")
    assert refused.value.code == "key-unknown"


def test_it_is_encrypted_like_the_ledgers(settings, tmp_path):
    (tmp_path / "secret").write_text("two words\n")
    locked = replace(settings, ledger_passphrase_file=tmp_path / "secret")
    public = make_label_key(locked)
    assert b"ENCRYPTED" in settings.label_key_path.read_bytes()
    assert public_of(locked) == public
    with pytest.raises(RefusedError, match="the labels' key is encrypted"):
        open_label_key(settings)


def test_a_key_of_another_algorithm_does_not_fit_on_a_label(settings, tmp_path):
    path = tmp_path / "other.pem"
    path.write_bytes(generate_key("ES256").to_pem())
    with pytest.raises(RefusedError, match="expected EdDSA"):
        open_label_key(replace(settings, label_key=str(path)))


def test_a_token_is_asked_by_its_uri(settings):
    named = replace(settings, label_key="pkcs11:object=label", pkcs11_module="/nowhere.so")
    with pytest.raises(RefusedError, match="pin-source in LABEL_KEY"):
        open_label_key(named)
