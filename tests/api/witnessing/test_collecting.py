"""A ledger is signed by its witnesses as it grows; a second history is signed by none, and is named."""

import contextlib
import shutil
import socket
import threading
import time
from pathlib import Path

import pytest

from api.anchor import give_up_contradiction, keep_anchor, read_contradiction
from api.database import Database
from api.shell import Shell
from api.witnessing import client as client_module
from api.witnessing.collecting import collect, look_back
from api.witnessing.policy_file import load_policy
from keys.errors import RefusedError
from keys.keyring import generate_key
from tests import databases
from tests.api.commands.test_resume import Backup, newest_note, send
from tests.api.tlog.client import open_checkpoint
from tests.api.v1.conftest import open_app, shell_of
from tests.api.witnessing.conftest import serving, use_policy, write_policy
from tests.world import World
from trace.intake import Accepted
from trace.ledger.checkpoint import Sealer, verifier_key, write_note
from trace.ledger.note import parse_note
from trace.ledger.policy import judge_note, witnesses_by_url
from trace.ledger.shelf import show_consistency
from trace.ledger.signature import find_signatures
from trace.ledger.store import latest_checkpoint
from trace.ledger.tables import HEAD_TABLE, Base
from trace.ledger.tree_head import read_head
from trace.ledger.witness import write_request


def ask_all(shell: Shell, path: Path) -> list[RefusedError | None]:
    """Have every witness of a policy asked; what each refused."""
    refusals: list[RefusedError | None] = []
    for url, parties in witnesses_by_url(load_policy(path)):
        try:
            collect(shell, url, parties)
        except RefusedError as error:
            refusals.append(error)
        else:
            refusals.append(None)
    return refusals


def size_of(shell: Shell) -> int:
    with shell.database.reading() as session:
        latest = latest_checkpoint(session)
    assert latest is not None
    return latest.size


def get(app, path: str) -> str:
    reply = app.test_client().get(path)
    assert reply.status_code == 200, reply.data
    return str(reply.text)


@pytest.fixture
def policy(tmp_path, shell, court, university) -> Path:
    path = write_policy(tmp_path / "policy", court, university)
    use_policy(shell, path)
    return path


def test_two_witnesses_sign_and_the_ledger_serves_it(app, shell, world, policy):
    assert ask_all(shell, policy) == [None, None]
    for path in ("/checkpoint", "/api/v1/checkpoint", "/checkpoint/cosigned"):
        note = parse_note(get(app, path).encode())
        judgement = judge_note(load_policy(policy), note)
        assert (judgement.is_met, judgement.operators) == (True, ("court", "university")), path
        assert len(note.lines) == 1 + 2 * 2
        vkey = verifier_key(world.sealer.origin, world.sealer.key.public)
        assert open_checkpoint(str(note), vkey)[:2] == (world.sealer.origin, size_of(shell))


def test_the_newest_is_served_at_once_and_the_newest_cosigned_beside_it(app, shell, world, policy):
    assert app.test_client().get("/checkpoint/cosigned").status_code == 404
    ask_all(shell, policy)
    before = size_of(shell)
    send(shell, world)
    assert read_head(parse_note(get(app, "/checkpoint").encode()).text).size == before + 1
    assert read_head(parse_note(get(app, "/checkpoint/cosigned").encode()).text).size == before
    assert len(parse_note(get(app, "/checkpoint").encode()).lines) == 1


def test_a_proof_is_against_the_newest_that_witnesses_have_signed(app, shell, world, policy):
    ask_all(shell, policy)
    before = size_of(shell)
    told = send(shell, world)
    old, new = (get(app, f"/api/v1/entries/{n}/tlog-proof") for n in (0, told.position))
    for proof, size, lines in ((old, before, 5), (new, before + 1, 1)):
        note = parse_note(proof.partition("\n\n")[2].encode())
        assert (read_head(note.text).size, len(note.lines)) == (size, lines)
    ask_all(shell, policy)
    note = parse_note(get(app, f"/api/v1/entries/{told.position}/tlog-proof").partition("\n\n")[2].encode())
    assert judge_note(load_policy(policy), note).is_met


def test_a_witness_that_is_behind_gets_the_proof_from_its_size(shell, world, policy, court):
    ask_all(shell, policy)
    for number in range(3):
        send(shell, world, "regulator", "certificate.issued", number=f"C-{number}")
    assert ask_all(shell, policy) == [None, None]


