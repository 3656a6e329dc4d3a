"""Checks of a statement and its receipt as lines that people read, the same as on `verify.html` (`static/verify/`).

    [Holds] The ledger's signature: The ledger's key 867e…426d signed that root hash.

A line tells what was looked at and what came of it; what was not looked at is open, and never passes. What decides is
`keys.envelope` and `trace.ledger.receipt`; nothing is judged here a second time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from api.words import knows, language, plain, say
from keys.envelope import Statement, parse_statement, verify_statement
from keys.errors import RefusedError
from keys.keyring import PublicKey
from trace.ledger.checkpoint import read_note
from trace.ledger.note import Note
from trace.ledger.policy import Judgement, Policy, demand, judge_note, show_name
from trace.ledger.proof import Proof, verify_proof
from trace.ledger.receipt import Inclusion, read_receipt, verify_receipt
from trace.ledger.tree import hash_leaf, root_from_inclusion

# Where `verify_receipt` refuses, and which line that is; anything else is a receipt that can't be read.
_STEP = {"the signature": "sealed", "the claims": "claims", "the receipt's header": "claims"}
_CASE_OF_STEP = {"path": "fail", "sealed": "fail", "claims": "size"}


class Outcome(StrEnum):
    """What came of a check."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    OPEN = "open"
    """Not checked."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line: the check, what came of it, the sentence (`case`) with its facts, and the refusal behind a failure."""

    name: str
    outcome: Outcome
    case: str
    facts: Mapping[str, object] = field(default_factory=dict)
    refusal: RefusedError | None = None

    def tell(self) -> str:
        """The line in the language of the request or command; one line, whatever the evidence says of itself."""
        context = f"check.{self.name}"
        sentence = say(context, self.case, **{name: plain(value) for name, value in self.facts.items()})
        return f"[{say('outcome', self.outcome)}] {say(context, 'title')}{say('mark', 'colon')}{sentence}"


def passed(name: str, **facts: object) -> Check:
    """A line of a check that holds."""
    return Check(name, Outcome.PASS, "pass", facts)


def left_open(name: str, case: str, **facts: object) -> Check:
    """A line of what was not checked, and why."""
    return Check(name, Outcome.OPEN, case, facts)


def failed(name: str, error: RefusedError, case: str = "fail", **facts: object) -> Check:
    """A line of a check that does not hold."""
    return Check(name, Outcome.FAIL, case, facts | _tell_refusal(error), error)


def check_statement(data: bytes) -> tuple[Statement | None, Check]:
    """Does it parse, strictly; the statement where it does."""
    try:
        said = parse_statement(data)
    except RefusedError as error:
        return None, failed("statement", error)
    facts = {"kind": _name_kind(said.kind), "issuer": said.issuer, "subject": said.subject, "leaf": said.leaf.hex()}
    return said, passed("statement", **facts, at=write_time(said.issued_at))


def check_signature(statement: Statement | None, key: PublicKey | None) -> Check:
    """Does the signer's signature hold under the key that is said to be theirs?"""
    if statement is None:
        return left_open("signature", "unread")
    if key is None or key.kid != statement.kid:
        return left_open("signature", "no_key", kid=statement.kid.hex())
    facts = {"kid": key.kid.hex(), "expected": key.algorithm.name, "got": statement.algorithm_id}
    try:
        verify_statement(statement, key)
    except RefusedError as error:
        case = "algorithm" if error.code == "algorithm-mismatch" else "fail"
        return Check("signature", Outcome.FAIL, case, facts, error)
    return passed("signature", **facts)


def check_receipt(
    receipt: bytes, leaf: bytes, key: PublicKey, origin: str | None
) -> tuple[Inclusion | None, list[Check]]:
    """The path, the ledger's signature, its claims, and the time; what they show where all hold.

    `origin` is the ledger's name where its key tells it.
    """
    try:
        shown = verify_receipt(receipt, leaf, key)
    except RefusedError as error:
        return None, _tell_failure(receipt, leaf, key, error)
    assert shown.recorded_at is not None  # noqa: S101 - a receipt's signed claims tell it
    at = write_time(shown.recorded_at)
    root = shown.root.hex()
    lines = [
        passed("path", leaf=leaf.hex(), position=shown.position, size=shown.size, root=root),
        passed("sealed", kid=key.kid.hex(), root=root),
    ]
    if origin is not None and shown.origin != origin:
        differs = RefusedError("receipt-invalid", where="the ledger's name", expected=origin, got=shown.origin)
        facts = {"origin": shown.origin, "expected": origin}
        return None, [*lines, Check("claims", Outcome.FAIL, "origin", facts, differs)]
    return shown, [*lines, passed("claims", origin=shown.origin, size=shown.size, at=at), passed("time", at=at)]


