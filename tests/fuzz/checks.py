"""Targets for evidence in people's hands: the lines that `flask receipt verify` has for what it was given."""

from collections.abc import Sequence

from api.checking import Check, Outcome, check_receipt, check_signature, check_statement, check_witnesses
from keys.envelope import sig_structure
from tests.fuzz.keys import AT, BROWSER_KEY, HEADS, KEY, seal
from tests.fuzz.ledger import LEAVES, SEALER, growth, nodes, receipt_of
from tests.fuzz.notes import NOTE_WORDS, POLICY, cosigned
from tests.fuzz.target import Target
from tests.trace.ledger.cosigners import ORIGIN
from trace.ledger.checkpoint import SignedRoot, sign_root, write_receipt
from trace.ledger.note import parse_note
from trace.ledger.policy_text import parse_policy
from trace.ledger.tree import prove_inclusion, root_of

_POLICY = parse_policy(POLICY.encode())


def _tell(lines: Sequence[Check]) -> list[str]:
    """Each check is told in one line, which no evidence breaks, and a failure says why."""
    told = [line.tell() for line in lines]
    assert all(line.isprintable() for line in told), told
    assert all((line.outcome is Outcome.FAIL) is (line.refusal is not None) for line in lines)
    return told


def _check_statement(data: bytes) -> object:
    said, line = check_statement(data)
    assert (said is None) is (line.outcome is Outcome.FAIL)
    return _tell([line, check_signature(said, KEY.public)])


def _check_receipt(data: bytes) -> object:
    shown, lines = check_receipt(data, LEAVES[5], KEY.public, SEALER.origin)
    holds = all(line.outcome is Outcome.PASS for line in lines)
    assert holds is (shown is not None)
    assert shown is None or shown.position == 5, "a forged receipt holds"
    return _tell(lines)


def _check_lies(data: bytes) -> object:
    """By a ledger that signs any header."""
    signed = SignedRoot(data, KEY.sign(sig_structure(data, root_of(11, nodes))))
    receipt = write_receipt(signed, 11, 5, prove_inclusion(5, 11, nodes))
    return [_tell(check_receipt(receipt, LEAVES[5], KEY.public, origin)[1]) for origin in (None, SEALER.origin)]


def _check_witnesses(data: bytes) -> object:
    line = check_witnesses(_POLICY, parse_note(data))
    assert line.outcome is not Outcome.OPEN
    return _tell([line])


_HEADERS = tuple(sign_root(SEALER, size, root_of(size, nodes), AT).protected for size in (11, 5))
_MARKS = (b"\x1b[2J", b"\n[Holds] ", "\u202e".encode())
TARGETS = (
    Target(
        "statement-lines",
        _check_statement,
        (seal().to_bytes(), seal(BROWSER_KEY).to_bytes(), seal(issuer="\n" * 18).to_bytes()),
        (*HEADS, *_MARKS),
        (check_statement,),
    ),
    Target("receipt-lines", _check_receipt, (receipt_of(5, 11), growth(5, 11)), HEADS, (check_receipt,)),
    Target("lying-lines", _check_lies, _HEADERS, (*HEADS, *_MARKS), (check_receipt,)),
    Target(
        "witness-lines",
        _check_witnesses,
        (str(cosigned(9)).encode(), str(cosigned(3)).encode().rpartition(b"\xe2\x80\x94")[0]),
        (*NOTE_WORDS, f"{ORIGIN}\u202e\n".encode()),
        (check_witnesses,),
    ),
)  # fmt: skip
