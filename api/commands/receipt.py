"""`flask receipt …`: does a receipt hold, and how much is that worth? Works without the ledger and its database."""

from pathlib import Path

import click

from api.checking import Check, check_receipt, check_signature, check_statement, left_open
from api.commands.frame import Group
from api.commands.remote import fetch
from api.words import say
from keys.envelope import Statement
from keys.keyring import PublicKey, read_jwk, read_public_pem
from keys.payload import read_json
from trace.ledger.checkpoint import read_verifier_key

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_HASH_DIGITS = 64

receipt = Group("receipt", help="Check a receipt without the ledger.")


@receipt.command("verify")
@click.argument("receipt", type=FILE)
@click.option("--statement", "statement_path", type=FILE, help="The statement that it is said to be of.")
@click.option("--leaf", metavar="HEX", help="Instead of the statement, its SHA-256.")
@click.option("--key", metavar="FILE|VKEY", help="The ledger's public key: a PEM file, or a C2SP verifier key.")
@click.option("--ledger-url", metavar="URL", help="Ask the ledger itself for its key; worth less, and not offline.")
@click.option("--signer-key", type=FILE, help="The public key of the statement's signer: a PEM or JWK file.")
def verify(
    receipt: Path,
    statement_path: Path | None,
    leaf: str | None,
    key: str | None,
    ledger_url: str | None,
    signer_key: Path | None,
) -> None:
    """Say whether RECEIPT holds for a statement under a ledger's key, and what that does not show.

    A line for each check, as on the page verify.html. Ends with 0 where none fails, else with 1 and the reason.

    \b
    Example: flask receipt verify 17.receipt --statement 17.cose --key ledger.pem
    """
    if (statement_path is None) is (leaf is None):
        raise click.UsageError("expected one of --statement and --leaf")
    if (key is None) is (ledger_url is None):
        raise click.UsageError("expected one of --key and --ledger-url")
    origin, public = _read_key(key) if key is not None else _ask_for_key(ledger_url or "")
    signer = _read_signer(signer_key) if signer_key is not None else None
    statement, lines = _check_statement(statement_path, signer)
    hash_ = statement.leaf if statement is not None else _read_leaf(leaf) if leaf is not None else None
    if hash_ is None:
        lines.append(left_open("path", "no_leaf"))
    else:
        lines += check_receipt(receipt.read_bytes(), hash_, public, origin)[1]
    _tell(lines, [*_admit(is_asked=key is None, is_hash=leaf is not None)])


def _check_statement(path: Path | None, signer: PublicKey | None) -> tuple[Statement | None, list[Check]]:
    if path is None:
        return None, []
    statement, line = check_statement(path.read_bytes())
    return statement, [line, check_signature(statement, signer)]


def _tell(lines: list[Check], limits: list[str]) -> None:
    """Print every line; what failed ends the command with its refusal, else the limits follow."""
    for line in lines:
        click.echo(line.tell())
    for line in lines:
        if line.refusal is not None:
            raise line.refusal
    click.echo(say("limit", "heading"))
    for limit in limits:
        click.echo(f"  - {limit}")


def _admit(*, is_asked: bool, is_hash: bool) -> list[str]:
    """What a receipt can't know."""
    of_key = say("limit", "asked") if is_asked else say("limit", "key")
    of_leaf = [say("limit", "leaf")] if is_hash else []
    return [of_key, say("limit", "view"), *of_leaf, say("limit", "truth"), say("limit", "later"), say("limit", "clock")]


def _read_signer(path: Path) -> PublicKey:
    data = path.read_bytes()
    return read_jwk(read_json(data)) if data.lstrip().startswith(b"{") else read_public_pem(data)


def _read_leaf(text: str) -> bytes:
    try:
        leaf = bytes.fromhex(text)
    except ValueError:
        leaf = b""
    if len(text) != _HASH_DIGITS or len(leaf) * 2 != _HASH_DIGITS:
        raise click.BadParameter(f"expected {_HASH_DIGITS} hexadecimal digits, got {text[:80]}", param_hint="--leaf")
    return leaf


def _read_key(given: str) -> tuple[str | None, PublicKey]:
    """(the ledger's name where the key tells it, the key): of a PEM file, a verifier key, or a file with one."""
    path = Path(given)
    # A verifier key has two plus signs; whoever has such a file name can say ./name.
    text = path.read_text(encoding="utf-8", errors="replace") if given.count("+") < 2 or path.is_file() else given
    if text.lstrip().startswith("-----BEGIN"):
        return None, read_public_pem(text.encode())
    return read_verifier_key(text)


def _ask_for_key(url: str) -> tuple[str | None, PublicKey]:
    answer = fetch(url, "/api/v1/ledger")
    try:
        return str(answer["origin"]), read_public_pem(answer["ledger_key"]["pem"].encode())
    except (KeyError, TypeError, AttributeError) as error:
        raise click.ClickException(f"{url} does not answer like a registry") from error
