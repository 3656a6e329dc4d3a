"""`flask ledger resume`: an operator's word that entries which were signed are lost for good."""

import click

from api.anchor import check_anchor, give_up, give_up_contradiction, read_anchor, read_contradiction
from api.commands.transfer import ledger
from api.shell import Shell, current_shell
from keys.errors import RefusedError
from trace.ledger.anchor import check_continues, check_newest
from trace.ledger.checkpoint import read_note
from trace.ledger.store import latest_checkpoint

__all__ = ["ledger"]


@ledger.command("resume")
@click.option("--give-up", "size", type=click.IntRange(1), required=True, help="The size of the kept checkpoint.")
def resume(size: int) -> None:
    """Append again to a database that lacks entries which were signed, as after a restore from an old copy.

    SIZE is that of the checkpoint kept in VAR_DIR, or of the one that a witness has shown (`ledger-forked`).

    The last resort: whoever holds a checkpoint or receipt of the lost entries can show that this ledger has two
    histories, and witnesses will not sign it. First look for a later backup, an export (`flask ledger import`) or a
    mirror. The checkpoint that is given up is kept beside the new one.

    \b
    Example: flask ledger resume --give-up 1387
    """
    shell = current_shell()
    registry, note = shell.registry, read_anchor(shell.settings)
    if _give_up_shown(shell, size):
        return
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


def _give_up_shown(shell: Shell, size: int) -> bool:
    """Give up the checkpoint that a witness has shown, where there is one of this size that the database lacks."""
    registry, shown = shell.registry, read_contradiction(shell.settings)
    if shown is None or read_note(shown, registry.origin, registry.ledger_key)[0] != size:
        return False
    with shell.database.writing() as session:
        check_newest(session, registry.origin, registry.ledger_key)
        try:
            check_continues(session, shown, registry.origin, registry.ledger_key)
        except RefusedError as error:
            click.echo(str(error), err=True)
            aside = give_up_contradiction(shell.settings)
            click.echo(f"given up    {size} entries that a witness holds, kept in {aside}")
            return True
    return False
