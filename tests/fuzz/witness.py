"""Targets at a witness, and in what a ledger gets back from one.

The witness has cosigned nine entries of a log whose key may be in a liar's hands: the seeds have another history under
the same key, and `SIGN` signs whatever an input says. It is set back before each request.
"""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from flask import Flask

from api.witness.folder import WitnessFolder
from api.witness.serving import add_checkpoint, create_witness
from tests.fuzz.notes import KNOWN, LOG, NAME, NOTE_WORDS, NOW, OWN, PRIVATE, SIGN, SIGNERS, cosigned, sign_for_log
from tests.fuzz.target import Target
from tests.fuzz.wire import send, write_request
from tests.trace.ledger.cosigners import ORIGIN
from tests.trace.ledger.test_subtree import hash_of, prove_subtree
from trace.ledger.note import encode64, parse_note
from trace.ledger.subtree import read_subtree_request, sign_subtree
from trace.ledger.tree import EMPTY_ROOT
from trace.ledger.tree_head import read_head, write_head
from trace.ledger.witness import read_answer, read_request, read_state

_FORK = LOG.forked(4)
_LARGEST = 13
_LEAF_HASHES = [LOG.nodes(0, index) for index in range(_LARGEST)]
_HELD = cosigned(KNOWN)
_HELD_BYTES = str(_HELD).encode()


@cache
def _found() -> tuple[WitnessFolder, tempfile.TemporaryDirectory[str]]:
    """The witness, in a folder that goes with the process; its keys are the same in each run."""
    kept = tempfile.TemporaryDirectory(prefix="suzheng-fuzz-")
    folder = WitnessFolder(Path(kept.name) / "witness")
    folder.create(NAME)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for name, private in zip(("ed25519.pem", "ml-dsa-44.pem"), PRIVATE, strict=True):
        (folder.path / name).write_bytes(private.private_bytes(*form))
    folder.add_log(LOG.vkey, ORIGIN)
    return folder, kept


@cache
def _application() -> Flask:
    app = create_witness(_found()[0], lambda: NOW + 1)
    app.logger.disabled = True
    return app


def _set_back() -> WitnessFolder:
    """As before any request."""
    log = _found()[0].logs()[0]
    if log.read_checkpoint() != _HELD_BYTES:
        (log.path / "checkpoint").write_bytes(_HELD_BYTES)
    shutil.rmtree(log.path / "forks", ignore_errors=True)
    return _found()[0]


def _read_state(data: bytes) -> object:
    state = read_state(data, OWN)
    assert (state.size, state.root, state.time) == (KNOWN, LOG.root(KNOWN), NOW), "a forged state is believed"
    return state


def _read_answer(data: bytes) -> object:
    signed = read_answer(data, parse_note(LOG.note(KNOWN).encode()), OWN)
    assert all(one.key in OWN and one.time == NOW for one in signed), "a forged cosignature holds"
    return [one.key.key_id for one in signed]


def _ask(data: bytes) -> object:
    """To cosign."""
    asked = sign_for_log(data)
    answer = add_checkpoint(_set_back(), SIGNERS, asked, NOW + 1)
    note = parse_note(asked.partition(b"\n\n")[2])
    assert {one.time for one in read_answer(answer.encode(), note, OWN)} == {NOW + 1}
    head = read_head(note.text)
    assert head.size >= KNOWN, "a log shrank"
    assert head.size > KNOWN or head.root == LOG.root(KNOWN), "a second history is signed"
    assert head.size > _LARGEST or head.root != _FORK.root(head.size), "a second history is signed"
    return head


def _ask_subtree(data: bytes) -> object:
    """To sign a part of what was cosigned, which is the true history alone."""
    asked = read_subtree_request(data)
    lines = sign_subtree(asked, SIGNERS, is_known=asked.head.origin == ORIGIN)
    assert asked.hash == hash_of(_LEAF_HASHES[asked.start : asked.end]), "what is no part of it is signed"
    return asked.start, asked.end, len(lines)


def _serve(data: bytes) -> object:
    _set_back()
    response = send(_application(), data)
    if response is None:
        return None
    assert response.status_code < 500, f"{response.status_code}: {response.data[:300]!r}"
    return response.status_code, response.mimetype


def _write_subtree(start: int, end: int, size: int) -> bytes:
    hashes = [hash_of(_LEAF_HASHES[start:end]), *prove_subtree(start, end, _LEAF_HASHES[:size])]
    lines = "".join(f"{encode64(one)}\n" for one in hashes)
    return f"subtree {start} {end}\n{lines}\n{cosigned(size)}".encode()


_REQUESTS = (
    *(LOG.request(KNOWN, size) for size in (KNOWN, 12, _LARGEST)),
    *(_FORK.request(KNOWN, size) for size in (KNOWN, _LARGEST)),
    *(LOG.request(old, KNOWN) for old in (0, 4)),
    f"old {KNOWN}\n\n{write_head(ORIGIN, 12, LOG.root(12))}\n".encode() + SIGN,
    f"old 0\n\n{write_head(ORIGIN, 0, EMPTY_ROOT)}\n".encode() + SIGN,
)
_SUBTREES = tuple(_write_subtree(*span) for span in ((0, 8, 9), (8, 13, 13), (4, 6, 13), (12, 13, 13), (0, 13, 13)))
_WORDS = (
    *NOTE_WORDS,
    b"old ",
    b"old 9\n",
    b"subtree 8 13\n",
    *(encode64(one).encode() + b"\n" for one in _LEAF_HASHES),
)
TARGETS = (
    Target("witness-request", _ask, _REQUESTS, _WORDS, (read_request,)),
    Target("witness-subtree", _ask_subtree, _SUBTREES, _WORDS, (read_subtree_request,)),
    Target("witness-state", _read_state, (_HELD_BYTES, LOG.note(KNOWN).encode()), _WORDS, (read_state,)),
    Target(
        "witness-answer",
        _read_answer,
        ("".join(map(str, _HELD.lines[1:])).encode(), str(_HELD.lines[2]).encode()),
        _WORDS,
        (read_answer,),
    ),
    Target(
        "http-witness",
        _serve,
        (
            *(write_request("POST /add-checkpoint", one) for one in _REQUESTS),
            *(write_request("POST /sign-subtree", one, Content_Type="text/plain") for one in _SUBTREES),
            write_request(f"GET /{_found()[0].logs()[0].path.name}/checkpoint", If_None_Match='"x"'),
        ),
        (*_WORDS, b"/", b"%FF", b"/checkpoint", b"Content-Length: 9", b"Transfer-Encoding: chunked"),
        is_guided=False,
    ),
)  # fmt: skip
