"""The commands as a court and a registry use them: two witnesses that run, a ledger that they sign, a fork that they do
not.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from api.anchor import read_contradiction
from tests.api.commands.conftest import runner
from tests.api.commands.test_resume import Backup, newest_note, send
from tests.conftest import ROOT
from trace.ledger.checkpoint import Sealer, verifier_key, write_note
from trace.ledger.issuing import issue_receipt
from trace.ledger.note import parse_note
from trace.ledger.store import latest_checkpoint, read_entry

PATIENCE_SECONDS = 60.0


@dataclass
class Running:
    """A witness in a process of its own."""

    name: str
    folder: Path
    url: str
    keys: list[str]

    def lines(self) -> str:
        own = "".join(f"witness {self.name}-{n} {key} {self.url}\n" for n, key in enumerate(self.keys))
        return f"{own}group {self.name} any {self.name}-0 {self.name}-1\n"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(name: str, folder: Path, keys: list[str]) -> Iterator[Running]:
    """`flask witness run`, until it answers; VAR_DIR and database are nobody's."""
    port = free_port()
    nothing = {"VAR_DIR": str(folder.parent / f"{name}-var"), "DATABASE_URL": "postgresql://127.0.0.1:1/nobody"}
    words = ["witness", "run", "--port", str(port), "--folder", str(folder)]
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT,
        env={**os.environ, **nothing},
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not answers(port):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield Running(name, folder, f"http://127.0.0.1:{port}", keys)
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", f"/{'0' * 64}/checkpoint")
        return connection.getresponse().status == 404
    except OSError:
        return False
    finally:
        connection.close()


@pytest.fixture
def start(run, world, tmp_path) -> Iterator[Callable[[str], Running]]:
    """Make a witness, have it trust the world's ledger, and run it."""
    with ExitStack() as stack:

        def begin(name: str) -> Running:
            made = run(f"witness init --name {name}.example/w --folder", tmp_path / name)
            assert made.exit_code == 0, made.stderr
            vkey = verifier_key(world.sealer.origin, world.sealer.key.public)
            added = run("witness add-log", vkey, "--folder", tmp_path / name)
            assert (added.exit_code, added.stdout) == (0, f"{world.sealer.origin}  1 key\n")
            return stack.enter_context(running(name, tmp_path / name, made.stdout.split()))

        yield begin


def test_two_witnesses_sign_a_ledger_and_no_other_history_of_it(make_app, run, shell, world, start, tmp_path):
    witnesses = [start("court"), start("university")]
    policy = tmp_path / "policy.txt"
    lines = "".join(one.lines() for one in witnesses)
    policy.write_text(
        f"log {verifier_key(world.sealer.origin, world.sealer.key.public)}\n{lines}"
        "group operators 2 court university\nquorum operators\n"
    )
    asking = make_app(policy_path=policy)
    flask = runner(asking)
    done = flask("witness collect")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.count("signed  http://127.0.0.1:") == 2
    assert done.stdout.splitlines()[-1].endswith("signed by 2 operators: court, university")
    shown = run("witness show --folder", tmp_path / "court")
    assert f"signed {size_of(shell)} entries" in shown.stdout

    # A receipt is then held against the cosigned checkpoint, offline.
    with shell.database.reading() as session:
        (tmp_path / "r.cose").write_bytes(issue_receipt(session, 2, size_of(shell)))
        (tmp_path / "s.cose").write_bytes(read_entry(session, 2).statement)
    (tmp_path / "ledger.pem").write_text(world.sealer.key.public.to_pem())
    (tmp_path / "checkpoint.txt").write_text(flask("ledger checkpoint").stdout)
    against = "--checkpoint checkpoint.txt --policy policy.txt"
    held = run(f"receipt verify r.cose --statement s.cose --key ledger.pem {against}")
    assert held.exit_code == 0, held.stderr
    assert "2 have to have cosigned, and 2 have: court, university." in held.stdout

    # Everything goes back, the kept checkpoint too, and goes on otherwise: a fork.
    backup = Backup(shell.settings.database_url, tmp_path)
    before = newest_note(shell)
    send(shell, world)
    assert flask("witness collect").exit_code == 0
    asking.extensions["suzheng"].database.close()
    backup.restore(shell.database)
    shell.settings.anchor_path.write_text(before)
    send(shell, world, "regulator", "certificate.issued")
    refused = flask("witness collect")
    assert refused.exit_code == 1
    assert refused.stderr.count("ledger-forked: ") == 2
    assert "policy-not-met: " in refused.stderr
    shown = run("witness show --folder", tmp_path / "court")
    assert shown.stdout.count("FORK") == 2
    late = run("statement submit", tmp_path / "s.cose")
    assert (late.exit_code, late.stderr.startswith("ledger-forked: ")) == (1, True)

    # Said at the next start, and to be given up only in the open.
    started = runner(make_app(policy_path=policy, public_url="http://x"))("prepare")
    assert "Nothing can be appended. ledger-forked: " in started.stderr
    size = size_of(shell)
    assert run(f"ledger resume --give-up {size + 7}").exit_code == 2
    gone = run(f"ledger resume --give-up {size}")
    assert gone.exit_code == 0, gone.stderr
    assert gone.stdout.startswith(f"given up    {size} entries that a witness holds")
    assert read_contradiction(shell.settings) is None


