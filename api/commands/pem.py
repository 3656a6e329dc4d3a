"""Private keys in files: PKCS#8 PEM that only its owner can read. A key is never written over a file that is there.

A passphrase comes from SUZHENG_PASSPHRASE or is asked for; never from an argument, which every user of the machine can
read in the list of processes.
"""

import os
from pathlib import Path

import click

from keys.errors import RefusedError
from keys.keyring import PrivateKey, read_private_key

_ENVIRONMENT = "SUZHENG_PASSPHRASE"
_LOCKED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


def read_key(path: Path) -> PrivateKey:
    """The key in a PEM file. Raises RefusedError `key-unreadable`, OSError."""
    pem = path.read_bytes()
    passphrase = _ask(is_new=False) if pem.lstrip().startswith(_LOCKED) else None
    try:
        return read_private_key(pem, passphrase)
    except RefusedError as error:
        raise RefusedError(error.code, where=path.name, **error.facts) from error


def choose_passphrase(is_wanted: bool) -> bytes | None:
    """The passphrase for a new key: that of the environment, or asked for twice where it is wanted; else none."""
    return _ask(is_new=True) if is_wanted or os.environ.get(_ENVIRONMENT) else None


def write_key(path: Path, key: PrivateKey, passphrase: bytes | None) -> None:
    """Write a key for its owner alone (mode 0600). Raises FileExistsError rather than replace anything."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.to_pem(passphrase))
        file.flush()
        os.fsync(file.fileno())


def _ask(*, is_new: bool) -> bytes:
    given = os.environ.get(_ENVIRONMENT)
    if not given:
        given = click.prompt("Passphrase", hide_input=True, confirmation_prompt=is_new, err=True)
    return str(given).encode()
