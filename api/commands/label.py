"""`flask label …`: whether a label's signature holds, here or on any machine that has the registry's label keys."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import click

from api.commands.frame import Group
from api.label_keys import read_label_document
from api.shell import current_shell
from api.words import say
from keys.errors import RefusedError
from keys.keyring import PublicKey
from keys.label import PARAMETER, Standing, check_label
from trace.epcis.digital_link import parse_link

label = Group("label", help="Check labels.")


@label.command("verify")
@click.argument("url")
@click.option(
    "--keys",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The registry's /.well-known/suzheng-label-keys, saved; else the keys of this installation.",
)
def verify(url: str, path: Path | None) -> None:
    """Say what the signature in URL, the address in a label's QR code, shows. Exit code 0 only where it holds.

    It needs no network, and with --keys no registry either. That it holds says that the registry gave the number out,
    not that this label is the first one that bears it: a copy holds just as well.

    \b
    Example: flask label verify 'https://registry.example/01/06901234567892/10/A1/21/D007?s=…'
    """
    link = parse_link(url)
    marks = parse_qs(urlsplit(url).query, keep_blank_values=True).get(PARAMETER, [None])
    origin, keys = _read_keys(path) if path is not None else _own_keys()
    standing = check_label(marks[0] if len(marks) == 1 else "", origin, link.path, keys)
    click.echo(f"{standing}  {say(f'label.{standing}', 'title')}  {link.path.removeprefix('/')}  {origin}")
    click.echo(say(f"label.{standing}", "says"))
    if standing is not Standing.HOLDS:
        raise click.exceptions.Exit(1)


def _read_keys(path: Path) -> tuple[str, Mapping[str, PublicKey]]:
    try:
        return read_label_document(path.read_bytes())
    except RefusedError as error:
        raise RefusedError(error.code, **(error.facts | {"where": path.name})) from error


def _own_keys() -> tuple[str, Mapping[str, PublicKey]]:
    shell = current_shell()
    return shell.registry.origin, shell.label_keys