def test_the_server_has_its_checkpoints_signed_by_itself(shell, settings, world, start, tmp_path):
    """gunicorn, as it is run: its workers ask, no command does."""
    court = start("court")
    (tmp_path / "policy.txt").write_text(f"{court.lines()}quorum court\n")
    port = free_port()
    given = {"VAR_DIR": str(settings.var_dir), "DATABASE_URL": settings.database_url, "PORT": str(port)}
    given |= {"POLICY_FILE": str(tmp_path / "policy.txt"), "DEMO": "no", "HOST": "127.0.0.1"}
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "api/gunicorn.conf.py", "wsgi:app"],
        cwd=ROOT,
        env={**os.environ, **given},
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (cosigned := fetch(port, "/checkpoint/cosigned")) is None:
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)
    assert [line.name for line in parse_note(cosigned).lines] == [
        world.sealer.origin,
        "court.example/w",
        "court.example/w",
    ]
    assert parse_note(cosigned).text == parse_note(newest_note(shell).encode()).text


def fetch(port: int, path: str) -> bytes | None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        return reply.read() if reply.status == 200 else None
    except OSError:
        return None
    finally:
        connection.close()


def test_a_start_learns_from_a_witness_what_was_lost(make_app, shell, world, start, tmp_path):
    """Before it signs anything: database and kept checkpoint went back, the witness did not."""
    court = start("court")
    policy = tmp_path / "policy.txt"
    policy.write_text(f"{court.lines()}quorum court\n")
    asking = make_app(policy_path=policy)
    flask = runner(asking)
    backup = Backup(shell.settings.database_url, tmp_path)
    before = newest_note(shell)
    send(shell, world)
    assert flask("witness collect").exit_code == 0
    asking.extensions["suzheng"].database.close()
    backup.restore(shell.database)
    shell.settings.anchor_path.write_text(before)
    started = flask("prepare")
    assert started.exit_code == 0
    assert "Nothing can be appended. ledger-forked: " in started.stderr


