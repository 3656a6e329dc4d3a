"""`flask keys …`: private keys for their owners, and public ones for everybody."""

import json
from pathlib import Path

import click

from api.commands.frame import Group
from api.commands.pem import choose_passphrase, open_key, write_key
from api.label_keys import distrust_label_key, make_label_key, open_label_key, read_label_keys
from api.shell import current_shell
from keys.algorithms import ALGORITHMS, ED25519
from keys.errors import RefusedError
from keys.keyring import PublicKey, generate_key
from keys.token_uri import SCHEME
from trace.parties.register import Key, find_key, read_keys

keys = Group("keys", help="Make keys and look at them.")
_KID_DIGITS = 64


@keys.command("new")
@click.option("--algorithm", type=click.Choice(list(ALGORITHMS)), default=ED25519.name, show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="New PEM file; never replaces one.")
@click.option("--no-passphrase", is_flag=True, help="Leave it unencrypted, for a program that nobody can ask.")
def new(algorithm: str, out: Path, no_passphrase: bool) -> None:
    """Make a private key in a file that only you can read, and print its public half.

    It is encrypted by a passphrase that is asked for, or is in SUZHENG_PASSPHRASE or the file that
    SUZHENG_PASSPHRASE_FILE names. A key in a PKCS#11 token is made by the token's own tools.

    A regulator puts it on record with `party.admitted`, or you yourself with `key.enrolled`.

    \b
    Example: flask keys new --out maker.pem
    """
    key = generate_key(algorithm)
    write_key(out, key, choose_passphrase(no_passphrase))
    _print_key(key.public)


@keys.command("show")
@click.argument("key")
def show(key: str) -> None:
    """Print the public half of KEY: a PEM file, a token's pkcs11: URI, a key's name (kid), or a party's code for all
    its keys on record.

    \b
    Examples: flask keys show maker.pem
              flask keys show 91110000600037341L
    """
    if key.startswith(SCHEME) or Path(key).is_file():
        _print_key(open_key(key).public)
        return
    found = _on_record(key)
    if not found:
        raise RefusedError("key-unknown", expected="a PEM file, a kid or a party's code", got=key)
    for each in found:
        _print_key(each.public)
        _print_record(each)


@keys.command("label")
@click.option("--replace", "replaces", is_flag=True, help="Put a new key in the place of the one that signs now.")
@click.option("--distrust", metavar="ID", help="Believe no label of this key any more: it was stolen.")
def label(replaces: bool, distrust: str | None) -> None:
    """Make the key that signs labels, and list those whose labels are believed.

    It lies where LABEL_KEY says, encrypted like the ledger's own. A server signs with a new one from its next start.
    Labels of a replaced key hold on; those of a distrusted one are then of an unknown key.

    \b
    Examples: flask keys label
              flask keys label --replace --distrust q83v
    """
    settings = current_shell().settings
    if distrust is not None:
        distrust_label_key(settings, distrust)
    if distrust is None or replaces:
        make_label_key(settings, replaces=replaces)
    own = open_label_key(settings)
    for name, public in read_label_keys(settings).items():
        signs = own is not None and own.public.kid == public.kid
        click.echo(f"{name}  {'signs' if signs else 'is believed'}  {json.dumps(public.to_jwk())}")


def _on_record(name: str) -> tuple[Key, ...]:
    with current_shell().database.reading() as session:
        if len(name) == _KID_DIGITS and set(name) <= set("0123456789abcdef"):
            found = find_key(session, bytes.fromhex(name))
            return (found,) if found is not None else ()
        return read_keys(session, name)


def _print_key(key: PublicKey) -> None:
    click.echo(f"kid {key.kid.hex()}")
    click.echo(f"alg {key.algorithm.name}")
    click.echo(f"jwk {json.dumps(key.to_jwk())}")


def _print_record(key: Key) -> None:
    click.echo(f"of  {key.party}, entry {key.entry}, {key.enrolled_at.isoformat()}")
    if key.valid_from is not None:
        click.echo(f"use from  {key.valid_from}")
    if key.valid_to is not None:
        click.echo(f"use up to {key.valid_to}")
    if key.revoked_at is not None:
        click.echo(f"revoked   {key.revoked_at.isoformat()}, entry {key.revocation_entry}")
    if key.compromised_since is not None:
        click.echo(f"not believed since {key.compromised_since.isoformat()}, entry {key.revocation_entry}")
    if key.replaced_by is not None:
        click.echo(f"replaced by {key.replaced_by.hex()}")
    if key.is_inherited:
        click.echo(f"not believed: enrolled with a key that was stolen by then, entry {key.doubt_entry}")
