"""Targets in what logs and their readers send each other: notes and tree heads, their keys, policies, proofs as text.

Where the log may itself be the liar, `SIGN` in an input stands for its true signature over the text before it.
"""

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from keys.errors import RefusedError
from tests.fuzz.keys import KEY
from tests.fuzz.target import Target, as_text
from tests.trace.ledger.cosigners import ORIGIN, Log, make_signer
from trace.ledger.checkpoint import read_note
from trace.ledger.note import Note, encode64, is_key_name, parse_lines, parse_note
from trace.ledger.policy import check_operators, judge_note, show_name
from trace.ledger.policy_text import parse_policy
from trace.ledger.proof import read_proof, verify_proof, write_proof
from trace.ledger.signature import ML_DSA_44_COSIGNATURE, read_vkey
from trace.ledger.tree import EMPTY_ROOT, prove_inclusion
from trace.ledger.tree_head import read_hash, read_head, read_size, write_head

LOG = Log(KEY)
NAME, NOW, KNOWN = "witness.example/w1", 1_679_315_147, 9
PRIVATE: tuple[Any, ...] = (
    Ed25519PrivateKey.from_private_bytes(b"a witness for tests, 32 bytes..."),
    MLDSA44PrivateKey.from_seed_bytes(b"a witness for tests, 32 bytes..."),
)
SIGNERS = (make_signer(NAME, private=PRIVATE[0]), make_signer(NAME, ML_DSA_44_COSIGNATURE, PRIVATE[1]))
OWN = tuple(signer.key for signer in SIGNERS)
SIGN = b"<signed>\n"
NOTE_WORDS = (
    *("— ".encode(), b"\n\n", b"\n", b" ", b"=", b"0", b"+", b"\x0b", "\u2028".encode(), SIGN),
    *(f"{name}\n".encode() for name in (ORIGIN, encode64(LOG.root(KNOWN)), "9223372036854775807")),
)
_LEAF = hashlib.sha256(b"5").digest()  # of entry 5


def cosigned(size: int) -> Note:
    """The log's checkpoint with both cosignatures of the witness."""
    note = parse_note(LOG.note(size).encode())
    return Note(note.text, (*note.lines, *(signer.sign_text(note.text, NOW) for signer in SIGNERS)))


def sign_for_log(data: bytes) -> bytes:
    """The input with the log's signature where it has `SIGN` behind a text."""
    head, mark, rest = data.partition(b"\n\n" + SIGN)
    if not mark:
        return data
    signature = KEY.sign(head.rpartition(b"\n\n")[2] + b"\n")
    return head + f"\n\n— {ORIGIN} {encode64(LOG.vkey.key_id + signature)}\n".encode() + rest


def _read_note(data: bytes) -> object:
    note = parse_note(data)
    written = str(note).encode()
    assert parse_note(written) == note
    # But for the unused bits of base64 it is what came.
    assert len(written) == len(data)
    assert data.startswith(note.text.encode() + b"\n")
    assert all(is_key_name(line.name) for line in note.lines)
    return note


def _read_head(data: bytes) -> object:
    head = read_head(as_text(data))
    assert f"{as_text(data)}\n".startswith(write_head(head.origin, head.size, head.root))
    return head


def _read_vkey(data: bytes) -> object:
    key = read_vkey(as_text(data))
    assert str(key) == as_text(data).strip(" \t\n")
    return key


def _read_hostile(data: bytes) -> object:
    """A log's note, whatever it says, for one who trusts its key."""
    signed = sign_for_log(data)
    size, root = read_note(as_text(signed), ORIGIN, KEY.public)
    assert signed.startswith(write_head(ORIGIN, size, root).encode())
    return size, root


def _read_policy(data: bytes) -> object:
    try:
        policy = check_operators(parse_policy(data))
    except RefusedError as error:
        # Names are bytes; a log file is text.
        str(error).encode()
        raise
    judgement = judge_note(policy, _HELD)
    "".join(map(show_name, policy.operators)).encode()
    assert policy.threshold <= len(policy.operators)
    if judgement.is_met:
        assert len(judgement.operators) >= policy.threshold
    return policy, judgement.is_met


def _read_proof(data: bytes) -> object:
    proof = read_proof(data)
    head = verify_proof(proof, _LEAF)
    assert (head.size, head.root) == read_note(str(proof.note), ORIGIN, KEY.public)
    assert proof.position == 5, "an entry stands where it does not"
    return proof.position, head


_HELD = cosigned(KNOWN)
POLICY = f"""# whose word counts
log {LOG.vkey} https://registry.example
witness w1 {OWN[0]} https://{NAME}
witness w1-pq {OWN[1]} https://{NAME}
witness w2 {make_signer("witness.example/w2", private=Ed25519PrivateKey.from_private_bytes(bytes(32))).key}
group one any w1 w1-pq
group both all one w2
quorum one
"""
_HEADS = (
    *(write_head(ORIGIN, size, LOG.root(size)).encode() for size in (1, KNOWN)),
    write_head(ORIGIN, 0, EMPTY_ROOT).encode() + b"an extension\n",
)
_PROOFS = tuple(write_proof(5, prove_inclusion(5, size, LOG.nodes), LOG.note(size)).encode() for size in (6, 13))
TARGETS = (
    Target(
        "note",
        _read_note,
        (str(_HELD).encode(), LOG.note(3).encode(), b"a text\n\nof two parts\n\n" + str(_HELD.lines[0]).encode()),
        NOTE_WORDS,
        (parse_note, parse_lines),
    ),
    Target("tree-head", _read_head, _HEADS, NOTE_WORDS, (read_head, read_size, read_hash)),
    Target(
        "vkey",
        _read_vkey,
        tuple(str(key).encode() for key in (LOG.vkey, *OWN)),
        (b"+", b"=", b"\n", b" ", b"AQ", b"BA", b"Bg"),
        (read_vkey,),
    ),
    Target("lying-log", _read_hostile, tuple(head + b"\n" + SIGN for head in _HEADS), NOTE_WORDS, (read_head,)),
    Target(
        "policy",
        _read_policy,
        (POLICY.encode(), b"quorum none\n", POLICY.replace("quorum one", "quorum both").encode()),
        (*POLICY.encode().split(b" "), b"group", b"all", b"any", b"1", b"none", b"\t", b"\xff", b"#"),
        (parse_policy, check_operators),
    ),
    Target(
        "tlog-proof",
        _read_proof,
        (*_PROOFS, _PROOFS[0].replace(b"index", b"extra AAAA\nindex")),
        (*NOTE_WORDS, b"index ", b"extra ", b"c2sp.org/tlog-proof@v1\n"),
        (read_proof, verify_proof),
    ),
)  # fmt: skip
