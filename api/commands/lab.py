"""`flask lab …`: which labs there are, what one was allowed to do on a day, and references to what stands behind it."""

import json
import os
import secrets
from pathlib import Path

import click

from api.commands.frame import Group
from api.csv_table import write_table
from api.directory import LAB_COLUMNS, SCOPE_COLUMNS, Lab, find_listed_labs, lab_rows, list_labs_on, read_day, read_lab
from api.directory import scope_rows as rows_of
from api.naming import party_name
from api.shell import current_shell
from api.v1.lab_schemas import StandingSchema
from api.v1.labs import write_standing
from api.words import knows, language, say
from labs.relations.references import DOMAIN_OF, make_reference

lab = Group("lab", help="Ask about labs.")


@lab.command("list")
@click.argument("text", default="")
@click.option("--on", help="As on this day, YYYY-MM-DD; today unless told.")
@click.option("--csv", "as_csv", is_flag=True, help="As a table.")
def list_(text: str, *, on: str | None, as_csv: bool) -> None:
    """Print the labs of which TEXT is in the name, code, CMA or CNAS number or scope; all of them without it.

    \b
    Example: flask lab list "GB/T 3048.4" --on 2026-03-03
    """
    with current_shell().database.reading() as session:
        listed = list_labs_on(session, find_listed_labs(session, text.strip()), read_day(session, on))
    if as_csv:
        click.echo(write_table(LAB_COLUMNS, lab_rows(listed)), nl=False)
        return
    for one in listed:
        state = say(f"accreditation.{one.state}", "title")
        click.echo(f"{one.party.uscc}  {state}  {party_name(one.party)}  ({one.performance.reports})")


@lab.command("show")
@click.argument("uscc")
@click.option("--on", help="As on this day, YYYY-MM-DD; today unless told.")
@click.option("--json", "as_json", is_flag=True, help="The day's answer as the API gives it.")
@click.option("--csv", "as_csv", is_flag=True, help="The lines of its scope as a table.")
def show(uscc: str, *, on: str | None, as_json: bool, as_csv: bool) -> None:
    """Print what the lab with the code USCC was allowed to do on a day: tests, sites, signatories, instruments.

    \b
    Example: flask lab show 91110000600037341L --on 2026-03-03
    """
    with current_shell().database.reading() as session:
        found = read_lab(session, uscc.upper(), read_day(session, on))
    if as_json:
        click.echo(json.dumps(StandingSchema().dump(write_standing(found)), ensure_ascii=False, indent=2))
    elif as_csv:
        click.echo(write_table(SCOPE_COLUMNS, rows_of(found)), nl=False)
    else:
        _print(found)


@lab.command("reference")
@click.argument("relation", type=click.Choice(sorted(DOMAIN_OF)))
@click.option(
    "--secret",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The regulators' secret: 64 hexadecimal digits. It is made where there is none, and should be backed up.",
)
@click.option("--value", prompt=True, hide_input=True, help="Asked for, so that no shell remembers it.")
def reference(relation: str, *, secret: Path, value: str) -> None:
    """Print the reference by which a relation.stated names a person, address, telephone or account without telling it.

    A person is given by the number of the identity document.

    \b
    Example: flask lab reference phone --secret relations.secret
    """
    click.echo(make_reference(_read_secret(secret), relation, value))


def _read_secret(path: Path) -> bytes:
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError as error:
        raise click.BadParameter("expected 64 hexadecimal digits in the file", param_hint="--secret") from error


def _print(found: Lab) -> None:
    standing = found.standing
    state = say(f"accreditation.{standing.state}", "title")
    click.echo(f"{found.party.uscc}  {party_name(found.party)}  {standing.day}  {state}")
    for permit in standing.permits:
        mark = "+" if permit.state == "open" else "-"
        line = permit.line
        said = f"{_word('family', line.object)}  {_word('parameter', line.parameter)}  {line.method}"
        click.echo(f"  {mark} {said}  {permit.state} [{permit.accreditation.entry}]")
    for site in standing.sites:
        click.echo(f"  {site.site}  {site.address}")
    for person in (*standing.signatories, *standing.analysts):
        one = person.authorisation
        click.echo(f"  {one.person}  {', '.join(one.parameters)}  ..{person.until or ''} [{one.entry}]")
    for held in standing.instruments:
        done = held.calibration
        state = say(f"instrument.{held.state}", "title")
        click.echo(f"  {done.instrument}  {done.name}  {state} ..{held.until} [{done.entry}]")


def _word(context: str, value: str) -> str:
    return say(f"{context}.{value}", "title") if knows(language(), f"{context}.{value}", "title") else value