def test_a_witness_that_somebody_else_has_asked_says_where_it_is(shell, world, policy, court):
    ask_all(shell, policy)
    before = size_of(shell)
    send(shell, world)
    with shell.database.reading() as session:
        request = write_request(before, show_consistency(session, before, None).path, newest_note(shell))
    assert client_module.ask("POST", court.url, "add-checkpoint", request).status == 200
    send(shell, world, "regulator", "certificate.issued")
    assert ask_all(shell, policy) == [None, None]


def test_the_same_checkpoint_may_be_signed_again_later(app, shell, policy, court, university):
    ask_all(shell, policy)
    court.clock[0] += 3600
    assert ask_all(shell, policy) == [None, None]
    note = parse_note(get(app, "/checkpoint").encode())
    times = {name: one.time for name, one in judge_note(load_policy(policy), note).witnesses.items()}
    assert times["court-0"] == times["court-1"] == times["university-0"] + 3600
    assert len(note.lines) == 5


@pytest.mark.parametrize("text", [None, "", "quorum nobody\n"])
def test_a_policy_that_cannot_be_read_makes_no_proof_impossible(app, shell, policy, caplog, text):
    ask_all(shell, policy)
    assert app.test_client().get("/checkpoint/cosigned").status_code == 200
    if text is None:
        policy.unlink()
    else:
        policy.write_text(text)
    assert len(parse_note(get(app, "/checkpoint").encode()).lines) == 5
    assert get(app, "/api/v1/entries/0/tlog-proof")
    assert app.test_client().get("/checkpoint/cosigned").status_code == 404
    assert "no checkpoint counts as witnessed" in caplog.text


def test_a_dead_witness_is_one_witness_less(app, shell, world, policy, court, tmp_path):
    with serving(lambda *_: []) as gone:
        pass
    text = policy.read_text().replace(court.url, gone)
    policy.write_text(text)
    refused, none = ask_all(shell, policy)
    assert (refused.code if refused else None, none) == ("witness-unreachable", None)
    assert app.test_client().get("/checkpoint/cosigned").status_code == 404
    assert isinstance(send(shell, world), Accepted)
    policy.write_text(text.replace("group operators 2", "group operators 1"))
    assert len(parse_note(get(app, "/checkpoint/cosigned").encode()).lines) == 3


# --- witnesses that are not what they should be ---


def answering(status: str, body: bytes, media: str = "text/plain"):
    """A witness that says the same to everything."""

    def app(_environ, start_response):
        start_response(status, [("Content-Type", media)])
        return [body]

    return app


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        ("200 OK", b"", "note-malformed"),
        ("200 OK", b"<html>hello</html>\n", "note-malformed"),
        ("200 OK", "— court.example/w AAAAAQI=\n".encode(), "cosignature-missing"),
        ("200 OK", b"x" * 600_000, "witness-unreachable"),
        ("404 Not Found", b"log-unknown\n", "cosignature-refused"),
        ("409 Conflict", b"999999\n", "cosignature-refused"),
        ("409 Conflict", b"-1\n", "cosignature-refused"),
        ("409 Conflict", b"0\n", "cosignature-refused"),
        ("409 Conflict", b"\xff\n", "cosignature-refused"),
        ("422 Unprocessable Entity", b"tree-inconsistent\n", "cosignature-refused"),
        ("302 Found", b"", "cosignature-refused"),
    ],
)
def test_a_witness_that_lies_stops_nothing(shell, world, policy, court, status, body, code):
    parties = dict(witnesses_by_url(load_policy(policy)))[court.url]
    with serving(answering(status, body)) as url, pytest.raises(RefusedError) as refused:
        collect(shell, url, parties)
    assert refused.value.code == code
    assert read_contradiction(shell.settings) is None
    assert isinstance(send(shell, world), Accepted)


def test_a_larger_tree_that_this_ledger_has_not_signed_stops_nothing(shell, world):
    """Its own words, another key's, and a checkpoint of ours whose size was changed."""
    stranger = Sealer(world.sealer.origin, generate_key())
    forgeries = [
        write_note(stranger, 10_000, bytes(32)),
        write_note(Sealer("other.example", world.sealer.key), 10_000, bytes(32)),
        newest_note(shell).replace(f"\n{size_of(shell)}\n", "\n10000\n"),
        "nonsense\n",
    ]
    for forged in forgeries:
        with serving(answering("200 OK", forged.encode())) as url:
            look_back(shell, url)
    assert read_contradiction(shell.settings) is None
    assert isinstance(send(shell, world), Accepted)


