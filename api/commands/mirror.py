"""`flask ledger mirror`: another ledger's public log, followed and kept where its operator can't reach it."""

import time
from pathlib import Path

import click

from api.commands.frame import progress
from api.commands.receipt import FILE
from api.commands.remote import fetch as ask
from api.commands.remote_log import RemoteLog
from api.commands.resume import ledger
from api.tlog.mirror import Mirror, Taken, locked, open_mirror

__all__ = ["ledger"]
FOLDER = click.Path(file_okay=False, resolve_path=True, path_type=Path)
# Ours to choose: how long to wait after the first failure; doubled after each, and never longer than the last.
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 5, 300


@ledger.command("mirror")
@click.argument("url")
@click.option(
    "--into",
    type=click.Path(file_okay=False, resolve_path=True, path_type=Path),
    required=True,
    help="The copy's folder.",
)
@click.option("--key", "key_path", type=FILE, help="A file with the ledger's verifier key (C2SP), from elsewhere.")
@click.option("--trust-first-use", is_flag=True, help="Instead: believe the key that URL names, this once, and pin it.")
@click.option("--follow", is_flag=True, help="Go on until you end it, or until something does not hold.")
@click.option("--every", type=click.IntRange(1, 86400), default=10, show_default=True, help="Seconds between looks.")
def mirror(url: str, into: Path, key_path: Path | None, *, trust_first_use: bool, follow: bool, every: int) -> None:
    """Keep a copy of the log under URL: its checkpoint and its tiles, each checked, laid out for any file server.

    A log that lacks what is kept, or has another history, is refused with exit code 1, and both checkpoints are kept
    as evidence. What was interrupted goes on where it was; a torn file is made again. The copy has hashes, no
    statements.

    \b
    Example: flask ledger mirror https://registry.example --into copy --key registry.vkey --follow
    """
    log = RemoteLog(url)
    try:
        with locked(into):
            copy = _open(url, into, key_path, is_trusting=trust_first_use)
            _tell(_visit(copy, log, again=True))
            if follow:
                _follow(copy, log, every)
    except BlockingIOError as error:
        raise click.ClickException(f"another process writes to {into}") from error


def _follow(copy: Mirror, log: RemoteLog, every: int) -> None:
    pause: float = _PAUSE_SECONDS
    while True:
        time.sleep(every)
        try:
            taken = _visit(copy, log, again=False)
        except click.ClickException as error:  # nobody answers: that shows nothing, and passes
            click.echo(error.format_message(), err=True)
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        else:
            pause = _PAUSE_SECONDS
            if taken.head.size != taken.before:
                _tell(taken)


def _visit(copy: Mirror, log: RemoteLog, *, again: bool) -> Taken:
    note = log.read_checkpoint()
    if not again:
        return copy.take(note, log.fetch, lambda *_: None)
    with progress("Mirroring") as tell:
        return copy.take(note, log.fetch, tell, again=True)


def _open(url: str, into: Path, key_path: Path | None, *, is_trusting: bool) -> Mirror:
    given = key_path.read_text(encoding="utf-8", errors="replace") if key_path is not None else None
    copy = open_mirror(into, given)
    if copy is None and is_trusting:
        copy = open_mirror(into, ask_key(url))
    if copy is None:
        raise click.UsageError("expected --key for a new folder, or --trust-first-use")
    return copy


def ask_key(url: str) -> str:
    """The verifier key that the registry at `url` names as its own."""
    answer = ask(url, "/api/v1/ledger").get("ledger_key")
    if not isinstance(answer, dict) or not isinstance(answer.get("verifier_key"), str):
        raise click.ClickException(f"{url} does not answer like a registry")
    key: str = answer["verifier_key"]
    return key


def _tell(taken: Taken) -> None:
    click.echo(f"{taken.head.size} entries ({taken.head.size - taken.before} new), root hash {taken.head.root.hex()}")
