"""The witness over HTTP answers as c2sp.org/tlog-witness says, and signs one history whoever asks at once."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from flask.testing import FlaskClient

from api.witness.folder import WitnessFolder
from api.witness.serving import create_witness
from keys.errors import RefusedError
from tests.conftest import ROOT
from tests.trace.ledger.cosigners import ORIGIN, make_log
from tests.trace.ledger.test_subtree import hash_of, prove_subtree
from trace.ledger.note import encode64, parse_lines, parse_note
from trace.ledger.signature import ML_DSA_44_COSIGNATURE, find_signature, find_signatures, say_subtree
from trace.ledger.tree_head import read_head
from trace.ledger.witness import read_answer, write_request

LOG = make_log()
HASH = hashlib.sha256(ORIGIN.encode()).hexdigest()
NOW = 1_679_315_147


@pytest.fixture
def folder(tmp_path) -> WitnessFolder:
    made = WitnessFolder(tmp_path / "witness")
    made.create("witness.example/w1")
    made.add_log(LOG.vkey, ORIGIN)
    return made


@pytest.fixture
def client(folder) -> FlaskClient:
    return create_witness(folder, lambda: NOW + 0.9).test_client()


def post(client: FlaskClient, data: bytes):
    return client.post("/add-checkpoint", data=data)


def test_a_checkpoint_is_cosigned_by_both_keys_and_served(client, folder):
    reply = post(client, LOG.request(0, 9))
    assert (reply.status_code, reply.content_type) == (200, "text/plain; charset=utf-8")
    own = [signer.key for signer in folder.read_signers()]
    signed = read_answer(reply.data, parse_note(LOG.note(9).encode()), own)
    assert [(one.key, one.time) for one in signed] == [(key, NOW) for key in own]
    served = client.get(f"/{HASH}/checkpoint")
    assert served.status_code == 200
    note = parse_note(served.data)
    assert find_signature(note, LOG.vkey) is not None
    assert set(note.lines) >= {one.line for one in signed}
    assert post(client, LOG.request(9, 12)).status_code == 200
    assert read_head(parse_note(client.get(f"/{HASH}/checkpoint").data).text).size == 12


def test_the_known_size_is_told_alone_and_by_its_own_media_type(client):
    assert post(client, LOG.request(0, 9)).status_code == 200
    for old, new in ((0, 12), (5, 12), (9 + 1, 12), (5, 5)):
        reply = post(client, LOG.request(old, new))
        assert (reply.status_code, reply.content_type, reply.data) == (409, "text/x.tlog.size", b"9\n")


@pytest.mark.parametrize(
    ("status", "data"),
    [
        (400, b""),
        (400, b"old 0\n\n"),
        (400, b"old 0\n" + LOG.note(9).encode()),
        (400, write_request(10, [], LOG.note(9))),
        (404, make_log("suzheng.example/other").request(0, 9)),
        (403, make_log().request(0, 9)),
        (403, LOG.request(0, 9).replace(b"\n9\n", b"\n8\n")),
        (422, write_request(0, [bytes(32)], LOG.note(9))),
        (413, b"x" * 600_000),
    ],
    ids=range(9),
)
def test_what_is_not_signed_is_answered_as_specified(client, folder, status, data):
    reply = post(client, data)
    assert reply.status_code == status
    assert reply.content_type == "text/plain; charset=utf-8"
    assert reply.data.endswith(b"\n")
    assert client.get(f"/{HASH}/checkpoint").status_code == 404


def test_other_paths_and_methods_are_none_of_its(client):
    assert client.get("/add-checkpoint").status_code == 405
    assert client.get("/sign-subtree").status_code == 405
    for path in ("/", "/checkpoint", f"/{HASH.upper()}/checkpoint", f"/{'0' * 64}/checkpoint", "/../checkpoint"):
        assert client.get(path).status_code == 404


def test_a_fork_is_refused_and_the_proof_of_it_kept(client, folder):
    assert post(client, LOG.request(0, 9)).status_code == 200
    fork = LOG.forked(4)
    assert post(client, fork.request(9, 9)).status_code == 422
    one, other = [parse_note(path.read_bytes()) for path in folder.logs()[0].forks()]
    assert {read_head(note.text).root for note in (one, other)} == {LOG.root(9), fork.root(9)}
    for note in (one, other):
        assert find_signature(note, LOG.vkey) is not None
    # A larger one proves nothing by itself, since anybody can hand in a wrong proof.
    assert post(client, fork.request(9, 12)).status_code == 422
    assert len(folder.logs()[0].forks()) == 2


def test_a_fork_is_kept_though_the_old_size_was_wrong(client, folder):
    assert post(client, LOG.request(0, 9)).status_code == 200
    assert post(client, LOG.forked(4).request(0, 9)).status_code == 409
    assert len(folder.logs()[0].forks()) == 2


def test_what_the_log_has_not_signed_is_no_proof_of_anything(client, folder):
    assert post(client, LOG.request(0, 9)).status_code == 200
    assert post(client, make_log().forked(4).request(9, 9)).status_code == 403
    assert folder.logs()[0].forks() == []


def test_nothing_is_answered_that_was_not_kept(client, folder, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("api.witness.folder.write_whole", refuse)
    reply = post(client, LOG.request(0, 9))
    assert (reply.status_code, b"\xe2\x80\x94" in reply.data) == (500, False)
    monkeypatch.undo()
    assert post(client, LOG.request(0, 9)).status_code == 200


def test_a_lost_state_stops_the_log(client, folder):
    assert post(client, LOG.request(0, 9)).status_code == 200
    (folder.logs()[0].path / "checkpoint").unlink()
    for request in (LOG.request(0, 9), LOG.request(9, 12), LOG.forked(3).request(0, 9)):
        assert post(client, request).status_code == 500


# --- parts of a tree ---


def ask_subtree(client: FlaskClient, start: int, end: int, size: int, checkpoint: bytes, log=LOG):
    proof = prove_subtree(start, end, [log.nodes(0, index) for index in range(size)])
    lines = [f"subtree {start} {end}", encode64(hash_of([log.nodes(0, index) for index in range(start, end)]))]
    lines += [encode64(one) for one in proof]
    return client.post("/sign-subtree", data="\n".join(lines).encode() + b"\n\n" + checkpoint)


def test_a_subtree_of_what_was_cosigned_is_signed_without_a_time(client, folder):
    assert post(client, LOG.request(0, 14)).status_code == 200
    kept = client.get(f"/{HASH}/checkpoint").data
    reply = ask_subtree(client, 8, 13, 14, kept)
    assert reply.status_code == 200
    (line,) = parse_lines(reply.text)
    key = next(one.key for one in folder.read_signers() if one.key.type is ML_DSA_44_COSIGNATURE)
    assert (line.name, line.key_id, line.signature[:8]) == (key.name, key.key_id, bytes(8))
    hash_ = hash_of([LOG.nodes(0, index) for index in range(8, 13)])
    message = say_subtree(key.name, 0, ORIGIN, 8, 13, hash_)
    key.type.load(key.material).verify(line.signature[8:], message)


def test_a_subtree_of_anything_else_is_not(client):
    assert post(client, LOG.request(0, 14)).status_code == 200
    kept = client.get(f"/{HASH}/checkpoint").data
    assert ask_subtree(client, 8, 13, 14, LOG.note(14).encode()).status_code == 403
    assert ask_subtree(client, 8, 13, 14, make_log("x").note(14).encode()).status_code == 404
    assert ask_subtree(client, 8, 13, 14, kept, LOG.forked(9)).status_code == 422
    assert ask_subtree(client, 8, 12, 14, kept.replace(b"\n14\n", b"\n12\n")).status_code == 403
    for start, end in ((8, 15), (9, 11), (0, 0), (13, 8)):
        body = f"subtree {start} {end}\n{encode64(bytes(32))}\n\n".encode() + kept
        assert client.post("/sign-subtree", data=body).status_code == 400
    for body in (b"", b"subtree 8 13\n\n" + kept, b"subtree 8\n" + encode64(bytes(32)).encode() + b"\n\n" + kept):
        assert client.post("/sign-subtree", data=body).status_code == 400


# --- at once ---

FORKS = (LOG, LOG.forked(0, "other"))
SIZES = range(1, 13)


def assert_one_history(seen: set[tuple[int, bytes]]) -> None:
    """All that was cosigned lies on one of the two histories."""
    assert seen
    assert any(all(root == fork.root(size) for size, root in seen) for fork in FORKS)


def test_of_two_forks_at_once_only_one_is_signed_by_threads(folder):
    """Many start from nothing with either history, and follow whatever size they are told."""
    app = create_witness(folder, lambda: NOW)
    seen: set[tuple[int, bytes]] = set()

    def push(fork) -> None:
        client, known = app.test_client(), 0
        for size in SIZES:
            reply = post(client, fork.request(min(known, size), size))
            if reply.status_code == 200:
                seen.add((size, fork.root(size)))
                known = size
            elif reply.status_code == 409:
                known = int(reply.data)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(push, FORKS * 8))
    assert_one_history(seen)


PUSH = """
import sys
from pathlib import Path
from api.witness.folder import WitnessFolder
from api.witness.serving import create_witness
client = create_witness(WitnessFolder(Path(sys.argv[1])), lambda: 1679315147).test_client()
requests, fork, known = Path(sys.argv[2]), sys.argv[3], 0
print("ready", flush=True)
sys.stdin.readline()
for size in range(1, 13):
    reply = client.post("/add-checkpoint", data=(requests / f"{fork}-{min(known, size)}-{size}").read_bytes())
    if reply.status_code == 200:
        print(size, flush=True)
        known = size
    elif reply.status_code == 409:
        known = int(reply.data)
