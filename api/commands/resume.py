"""`flask ledger resume`: an operator's word that entries which were signed are lost for good."""

import click

from api.anchor import check_anchor, give_up, read_anchor
from api.commands.transfer import ledger
from api.shell import current_shell
from keys.errors import RefusedError
from trace.ledger.anchor import check_newest
from trace.ledger.checkpoint import read_note
from trace.ledger.store import latest_checkpoint

__all__ = ["ledger"]


@ledger.command("resume")
@click.option("--give-up", "size", type=click.IntRange(1), required=True, help="The size of the kept checkpoint.")
def resume(size: int) -> None:
    """Append again to a database that lacks entries which were signed, as after a restore from an old copy.

    The last resort: whoever holds a checkpoint or receipt of the lost entries can show that this ledger has two
    histories, and witnesses will not sign it. First look for a later backup, an export (`flask ledger import`) or a
    mirror. The checkpoint that is given up is kept beside the new one.

    \b
    Example: flask ledger resume --give-up 1387
    """
    shell = current_shell()
    registry, note = shell.registry, read_anchor(shell.settings)
    if note is None:
        raise RefusedError("checkpoint-unknown", expected="a kept checkpoint", got="none")
    kept, root = read_note(note, registry.origin, registry.ledger_key)
    if size != kept:
        raise click.BadParameter(
            f"expected the size of the kept checkpoint, {kept}, got {size}", param_hint="--give-up"
        )
    # The write lock, so that nobody appends between the look and the change.
    with shell.database.writing() as session:
        check_newest(session, registry.origin, registry.ledger_key)
        try:
            check_anchor(shell.settings, session, registry.origin, registry.ledger_key)
        except RefusedError as error:
            click.echo(str(error), err=True)
        else:
            click.echo("Nothing to give up: the database contains the kept checkpoint.")
            return
        latest = latest_checkpoint(session)
        assert latest is not None  # noqa: S101 - check_newest has seen it
        present, newest = latest.size, latest.root
        aside = give_up(shell.settings, latest.note)
    click.echo(f"given up    {kept} entries, root hash {root.hex()}, kept in {aside}")
    click.echo(f"goes on at  {present} entries, root hash {newest.hex()}")
