"""A witness's judgement (c2sp.org/tlog-witness v1.0): has the log only grown since it was last signed?

    old 20852014
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
    jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=

    example.com/behind-the-sofa
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — example.com/behind-the-sofa Az3grl…=

1. The first line MUST be "old" and the size that the witness last signed; 0 for none.
2. Then up to 63 lines of a consistency proof (RFC 6962 §2.1.2) MUST follow, an empty line, and the checkpoint.

Whoever calls `judge` holds the log's lock from reading the state until the new one is durable, and answers after that:
else two requests would both be held against the same old state, and two histories be signed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from keys.errors import RefusedError
from trace.ledger.note import Note, encode64, parse_lines, parse_note
from trace.ledger.signature import MAX_TIME, Signed, Signer, VerifierKey, find_signature, find_signatures
from trace.ledger.tree import EMPTY_ROOT, is_consistent
from trace.ledger.tree_head import TreeHead, read_hash, read_head, read_size

# tlog-witness, "add-checkpoint": the client MUST NOT send more.
MAX_PROOF_LINES = 63


@dataclass(frozen=True, slots=True)
class Request:
    """What a log asks: to sign `note`, whose text is `head`, as grown from `old_size` by `proof`."""

    old_size: int
    proof: tuple[bytes, ...]
    note: Note
    head: TreeHead


@dataclass(frozen=True, slots=True)
class State:
    """The latest checkpoint of a log that was cosigned, and when (seconds since 1970)."""

    size: int
    root: bytes
    time: int


NEVER = State(0, EMPTY_ROOT, 0)
"""The state of a log that nothing was signed of."""


def write_request(old_size: int, proof: Iterable[bytes], note: str) -> bytes:
    """The request's bytes."""
    hashes = "".join(f"{encode64(one)}\n" for one in proof)
    return f"old {old_size}\n{hashes}\n{note}".encode()


def read_request(data: bytes) -> Request:
    """Read a request. Raises RefusedError `witness-request-malformed` or `note-malformed`."""
    head, blank, rest = data.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
        word, space, size = first.partition(" ")
        if not blank or (word, space) != ("old", " ") or len(lines) > MAX_PROOF_LINES:
            raise ValueError(first[:40])
        old_size, proof = read_size(size), tuple(map(read_hash, lines))
    except ValueError as error:
        raise RefusedError(
            "witness-request-malformed",
            expected=f"old, a size, up to {MAX_PROOF_LINES} hashes and a checkpoint",
            got=str(error)[:80],
        ) from error
    note = parse_note(rest)
    return Request(old_size, proof, note, read_head(note.text))


def judge(request: Request, keys: Sequence[VerifierKey], state: State) -> list[Signed]:
    """The log's signatures on a checkpoint that may be cosigned after `state`.

    `keys` are those trusted for the checkpoint's origin, none for an unknown log. In the order of tlog-witness:
    1. the log is known, 2. has signed, 3. old size and checkpoint fit each other, 4. old size is that of `state`,
    5. an empty tree has the empty root, 6. the tree grew out of that of `state`.

    Raises RefusedError `log-unknown` (1), `log-signature-missing` or `note-signature-invalid` (2),
    `witness-request-malformed` (3), `witness-differs` (4, `expected` is the size of `state`) or `tree-inconsistent` (5,
    6).
    """
    head = request.head
    if not keys:  # 1
        raise RefusedError("log-unknown", got=head.origin[:200])
    signed = find_signatures(request.note, keys)  # 2
    if not signed:
        raise RefusedError("log-signature-missing", expected=f"a signature by {', '.join({key.name for key in keys})}")
    if request.old_size > head.size:  # 3
        raise RefusedError("witness-request-malformed", expected=f"old of {head.size} at most", got=request.old_size)
    if request.old_size != state.size:  # 4
        raise RefusedError("witness-differs", where="old", expected=state.size, got=request.old_size)
    if head.size == 0 and head.root != EMPTY_ROOT:  # 5
        raise RefusedError("tree-inconsistent", where="the empty tree", expected=EMPTY_ROOT.hex(), got=head.root.hex())
    if not _is_grown(request, state):  # 6
        raise RefusedError("tree-inconsistent", where=f"the first {state.size} entries", expected=state.root.hex())
    return signed


def is_fork(request: Request, state: State) -> bool:
    """Do the two heads, both signed by the log, contradict each other by themselves, whatever the proof?"""
    return request.head.size == state.size and request.head.root != state.root


def cosign(request: Request, signed: Sequence[Signed], signers: Sequence[Signer], state: State, now: int) -> Note:
    """What the witness keeps: the checkpoint with the signatures of the log that held, then its own, one a signer.

    `now` is seconds since 1970. A clock that went back must not let a cosignature say that at an earlier time this was
    the largest tree seen, so no time lies before that of `state`.
    """
    time = max(now, state.time, 1)
    if time > MAX_TIME:
        raise RefusedError("clock-went-back", expected=f"{MAX_TIME} at most", got=time)
    own = [signer.sign_text(request.note.text, time) for signer in signers]
    return Note(request.note.text, (*(one.line for one in signed), *own))


def write_answer(kept: Note, own: Sequence[VerifierKey]) -> str:
    """The lines that the witness answers with: its own."""
    return "".join(str(line) for line in kept.lines if any(key.is_of(line) for key in own))


def read_state(data: bytes, own: Sequence[VerifierKey]) -> State:
    """The state that a kept note stands for; `own` are the witness's keys, one of which at least has to be on it.

    Raises RefusedError `note-malformed`, `note-signature-invalid`, or `witness-state-lost` where the witness has not
    signed it: going on from there could mean to sign a second history.
    """
    note = parse_note(data)
    signed = find_signatures(note, own)
    if not signed:
        raise RefusedError("witness-state-lost", expected="a checkpoint with a cosignature of this witness")
    head = read_head(note.text)
    return State(head.size, head.root, max(one.time for one in signed))


def read_answer(data: bytes, checkpoint: Note, keys: Sequence[VerifierKey]) -> list[Signed]:
    """The cosignatures by `keys` in a witness's answer; lines of other keys are ignored.

    Raises RefusedError `note-malformed`, `note-signature-invalid`, or `cosignature-missing` where none is by them or
    one has no time.
    """
    try:
        lines = parse_lines(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RefusedError("note-malformed", where="the answer", expected="UTF-8") from error
    answered = Note(checkpoint.text, lines)
    signed = [found for key in keys if (found := find_signature(answered, key)) is not None]
    if not signed or not all(one.time for one in signed):
        raise RefusedError("cosignature-missing", expected=f"one by {', '.join(sorted({key.name for key in keys}))}")
    return signed


def _is_grown(request: Request, state: State) -> bool:
    if state.size == 0:
        # The empty tree is in every other: there is nothing to prove.
        return not request.proof
    return is_consistent(state.size, request.head.size, state.root, request.head.root, request.proof)
