"""`flask ledger verify`: is a ledger what its keys have signed? This one's database, an export of any, or the public
log of another.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click
from sqlalchemy.orm import Session

from api import migrate
from api.auditing import looking_by_processes
from api.commands.frame import progress
from api.commands.mirror import ask_key, ledger
from api.commands.receipt import FILE
from api.commands.remote_log import RemoteLog
from api.database import Database
from api.shell import current_shell
from api.tlog.files import TileFiles
from api.words import plain, say
from keys.envelope import parse_statement
from keys.errors import RefusedError
from trace.audit import Depth, audit
from trace.ledger.audit import STRETCH, AuditResult, find_size
from trace.ledger.checkpoint import read_note, read_verifier_key
from trace.ledger.export import MAX_LINE_BYTES
from trace.ledger.following import Fetch, Head, check_growth, read_tiles
from trace.ledger.layout import lay_out
from trace.ledger.store import read_entry
from trace.ledger.tiles import Tile

__all__ = ["ledger"]
_DEPTHS = [depth.value for depth in Depth]


@ledger.command("verify")
@click.argument("source", required=False, metavar="[FILE|FOLDER|URL]")
@click.option("--depth", type=click.Choice(_DEPTHS), help="How much to ask of each statement; signatures by default.")
@click.option("--since", metavar="SIZE|FILE", help="A checkpoint that you kept: look at what was added after it.")
@click.option("--root-key", metavar="KID", help="The root key that you expect, as you have it from elsewhere.")
@click.option("--key", "key_path", type=FILE, help="For a URL or FOLDER: a file with the log's verifier key (C2SP).")
@click.option("--processes", type=click.IntRange(1, 64), help="How many to use; as many as there are cores by default.")
def verify(
    source: str | None,
    depth: str | None,
    since: str | None,
    root_key: str | None,
    key_path: Path | None,
    processes: int | None,
) -> None:
    """Recompute the ledger from the statements' bytes: all hashes, the tree, its roots, signatures and chain links.

    Without an argument, of this database; of a FILE that `flask ledger export` wrote; or of the public log under a
    URL, or in a FOLDER that `flask ledger mirror` keeps, which have hashes only. Ends at the first thing that is wrong
    in the order of the log, with exit code 1.

    \b
    --depth hashes       bytes, leaves, tree, roots, checkpoints with their signatures
    --depth signatures   and columns, each statement's signature by a key then on record, what it follows
    --depth door         and schema, role, post, heads: all that was asked when it came. Slow, and in one process

    That nobody cut off the end, only a copy of the checkpoint kept elsewhere can show: compare size and root with it,
    or hand it in with --since. Rows before it aren't looked at again then, but the tree over them is.

    \b
    Examples: flask ledger verify
              flask ledger verify --since checkpoint.txt
              flask ledger verify ledger.txt --depth door
              flask ledger verify https://registry.example --key registry.vkey
    """
    if source is not None and (source.startswith(("http://", "https://")) or Path(source).is_dir()):
        if root_key is not None or depth not in (None, Depth.HASHES):
            raise click.UsageError("expected a database or an export for that: a public log has hashes only")
        _verify_log(source, since, key_path)
        return
    if key_path is not None:
        raise click.UsageError("expected a URL or FOLDER with --key: a ledger's statements name its key themselves")
    asked = Depth(depth or Depth.SIGNATURES)
    if asked is Depth.DOOR and since is not None:
        raise click.UsageError("expected no --since with --depth door: what was allowed depends on all before")
    with _opened(source) as (database, origin):
        result, founding = _audit(database, asked, _read_since(since), processes or _count_cores())
        if origin is not None and result.is_sound and result.origin != origin:
            raise RefusedError("export-differs", line=1, where="origin", expected=result.origin, got=origin)
    _tell(result, founding, root_key, asked)


def _audit(database: Database, depth: Depth, since: int | str | None, processes: int) -> tuple[AuditResult, str | None]:
    """The result, and the thumbprint of the root key."""
    catalogue = current_shell().house.catalogue
    with database.reading() as session:
        is_long = find_size(session) > STRETCH and processes > 1 and depth is not Depth.DOOR
        looking = looking_by_processes(database.url, processes) if is_long else nullcontext()
        registers = _empty_registers() if depth is Depth.DOOR else nullcontext()
        try:
            with registers as scratch, looking as look, progress("Verifying") as tell:
                result = audit(
                    session, depth=depth, catalogue=catalogue, progress=tell, scratch=scratch, look=look, since=since
                )
        except BrokenProcessPool as error:
            raise click.ClickException("a process was ended from outside, perhaps for want of memory") from error
        return result, parse_statement(read_entry(session, 0).statement).kid.hex() if result.entries else None


def _tell(result: AuditResult, founding: str | None, root_key: str | None, depth: Depth) -> None:
    click.echo(f"entries     {result.entries} under {result.checkpoints} checkpoints")
    if result.since:
        click.echo(f"not again   {result.since} entries, whose root was kept")
    click.echo(f"origin      {result.origin or '-'}")
    click.echo(f"root hash   {result.root.hex() if result.root is not None else '-'}")
    click.echo(f"ledger key  {result.ledger_kid.hex() if result.ledger_kid is not None else '-'}")
    click.echo(f"root key    {founding or '-'}")
    click.echo(f"depth       {depth}: {say('audit', depth)}")
    if result.fault is not None:
        click.echo(f"WRONG at {plain(result.fault)}", err=True)
    elif root_key is not None and root_key != founding:
        click.echo(f"WRONG root key: expected {root_key}, got {founding or 'none'}", err=True)
    else:
        click.echo("sound")
        return
    click.get_current_context().exit(1)


def _verify_log(source: str, since: str | None, key_path: Path | None) -> None:
    """A public log: every tile against the root of its checkpoint."""
    note, fetch, named = _open_log(source)
    origin, key = read_verifier_key(key_path.read_text(encoding="utf-8") if key_path is not None else named())
    head = Head(*read_note(note, origin, key))
    kept = _read_since(since)
    if isinstance(kept, int):
        raise click.UsageError("expected a kept checkpoint's FILE with --since: a size alone has no root")
    first = 0
    if kept is not None:
        old = Head(*read_note(kept, origin, key))
        if old.size > head.size:
            raise RefusedError("ledger-behind", expected=f"{old.size} entries or more", got=head.size)
        check_growth(old, head, fetch)
        first = old.size
    tiles = 0
    with progress("Verifying") as tell:
        for tile, _ in read_tiles(first, head, fetch):
            tiles += 1
            if tile.level == 0:
                tell(tile.start + tile.width, head.size)
    click.echo(f"entries     {head.size} in {tiles} tiles")
    click.echo(f"origin      {origin}")
    click.echo(f"root hash   {head.root.hex()}")
    click.echo(f"ledger key  {key.kid.hex()}")
    click.echo(f"depth       {Depth.HASHES}: {say('audit', 'public')}")
    if key_path is None:
        click.echo(say("audit", "asked"))
    click.echo("sound")


def _open_log(source: str) -> tuple[str, Fetch, Callable[[], str]]:
    """A log's note, its tiles, and what it says that its key is."""
    if source.startswith(("http://", "https://")):
        log = RemoteLog(source)
        return log.read_checkpoint(), log.fetch, lambda: ask_key(source)
    folder = Path(source)
    files = TileFiles(folder)

    def read(tile: Tile) -> bytes:
        content = files.read(tile)
        if content is None:
            raise RefusedError("tile-unknown", where=tile.path, expected="a whole file")
        return content

    note = (folder / "checkpoint").read_text(encoding="utf-8")
    return note, read, lambda: (folder / "verifier-key").read_text(encoding="utf-8")


@contextmanager
def _opened(source: str | None) -> Iterator[tuple[Database, str | None]]:
    """The registry's own database, or a temporary one with an export laid out in it, and the origin that it names."""
    if source is None:
        yield current_shell().database, None
        return
    with Path(source).open("rb") as file, _temporary() as database:
        lines = iter(lambda: file.readline(MAX_LINE_BYTES + 1), b"")
        with database.writing() as session:
            opening = lay_out(session, lines)
        yield database, opening.origin


@contextmanager
def _temporary() -> Iterator[Database]:
    """Empty tables in a file that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="suzheng-verify-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'scratch.sqlite3'}")
        try:
            migrate.upgrade(database)
            yield database
        finally:
            database.close()


@contextmanager
def _empty_registers() -> Iterator[Session]:
    with _temporary() as database, database.reading() as session:
        yield session


def _read_since(given: str | None) -> int | str | None:
    if given is None or (given.isascii() and given.isdecimal()):
        return None if given is None else int(given)
    return Path(given).read_text(encoding="utf-8")


def _count_cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0))
