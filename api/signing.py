"""Opening private keys for whoever signs here: a PEM file, or a PKCS#11 token named by its RFC 7512 URI.

Secrets come from files, from the environment or from a prompt; never from an argument, which every user of the machine
can read in the list of processes.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from api.settings import Settings
from keys.errors import RefusedError
from keys.keyring import SigningKey, read_private_key
from keys.token import TokenKey
from keys.token_uri import SCHEME, parse_token_uri

_LOCKED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


def open_signer(where: str, module: str, ask_passphrase: Callable[[], bytes], ask_pin: Callable[[], str]) -> SigningKey:
    """The key in a PEM file or a token. `module` is the token's library where the URI names none.

    Raises RefusedError `key-unreadable`, `token-uri-malformed`, `token-failed`, and OSError.
    """
    if where.startswith(SCHEME):
        return _open_token(where, module, ask_pin)
    path = Path(where)
    pem = path.read_bytes()
    passphrase = ask_passphrase() if pem.lstrip().startswith(_LOCKED) else None
    try:
        return read_private_key(pem, passphrase)
    except RefusedError as error:
        raise RefusedError(error.code, where=path.name, **error.facts) from error


def open_ledger_key(settings: Settings) -> SigningKey:
    """The ledger's own key, opened without anybody to ask. Raises RefusedError as above, and `key-unreadable` where
    there is no file.
    """
    where = settings.ledger_key_uri or str(settings.ledger_key_path)
    return open_own_key(settings, where, settings.ledger_key_name, setting="LEDGER_KEY", whose="the ledger's")


def open_own_key(settings: Settings, where: str, name: str, *, setting: str, whose: str) -> SigningKey:
    """A key of the registry's own, as `open_ledger_key`. `name` is what a refusal calls the file."""

    def passphrase() -> bytes:
        return read_ledger_passphrase(settings) or _refuse(f"LEDGER_PASSPHRASE_FILE, for {whose} key is encrypted")

    def pin() -> str:
        return _refuse(f"pin-source in {setting}")

    try:
        key = open_signer(where, settings.pkcs11_module, passphrase, pin)
    except OSError as error:
        expected = f"{whose} private key, and the files that open it"
        raise RefusedError("key-unreadable", where=name, expected=expected, got=error.strerror) from error
    if isinstance(key, TokenKey):
        # The server forks its workers, and a session with a token is its process's alone.
        os.register_at_fork(after_in_child=key.forget)
    return key


def read_ledger_passphrase(settings: Settings) -> bytes | None:
    """What the ledger's key file is encrypted with, where an installation wants that."""
    path = settings.ledger_passphrase_file
    return read_secret(path).encode() if path is not None else None


def read_secret(path: Path) -> str:
    """The one line of a file, without its end. Raises RefusedError `key-unreadable` for an empty one, and OSError."""
    secret = path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    return secret or _refuse(f"a secret in {path.name}")


def read_pin(source: str, environ: Mapping[str, str]) -> str:
    """What a URI's `pin-source` leads to: env:NAME, file:/path or /path."""
    kind, colon, rest = source.partition(":")
    if colon and kind == "env":
        return environ.get(rest) or _refuse(f"a PIN in the environment variable {rest}")
    path = rest if colon and kind == "file" else source
    return read_secret(Path(path.removeprefix("//") if path.startswith("///") else path))


def _open_token(where: str, module: str, ask_pin: Callable[[], str]) -> TokenKey:
    uri = parse_token_uri(where)
    library = uri.module_path or module
    if not library:
        raise RefusedError("token-uri-malformed", expected="module-path in the URI, or PKCS11_MODULE", got="neither")
    pin = read_pin(uri.pin_source, os.environ) if uri.pin_source is not None else ask_pin()
    return TokenKey(uri, library, pin)


def _refuse(expected: str) -> NoReturn:
    raise RefusedError("key-unreadable", expected=expected, got="none")