"""


def test_of_two_forks_at_once_only_one_is_signed_by_processes(folder, tmp_path):
    for number, old, new in product((0, 1), range(13), SIZES):
        if old <= new:
            (tmp_path / f"{number}-{old}-{new}").write_bytes(FORKS[number].request(old, new))
    pushers = [
        subprocess.Popen(
            [sys.executable, "-c", PUSH, folder.path, tmp_path, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for number in (0, 1, 0, 1)
    ]
    for pusher in pushers:
        assert pusher.stdout is not None
        assert pusher.stdout.readline() == "ready\n"
    told = []
    for pusher in pushers:
        assert pusher.stdin is not None
        pusher.stdin.write("go\n")
        pusher.stdin.flush()
    for number, pusher in zip((0, 1, 0, 1), pushers, strict=True):
        out, _ = pusher.communicate(timeout=60)
        assert pusher.returncode == 0
        told += [(int(size), FORKS[number].root(int(size))) for size in out.split()]
    assert_one_history(set(told))
    state = folder.logs()[0].read_state(tuple(signer.key for signer in folder.read_signers()))
    assert (state.size, state.root) in told


def test_the_race_would_be_seen(folder, monkeypatch):
    """Without the lock two histories are signed: the tests above look at what they say they do."""
    from api.witness import folder as module

    class Unlocked:
        def flock(self, *_: object) -> None:
            """Nobody waits."""

        LOCK_EX = 0

    signers = folder.read_signers()
    kept = module.LogFolder.read_state
    answers: list[int | None] = []

    def late(self, own):
        state = kept(self, own)
        if not answers:
            answers.append(None)
            client = create_witness(folder, lambda: NOW).test_client()
            answers.append(post(client, FORKS[1].request(0, 9)).status_code)
        return state

    monkeypatch.setattr(module, "fcntl", Unlocked())
    monkeypatch.setattr(module.LogFolder, "read_state", late)
    assert post(create_witness(folder, lambda: NOW).test_client(), FORKS[0].request(0, 9)).status_code == 200
    assert answers == [None, 200]
    assert len(find_signatures(parse_note(folder.logs()[0].read_checkpoint()), [one.key for one in signers])) == 2


def test_a_folder_without_a_witness_serves_nothing(tmp_path):
    with pytest.raises(FileNotFoundError):
        create_witness(WitnessFolder(tmp_path / "none"), lambda: NOW)
    made = WitnessFolder(tmp_path / "half")
    made.create("witness.example/w1")
    (made.path / "ml-dsa-44.pem").write_bytes((made.path / "ed25519.pem").read_bytes())
    with pytest.raises(RefusedError, match="key-unreadable"):
        create_witness(made, lambda: NOW)
