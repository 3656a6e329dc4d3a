"""`flask prepare`: what gunicorn runs before it forks (`api/gunicorn.conf.py`). Quick where there is nothing to do."""

from concurrent.futures import ThreadPoolExecutor

import click

from api import migrate
from api.anchor import check_anchor, keep_anchor
from api.commands.demo import fill, print_addresses
from api.commands.frame import Command, tell_refusal
from api.commands.judging import judge_waiting
from api.commands.registers import rebuild_here
from api.commands.screening import screen_waiting
from api.demonstration.loading import is_demonstration
from api.shell import Shell, current_shell
from api.witnessing.collecting import look_back
from api.witnessing.policy_file import read_policy
from keys.errors import RefusedError
from trace.ledger.policy import witnesses_by_url
from trace.ledger.store import latest_checkpoint, size_of
from trace.parties.register import find_registry

_PATIENCE_SECONDS = 3.0


@click.command("prepare", cls=Command)
@click.option("--demo/--no-demo", envvar="DEMO", default=True, help="Load the demonstration if the ledger is empty.")
def prepare(demo: bool) -> None:
    """Make ready to serve: bring the schema up, fill an empty ledger with the demonstration, print what to open.

    DEMO=no leaves an empty ledger empty, for `flask init`.

    \b
    Example: DEMO=no flask prepare
    """
    shell = current_shell()
    if migrate.is_ahead(shell.database):
        raise click.ClickException("the database is newer than this code: update the code, or restore an older copy")
    if not migrate.is_current(shell.database):
        migrate.upgrade(shell.database)
    _fill_registers(shell)
    is_empty = _is_empty(shell)
    if is_empty and demo:
        fill(shell)
    _ask_witnesses(shell)
    _look_back(shell)
    if is_demonstration(shell):
        print_addresses(shell)
    elif is_empty:
        click.echo("The ledger is empty: `flask init` founds a registry, `flask demo load` loads the demonstration.")
    else:
        click.echo(shell.settings.public_url)


def _ask_witnesses(shell: Shell) -> None:
    """Before anything is signed after a restart or a restore: does a witness hold what this database lacks?

    One that does not answer in time holds up nothing, else whoever stops a witness would stop the registry.
    """
    try:
        policy = read_policy(shell.settings)
        urls = [url for url, _ in witnesses_by_url(policy)] if policy is not None and not _is_empty(shell) else []
    except (RefusedError, OSError) as error:
        click.echo(
            f"No witness was asked. {tell_refusal(error) if isinstance(error, RefusedError) else error}", err=True
        )
        return
    with ThreadPoolExecutor(max(1, len(urls))) as threads:
        for refusal in threads.map(lambda url: _ask(shell, url), urls):
            # A contradiction is told by _look_back.
            if refusal is not None and refusal.code != "ledger-forked":
                click.echo(tell_refusal(refusal), err=True)


def _ask(shell: Shell, url: str) -> RefusedError | None:
    try:
        look_back(shell, url, _PATIENCE_SECONDS)
    except RefusedError as error:
        return error
    return None


def _fill_registers(shell: Shell) -> None:
    """A migration that makes registers anew leaves them empty: a ledger without them knows nobody's key."""
    with shell.database.reading() as session:
        is_bare = size_of(session) > 0 and find_registry(session) is None
    if is_bare:
        rebuild_here(shell)
        judge_waiting(shell.database, shell.house, shell.clock())
        screen_waiting(shell.database)


def _look_back(shell: Shell) -> None:
    """Say so where the database lacks what was signed; what it has can be read, so serving goes on."""
    with shell.database.reading() as session:
        registry, latest = find_registry(session), latest_checkpoint(session)
        try:
            if registry is not None:
                check_anchor(shell.settings, session, registry.origin, registry.ledger_key)
        except RefusedError as error:
            click.echo(f"Nothing can be appended. {tell_refusal(error)}", err=True)
        else:
            keep_anchor(shell.settings, latest.note if latest is not None else None)


def _is_empty(shell: Shell) -> bool:
    with shell.database.reading() as session:
        return size_of(session) == 0
