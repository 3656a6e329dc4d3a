"""`flask lot …`: what is to be thought of a lot, and where it comes from and went."""

import json
from collections.abc import Iterable
from pathlib import Path

import click

from api.answer import answer
from api.commands.frame import Group
from api.commands.tree import draw_trace, draw_whereabouts
from api.csv_table import STEP_COLUMNS, WHERE_COLUMNS, step_rows, where_rows, write_table
from api.evidence import gather_bundle, write_bundle
from api.files import write_whole
from api.naming import party_names
from api.sentences import Told
from api.shell import current_shell
from api.v1.lot_schemas import LotStateSchema, TraceSchema, WhereaboutsSchema
from api.v1.lots import describe_lineage, describe_lot, locate
from api.words import say
from trace.epcis.identifiers import parse_lot
from trace.kinds import Readers
from trace.parties.register import read_parties

lot = Group("lot", help="Ask about one lot.")


@lot.command("verdict")
@click.argument("lot")
@click.option("--json", "as_json", is_flag=True, help="As the API gives it.")
def verdict(lot: str, as_json: bool) -> None:
    """Print the verdict on LOT (a lot id or Digital Link URI) as of now, with its reasons and what was not checked.

    \b
    Example: flask lot verdict 01/06901234567892/10/A1/21/D001
    """
    identity = parse_lot(lot)
    if as_json:
        click.echo(_write(LotStateSchema().dump(describe_lot(identity))))
        return
    told = answer(current_shell(), str(identity))
    word = told.facts.verdict.word
    click.echo(f"{word}  {say(f'verdict.{word}', 'title')}  {identity}")
    if told.facts.lot is not None:
        maker = told.names.get(told.facts.lot.maker, told.facts.lot.maker)
        click.echo(f"{told.facts.lot.type}, {maker}")
    reasons = (told.reason, *told.other_reasons)
    _print("Reasons", reasons)
    _print(
        "Also found", (found for found in told.findings if found.sentence not in {each.sentence for each in reasons})
    )
    _print("Not checked", told.unchecked)
    click.echo("Gates")
    for gate in told.gates:
        click.echo(f"  {'+' if gate.is_passed else '-'} {gate.title}{_proof(gate.entries)}")
    click.echo(f"Looked and found nothing: {', '.join(told.facts.verdict.passed) or '-'}")


@lot.command("trace")
@click.argument("lot")
@click.option("--up", "is_up", is_flag=True, help="Only where it comes from.")
@click.option("--down", "is_down", is_flag=True, help="Only what became of it.")
@click.option("--json", "as_json", is_flag=True, help="As the API gives it.")
@click.option("--csv", "as_csv", is_flag=True, help="A table of the steps.")
def trace(lot: str, *, is_up: bool, is_down: bool, as_json: bool, as_csv: bool) -> None:
    """Print where LOT (a lot id or Digital Link URI) comes from and where it went, with quantities and holders.

    \b
    Example: flask lot trace 01/06901234567892/10/A1 --down --csv
    """
    lot_id = str(parse_lot(lot))
    direction = "both" if is_up == is_down else "up" if is_up else "down"
    told = describe_lineage(lot_id, direction)
    if as_json:
        click.echo(_write(TraceSchema().dump(told)))
        return
    nodes = {node["lot"]: node for node in told["nodes"]}
    if as_csv:
        lots = {each: node["product"] for each, node in nodes.items() if node["product"] is not None}
        holding = {each: node["holder"] for each, node in nodes.items() if node["holder"] is not None}
        click.echo(write_table(STEP_COLUMNS, step_rows(told["edges"], lots, holding)), nl=False)
        return
    with current_shell().database.reading() as session:
        parties = {node["holder"].party for node in nodes.values() if node["holder"] is not None}
        names = party_names(read_parties(session, parties))
    held = {
        each: names.get(node["holder"].party, node["holder"].party) for each, node in nodes.items() if node["holder"]
    }
    types = {each: node["product"].type for each, node in nodes.items() if node["product"] is not None}
    words = {each: node["verdict"] for each, node in nodes.items() if node["verdict"] is not None}
    for line in draw_trace(lot_id, told["edges"], types, held, words, direction=direction, is_cut=told["is_cut"]):
        click.echo(line)


@lot.command("where")
@click.argument("lot")
@click.option("--json", "as_json", is_flag=True, help="As the API gives it.")
@click.option("--csv", "as_csv", is_flag=True, help="As a table.")
def where(lot: str, *, as_json: bool, as_csv: bool) -> None:
    """Print where every metre of LOT (a lot id or Digital Link URI) is now, so that the parts sum to the whole.

    \b
    Example: flask lot where 01/06901234567892/10/A1
    """
    told = locate(str(parse_lot(lot)))
    if as_json:
        click.echo(_write(WhereaboutsSchema().dump(told)))
    elif as_csv:
        click.echo(write_table(WHERE_COLUMNS, where_rows(told)), nl=False)
    else:
        with current_shell().database.reading() as session:
            parties = {party for part in told.parts for party in (part.spot.party, part.spot.to) if party}
            names = party_names(read_parties(session, parties))
        for line in draw_whereabouts(told, names):
            click.echo(line)


@lot.command("evidence")
@click.argument("lot")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The ZIP file.")
@click.option("--all", "is_all", is_flag=True, help="With bodies that are withheld from the public: for courts.")
def evidence(lot: str, out: Path, is_all: bool) -> None:
    """Write a ZIP with all that is needed to check the story of LOT without this ledger, and how to do that.

    \b
    Example: flask lot evidence 01/06901234567892/10/A1 --out evidence.zip
    """
    shell = current_shell()
    bundle = gather_bundle(shell, str(parse_lot(lot)), lambda readers, _: is_all or readers is Readers.ANYONE)
    write_whole(out, write_bundle(shell, bundle))
    click.echo(f"{len(bundle.pieces)} entries under the checkpoint of {bundle.size}  {out}")


def _print(title: str, items: Iterable[Told]) -> None:
    click.echo(title)
    lines = [
        f"  {item.code + ' ' if item.code else ''}{item.sentence or item.title}{_proof(item.entries)}" for item in items
    ]
    click.echo("\n".join(lines or ["  -"]))


def _proof(entries: tuple[int, ...]) -> str:
    return f" [{', '.join(map(str, entries))}]" if entries else ""


def _write(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
