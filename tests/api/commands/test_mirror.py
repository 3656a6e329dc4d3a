"""`flask ledger mirror` follows a log over HTTP into a folder, and refuses one that contradicts what is kept."""

import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from api.commands.remote_log import RemoteLog
from api.tlog.mirror import open_mirror
from keys.errors import RefusedError
from tests.api.serving import serving, serving_folder
from tests.api.tlog.client import TileClient
from tests.api.tlog.conftest import grow
from tests.api.tlog.test_mirror import VKEY, note_of
from tests.trace.ledger.plain_log import PlainLog, leaf_of
from trace.ledger.checkpoint import verifier_key
from trace.ledger.store import latest_checkpoint
from trace.ledger.tiles import Tile


@pytest.fixture
def url(app, world) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture
def key_file(world, tmp_path) -> Path:
    path = tmp_path / "log.vkey"
    path.write_text(verifier_key(world.sealer.origin, world.sealer.key.public) + "\n")
    return path


def root_of(world) -> tuple[str, str]:
    with world.database.reading() as session:
        latest = latest_checkpoint(session)
    assert latest is not None
    return f"{latest.size} entries", latest.root.hex()


def test_a_log_is_followed_and_its_copy_serves_as_the_log(run, world, url, key_file, tmp_path):
    for size in (20, 300):
        grow(world, size)
        result = run(f"ledger mirror {url} --into copy --key", key_file)
        assert result.exit_code == 0, result.stderr
        size_, root = root_of(world)
        assert size_ in result.stdout
        assert root in result.stdout
    reader = TileClient(lambda path: (tmp_path / "copy" / path).read_bytes(), key_file.read_text().strip())
    assert reader.hash_of(0, 300) == reader.root
    with serving_folder(tmp_path / "copy") as copy:
        result = run(f"ledger mirror {copy} --into second --key", key_file)
        assert (result.exit_code, root in result.stdout) == (0, True), result.stderr
    assert (tmp_path / "second" / "checkpoint").read_bytes() == (tmp_path / "copy" / "checkpoint").read_bytes()


def test_the_first_key_is_believed_only_where_that_is_asked_for(run, world, url, key_file, tmp_path):
    refused = run(f"ledger mirror {url} --into copy")
    assert (refused.exit_code, "--trust-first-use" in refused.stderr) == (2, True)
    assert run(f"ledger mirror {url} --into copy --trust-first-use").exit_code == 0
    assert (tmp_path / "copy" / "verifier-key").read_text() == key_file.read_text()
    assert run(f"ledger mirror {url} --into copy").exit_code == 0


def test_a_second_history_ends_in_1_and_is_kept_as_evidence(run, tmp_path):
    """Two copies of one ledger's operator, for two readers: the 18th entry is another."""
    first, second = PlainLog(600), PlainLog(700, {17: leaf_of(17, "other ")})
    for name, log in (("first", first), ("second", second)):
        copy = open_mirror(tmp_path / name, VKEY)
        assert copy is not None
        copy.take(note_of(log.head()), log.fetch, lambda *_: None)
    with serving_folder(tmp_path / "first") as address:
        assert run(f"ledger mirror {address} --into copy --key first/verifier-key").exit_code == 0
    kept = (tmp_path / "copy" / "checkpoint").read_bytes()
    with serving_folder(tmp_path / "second") as address:
        for _ in range(2):
            result = run(f"ledger mirror {address} --into copy")
            assert result.exit_code == 1
            assert result.stderr.splitlines()[-1].startswith("log-forked: ")
    (aside,) = (tmp_path / "copy" / "contradictions").iterdir()
    assert (aside / "kept").read_bytes() == kept
    assert (aside / "seen").read_bytes() == (tmp_path / "second" / "checkpoint").read_bytes()
    assert (tmp_path / "copy" / "checkpoint").read_bytes() == kept


def test_nobody_who_answers_is_said_in_one_line(run, key_file):
    result = run("ledger mirror http://127.0.0.1:9 --into copy --key", key_file)
    assert result.exit_code == 1
    assert "does not answer" in result.stderr


@pytest.mark.parametrize("address", ["file:///etc", "ftp://127.0.0.1/", "copy"])
def test_nothing_but_http_is_read(run, key_file, address):
    assert run(f"ledger mirror {address} --into copy --key", key_file).exit_code == 2


def test_following_goes_on_over_silence_and_ends_at_a_contradiction(run, world, url, key_file, monkeypatch):
    naps: list[float] = []
    speak = RemoteLog.read_checkpoint

    def nap(seconds: float) -> None:
        naps.append(seconds)
        match len(naps):
            case 1:
                grow(world, 60)
                monkeypatch.setattr(RemoteLog, "read_checkpoint", _be_silent)
            case 2:
                monkeypatch.setattr(RemoteLog, "read_checkpoint", speak)
            case 4:
                grow(world, 70)
                monkeypatch.setattr(RemoteLog, "fetch", _be_wrong)

    monkeypatch.setattr(time, "sleep", nap)
    result = run(f"ledger mirror {url} --into copy --follow --every 7 --key", key_file)
    assert result.exit_code == 1
    assert naps == [7, 5, 7, 7]
    assert "silent" in result.stderr
    assert "60 entries" in result.stdout
    assert "tile-differs" in result.stderr


def _be_silent(_log: RemoteLog) -> str:
    raise click.ClickException("silent")


def _be_wrong(_log: RemoteLog, tile: Tile) -> bytes:
    return bytes(tile.size_bytes)


# --- the log's manners ---


def test_a_busy_server_is_asked_again_when_it_says(world, tmp_path):
    answers = [("429 Too Many Requests", [("Retry-After", "7")]), ("503 Busy", []), ("200 OK", [])]
    naps: list[float] = []

    def app(_environ, start):
        status, headers = answers.pop(0)
        start(status, headers)
        return [b"note"]

    with serving(app) as address:
        assert RemoteLog(address, naps.append).read_checkpoint() == "note"
    assert naps == [7, 1]


def test_more_than_was_promised_is_not_read(world):
    def app(_environ, start):
        start("200 OK", [])
        return [b"\0" * 10_000_000]

    with serving(app) as address, pytest.raises(RefusedError, match="tile-differs"):
        RemoteLog(address).fetch(Tile(0, 0, 3))


def test_a_partial_tile_that_is_gone_is_cut_from_the_full_one(world):
    def app(environ, start):
        is_full = environ["PATH_INFO"] == "/tile/0/000"
        start("200 OK" if is_full else "404 Not Found", [])
        return [bytes(range(256)) * 32] if is_full else [b""]

    with serving(app) as address:
        assert RemoteLog(address).fetch(Tile(0, 0, 2)) == bytes(range(64))
        with pytest.raises(RefusedError, match="tile-unknown"):
            RemoteLog(address).fetch(Tile(0, 1, 2))
