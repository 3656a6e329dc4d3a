"""`flask import …`: a clerk's spreadsheet of drums, deliveries or installations, looked at whole, signed and sent."""

import time
from dataclasses import dataclass
from pathlib import Path

import click

from api.bulk.plan import Plan, plan_file
from api.bulk.sending import Sent, Signer, send_plan
from api.bulk.telling import parties_in, tell_fault, tell_place
from api.bulk.templates import TEMPLATES, Template
from api.bulk.writing import CSV, XLSX, write_template
from api.commands.frame import Group, progress, tell_refusal
from api.commands.pem import open_key
from api.naming import party_names
from api.shell import Shell, current_shell
from api.words import plain, say
from keys.errors import RefusedError
from keys.keyring import SigningKey
from trace.intake import Accepted
from trace.parties.register import find_key, read_parties

importing = Group("import", help="Bring in spreadsheets of drums, deliveries and installations.")
# Ours to choose: how often somebody else may have spoken of the same lots before we give up.
_MOST_ROUNDS = 5


@dataclass
class _Tally:
    """What an import has brought about."""

    rows: int = 0
    statements: int = 0
    refused: int = 0
    stale: int = 0


def _command(name: str, told: str) -> None:
    """Make the subcommand of a template."""

    @importing.command(name, help=told)
    @click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
    @click.option("--key", metavar="PEM|URI", help="PEM file of the key that signs, or its place in a PKCS#11 token.")
    @click.option("--party", metavar="USCC", help="The party that speaks. Default: the one whose key it is.")
    @click.option("--dry-run", is_flag=True, help="Name every bad row and send nothing; --party is enough then.")
    @click.option("--template", "form", type=click.Choice([CSV, XLSX]), help="Write an empty template instead.")
    @click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="Where the template goes.")
    def command(
        file: Path | None, key: str | None, party: str | None, dry_run: bool, form: str | None, out: Path | None
    ) -> None:
        template = TEMPLATES[name]
        if form is not None:
            _write(template, form, out)
            return
        if file is None:
            raise click.UsageError("expected FILE, or --template csv|xlsx -o FILE")
        if key is None and not (dry_run and party):
            raise click.UsageError("expected --key, or --dry-run with --party")
        _import(template, file, open_key(key) if key is not None else None, party, dry_run)


_command(
    "drums",
    """Put the drums of a batch on record, as FILE (CSV or XLSX) lists them.

    Every row is looked at before anything is signed. If one is bad, all that are bad are named and nothing is sent.
    After a break run the same command again: what stands on record already is counted and not said twice.

    \b
    Examples: flask import drums --template xlsx -o drums.xlsx
              flask import drums drums.xlsx --key maker.pem --dry-run
              flask import drums drums.xlsx --key maker.pem
    """,
)
_command(
    "deliveries",
    """Say what was shipped, received or delivered to a site, as FILE (CSV or XLSX) lists it.

    As `flask import drums`: every bad row is named, and then nothing is sent; after a break run it again.

    \b
    Example: flask import deliveries may.csv --key dealer.pem
    """,
)
_command(
    "installations",
    """Say which metres of which drum were built in where, as FILE (CSV or XLSX) lists it.

    As `flask import drums`: every bad row is named, and then nothing is sent; after a break run it again.

    \b
    Example: flask import installations station-03.xlsx --key contractor.pem
    """,
)


def _write(template: Template, form: str, out: Path | None) -> None:
    if out is None:
        raise click.UsageError("expected -o FILE with --template")
    with out.open("xb") as file:
        file.write(write_template(template, form))
    click.echo(f"{out}: {', '.join(column.code for column in template.columns)}", err=True)


def _import(template: Template, path: Path, key: SigningKey | None, party: str | None, dry_run: bool) -> None:
    shell = current_shell()
    data, began = path.read_bytes(), time.monotonic()
    issuer = party or _party_of(shell, key)
    plan = _plan(shell, template, data, issuer)
    _tell_plan(shell, plan)
    if plan.bad:
        click.get_current_context().exit(1)
    if dry_run or key is None:
        return
    tally = _send(shell, template, data, plan, Signer(shell.house.catalogue, key, issuer, shell.clock))
    seconds = time.monotonic() - began
    click.echo(
        f"{tally.rows} rows sent in {tally.statements} statements, {plan.standing} stood already: "
        f"{seconds:.1f} s, {plan.count / seconds:,.0f} rows/s"
    )
    shell.refresh()
    if tally.refused:
        click.get_current_context().exit(1)


def _party_of(shell: Shell, key: SigningKey | None) -> str:
    assert key is not None  # noqa: S101 - without a party there is a key
    with shell.database.reading() as session:
        found = find_key(session, key.public.kid)
    if found is None:
        raise RefusedError("key-unknown", where="--key", expected="a key on record", got=key.public.kid.hex())
    return found.party


def _plan(shell: Shell, template: Template, data: bytes, issuer: str) -> Plan:
    with shell.database.reading() as session:
        return plan_file(session, shell.house.catalogue, template, data, issuer, shell.clock())


def _send(shell: Shell, template: Template, data: bytes, plan: Plan, signer: Signer) -> _Tally:
    """Send a plan, and what others have outdated meanwhile on a new one, until all of it stands."""
    tally, total = _Tally(), plan.fresh
    with progress(f"{plan.fresh} rows") as tell:
        for _ in range(_MOST_ROUNDS):
            before, tally.stale = (tally.statements, tally.refused), 0
            for sent in send_plan(plan, signer, shell.accept):
                _count(tally, sent)
                tell(tally.rows, total)
            # Where none got through beside one that was refused for good, the others follow that one.
            if not tally.stale or (tally.statements == before[0] and tally.refused > before[1]):
                break
            plan = _plan(shell, template, data, signer.issuer)
            if plan.bad:
                _tell_plan(shell, plan)
                break
    if tally.stale:
        tally.refused += tally.stale
        click.echo("head-stale: others speak of the same lots; run this again", err=True)
    return tally


def _count(tally: _Tally, sent: Sent) -> None:
    if isinstance(sent.outcome, Accepted):
        tally.rows += len(sent.draft.rows)
        tally.statements += 1
    elif sent.is_stale:
        tally.stale += 1
    else:
        tally.refused += 1
        rows = sent.draft.rows
        where = f"rows {rows[0]}–{rows[-1]}" if rows else sent.draft.tag
        click.echo(f"{where}: {tell_refusal(sent.outcome)}", err=True)


def _tell_plan(shell: Shell, plan: Plan) -> None:
    with shell.database.reading() as session:
        names = party_names(read_parties(session, parties_in(plan)))
    for fault in plan.faults:
        sheet = f"{plain(plan.sheet)}!" if plan.sheet else ""
        place = f"{sheet}{fault.letter}{fault.row} {tell_place(fault).removeprefix(fault.letter).strip()}".strip()
        click.echo(f"{place}: {plain(tell_fault(fault, names))}", err=True)
    if plan.fault_count > len(plan.faults):
        click.echo(say("import.summary", "more", count=plan.fault_count - len(plan.faults)), err=True)
    click.echo(say("import.summary", "rows", count=plan.count, good=plan.good, bad=plan.bad, standing=plan.standing))
