"""Loading the story into an empty ledger: all of it, with keys for everybody, or nothing."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from api import blobs
from api.demonstration.chapters import Step, Story, read_story
from api.demonstration.replay import Teller
from api.label_keys import ensure_label_key
from api.shell import Shell, make_ledger_key
from keys.errors import RefusedError
from labs.refresh import mark_touched
from trace.chains import read_heads
from trace.epcis.identifiers import parse_lot
from trace.intake import Outcome, accept
from trace.ledger.checkpoint import Sealer
from trace.ledger.store import size_of
from trace.parties.register import find_registry

ORIGIN = "suzheng.example/demo"


def load_demonstration(shell: Shell, progress: Callable[[int, int], None]) -> None:
    """Replay the story in one transaction; its lots then wait to be judged. `progress` is told (steps done, of all).

    Raises RefusedError `founding-misplaced` where the ledger has entries, FileExistsError where there are keys already.
    """
    with shell.database.reading() as session:
        if size := size_of(session):
            raise RefusedError("founding-misplaced", expected="an empty ledger", got=f"one of {size} entries")
    story = read_story()
    with _fresh_keys(shell) as sealer, shell.database.writing() as session:
        done = 0
        for told in _teller(shell, session, sealer, story).tell():
            done += len(told.steps)
            progress(done, len(story.steps))


def is_demonstration(shell: Shell) -> bool:
    """Is this the ledger that `load_demonstration` founds?"""
    with shell.database.reading() as session:
        registry = find_registry(session)
    return registry is not None and registry.origin == ORIGIN


@contextmanager
def _fresh_keys(shell: Shell) -> Iterator[Sealer]:
    """The ledger's key and a folder for the parties'; both are gone again where the story could not be told.

    Keys that are there already belong to another ledger, whose only copy they may be: FileExistsError.
    """
    settings = shell.settings
    settings.demo_dir.mkdir(mode=0o700, parents=True)
    try:
        sealer = make_ledger_key(settings, ORIGIN)
        ensure_label_key(settings)
    except BaseException:
        settings.demo_dir.rmdir()
        raise
    try:
        yield sealer
    except BaseException:
        settings.ledger_key_path.unlink(missing_ok=True)
        shutil.rmtree(settings.demo_dir)
        raise


def _teller(shell: Shell, session: Session, sealer: Sealer, story: Story) -> Teller:
    def send(envelopes: list[bytes], at: datetime) -> list[Outcome]:
        outcomes = accept(session, envelopes, catalogue=shell.house.catalogue, sealer=sealer, at=at)
        mark_touched(session, outcomes)
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
        body = step.body
        if body.get("type") == "certificate":
            return None
        lab = body.get("claimed_body") or story.names.parties[step.party]
        pdf = print_report(body, parties[lab], items.get(parse_lot(body["lots"][0]).gtin, ""))
        blobs.store(shell.settings, pdf)
        return pdf

    return set_pdf
