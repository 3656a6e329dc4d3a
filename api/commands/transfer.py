"""`flask ledger export` and `import`: the whole ledger as text, and back into an empty database.

They hang on the group of `api/commands/ledger.py`, which is passed on from here with them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click

from api import migrate
from api.anchor import check_anchor, keep_anchor
from api.commands.frame import progress
from api.commands.judging import judge_waiting, queue_all_lots
from api.commands.ledger import ledger
from api.commands.screening import screen_waiting
from api.files import write_whole
from api.shell import current_shell
from keys.errors import RefusedError
from trace.audit import import_ledger
from trace.epcis.register import index_events
from trace.ledger.export import MAX_LINE_BYTES, write_ledger
from trace.ledger.store import latest_checkpoint, size_of
from trace.parties.register import find_registry
from trace.replay import sealed_size

__all__ = ["ledger"]


@ledger.command("export")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file; without it, stdout.")
@click.option("--until", type=click.IntRange(0), metavar="ENTRY", help="The last entry that may be in it.")
def export(out: Path | None, until: int | None) -> None:
    """Write the ledger as text, a command a line: statements, entries, signed checkpoints.

    It holds every body, those that are withheld from the public too. A batch that --until cuts through is left out.

    \b
    Example: flask ledger export --out ledger.txt
    """
    with current_shell().database.reading() as session, progress("Exporting") as tell:
        registry, size = find_registry(session), sealed_size(session, until)
        if registry is None:
            raise RefusedError("not-founded", expected="a registry founded by `flask init` or `flask demo load`")
        if not size:
            raise RefusedError("entry-unknown", where="--until", expected=f"0 to {size_of(session) - 1}", got=until)

        def encoded() -> Iterator[bytes]:
            done = 0
            for line in write_ledger(session, registry.origin, size):
                yield line.encode()
                if line.startswith("assert-root-hash"):
                    done = int(line.split("\t")[1])
                    tell(done, size)

        if out is None:
            for piece in encoded():
                click.echo(piece, nl=False)
        else:
            write_whole(out, encoded(), mode=0o600)


@ledger.command("import")
@click.argument("file", type=click.File("rb"))
def import_(file: BinaryIO) -> None:
    """Bring the ledger in FILE (- for stdin), as `flask ledger export` writes it, into this empty database.

    Every statement goes through the door again, and every root and signature is checked; at the first line that does
    not hold everything is as it was before. The ledger's private key is not needed for this, only for appending later.

    \b
    Example: flask ledger import ledger.txt
    """
    shell = current_shell()
    if not migrate.is_current(shell.database):
        migrate.upgrade(shell.database)
    with shell.database.writing() as session, progress("Importing") as tell:
        lines = iter(lambda: file.readline(MAX_LINE_BYTES + 1), b"")
        entries = import_ledger(session, lines, catalogue=shell.house.catalogue, progress=tell)
        # What was taken back on the way counts for nothing from the first verdict on.
        index_events(session, shell.house.catalogue, entries)
        queue_all_lots(session)
        registry, latest = find_registry(session), latest_checkpoint(session)
        assert registry is not None and latest is not None  # noqa: S101, PT018 - an import ends with a checkpoint
        check_anchor(shell.settings, session, registry.origin, registry.ledger_key)
        note, root = latest.note, latest.root
    keep_anchor(shell.settings, note)
    lots = judge_waiting(shell.database, shell.house, shell.clock())
    screen_waiting(shell.database)
    click.echo(f"{entries} entries imported, {lots} lots judged")
    click.echo(f"root hash  {root.hex()}")
    if not shell.settings.has_ledger_key:
        click.echo(f"Nothing can be appended yet: {shell.settings.ledger_key_path} is missing.", err=True)
