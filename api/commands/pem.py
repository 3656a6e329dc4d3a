"""Private keys of whoever works at the command line: opened where they lie, and new ones in files for their owner.

A new key is encrypted unless that is declined in so many words, and is never written over a file that is there.
"""

import os
from pathlib import Path

import click

from api.shell import current_shell
from api.signing import open_signer, read_secret
from keys.keyring import PrivateKey, SigningKey

_ENVIRONMENT = "SUZHENG_PASSPHRASE"


def open_key(where: str) -> SigningKey:
    """The key in a PEM file, or in a token named by its URI. Raises what `open_signer` does."""
    return open_signer(where, current_shell().settings.pkcs11_module, lambda: _ask(is_new=False), _ask_pin)


def choose_passphrase(is_declined: bool) -> bytes | None:
    """The passphrase for a new key: that of the environment, or asked for twice; none where it is declined."""
    return None if is_declined else _ask(is_new=True)


def write_key(path: Path, key: PrivateKey, passphrase: bytes | None) -> None:
    """Write a key for its owner alone (mode 0600). Raises FileExistsError rather than replace anything."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.to_pem(passphrase))
        file.flush()
        os.fsync(file.fileno())


def _ask(*, is_new: bool) -> bytes:
    given = os.environ.get(_ENVIRONMENT)
    if not given and (path := os.environ.get(f"{_ENVIRONMENT}_FILE")):
        given = read_secret(Path(path))
    if not given:
        given = click.prompt("Passphrase", hide_input=True, confirmation_prompt=is_new, err=True)
    return str(given).encode()


def _ask_pin() -> str:
    return str(click.prompt("PIN", hide_input=True, err=True))
