"""`flask receipt …`: does a receipt hold, and how much is that worth? Works without the ledger and its database."""

from datetime import UTC, datetime
from pathlib import Path

import click

from api.commands.frame import Group
from api.commands.remote import fetch
from api.witnessing.policy_file import load_policy
from api.words import say
from keys.envelope import Statement, parse_statement
from keys.errors import RefusedError
from keys.keyring import PublicKey, read_public_pem
from trace.ledger.checkpoint import read_note, read_verifier_key
from trace.ledger.note import Note, parse_note
from trace.ledger.policy import Judgement, Policy, demand, show_name
from trace.ledger.proof import Proof, is_proof, read_proof, verify_proof
from trace.ledger.receipt import Inclusion, verify_receipt

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
def verify(
    receipt: Path,
    statement_path: Path | None,
    leaf: str | None,
    key: str | None,
    ledger_url: str | None,
    checkpoint_path: Path | None,
    policy_path: Path | None,
) -> None:
    """Say whether RECEIPT holds for a statement under a ledger's key, and what that does not show.

    RECEIPT is a COSE receipt, or a .tlog-proof, which brings its checkpoint. With --policy its checkpoint has to be
    signed by as many operators as your policy demands: then the ledger can't show you one history and others another.
    Ends with 0 where it holds, else with 1 and the reason.

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
    statement = parse_statement(statement_path.read_bytes()) if statement_path is not None else None
    hash_ = statement.leaf if statement is not None else _read_leaf(leaf or "")
    data = receipt.read_bytes()
    if (checkpoint_path is None) is not (policy_path is None or is_proof(data)):
        raise click.UsageError("expected --checkpoint and --policy together; a .tlog-proof brings its own checkpoint")
    policy = load_policy(policy_path) if policy_path is not None else None
    origin, public = _read_key(key) if key is not None else _ask_for_key(ledger_url or "")
    note: Note | None = None
    if is_proof(data):
        proof = read_proof(data)
        shown, note = _check_proof(proof, hash_, public), proof.note
    else:
        shown = verify_receipt(data, hash_, public)
        note = parse_note(checkpoint_path.read_bytes()) if checkpoint_path is not None else None
    if origin is not None and shown.origin != origin:
        raise RefusedError("receipt-invalid", where="the ledger's name", expected=origin, got=shown.origin)
    judgement = _judge(shown, note, policy, public) if policy is not None and note is not None else None
    told = _tell(shown, hash_, public, statement)
    for line in (*told, *_tell_witnesses(judgement), *_admit(statement, judgement, is_asked=key is None)):
        click.echo(line)


def _check_proof(proof: Proof, leaf: bytes, key: PublicKey) -> Inclusion:
    """What a proof has shown, once the ledger's key is seen to have signed its checkpoint. It tells no time."""
    head = verify_proof(proof, leaf)
    read_note(str(proof.note), head.origin, key)
    return Inclusion(head.origin, proof.position, head.size, head.root, None)


def _judge(shown: Inclusion, note: Note, policy: Policy, key: PublicKey) -> Judgement:
    """What the policy says of the checkpoint that the receipt is held against: the same tree, by the same key."""
    size, root = read_note(str(note), shown.origin, key)
    if (size, root) != (shown.size, shown.root):
        expected, got = f"{shown.size} entries, {shown.root.hex()}", f"{size} entries, {root.hex()}"
        raise RefusedError("receipt-invalid", where="the checkpoint", expected=expected, got=got)
    return demand(policy, note)


def _tell_witnesses(judgement: Judgement | None) -> list[str]:
    if judgement is None or not judgement.operators:
        return []
    names = ", ".join(map(show_name, judgement.operators))
    newest = max(one.time for one in judgement.witnesses.values())
    at = f"{datetime.fromtimestamp(newest, UTC):%Y-%m-%d %H:%M:%S} UTC"
    number = {"got": len(judgement.operators), "threshold": judgement.threshold}
    return [say("receipt", "witnessed", names=names, at=at, **number)]


def _tell(shown: Inclusion, leaf: bytes, key: PublicKey, statement: Statement | None) -> list[str]:
    entry = say("receipt", "entry", leaf=leaf.hex(), position=shown.position, origin=shown.origin)
    facts = {"kid": key.kid.hex(), "size": shown.size, "root": shown.root.hex()}
    if shown.recorded_at is None:
        signed = say("receipt", "signed.untimed", **facts)
    else:
        signed = say("receipt", "signed", at=f"{shown.recorded_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", **facts)
    lines = [say("receipt", "holds"), entry, signed]
    if statement is not None:
        at = f"{statement.issued_at:%Y-%m-%d %H:%M:%S} UTC"
        named = {"kind": statement.kind, "issuer": statement.issuer, "subject": statement.subject}
        lines.append(say("receipt", "said", at=at, **named))
    return lines


def _admit(statement: Statement | None, judgement: Judgement | None, *, is_asked: bool) -> list[str]:
    """What a receipt can't know."""
    limits = [
        say("receipt", "limit.asked") if is_asked else say("receipt", "limit.key"),
        say("receipt", "limit.view")
        if judgement is None or not judgement.operators
        else say("receipt", "limit.policy"),
        say("receipt", "limit.leaf") if statement is None else say("receipt", "limit.signer"),
        say("receipt", "limit.truth"),
    ]
    return [say("receipt", "limits"), *(f"  - {limit}" for limit in limits)]


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
