"""`flask ledger …`: is it what its keys have signed, and what is its present checkpoint."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.orm import Session

from api import migrate
from api.commands.frame import Group, progress
from api.database import Database
from api.shell import current_shell
from keys.envelope import parse_statement
from keys.errors import RefusedError
from trace.audit import audit
from trace.ledger.cosigned import cosigned_note
from trace.ledger.store import latest_checkpoint, read_entry

ledger = Group("ledger", help="Verify the ledger and publish checkpoints.")


@ledger.command("verify")
@click.option("--root-key", metavar="KID", help="The root key that you expect, as you have it from elsewhere.")
def verify(root_key: str | None) -> None:
    """Recompute every hash, signature, chain link and the root from the entries alone.

    Ends at the first thing that is wrong, with exit code 1. That nobody cut off the end, only a copy of the checkpoint
    kept elsewhere can show: compare size and root with it.

    \b
    Example: flask ledger verify
    """
    shell = current_shell()
    with shell.database.reading() as session, _scratch() as scratch, progress("Verifying") as tell:
        result = audit(session, scratch=scratch, catalogue=shell.house.catalogue, progress=tell)
        founding = parse_statement(read_entry(session, 0).statement).kid.hex() if result.entries else None
    click.echo(f"entries     {result.entries} under {result.checkpoints} checkpoints")
    click.echo(f"origin      {result.origin or '-'}")
    click.echo(f"root hash   {result.root.hex() if result.root is not None else '-'}")
    click.echo(f"ledger key  {result.ledger_kid.hex() if result.ledger_kid is not None else '-'}")
    click.echo(f"root key    {founding or '-'}")
    if result.fault is not None:
        click.echo(f"WRONG at {result.fault}", err=True)
    elif root_key is not None and root_key != founding:
        click.echo(f"WRONG root key: expected {root_key}, got {founding or 'none'}", err=True)
    else:
        click.echo("sound")
        return
    click.get_current_context().exit(1)


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


@contextmanager
def _scratch() -> Iterator[Session]:
    """Empty registers in a file that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="suzheng-verify-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'scratch.sqlite3'}")
        try:
            migrate.upgrade(database)
            with database.reading() as session:
                yield session
        finally:
            database.close()
