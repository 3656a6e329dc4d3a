"""`flask statement …`: sign, submit and read statements, one by one."""

import re
from datetime import datetime
from typing import BinaryIO

import click

from api.commands.frame import Group, tell_refusal
from api.commands.pem import open_key
from api.commands.remote import post_statement
from api.commands.sealing import seal
from api.shell import current_shell
from api.words import plain
from keys import cbor
from keys.envelope import HASH_BYTES, Statement, parse_statement
from keys.errors import RefusedError
from trace.intake import MAX_BATCH, Outcome

statement = Group("statement", help="Sign, submit and read statements.")
_LEAF = re.compile(rf"[0-9a-f]{{{2 * HASH_BYTES}}}")


@statement.command("sign")
@click.option("--key", required=True, metavar="PEM|URI", help="The signer's PEM file, or its key in a PKCS#11 token.")
@click.option("--kind", required=True, metavar="TAG", help="The kind of statement, such as sample.drawn.")
@click.option("--issuer", required=True, metavar="USCC", help="The party that speaks.")
@click.option("--body", required=True, type=click.File("rb"), help="JSON file, or - for stdin. Signed byte for byte.")
@click.option(
    "--follows",
    multiple=True,
    default=("auto",),
    metavar="LEAF",
    help="auto (default): the present heads here; none; or each head's leaf hash in hex.",
)
@click.option("--at", metavar="TIME", help="When it is said, such as 2026-04-13T08:00:00+08:00. Default: now.")
@click.option(
    "--out", required=True, type=click.File("xb", lazy=True), help="New file for the statement, or - for stdout."
)
def sign(
    key: str, kind: str, issuer: str, body: BinaryIO, follows: tuple[str, ...], at: str | None, out: BinaryIO
) -> None:
    """Seal a body with your key. What does not fit the kind is refused before it is signed.

    A token's key is named by its RFC 7512 URI; the PIN is asked for, or is where pin-source says: file:/path or
    env:NAME.

    \b
    Examples: flask statement sign --key lab.pem --kind sample.received --issuer 91110000600037341L \\
                --body sample.json --out sample.cose
              flask statement sign --key 'pkcs11:token=lab;object=signatory?pin-source=file:/run/lab.pin' …
    """
    when = _read_time(at) if at is not None else current_shell().clock()
    sealed = seal(open_key(key), kind, issuer, body.read(), when, _read_follows(follows))
    out.write(sealed.to_bytes())
    click.echo(f"{sealed.leaf.hex()}  {sealed.kind}  {plain(sealed.subject)}", err=True)


@statement.command("submit")
@click.argument("files", nargs=-1, required=True, type=click.File("rb"))
@click.option("--url", metavar="URL", help="A registry to send to. Default: this one's own database.")
def submit(files: tuple[BinaryIO, ...], url: str | None) -> None:
    """Send statements through the one door; a file holds one, or a CBOR sequence of many.

    Exit code 1 if any was refused. Those that were accepted stay so.

    \b
    Examples: flask statement submit sample.cose report.cose
              flask statement submit --url https://registry.example sample.cose
    """
    named = [(file.name, one) for file in files for one in _split(file.read())]
    refused = 0
    for start in range(0, len(named), MAX_BATCH):
        batch = named[start : start + MAX_BATCH]
        envelopes = [envelope for _, envelope in batch]
        if url is not None:
            outcomes = [post_statement(url, envelope) for envelope in envelopes]
        else:
            outcomes = [_tell(outcome) for outcome in current_shell().accept(envelopes)]
        for (name, _), (is_refused, told) in zip(batch, outcomes, strict=True):
            refused += is_refused
            click.echo(f"{name}: {told}", err=is_refused)
    if url is None:
        current_shell().refresh()
    if refused:
        click.echo(f"{refused} of {len(named)} refused", err=True)
        click.get_current_context().exit(1)


@statement.command("show")
@click.argument("file", type=click.File("rb"))
def show(file: BinaryIO) -> None:
    """Print header and body of the statement in FILE (- for stdin). Nothing is verified: `submit` does that.

    \b
    Example: flask statement show sample.cose
    """
    for number, envelope in enumerate(_split(file.read())):
        if number:
            click.echo()
        _print(parse_statement(envelope))


def _split(data: bytes) -> list[bytes]:
    envelopes = list(cbor.split_sequence(data, where="the file", most=100_000))
    if not envelopes:
        raise RefusedError("cbor-malformed", where="the file", expected="a statement", got="nothing")
    return envelopes


def _read_follows(given: tuple[str, ...]) -> tuple[bytes, ...] | None:
    if given == ("auto",):
        return None
    if given == ("none",):
        return ()
    if wrong := [leaf for leaf in given if not _LEAF.fullmatch(leaf)]:
        raise click.BadParameter(
            f"expected auto, none or 64 hexadecimal digits, got {wrong[0]}", param_hint="--follows"
        )
    return tuple(bytes.fromhex(leaf) for leaf in given)


def _read_time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise click.BadParameter(f"expected a time with its offset, got {text}", param_hint="--at")
    return at


def _tell(outcome: Outcome) -> tuple[bool, str]:
    if isinstance(outcome, RefusedError):
        return True, tell_refusal(outcome)
    known = "" if outcome.is_new else " (known already)"
    return False, f"entry {outcome.position}{known}  {outcome.leaf.hex()}"


def _print(said: Statement) -> None:
    click.echo(f"kind      {said.kind}")
    click.echo(f"issuer    {plain(said.issuer)}")
    click.echo(f"subject   {plain(said.subject)}")
    click.echo(f"issued at {said.issued_at.isoformat()}")
    click.echo(f"key       {said.kid.hex()}")
    for leaf in said.follows:
        click.echo(f"follows   {leaf.hex()}")
    click.echo(f"leaf      {said.leaf.hex()}")
    click.echo(f"body      {plain(said.content_type)}, {len(said.payload)} bytes")
    click.echo(said.payload.decode("utf-8", errors="replace"))