def check_proof(proof: Proof, leaf: bytes, key: PublicKey, origin: str | None) -> tuple[Inclusion | None, list[Check]]:
    """The path of a .tlog-proof and the ledger's signature on the checkpoint that it brings. It tells no time."""
    try:
        head = verify_proof(proof, leaf)
    except RefusedError as error:
        return None, [failed("path", error), left_open("checkpoint", "none")]
    root = head.root.hex()
    path = passed("path", leaf=leaf.hex(), position=proof.position, size=head.size, root=root)
    shown = Inclusion(head.origin, proof.position, head.size, head.root, None)
    if origin is not None and head.origin != origin:
        differs = RefusedError("receipt-invalid", where="the ledger's name", expected=origin, got=head.origin)
        facts = {"origin": head.origin, "expected": origin}
        return None, [path, Check("checkpoint", Outcome.FAIL, "origin", facts, differs)]
    line = check_checkpoint(shown, proof.note, key)
    lines = [path, line, left_open("time", "untold")]
    return (shown if line.refusal is None else None), lines


def check_checkpoint(shown: Inclusion, note: Note, key: PublicKey) -> Check:
    """Did the ledger's key sign this checkpoint, and is it of the tree that the receipt was shown in?"""
    facts: dict[str, object] = {"origin": shown.origin, "kid": key.kid.hex()}
    try:
        size, root = read_note(str(note), shown.origin, key)
    except RefusedError as error:
        return Check("checkpoint", Outcome.FAIL, "signature", facts, error)
    if (size, root) != (shown.size, shown.root):
        expected, got = f"{shown.size} entries, {shown.root.hex()}", f"{size} entries, {root.hex()}"
        differs = RefusedError("receipt-invalid", where="the checkpoint", expected=expected, got=got)
        return Check("checkpoint", Outcome.FAIL, "tree", {"expected": expected, "got": got}, differs)
    return passed("checkpoint", **facts, size=size, root=root.hex())


def check_witnesses(policy: Policy, note: Note) -> Check:
    """Have as many operators cosigned it as the policy demands?"""
    every = [show_name(name) for name in policy.operators]
    try:
        judgement = demand(policy, note)
    except RefusedError as error:
        judgement = judge_note(policy, note)
        facts = _count(every, judgement)
        return Check("witnesses", Outcome.FAIL, "fail", facts, error)
    if not every or not judgement.threshold:
        return left_open("witnesses", "quorum_none")
    return passed("witnesses", **_count(every, judgement))


def _count(every: list[str], judgement: Judgement) -> dict[str, object]:
    names = ", ".join(map(show_name, judgement.operators)) or "–"
    return {"all": len(every), "needed": judgement.threshold, "count": len(judgement.operators), "names": names}


def _name_kind(tag: str) -> str:
    title = f"kind.{tag}"
    return f"{say(title, 'title')} ({tag})" if knows(language(), title, "title") else tag


def write_time(at: datetime) -> str:
    """An instant as these lines write it: UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _tell_failure(receipt: bytes, leaf: bytes, key: PublicKey, error: RefusedError) -> list[Check]:
    """The lines up to the step that refused, and of those after it that they were not reached."""
    step = _STEP.get(str(error.facts.get("where")), "path")
    if step == "path":
        return [failed("path", error), left_open("sealed", "unreached"), left_open("claims", "unreached")]
    _, (size, position, path), _ = read_receipt(receipt)
    root = (root_from_inclusion(hash_leaf(leaf), position, size, path) or b"").hex()
    facts = {"leaf": leaf.hex(), "position": position, "size": size, "root": root, "kid": key.kid.hex()}
    told = Check(step, Outcome.FAIL, _CASE_OF_STEP[step], facts | {"got": error.facts.get("got", "")}, error)
    if step == "sealed":
        return [passed("path", **facts), told, left_open("claims", "unreached")]
    if error.code != "receipt-invalid":
        told = failed("claims", error)
    return [passed("path", **facts), passed("sealed", **facts), told]


def _tell_refusal(error: RefusedError) -> dict[str, object]:
    context = f"problem.{error.code}"
    title = say(context, "title") if knows(language(), context, "title") else error.code
    reason = ", ".join(f"{name} {' '.join(str(value).split())[:200]}" for name, value in error.facts.items())
    return {"code": f"{title} [{error.code}]", "reason": reason}
