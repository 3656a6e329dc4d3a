"""`flask demo …`: the cable case, replayed into an empty ledger."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click
from flask import g
from sqlalchemy.orm import Session

from api import blobs, migrate
from api.commands.frame import Group, progress
from api.commands.judging import judge_waiting
from api.demonstration.addresses import read_addresses
from api.demonstration.chapters import Step, Story, read_story
from api.demonstration.names import read_names
from api.demonstration.replay import Teller
from api.shell import Shell, current_shell, make_ledger_key
from api.words import LANGUAGES, say
from keys.errors import RefusedError
from labs.refresh import mark_touched
from trace.chains import read_heads
from trace.epcis.identifiers import parse_lot
from trace.intake import Outcome, accept
from trace.ledger.checkpoint import Sealer
from trace.ledger.store import size_of
from trace.parties.register import find_registry

ORIGIN = "suzheng.example/demo"
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
    load_demonstration(shell)


@demo.command("addresses")
def addresses() -> None:
    """Print the pages of the demonstration that are worth opening first.

    \b
    Example: flask demo addresses
    """
    if not is_demonstration(current_shell()):
        raise RefusedError("not-founded", expected="the demonstration, loaded by `flask demo load`")
    print_addresses(current_shell())


def load_demonstration(shell: Shell) -> None:
    """Replay the story in one transaction: all of it is there afterwards, or nothing. Then judge its lots."""
    with shell.database.reading() as session:
        if size := size_of(session):
            raise RefusedError("founding-misplaced", expected="an empty ledger", got=f"one of {size} entries")
    story = read_story()
    with _fresh_keys(shell) as sealer, shell.database.writing() as session, progress("Loading the case") as tell:
        done = 0
        for told in _teller(shell, session, sealer, story).tell():
            done += len(told.steps)
            tell(done, len(story.steps))
    judge_waiting(shell.database, shell.house, shell.clock())


def is_demonstration(shell: Shell) -> bool:
    """Is this the ledger that `load_demonstration` founds?"""
    with shell.database.reading() as session:
        registry = find_registry(session)
    return registry is not None and registry.origin == ORIGIN


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


@contextmanager
def _fresh_keys(shell: Shell) -> Iterator[Sealer]:
    """The ledger's key and a folder for the parties'; both are gone again where the story could not be told.

    Keys that are there already belong to another ledger, whose only copy they may be: FileExistsError.
    """
    settings = shell.settings
    settings.demo_dir.mkdir(mode=0o700, parents=True)
    try:
        sealer = make_ledger_key(settings, ORIGIN)
    except BaseException:
        settings.demo_dir.rmdir()
        raise
    try:
        yield sealer
    except BaseException:
        settings.ledger_key_path.unlink()
        shutil.rmtree(settings.demo_dir)
        raise


def _teller(shell: Shell, session: Session, sealer: Sealer, story: Story) -> Teller:
    def send(envelopes: list[bytes], at: datetime) -> list[Outcome]:
        outcomes = accept(session, envelopes, catalogue=shell.house.catalogue, sealer=sealer, at=at)
        mark_touched(session, outcomes, shell.house.catalogue)
        return outcomes

    def heads(lots: tuple[str, ...]) -> tuple[bytes, ...]:
        return read_heads(session, lots)

    return Teller(story, shell.settings.demo_dir, ORIGIN, sealer.key.public, send, heads, _printer(shell, story))


def _printer(shell: Shell, story: Story) -> Callable[[Step], bytes | None]:
    """Sets the PDF of each report and presented report, and keeps it where the pages look for it."""
    # The typesetter and its fonts take half a second to load, which only the loader pays.
    from api.demonstration.papers import print_report

    parties = {
        step.body["party"]["uscc"]: step.body["party"]["name"]["zh"]
        for step in story.steps
        if "party" in step.body and isinstance(step.body["party"], Mapping)
    }
    items = {product["gtin"]: product["name"]["zh"] for product in story.names.products.values()}

    def set_pdf(step: Step) -> bytes | None:
        body: Mapping[str, Any] = step.body
        if body.get("type") == "certificate":
            return None
        lab = body.get("claimed_body") or story.names.parties[step.party]
        pdf = print_report(body, parties[lab], items.get(parse_lot(body["lots"][0]).gtin, ""))
        blobs.store(shell.settings, pdf)
        return pdf

    return set_pdf
