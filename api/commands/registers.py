"""`flask registers rebuild`: the registers from the ledger alone, here or as of an earlier day elsewhere."""

from datetime import UTC, date, datetime, timedelta

import click

from api import migrate
from api.commands.frame import Group, progress
from api.commands.judging import judge_waiting, queue_all_lots
from api.commands.screening import screen_waiting
from api.database import Database, normalise_url
from api.shell import Shell, current_shell
from keys.errors import RefusedError
from trace.days import start_of_day
from trace.ledger.store import read_entry, size_of
from trace.replay import copy_ledger, replay, sealed_size

registers = Group("registers", help="Rebuild the registers from the ledger.")


@registers.command("rebuild")
@click.option("--until", metavar="ENTRY|DATE", help="The last entry, or the last day (in China), to be included.")
@click.option("--into", metavar="URL", help="Another, empty database; it gets a copy of the ledger up to there too.")
def rebuild(until: str | None, into: str | None) -> None:
    """Delete every register, replay the ledger into them and judge all lots again.

    With --until and --into: the registry as it was, and what could be known, on that day.

    \b
    Examples: flask registers rebuild
              flask registers rebuild --until 2015-11-09 --into sqlite:///then.sqlite3
    """
    shell = current_shell()
    if until is not None and into is None:
        raise click.UsageError("expected --into with --until: registers may not lag behind their own ledger")
    if into is None:
        entries = rebuild_here(shell)
        database, at = shell.database, shell.clock()
    else:
        if normalise_url(into) == shell.database.url:
            raise click.BadParameter("expected another database than the registry's own", param_hint="--into")
        last = _read_until(until) if until is not None else None
        database = Database(into)
        migrate.upgrade(database)
        entries, at = _rebuild_there(shell, database, last)
    lots = judge_waiting(database, shell.house, at)
    screen_waiting(database)
    click.echo(f"{entries} entries replayed, {lots} lots judged as of {at.isoformat(timespec='seconds')}")


def rebuild_here(shell: Shell) -> int:
    """Replay the registry's own ledger and queue every lot to be judged; returns how many entries."""
    with shell.database.writing() as session, progress("Replaying") as tell:
        replayed = replay(session, session, catalogue=shell.house.catalogue, progress=tell)
        queue_all_lots(session)
    return replayed.entries


def _rebuild_there(shell: Shell, database: Database, until: int | datetime | None) -> tuple[int, datetime]:
    """Entries that are there now, and the time as of which their lots are to be judged."""
    with shell.database.reading() as source, database.writing() as target, progress("Replaying") as tell:
        size = sealed_size(source, until)
        if not size:
            raise RefusedError("entry-unknown", where="--until", expected=f"0 to {size_of(source) - 1}", got=str(until))
        if there := size_of(target):
            raise RefusedError(
                "founding-misplaced", where="--into", expected="an empty ledger", got=f"one of {there} entries"
            )
        copy_ledger(source, target, size)
        replay(source, target, catalogue=shell.house.catalogue, until=size - 1, progress=tell)
        queue_all_lots(target)
        at = until if isinstance(until, datetime) else read_entry(source, size - 1).recorded_at
    return size, at


def _read_until(text: str) -> int | datetime:
    """An entry's position, or the last second of a day in China as UTC."""
    if text.isdecimal():
        return int(text)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"expected an entry or a day YYYY-MM-DD, got {text}", param_hint="--until") from error
    return (start_of_day(day) + timedelta(days=1, seconds=-1)).astimezone(UTC)
