"""`flask demo …`: the cable case, replayed into an empty ledger."""

import click
from flask import g

from api import migrate
from api.commands.frame import Group, progress
from api.commands.judging import judge_waiting
from api.commands.screening import screen_waiting
from api.demonstration.addresses import read_addresses
from api.demonstration.loading import is_demonstration, load_demonstration
from api.demonstration.names import read_names
from api.shell import Shell, current_shell
from api.words import LANGUAGES, say
from keys.errors import RefusedError

demo = Group("demo", help="The demonstration: a case of substandard cable, replayed.")


@demo.command("load")
def load() -> None:
    """Found a demonstration ledger and replay the case into it, entry by entry, at the dates of the case.

    The ledger has to be empty. Everybody's private keys are left in VAR_DIR/demo, so that you can play each of them.

    \b
    Example: flask demo load
    """
    shell = current_shell()
    migrate.upgrade(shell.database)
    fill(shell)


@demo.command("addresses")
def addresses() -> None:
    """Print the pages of the demonstration that are worth opening first.

    \b
    Example: flask demo addresses
    """
    if not is_demonstration(current_shell()):
        raise RefusedError("not-founded", expected="the demonstration, loaded by `flask demo load`")
    print_addresses(current_shell())


def fill(shell: Shell) -> None:
    """Load the demonstration and judge its lots, with the progress shown."""
    with progress("Loading the case") as tell:
        load_demonstration(shell, tell)
    judge_waiting(shell.database, shell.house, shell.clock())
    screen_waiting(shell.database)


def print_addresses(shell: Shell) -> None:
    """The pages worth opening, with what is to be seen there in both languages."""
    for label, path in read_addresses(read_names()):
        click.echo(f"{shell.settings.public_url}{path}")
        click.echo(f"    {' / '.join(_tell(language, label) for language in LANGUAGES)}")


def _tell(language: str, label: str) -> str:
    chosen, g.language = g.language, language
    try:
        return say(f"address.{label}", "title")
    finally:
        g.language = chosen
