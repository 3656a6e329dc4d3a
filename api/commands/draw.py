"""`flask draw …`: does a draw pick what it is said to? From this database, a server, a saved answer, or an export."""

from pathlib import Path

import click

from api.commands.frame import Group
from api.commands.receipt import read_key
from api.commands.remote import fetch
from api.drawn import read_told, show_draw
from api.naming import lot_label
from api.shell import current_shell
from api.words import say
from keys.errors import RefusedError
from keys.keyring import PublicKey
from keys.payload import read_json
from labs.drawing.checking import Evidence, check_computed, check_draw, read_evidence
from labs.drawing.register import Draw
from trace.ledger.checkpoint import read_note
from trace.ledger.export import MAX_LINE_BYTES, read_commands

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

draw = Group("draw", help="Check draws of samples.")


@draw.command("verify")
@click.argument("what")
@click.option("--url", metavar="URL", help="Ask the registry there, instead of this one's database.")
@click.option("--export", "export_path", type=FILE, help="An export of the ledger; every hash is computed from it.")
@click.option("--key", metavar="FILE|VKEY", help="The ledger's public key: a PEM file, or a C2SP verifier key.")
def verify(what: str, url: str | None, export_path: Path | None, key: str | None) -> None:
    """Make the draw again that entry WHAT announces, and say what it picks.

    WHAT is the number of the entry, or a file with what /api/v1/draws/… answered, which needs no network and no
    registry. The announcement has to stand in the ledger of --key, the seed to be of the root of its first entries, so
    many as were announced beforehand, and the picks those that are computed from it. Ends with 0 where all of it holds,
    else with 1 and the reason.

    \b
    Examples: flask draw verify 152
              flask draw verify 152 --url https://registry.example --key ledger.vkey
              flask draw verify draw.json --key ledger.pem
              flask draw verify 152 --export ledger.txt --key ledger.vkey
    """
    if url is not None and export_path is not None:
        raise click.UsageError("expected one of --url and --export")
    if export_path is not None:
        with export_path.open("rb") as file:
            lines = iter(lambda: file.readline(MAX_LINE_BYTES + 1), b"")
            evidence = read_evidence((command for _, command in read_commands(lines)), _entry(what))
        made = check_computed(evidence)
    else:
        evidence = _ask(what, url)
        made = check_draw(evidence)
    is_own = url is None and export_path is None and what.isdecimal()
    _tell(made, evidence, _check_note(evidence, key, is_own=is_own))


def _ask(what: str, url: str | None) -> Evidence:
    if url is not None:
        return read_told(fetch(url, f"/api/v1/draws/{_entry(what)}"))
    if what.isdecimal():
        with current_shell().database.reading() as session:
            return show_draw(session, _entry(what)).evidence
    return read_told(read_json(Path(what).read_bytes()))


def _entry(what: str) -> int:
    if not what.isdecimal() or not what.isascii() or len(what) > 18:
        raise click.BadParameter(f"expected the number of an entry, got {what[:60]}")
    return int(what)


def _check_note(evidence: Evidence, key: str | None, *, is_own: bool) -> str | None:
    """The name of the ledger whose key signed the checkpoint; None where no key was given. Raises RefusedError."""
    if key is not None:
        name, public = read_key(key)
    elif is_own:
        registry = current_shell().registry
        name, public = registry.origin, registry.ledger_key
    else:
        return None
    origin = name if name is not None else evidence.note.partition("\n")[0]
    return _check_signed(evidence, origin, public)


def _check_signed(evidence: Evidence, origin: str, public: PublicKey) -> str:
    signed = read_note(evidence.note, origin, public)
    if signed != (evidence.size, evidence.head):
        raise RefusedError("checkpoint-invalid", expected=f"{evidence.size} {evidence.head.hex()}", got=str(signed[0]))
    return origin


def _tell(made: Draw, evidence: Evidence, origin: str | None) -> None:
    seed = made.seed.hex() if made.seed is not None else ""
    root = made.root.hex() if made.root is not None else ""
    if origin is not None:
        click.echo(say("draw_check", "signed", origin=origin, size=evidence.size))
    else:
        click.echo(say("draw_check", "unsigned"))
    click.echo(say("draw_check", "ahead", entry=made.entry, size=made.ledger_size))
    click.echo(say("draw_check", "seeded", root=root, delivery=made.delivery, seed=seed))
    click.echo(say("draw_check", "picks", n=made.n, drums=len(made.units), margin=made.margin_pct))
    for number, pick in enumerate(made.picks, 1):
        click.echo(f"  {number}. {lot_label(pick.lot)}  {pick.metre} m  {pick.lot}")
    click.echo(say("draw_check", "limit"))