def test_a_start_waits_for_no_witness(make_app, shell, world, tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # and never answers
        policy = tmp_path / "policy.txt"
        made = runner(make_app())("witness init --name w.example --folder", tmp_path / "w")
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        policy.write_text(f"witness w {made.stdout.split()[0]} {url}\nquorum w\n")
        began = time.monotonic()
        started = runner(make_app(policy_path=policy))("prepare")
        assert started.exit_code == 0
        assert started.stderr.startswith("witness-unreachable: ")
        assert time.monotonic() - began < 20
    policy.write_text("quorum nobody\n")
    started = runner(make_app(policy_path=policy))("prepare")
    assert started.exit_code == 0
    assert started.stderr.startswith("No witness was asked. policy-malformed: where policy.txt, line 1")


def test_without_a_policy_there_is_nobody_to_ask(run, world):
    done = run("witness collect")
    assert (done.exit_code, "POLICY_FILE" in done.stderr) == (2, True)


def test_a_witness_lives_in_the_registrys_folder_unless_told_otherwise(run, settings):
    assert run("witness show").stderr.endswith("No such file or directory\n")
    made = run("witness init --name w.example/1")
    assert made.exit_code == 0, made.stderr
    assert run("witness show").stdout == made.stdout
    assert (settings.witness_dir / "ed25519.pem").exists()
    again = run("witness init --name w.example/2")
    assert (again.exit_code, "there is a witness already" in again.stderr) == (1, True)
    assert run("witness add-log nonsense").stderr.startswith("key-unreadable: ")


# --- receipts against a policy ---


@pytest.fixture
def proof(run, world, tmp_path):
    """Entry 2 in both kinds of proof, the ledger's key, and a checkpoint that nobody has cosigned."""
    with world.database.reading() as session:
        latest = latest_checkpoint(session)
        assert latest is not None
        (tmp_path / "r.cose").write_bytes(issue_receipt(session, 2, latest.size))
        (tmp_path / "s.cose").write_bytes(read_entry(session, 2).statement)
    (tmp_path / "checkpoint.txt").write_text(latest.note)
    (tmp_path / "ledger.vkey").write_text(verifier_key(world.sealer.origin, world.sealer.key.public))
    made = run("witness init --name w.example --folder", tmp_path / "w")
    (tmp_path / "policy.txt").write_text(f"witness w {made.stdout.split()[0]}\nquorum w\n")
    (tmp_path / "none.txt").write_text("quorum none\n")
    return latest


VERIFY = "receipt verify {} --statement s.cose --key ledger.vkey"


def test_a_receipt_whose_checkpoint_too_few_have_signed_does_not_hold(run, proof):
    for against in ("--checkpoint checkpoint.txt --policy policy.txt",):
        done = run(f"{VERIFY.format('r.cose')} {against}")
        assert done.exit_code == 1
        assert "[Does not hold] Witnesses: " in done.stdout
        assert done.stderr.startswith("policy-not-met: where the witnesses, expected 1 of w, got none")
    assert run(f"{VERIFY.format('r.cose')} --checkpoint checkpoint.txt --policy none.txt").exit_code == 0


def test_a_checkpoint_of_another_tree_does_not_do(run, proof, world, tmp_path):
    other = write_note(world.sealer, proof.size, bytes(32))
    stranger = write_note(Sealer("other.example", world.sealer.key), proof.size, proof.root)
    for note, code in ((other, "receipt-invalid"), (stranger, "checkpoint-invalid"), ("x", "note-malformed")):
        (tmp_path / "other.txt").write_text(note)
        done = run(f"{VERIFY.format('r.cose')} --checkpoint other.txt --policy none.txt")
        assert (done.exit_code, done.stderr.partition(":")[0]) == (1, code)


def test_checkpoint_and_policy_come_together(run, proof):
    for against in ("--checkpoint checkpoint.txt", "--policy policy.txt"):
        assert run(f"{VERIFY.format('r.cose')} {against}").exit_code == 2


def test_a_tlog_proof_brings_its_checkpoint(app, run, proof, tmp_path):
    text = app.test_client().get("/api/v1/entries/2/tlog-proof").text
    (tmp_path / "2.tlog-proof").write_text(text)
    held = run(VERIFY.format("2.tlog-proof"))
    assert held.exit_code == 0, held.stderr
    assert "as entry 2 of " in held.stdout
    assert "[Not checked] The time of record: " in held.stdout
    assert run(f"{VERIFY.format('2.tlog-proof')} --policy none.txt").exit_code == 0
    refused = run(f"{VERIFY.format('2.tlog-proof')} --policy policy.txt")
    assert refused.stderr.startswith("policy-not-met: ")
    assert run(f"{VERIFY.format('2.tlog-proof')} --checkpoint checkpoint.txt --policy none.txt").exit_code == 2


def test_a_changed_tlog_proof_does_not_hold(app, run, proof, tmp_path):
    text = app.test_client().get("/api/v1/entries/2/tlog-proof").text
    first = text.split("\n")[2]
    for changed in (
        text.replace("index 2", "index 3"),
        text.replace("index 2", "index 02"),
        text.replace(first, first[::-1] if first[::-1].isalnum() else "A" * 43 + "="),
        text.replace(f"\n{proof.size}\n", f"\n{proof.size + 1}\n"),
        text.replace("@v1", "@v2"),
        text.replace("\n\n", "\n", 1),
        text.replace("— ", "- "),
    ):
        (tmp_path / "2.tlog-proof").write_text(changed)
        done = run(VERIFY.format("2.tlog-proof"))
        assert done.exit_code == 1, changed
        assert done.stderr.count("\n") == 1


def size_of(shell) -> int:
    return int(parse_note(newest_note(shell).encode()).text.split("\n")[1])