def test_an_older_checkpoint_of_this_ledger_is_no_contradiction(shell, world):
    older = newest_note(shell)
    send(shell, world)
    with serving(answering("200 OK", older.encode())) as url:
        look_back(shell, url)
    assert read_contradiction(shell.settings) is None


def test_one_that_drips_is_not_waited_for(shell, monkeypatch):
    """Each byte comes well within a socket's timeout."""
    monkeypatch.setattr(client_module, "_CHUNK_BYTES", 1)
    is_over = threading.Event()

    def drip(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        while not is_over.wait(0.05):
            yield b"x"

    with serving(drip) as url:
        began = time.monotonic()
        with pytest.raises(RefusedError, match="witness-unreachable"):
            look_back(shell, url, 0.5)
        assert time.monotonic() - began < 5
        is_over.set()


def test_one_that_drips_its_headers_is_not_waited_for_either(shell):
    is_over = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not is_over.wait(0.05):
                connection.sendall(b"X: y\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        began = time.monotonic()
        with pytest.raises(RefusedError, match="witness-unreachable"):
            look_back(shell, f"http://127.0.0.1:{listener.getsockname()[1]}", 0.5)
        assert time.monotonic() - began < 5
        is_over.set()
        thread.join()


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "127.0.0.1", "http://", "http://127.0.0.1:99999/", "file:///etc"])
def test_what_is_no_address_is_refused(shell, url):
    with pytest.raises(RefusedError, match="witness-unreachable"):
        look_back(shell, url)


# --- two histories ---


def put_back(backup: Backup, shell: Shell, world: World) -> None:
    world.database.close()
    backup.restore(shell.database)


def test_a_restore_that_took_everything_along_is_caught_by_a_witness(app, shell, world, policy, tmp_path):
    """Database and kept checkpoint both went back: only somebody else can know."""
    backup = Backup(shell.settings.database_url, tmp_path)
    before = newest_note(shell)
    lost = send(shell, world)
    assert ask_all(shell, policy) == [None, None]
    put_back(backup, shell, world)
    shell.settings.anchor_path.write_text(before)
    refused = ask_all(shell, policy)
    assert [error.code if error else None for error in refused] == ["ledger-forked", "ledger-forked"]
    with pytest.raises(RefusedError, match="ledger-forked"):
        send(shell, world, "regulator", "certificate.issued")
    shown = parse_note(str(read_contradiction(shell.settings)).encode())
    assert read_head(shown.text).size == lost.position + 1
    ready = app.test_client().get("/readyz")
    assert (ready.status_code, ready.get_json()["checks"]["checkpoint"]) == (503, "ledger-forked")
    reply = app.test_client().post(
        "/api/v1/statements",
        data=world.seal("owner", "tender.published").to_bytes(),
        content_type="application/cose",
    )
    assert (reply.status_code, reply.get_json()["code"]) == (503, "ledger-forked")


def test_it_goes_on_when_the_lost_entries_are_back(shell, world, policy, tmp_path):
    early = Backup(shell.settings.database_url, tmp_path)
    before = newest_note(shell)
    send(shell, world)
    (tmp_path / "later").mkdir()
    later = Backup(shell.settings.database_url, tmp_path / "later")
    ask_all(shell, policy)
    put_back(early, shell, world)
    shell.settings.anchor_path.write_text(before)
    ask_all(shell, policy)
    with pytest.raises(RefusedError, match="ledger-forked"):
        send(shell, world, "regulator", "certificate.issued")
    put_back(later, shell, world)
    assert isinstance(send(shell, world, "regulator", "certificate.issued"), Accepted)
    assert ask_all(shell, policy) == [None, None]


def test_what_was_given_up_in_the_open_stops_it_no_more_but_no_witness_signs_it(shell, world, policy, tmp_path):
    backup = Backup(shell.settings.database_url, tmp_path)
    before = newest_note(shell)
    send(shell, world)
    ask_all(shell, policy)
    put_back(backup, shell, world)
    shell.settings.anchor_path.write_text(before)
    ask_all(shell, policy)
    aside = give_up_contradiction(shell.settings)
    assert aside is not None
    assert aside.exists()
    assert isinstance(send(shell, world, "regulator", "certificate.issued"), Accepted)
    refused = ask_all(shell, policy)
    assert [error.code if error else None for error in refused] == ["cosignature-refused"] * 2
    assert isinstance(send(shell, world, "regulator", "certificate.issued", number="C-2"), Accepted)


