"""`flask witness …`: sign other people's ledgers, for which no registry, database or ledger's key is needed; and have
this ledger signed (`collect`).
"""

import time
from datetime import UTC, datetime
from pathlib import Path

import click

from api.commands.frame import Group, tell_refusal
from api.shell import current_shell
from api.witness.folder import LogFolder, WitnessFolder
from api.witness.serving import Server, create_witness
from api.witnessing.collecting import collect as ask
from api.witnessing.policy_file import read_policy
from keys.errors import RefusedError
from trace.ledger.cosigned import cosigned_note
from trace.ledger.note import parse_note
from trace.ledger.policy import demand, show_name, witnesses_by_url
from trace.ledger.signature import VerifierKey, read_vkey
from trace.ledger.store import latest_checkpoint
from trace.ledger.witness import NEVER

witness = Group("witness", help="Sign other people's ledgers as a witness, and collect signatures for this one.")
folder_option = click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="Its folder; VAR_DIR/witness unless given."
)


@witness.command("init")
@click.option("--name", required=True, help="Its name: a host and path of yours, without https://.")
@folder_option
def init(name: str, folder: Path | None) -> None:
    """Make a witness: an Ed25519 and an ML-DSA-44 key in a folder that only you can read, and print what to hand out.

    Back up the keys, but never bring back an older state of `logs`: a witness that has forgotten what it signed can be
    made to sign a second history.

    \b
    Example: flask witness init --name witness.court.example/1
    """
    made = _open(folder)
    made.create(name)
    _print_keys(made)


@witness.command("add-log")
@click.argument("vkey")
@click.option("--origin", help="The log's origin, where it is not the name in the key.")
@folder_option
def add_log(vkey: str, origin: str | None, folder: Path | None) -> None:
    """Let the witness sign the log whose verifier key is VKEY. Have the key from the log's operator, not from its site.

    A second key for the same origin is trusted beside the first; the history goes on from what was signed.

    \b
    Example: flask witness add-log suzheng.example/demo+8f1c2ab9+AX1m…=
    """
    key = read_vkey(vkey)
    there = _open(folder)
    there.read_signers()
    log = there.add_log(key, origin or key.name)
    click.echo(f"{log.origin}  {len(log.keys)} {'key' if len(log.keys) == 1 else 'keys'}")


@witness.command("show")
@folder_option
def show(folder: Path | None) -> None:
    """Print the witness's verifier keys and its logs: the size and root it last signed, when, and proofs of forks.

    \b
    Example: flask witness show
    """
    there = _open(folder)
    own = _print_keys(there)
    for log in there.logs():
        _print_log(log, own)


@witness.command("run")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=7380, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@folder_option
def run(host: str, port: int, folder: Path | None) -> None:
    """Answer logs until stopped: POST /add-checkpoint, GET /<SHA-256 of an origin>/checkpoint.

    Anybody may ask; what is signed is decided by the logs' own signatures. Put TLS in front of it.

    \b
    Example: flask witness run --host 0.0.0.0 --port 7380
    """
    there = _open(folder)
    app = create_witness(there, time.time)
    _print_keys(there)
    click.echo(f"listening on {host}:{port}", err=True)
    Server(app, host, port).run()


@witness.command("collect")
def collect() -> None:
    """Ask each witness of POLICY_FILE to sign the newest checkpoint, and say which operators have signed it.

    The server does this by itself; here it is done once and told. Ends with 0 where the policy is met, else with 1.

    \b
    Example: POLICY_FILE=policy.txt flask witness collect
    """
    shell = current_shell()
    policy = read_policy(shell.settings)
    if policy is None:
        raise click.UsageError("expected POLICY_FILE to name a trust policy with witnesses")
    for url, parties in witnesses_by_url(policy):
        try:
            signed = ask(shell, url, parties)
            click.echo(f"signed  {url}  {', '.join(one.key.type.title for one in signed)}")
        except RefusedError as error:
            click.echo(tell_refusal(error), err=True)
    with shell.database.reading() as session:
        latest = latest_checkpoint(session)
        if latest is None:
            raise RefusedError("not-founded", expected="a ledger with a checkpoint")
        note = cosigned_note(session, latest)
    judgement = demand(policy, parse_note(note.encode()))
    named = ", ".join(map(show_name, judgement.operators)) or "-"
    click.echo(f"{judgement.head.size} entries, signed by {len(judgement.operators)} operators: {named}")


def _open(folder: Path | None) -> WitnessFolder:
    return WitnessFolder((folder or current_shell().settings.witness_dir).resolve())


def _print_keys(folder: WitnessFolder) -> tuple[VerifierKey, ...]:
    keys = tuple(signer.key for signer in folder.read_signers())
    for key in keys:
        click.echo(str(key))
    return keys


def _print_log(log: LogFolder, own: tuple[VerifierKey, ...]) -> None:
    state = log.read_state(own)
    click.echo(f"\n{log.origin}")
    for key in log.keys:
        click.echo(f"  key    {key}")
    if state == NEVER:
        click.echo("  never signed")
    else:
        at = datetime.fromtimestamp(state.time, UTC)
        click.echo(f"  signed {state.size} entries, root hash {state.root.hex()}, {at:%Y-%m-%d %H:%M:%S} UTC")
    for path in log.forks():
        click.echo(f"  FORK   {path}")
