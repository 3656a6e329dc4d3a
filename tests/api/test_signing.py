"""A private key is opened from a file or a token, without anybody to ask where a server does it."""

import os
from dataclasses import replace

import pytest

from api.settings import Settings
from api.signing import open_ledger_key, read_pin
from keys.errors import RefusedError
from keys.keyring import generate_key
from keys.token import TokenKey


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path, "sqlite://", "http://localhost", "", is_secure=False)


def opened(settings, **changes):
    return open_ledger_key(replace(settings, **changes))


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_an_encrypted_file_is_opened_by_the_passphrase_in_another(settings, tmp_path, end):
    key = generate_key()
    path, secret = tmp_path / "ledger.pem", tmp_path / "secret"
    path.write_bytes(key.to_pem(b"two words"))
    secret.write_bytes(b"two words" + end.encode())
    assert opened(settings, ledger_key=str(path), ledger_passphrase_file=secret).public == key.public


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "where ledger.pem, expected the ledger's private key, .* got No such file"),
        ({"ledger_key": "pkcs11:object=ledger", "pkcs11_module": "/nowhere.so"}, "expected pin-source in LEDGER_KEY"),
        (
            {"ledger_key": "pkcs11:object=ledger?pin-source=/nowhere/pin", "pkcs11_module": "/nowhere.so"},
            "where LEDGER_KEY, .* got No such file",
        ),
    ],
)
def test_what_is_missing_is_named_and_nobody_is_asked(settings, changes, told):
    with pytest.raises(RefusedError, match=f"key-unreadable: {told}") as refusal:
        opened(settings, **changes)
    assert "/nowhere" not in str(refusal.value)


def test_a_pin_comes_from_a_file_or_the_environment(tmp_path):
    path = tmp_path / "pin"
    path.write_text("1234\n")
    for source in (str(path), f"file:{path}", f"file://{path}"):
        assert read_pin(source, {}) == "1234"
    assert read_pin("env:PIN", {"PIN": "1234"}) == "1234"
    with pytest.raises(RefusedError, match="expected a PIN in the environment variable PIN"):
        read_pin("env:PIN", {})


# From Python 3.12 on a fork beside other threads is warned of; the child here touches none of them.
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_worker_that_was_forked_signs_by_a_session_of_its_own(settings, token):
    """What gunicorn does: the key is opened before, and the child must not use its parent's session."""
    token.generate("ledger", "EdDSA")
    key = opened(settings, ledger_key=token.uri("ledger"))
    assert isinstance(key, TokenKey)
    parents = key._session
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        told = b""
        try:
            is_left = key._session is None
            told = key.sign(b"words") if is_left and key._session is not parents else b"the parent's"
        finally:
            os.write(writing, told)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        signature = pipe.read()
    os.waitpid(child, 0)
    assert key.public.verifies(signature, b"words")
    assert key._session is parents
    assert key.public.verifies(key.sign(b"more"), b"more")
