"""A copy of another ledger's public log in a folder, which any file server can serve as the log itself.

    INTO/checkpoint                     the newest note of which every tile is here; written last
    INTO/tile/…                         as c2sp.org/tlog-tiles names them (`files.py`)
    INTO/verifier-key                   whose log this is: pinned when the folder is begun
    INTO/contradictions/<size>-<root>/  the two notes of a log that did not grow out of itself, and its own proof

1. A checkpoint counts only under the pinned key, and only if the log has grown out of the one that is kept.
2. A tile is kept only once it is seen to be right (`trace.ledger.following`), so that what an interrupted run leaves
   is good, and is not fetched again.
3. What does not hold changes nothing in `checkpoint` and `tile`, and is kept beside.
"""

import base64
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.files import make_folder, write_whole
from api.tlog.files import TileFiles
from keys.errors import RefusedError
from keys.keyring import PublicKey
from trace.ledger.checkpoint import read_note, read_verifier_key, verifier_key
from trace.ledger.following import Fetch, ForkedError, Head, check_growth, nodes_of, read_tiles
from trace.ledger.tiles import Tile, read_path
from trace.ledger.tree import EMPTY_ROOT, root_of

Tell = Callable[[int, int], None]
"""Told (entries whose tiles are here, entries in all)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a visit has brought: the log's size before and after, and how many tiles were fetched."""

    before: int
    head: Head
    tiles: int


@dataclass(frozen=True, slots=True)
class Mirror:
    """The folder of one log's copy."""

    folder: Path
    origin: str
    key: PublicKey

    @property
    def files(self) -> TileFiles:
        """Its tiles."""
        return TileFiles(self.folder)

    def read_kept(self) -> tuple[str, Head] | None:
        """The kept note and what it says; None before the first. Raises RefusedError `checkpoint-invalid`."""
        try:
            note = (self.folder / "checkpoint").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return note, Head(*read_note(note, self.origin, self.key))

    def take(self, note: str, fetch: Fetch, tell: Tell, *, again: bool = False) -> Taken:
        """Bring the copy up to the checkpoint `note`, whose log's tiles `fetch` gets.

        With `again` all older tiles are looked at too, and made new where they are torn. Raises RefusedError:
        `checkpoint-invalid`; `log-forked` and `ledger-behind`, with the evidence kept; `tile-differs` and
        `tile-unknown`.
        """
        seen = Head(*read_note(note, self.origin, self.key))
        kept_note, kept = self.read_kept() or ("", Head(0, EMPTY_ROOT))
        if seen.size < kept.size:
            self._contradict(kept_note, kept, note, seen, self._look_back(seen, kept))
        shown: dict[Tile, bytes] = {}

        def show(tile: Tile) -> bytes:
            shown[tile] = fetch(tile)
            return shown[tile]

        def fetch_once(tile: Tile) -> bytes:
            return shown.pop(tile, None) or fetch(tile)

        try:
            check_growth(kept, seen, show)
        except ForkedError as error:
            self._contradict(kept_note, kept, note, seen, error)
        fetched = self._collect(
            0 if again else kept.size, seen, lambda tile: shown.pop(tile, None) or fetch(tile), tell
        )
        if note != kept_note:
            make_folder(self.folder)
            write_whole(self.folder / "checkpoint", [note.encode()])
        return Taken(kept.size, seen, fetched)

    def _collect(self, first: int, head: Head, fetch: Fetch, tell: Tell) -> int:
        """Tiles fetched, since they were not here or not right."""
        fetched: set[Tile] = set()

        def get(tile: Tile) -> bytes:
            content = self.files.read(tile)
            if content is None:
                content = fetch(tile)
                fetched.add(tile)
            return content

        while True:
            try:
                for tile, content in read_tiles(first, head, get):
                    if self.files.read(tile) is None:
                        self.files.keep(tile, content)
                    if tile.level == 0:
                        tell(tile.start + tile.width, head.size)
            except RefusedError as error:
                # A torn file of our own, perhaps: it goes, and is fetched. What was fetched just now is the log's.
                if error.code != "tile-differs" or not self._drop(error, fetched):
                    raise
            else:
                return len(fetched)

    def _drop(self, error: RefusedError, fetched: set[Tile]) -> bool:
        """Remove the tiles that a refusal names, if they are files of ours."""
        named = [read_path(path) for path in str(error.facts.get("where", "")).split(", ")]
        ours = [
            tile for tile in named if tile is not None and tile not in fetched and self.files.read(tile) is not None
        ]
        for tile in ours:
            for path in (self.files.path(tile), self.files.path(Tile(tile.level, tile.index))):
                if path.is_file():
                    path.unlink()
        return error.code == "tile-differs" and bool(ours)

    def _look_back(self, seen: Head, kept: Head) -> ForkedError | None:
        """A smaller log than the kept one: is it at least the beginning of it, by the tiles that are here?"""

        def own(tile: Tile) -> bytes:
            content = self.files.read(tile)
            if content is None:
                raise RefusedError("tile-unknown", where=tile.path, expected="a whole file in the mirror")
            return content

        found = root_of(seen.size, nodes_of(kept.size, own))
        return None if found == seen.root else ForkedError(kept, seen, found, [])

    def _contradict(self, kept_note: str, kept: Head, note: str, seen: Head, fork: ForkedError | None) -> None:
        """Keep what shows it, and refuse."""
        aside = self.folder / "contradictions" / f"{seen.size}-{seen.root.hex()[:16]}"
        make_folder(aside)
        write_whole(aside / "kept", [kept_note.encode()])
        write_whole(aside / "seen", [note.encode()])
        if fork is not None and fork.proof:
            write_whole(aside / "proof", _write_growth(kept.size, fork.old_root, seen.size, fork.proof))
        code = "ledger-behind" if fork is None else "log-forked"
        expected = f"{kept.size} entries with root {kept.root.hex()}, or more that grew out of them"
        raise RefusedError(code, expected=expected, got=f"{seen.size} with {seen.root.hex()}", where=str(aside))


def open_mirror(folder: Path, given: str | None) -> Mirror | None:
    """The mirror in a folder, under the verifier key that is pinned there or is `given`; None where there is neither.

    Raises RefusedError `key-unreadable`, also where the two differ.
    """
    path = folder / "verifier-key"
    pinned = path.read_text(encoding="utf-8").strip() if path.is_file() else None
    if given is None and pinned is None:
        return None
    name, key = read_verifier_key(given if given is not None else str(pinned))
    written = verifier_key(name, key)
    if pinned is None:
        make_folder(folder)
        write_whole(path, [f"{written}\n".encode()])
    elif pinned != written:
        raise RefusedError("key-unreadable", where=str(path), expected=pinned, got=written)
    return Mirror(folder, name, key)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to the folder. Raises BlockingIOError where one does."""
    make_folder(folder)
    descriptor = os.open(folder / ".lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _write_growth(first: int, first_root: bytes, second: int, proof: Sequence[bytes]) -> Iterator[bytes]:
    """The log's own proof that its later tree has another beginning: sizes, that beginning's root, the path."""
    yield f"{first}\n{base64.b64encode(first_root).decode('ascii')}\n{second}\n\n".encode()
    for node in proof:
        yield base64.b64encode(node) + b"\n"
