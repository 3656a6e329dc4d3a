"""`flask ledger …`: the group that the commands on the whole ledger hang on, and its present checkpoint."""

import click

from api.commands.frame import Group
from api.shell import current_shell
from keys.errors import RefusedError
from trace.ledger.cosigned import cosigned_note
from trace.ledger.store import latest_checkpoint

ledger = Group("ledger", help="Verify the ledger and publish checkpoints.")


@ledger.command("checkpoint")
def checkpoint() -> None:
    """Print the present checkpoint as a signed note (C2SP), to be kept where the registry's operator can't reach it.

    \b
    Example: flask ledger checkpoint > checkpoint.txt
    """
    with current_shell().database.reading() as session:
        latest = latest_checkpoint(session)
        note = cosigned_note(session, latest) if latest is not None else None
    if note is None:
        raise RefusedError("not-founded", expected="a registry founded by `flask init` or `flask demo load`")
    click.echo(note, nl=False)