def fork(world: World, url: str) -> World:
    """The same ledger with the same key, from here on a world of its own: every row copied into another database."""
    other = Database(url)
    with world.database.engine.connect() as source, other.engine.begin() as target:
        for table in Base.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in source.execute(table.select())]
            if table.name == HEAD_TABLE:
                target.execute(table.delete())
            if rows:
                target.execute(table.insert(), rows)
    return World(other, world.sealer, world.keys, world.at)


@pytest.fixture
def forked(world, tmp_path, shared_folder):
    """(the other history, its registry)."""
    (tmp_path / "fork").mkdir()
    other = fork(world, databases.fresh_sqlite(tmp_path / "fork", shared_folder, is_migrated=True))
    app = open_app(other, tmp_path / "other", public_url="http://other.test", is_secure=False)
    yield other, app
    shell_of(app).database.close()
    other.database.close()


def test_a_forked_ledger_is_refused_by_both_witnesses_and_caught(shell, world, policy, forked, court, university):
    other, other_app = forked
    send(shell, world)
    assert ask_all(shell, policy) == [None, None]
    send(shell_of(other_app), other, "regulator", "certificate.issued")
    refused = ask_all(shell_of(other_app), policy)
    assert [error.code if error else None for error in refused] == ["ledger-forked", "ledger-forked"]
    # Of one size and two roots, each signed by the ledger's key: nobody has to be believed.
    for witness in (court, university):
        notes = [parse_note(path.read_bytes()) for path in witness.folder.logs()[0].forks()]
        heads = [read_head(note.text) for note in notes]
        assert len({head.root for head in heads}) == len(heads) == 2
        assert {head.size for head in heads} == {size_of(shell)}
        keys = witness.folder.logs()[0].keys
        assert all(find_signatures(note, keys) for note in notes)
    # The forked registry keeps what convicts it, and signs nothing more.
    shown = read_contradiction(shell_of(other_app).settings)
    assert shown is not None
    assert parse_note(shown.encode()).text == parse_note(newest_note(shell).encode()).text
    with pytest.raises(RefusedError, match="ledger-forked"):
        send(shell_of(other_app), other, "owner", "tender.published")
    # The true one is not harmed.
    assert isinstance(send(shell, world, "regulator", "certificate.issued"), Accepted)
    assert ask_all(shell, policy) == [None, None]


def test_a_longer_fork_is_refused_too(shell, world, policy, forked):
    other, other_app = forked
    send(shell, world)
    assert ask_all(shell, policy) == [None, None]
    for number in range(4):
        send(shell_of(other_app), other, "regulator", "certificate.issued", number=f"C-{number}")
    refused = ask_all(shell_of(other_app), policy)
    assert [error.code if error else None for error in refused] == ["ledger-forked", "ledger-forked"]


def test_a_split_view_meets_no_policy_of_two_operators(app, shell, world, policy, forked, court, university, tmp_path):
    """Each history is shown to one witness alone, and each client to one history."""
    other, other_app = forked
    send(shell, world)
    send(shell_of(other_app), other, "regulator", "certificate.issued")
    assert ask_all(shell, write_policy(tmp_path / "one", court)) == [None]
    assert ask_all(shell_of(other_app), write_policy(tmp_path / "two", university)) == [None]
    demanded = load_policy(policy)
    for registry, operators in ((app, ("court",)), (other_app, ("university",))):
        judgement = judge_note(demanded, parse_note(get(registry, "/checkpoint").encode()))
        assert (judgement.is_met, judgement.operators, judgement.threshold) == (False, operators, 2)
    # To get the second signature it has to show itself, and is caught.
    refused = ask_all(shell, policy)
    assert [error.code if error else None for error in refused] == [None, "ledger-forked"]
    assert read_contradiction(shell.settings) is not None
    with pytest.raises(RefusedError, match="ledger-forked"):
        send(shell, world, "regulator", "certificate.issued")


def test_a_kept_checkpoint_that_is_larger_is_still_the_first_to_refuse(shell, world, tmp_path):
    keep_anchor(shell.settings, write_note(world.sealer, 10_000, bytes(32)))
    with pytest.raises(RefusedError, match="ledger-rolled-back"):
        send(shell, world)
    shutil.rmtree(shell.settings.anchor_path.parent)
    assert isinstance(send(shell, world), Accepted)
