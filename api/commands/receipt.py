"""`flask receipt …`: does a receipt hold, and how much is that worth? Works without the ledger and its database."""

from pathlib import Path

import click

from api.checking import (
    Check,
    check_checkpoint,
    check_proof,
    check_receipt,
    check_signature,
    check_statement,
    check_witnesses,
    left_open,
)
from api.commands.frame import Group
from api.commands.remote import fetch
from api.witnessing.policy_file import load_policy
from api.words import say
from keys.envelope import Statement
from keys.keyring import PublicKey, read_jwk, read_public_pem
from keys.payload import read_json
from trace.ledger.checkpoint import read_verifier_key
from trace.ledger.note import Note, parse_note
from trace.ledger.proof import is_proof, read_proof
from trace.ledger.receipt import Inclusion

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_HASH_DIGITS = 64

receipt = Group("receipt", help="Check a receipt without the ledger.")


@receipt.command("verify")
@click.argument("receipt", type=FILE)
@click.option("--statement", "statement_path", type=FILE, help="The statement that it is said to be of.")
@click.option("--leaf", metavar="HEX", help="Instead of the statement, its SHA-256.")
@click.option("--key", metavar="FILE|VKEY", help="The ledger's public key: a PEM file, or a C2SP verifier key.")
@click.option("--ledger-url", metavar="URL", help="Ask the ledger itself for its key; worth less, and not offline.")
@click.option("--checkpoint", "checkpoint_path", type=FILE, help="A cosigned checkpoint of the receipt's size.")
@click.option("--policy", "policy_path", type=FILE, help="Whose cosignatures you demand (C2SP tlog-policy).")
@click.option("--signer-key", type=FILE, help="The public key of the statement's signer: a PEM or JWK file.")
def verify(
    receipt: Path,
    statement_path: Path | None,
    leaf: str | None,
    key: str | None,
    ledger_url: str | None,
    checkpoint_path: Path | None,
    policy_path: Path | None,
    signer_key: Path | None,
) -> None:
    """Say whether RECEIPT holds for a statement under a ledger's key, and what that does not show.

    A line for each check, as on the page verify.html. RECEIPT is a COSE receipt, or a .tlog-proof, which brings its
    checkpoint. With --policy its checkpoint has to be signed by as many operators as your policy demands: then the
    ledger can't show you one history and others another. Ends with 0 where none fails, else with 1 and the reason.

    \b
    Examples: flask receipt verify 17.receipt --statement 17.cose --key ledger.pem
              flask receipt verify 17.receipt --statement 17.cose --key ledger.pem \\
                --checkpoint checkpoint.txt --policy policy.txt
              flask receipt verify 17.tlog-proof --statement 17.cose --key ledger.vkey --policy policy.txt
    """
    if (statement_path is None) is (leaf is None):
        raise click.UsageError("expected one of --statement and --leaf")
    if (key is None) is (ledger_url is None):
        raise click.UsageError("expected one of --key and --ledger-url")
    data = receipt.read_bytes()
    if (checkpoint_path is None) is not (policy_path is None or is_proof(data)):
        raise click.UsageError("expected --checkpoint and --policy together; a .tlog-proof brings its own checkpoint")
    policy = load_policy(policy_path) if policy_path is not None else None
    origin, public = read_key(key) if key is not None else _ask_for_key(ledger_url or "")
    signer = _read_signer(signer_key) if signer_key is not None else None
    statement, lines = _check_statement(statement_path, signer)
    hash_ = statement.leaf if statement is not None else _read_leaf(leaf) if leaf is not None else None
    is_witnessed = False
    if hash_ is None:
        lines.append(left_open("path", "no_leaf"))
    else:
        note = parse_note(checkpoint_path.read_bytes()) if checkpoint_path is not None else None
        shown, note, more = _check_place(data, hash_, public, origin, note)
        lines += more
        if shown is not None and note is not None and policy is not None:
            witnesses = check_witnesses(policy, note)
            is_witnessed = witnesses.case == "pass"
            lines.append(witnesses)
    _tell(lines, [*_admit(is_asked=key is None, is_hash=leaf is not None, is_witnessed=is_witnessed)])


def _check_place(
    data: bytes, leaf: bytes, key: PublicKey, origin: str | None, note: Note | None
) -> tuple[Inclusion | None, Note | None, list[Check]]:
    """The lines on a receipt or a .tlog-proof, and on the checkpoint: what was shown, and the note that it is in."""
    if is_proof(data):
        proof = read_proof(data)
        shown, lines = check_proof(proof, leaf, key, origin)
        return shown, proof.note, lines
    shown, lines = check_receipt(data, leaf, key, origin)
    if shown is None or note is None:
        return shown, note, lines
    line = check_checkpoint(shown, note, key)
    return (shown if line.refusal is None else None), note, [*lines, line]


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


def _admit(*, is_asked: bool, is_hash: bool, is_witnessed: bool) -> list[str]:
    """What a receipt can't know."""
    of_key = say("limit", "asked") if is_asked else say("limit", "key")
    of_view = say("limit", "witnessed") if is_witnessed else say("limit", "view")
    of_leaf = [say("limit", "leaf")] if is_hash else []
    return [of_key, of_view, *of_leaf, say("limit", "truth"), say("limit", "later"), say("limit", "clock")]


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


def read_key(given: str) -> tuple[str | None, PublicKey]:
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
