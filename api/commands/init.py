"""`flask init`: a registry begins, once, with the ledger's key and the root key of its first regulator."""

import json
from pathlib import Path
from typing import Any

import click

from api import migrate
from api.commands.frame import Command
from api.commands.pem import choose_passphrase, write_key
from api.commands.sealing import seal
from api.label_keys import ensure_label_key
from api.shell import Shell, current_shell, make_ledger_key
from keys.errors import RefusedError
from keys.keyring import SigningKey, generate_key
from trace.intake import FOUNDING_KIND, read_payload
from trace.kinds import Role
from trace.ledger.store import size_of


@click.command("init", cls=Command)
@click.option("--origin", required=True, help="The ledger's name: a host and path of yours, without https://.")
@click.option("--title", required=True, help="What people call this registry.")
@click.option("--party", required=True, metavar="USCC", help="The first regulator's unified social credit code.")
@click.option("--name-zh", required=True, help="Its name in Chinese.")
@click.option("--name-en", help="Its name in English.")
@click.option(
    "--key", "key_path", required=True, type=click.Path(path_type=Path), help="New PEM file for its root key."
)
@click.option("--no-passphrase", is_flag=True, help="Leave the root key unencrypted.")
@click.option("--demonstration", is_flag=True, help="Entries may bear other dates than now. Can't be undone.")
def init(
    origin: str,
    title: str,
    party: str,
    name_zh: str,
    name_en: str | None,
    key_path: Path,
    no_passphrase: bool,
    demonstration: bool,
) -> None:
    """Found this registry: write entry 0 with the ledger's key and the root key of the first regulator.

    The root key goes to --key, encrypted by a passphrase that is asked for (or SUZHENG_PASSPHRASE, or the file that
    SUZHENG_PASSPHRASE_FILE names); keep it offline. The ledger's own key stays in VAR_DIR/keys, or is the one that
    LEDGER_KEY names: an Ed25519 key that lies in a PKCS#11 token already.

    \b
    Example: flask init --origin registry.example/2026 --title "City registry" \\
               --party 91110000600037341L --name-zh 市场监督局 --key root.pem
    """
    shell = current_shell()
    migrate.upgrade(shell.database)
    _check_unfounded(shell)
    root = generate_key()
    regulator = {"uscc": party, "name": {"zh": name_zh, "en": name_en}, "roles": [Role.REGULATOR.value]}
    body = {"origin": origin, "title": title, "is_demonstration": demonstration, "party": regulator}
    body["key"] = root.public.to_jwk()
    # What the door will read is read before a key is written that nobody could use.
    read_payload(_write(body, root), shell.house.catalogue.find(FOUNDING_KIND))
    # A token's key is there already: nothing is written before it has been opened.
    opened = make_ledger_key(shell.settings, origin) if shell.settings.ledger_key_uri else None
    write_key(key_path, root, choose_passphrase(no_passphrase))
    sealer = opened or make_ledger_key(shell.settings, origin)
    ensure_label_key(shell.settings)
    statement = seal(root, FOUNDING_KIND, party, _write(body, sealer.key), shell.clock())
    (outcome,) = shell.accept([statement.to_bytes()], sealer=sealer)
    if isinstance(outcome, RefusedError):
        raise outcome
    click.echo(f"founded    {origin}")
    click.echo(f"entry 0    {outcome.leaf.hex()}")
    click.echo(f"root key   {root.public.kid.hex()}  {key_path}")
    click.echo(
        f"ledger key {sealer.key.public.kid.hex()}  {shell.settings.ledger_key_uri or shell.settings.ledger_key_path}"
    )


def _check_unfounded(shell: Shell) -> None:
    with shell.database.reading() as session:
        size = size_of(session)
    if size:
        raise RefusedError("founding-misplaced", expected="an empty ledger", got=f"one of {size} entries")


def _write(body: dict[str, Any], ledger_key: SigningKey) -> bytes:
    return json.dumps(body | {"ledger_key": ledger_key.public.to_jwk()}, ensure_ascii=False).encode()
