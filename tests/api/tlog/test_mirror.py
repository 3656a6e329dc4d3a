"""A mirror takes what its log's root vouches for, keeps it whole, and refuses a log that contradicts itself."""

from collections.abc import Callable
from pathlib import Path

import pytest

from api.tlog.mirror import Mirror, Taken, locked, open_mirror
from keys.errors import RefusedError
from keys.keyring import generate_key
from tests.api.tlog.client import TileClient, open_checkpoint
from tests.trace.ledger.plain_log import PlainLog, leaf_of
from trace.ledger.checkpoint import Sealer, verifier_key, write_note
from trace.ledger.following import Fetch, Head
from trace.ledger.tiles import ENTRIES, Tile, tiles_of

SEALER = Sealer("log.example/a", generate_key())
VKEY = verifier_key(SEALER.origin, SEALER.key.public)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "copy"


@pytest.fixture
def copy(folder: Path) -> Mirror:
    opened = open_mirror(folder, VKEY)
    assert opened is not None
    return opened


def note_of(head: Head, sealer: Sealer = SEALER) -> str:
    return write_note(sealer, head.size, head.root)


def take(copy: Mirror, log: PlainLog, *, again: bool = False, fetch: Fetch | None = None) -> Taken:
    return copy.take(note_of(log.head()), fetch or log.fetch, lambda *_: None, again=again)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "contradictions" not in path.parts
    }


def test_a_growing_log_is_followed_and_the_folder_serves_it(copy: Mirror, folder: Path) -> None:
    for size in (3, 255, 256, 300, 300, 66_000):
        log = PlainLog(size)
        assert take(copy, log).head == log.head()
        reader = TileClient(lambda path: (folder / path).read_bytes(), VKEY)
        assert (reader.size, reader.root) == (log.size, log.head().root)
        assert reader.hash_of(0, size) == log.head().root
        assert reader.entry(size - 1) == log.leaves[-1]
    assert {path for path in files(folder) if path.startswith("tile/")} >= {f"tile/{t.path}" for t in tiles_of(66_000)}


def test_what_is_here_is_not_fetched_again(copy: Mirror) -> None:
    take(copy, PlainLog(600))
    log = PlainLog(601)
    take(copy, log)
    assert set(log.fetched) == {"0/002.p/89", "entries/002.p/89", "1/000.p/2"}
    log.fetched.clear()
    assert take(copy, log).tiles == 0
    assert log.fetched == []


def test_an_interrupted_visit_changes_no_checkpoint_and_goes_on_where_it_was(copy: Mirror, folder: Path) -> None:
    take(copy, PlainLog(300))
    log, left = PlainLog(5000), 20

    def tear(tile: Tile) -> bytes:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError("the line broke")
        return log.fetch(tile)

    with pytest.raises(OSError, match="line"):
        take(copy, log, fetch=tear)
    assert open_checkpoint((folder / "checkpoint").read_text(), VKEY)[1] == 300
    fetched = set(log.fetched)
    log.fetched.clear()
    take(copy, log)
    full = {path for path in fetched if ".p/" not in path}
    assert len(full) > 10
    # The one tile that shows the growth from 300 is asked of the log each time.
    assert full & set(log.fetched) == {"0/001"}
    assert len(log.fetched) == len(set(log.fetched))
    assert open_checkpoint((folder / "checkpoint").read_text(), VKEY)[1] == 5000


@pytest.mark.parametrize("tile", [Tile(0, 1), Tile(0, 2, 88), Tile(1, 0, 2), Tile(ENTRIES, 0), Tile(ENTRIES, 2, 88)])
@pytest.mark.parametrize(
    "tear",
    [lambda whole: whole[:-1], lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]), lambda whole: b""],
    ids=["short", "wrong", "empty"],
)
def test_a_torn_file_is_fetched_again(copy: Mirror, folder: Path, tile: Tile, tear: Callable[[bytes], bytes]) -> None:
    log = PlainLog(600)
    take(copy, log)
    whole = files(folder)
    path = folder / "tile" / tile.path
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(tear(content))
    log.fetched.clear()
    assert take(copy, log, again=True).tiles == len(log.fetched) >= 1
    assert files(folder) == whole


def test_a_fork_is_refused_and_both_notes_are_kept(copy: Mirror, folder: Path) -> None:
    take(copy, PlainLog(600))
    before = files(folder)
    for size in (600, 700):
        other = PlainLog(size, {17: leaf_of(17, "other ")})
        with pytest.raises(RefusedError) as refusal:
            take(copy, other)
        assert refusal.value.code == "log-forked"
        aside = Path(str(refusal.value.facts["where"]))
        assert open_checkpoint((aside / "kept").read_text(), VKEY)[1:] == (600, PlainLog(600).head().root)
        assert open_checkpoint((aside / "seen").read_text(), VKEY)[1:] == (size, other.head().root)
        assert (aside / "proof").exists() is (size > 600)
    assert files(folder) == before


def test_a_log_that_goes_back_is_refused(copy: Mirror, folder: Path) -> None:
    take(copy, PlainLog(600))
    before = files(folder)
    with pytest.raises(RefusedError, match="ledger-behind"):
        take(copy, PlainLog(500))
    with pytest.raises(RefusedError, match="log-forked"):
        take(copy, PlainLog(500, {17: leaf_of(17, "other ")}))
    assert files(folder) == before


@pytest.mark.parametrize("tile", [Tile(0, 1), Tile(0, 2, 88), Tile(1, 0, 2), Tile(ENTRIES, 1), Tile(ENTRIES, 2, 88)])
def test_a_wrong_tile_is_refused_and_not_kept(copy: Mirror, folder: Path, tile: Tile) -> None:
    log = PlainLog(600)

    def change(wanted: Tile) -> bytes:
        content = log.fetch(wanted)
        return content[:-1] + bytes([content[-1] ^ 1]) if wanted == tile else content

    with pytest.raises(RefusedError, match="tile-differs"):
        take(copy, log, fetch=change)
    assert not {f"tile/{tile.path}", "checkpoint"} & set(files(folder))
    assert take(copy, log).head == log.head()


def test_a_log_that_counts_more_than_it_has_is_refused(copy: Mirror, folder: Path) -> None:
    log, head = PlainLog(600), PlainLog(5000).head()
    for size in (5000, 2**62):
        note = note_of(Head(size, head.root))
        with pytest.raises(RefusedError, match="tile-unknown"):
            copy.take(note, log.fetch, lambda *_: None)
    assert "checkpoint" not in files(folder)


def test_another_key_is_refused(copy: Mirror, folder: Path) -> None:
    log = PlainLog(5)
    for sealer in (Sealer(SEALER.origin, generate_key()), Sealer("log.example/b", SEALER.key)):
        with pytest.raises(RefusedError, match="checkpoint-invalid"):
            copy.take(note_of(log.head(), sealer), log.fetch, lambda *_: None)
    assert set(files(folder)) == {"verifier-key"}


def test_the_key_is_pinned(copy: Mirror, folder: Path, tmp_path: Path) -> None:
    assert open_mirror(folder, None) == copy
    with pytest.raises(RefusedError, match="key-unreadable"):
        open_mirror(folder, verifier_key(SEALER.origin, generate_key().public))
    assert open_mirror(tmp_path / "new", None) is None


def test_one_process_at_a_time(folder: Path) -> None:
    with locked(folder), pytest.raises(BlockingIOError), locked(folder):
        pass
    with locked(folder):
        pass
