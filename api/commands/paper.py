"""`flask paper …`: what the file of a report shows, and the statement by which somebody puts that on record."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from sqlalchemy.orm import Session

from api.commands.frame import Group
from api.naming import tell_facts
from api.pages.people import names_in
from api.papers.asked import Answer, Question, answer
from api.papers.paper import describe_for_statement, examine_document, read_document
from api.shell import current_shell
from api.words import plain, say
from labs.papers.examine import Examination
from labs.papers.hosts import read_host
from labs.reports.register import Paper, Report, read_papers
from trace.epcis.identifiers import parse_lot

paper = Group("paper", help="Examine the PDF of a report.")
_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@paper.command("examine")
@click.argument("file", type=_EXISTING)
@click.option("--lab", default="", help="The lab named on it, by USCC; else what the file or the ledger says.")
@click.option("--number", default="", help="The number on it; else what the file or the ledger says.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the body of the statement."
)
def examine(file: Path, lab: str, number: str, out: Path | None) -> None:
    """Say what FILE shows: its seals, its text beside the lab's report, the address in its code. Exit code 0 only where
    nothing fails.

    With --out it also writes the body of a `paper.examined` statement for `flask statement sign`: only what is signed
    counts for a verdict.

    \b
    Example: flask paper examine report.pdf --out examined.json
    """
    shell = current_shell()
    with file.open("rb") as stream:
        document = read_document(stream)
    with shell.database.reading() as session:
        sha256 = hashlib.sha256(document).hexdigest()
        examination = examine_document(session, document, sha256, shell.clock())
        question = Question(lab=lab, number=number, examination=examination)
        answered = answer(session, question, urlsplit(shell.settings.public_url).hostname)
        names = names_in(session, answered.lines)
        body = _write_body(session, answered, examination)
    click.echo(f"{answered.word}  {say(f'asked.word_{answered.word}', 'title')}  {sha256}")
    for line in answered.lines:
        told = say(f"asked.{line.code}", "says", **tell_facts(line.facts, names))
        click.echo(f"  {line.outcome:9} {plain(told)}")
    if out is not None:
        out.write_text(json.dumps(body, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if answered.word == "false":
        raise click.exceptions.Exit(1)


def _write_body(session: Session, answered: Answer, examination: Examination) -> Mapping[str, Any]:
    """The lots are those of the report and of the papers that were handed over as this file."""
    papers = [one for one in read_papers(session, numbers={answered.number}) if one.pdf_sha256 == examination.sha256]
    bearers: list[Report | Paper] = [answered.report, *papers] if answered.report is not None else [*papers]
    lots = dict.fromkeys(lot for one in bearers for lot in one.lots)
    hosts = list(dict.fromkeys(filter(None, map(read_host, examination.seen.codes))))
    found = describe_for_statement(examination, answered.fields, hosts)
    uris = [parse_lot(lot).uri() for lot in lots]
    return {"lab": answered.lab, "number": answered.number, "lots": uris} | dict(found)
