"""A key in a token signs like any other, and what a token says is not believed unseen."""

import subprocess
import sys

import pytest

from keys.algorithms import ALGORITHMS
from keys.envelope import verify_statement
from keys.errors import RefusedError
from keys.keyring import generate_key, read_jwk
from keys.token import TokenKey
from keys.token_uri import parse_token_uri
from tests.conftest import ROOT
from tests.keys.test_envelope import seal
from tests.softhsm import PIN

IN_TOKENS = [name for name, row in ALGORITHMS.items() if row.token is not None]


def open_key(token, name="signer", pin=PIN, **changes):
    uri = parse_token_uri(changes.pop("uri", token.uri(name)))
    return TokenKey(uri, changes.pop("module", token.module), pin)


def test_two_algorithms_are_in_tokens():
    assert IN_TOKENS == ["EdDSA", "ES256"]


@pytest.mark.parametrize("algorithm", IN_TOKENS)
def test_a_statement_is_sealed_by_a_token_and_verified_without_it(token, algorithm):
    token.generate("signer", algorithm)
    key = open_key(token)
    assert key.algorithm is ALGORITHMS[algorithm]
    verify_statement(seal(key), read_jwk(key.public.to_jwk()))
    assert open_key(token).public == key.public


def test_a_key_is_found_by_its_id(token):
    token.generate("one", "EdDSA", b"\x01")
    token.generate("two", "EdDSA", b"\x02")
    by_id = open_key(token, uri="pkcs11:token=suzheng%20test;id=%02")
    assert by_id.public == open_key(token, "two").public != open_key(token, "one").public


def test_a_signature_comes_after_the_session_was_lost(token):
    token.generate("signer", "ES256")
    key = open_key(token)
    key._session.close()
    assert key.public.verifies(key.sign(b"words"), b"words")


def test_a_signature_comes_after_a_fork_has_made_it_forget(token):
    token.generate("signer", "EdDSA")
    key = open_key(token)
    key.forget()
    assert key.public.verifies(key.sign(b"words"), b"words")


def test_halves_that_do_not_belong_together_are_refused(token):
    token.generate("signer", "EdDSA")
    key = open_key(token)
    key.public = generate_key().public
    with pytest.raises(RefusedError, match="token-failed: expected a signature that its public half verifies"):
        key.sign(b"words")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "nobody"}, "key-unreadable"),
        ({"pin": "000000"}, "token-failed"),
        ({"module": "/nowhere/libtoken.so"}, "token-failed"),
        ({"uri": "pkcs11:token=another;object=signer"}, "token-failed"),
        ({"uri": "pkcs11:token=suzheng%20test;manufacturer=another;object=signer"}, "token-failed"),
        ({"uri": "pkcs11:serial=0;object=signer"}, "token-failed"),
    ],
)
def test_a_wrong_place_or_pin_is_refused(token, changes, code):
    token.generate("signer", "EdDSA")
    with pytest.raises(RefusedError, match=code) as refusal:
        open_key(token, **changes)
    assert PIN not in str(refusal.value)


def test_two_keys_of_one_name_are_refused(token):
    token.generate("signer", "EdDSA", b"\x01")
    token.generate("signer", "EdDSA", b"\x02")
    with pytest.raises(RefusedError, match="key-unreadable: where the token"):
        open_key(token)


def test_a_key_of_another_curve_is_refused(token):
    token.generate("signer", "P-384")
    with pytest.raises(RefusedError, match="key-unreadable: where the token, expected EdDSA or ES256"):
        open_key(token)


def test_the_library_of_tokens_is_loaded_by_those_alone_who_name_one():
    """The product starts without it, on a machine whose system has no such library."""
    told = subprocess.run(
        [sys.executable, "-c", "import sys, wsgi; print(sorted(name for name in sys.modules if 'pkcs11' in name))"],
        capture_output=True,
        cwd=ROOT,
        check=True,
        text=True,
    )
    assert told.stdout == "[]\n"
