"""Tiles as files, so that a plain file server, or a copy of the folder, can stand in for this program.

    tiles/8f1c2ab90d4e77a1/tile/0/x001/067           beginning of the ledger's kid / as under the log's prefix

1. A tile is complete and on the disk before it bears its name: written beside it, synced, renamed.
2. A file of another length than its name says is no tile: it is made again.
3. One folder a ledger: a file of an earlier ledger in the same VAR_DIR must never be shown as a tile of this one.
4. A full tile makes its partial ones superfluous, and they go (c2sp.org/tlog-tiles, "Partial Tiles", allows it): else
   each tile would leave up to 255 files behind. The full one answers for them.
"""

import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from api.files import make_folder, write_whole
from api.settings import Settings
from trace.ledger.tiles import WIDTH, Tile, cut

# How much of the ledger's 32-byte kid names its folder: short to type, and no two ledgers share it by chance.
_NAME_DIGITS = 16


@dataclass(frozen=True, slots=True)
class TileFiles:
    """The files of one ledger. `root` is what a file server serves under the log's prefix."""

    root: Path

    def read(self, tile: Tile) -> bytes | None:
        """A tile's content, out of the full one where it is partial; None where there is no whole file of it."""
        for kept in (replace(tile, width=WIDTH), tile):
            with suppress(FileNotFoundError, NotADirectoryError):
                content = self.path(kept).read_bytes()
                if len(content) == kept.size_bytes:
                    return cut(content, tile)
        return None

    def keep(self, tile: Tile, content: bytes) -> None:
        """Write a tile, durably, in place of what bears its name. Raises OSError where the disk does not take it."""
        if len(content) != tile.size_bytes:
            raise ValueError(f"expected {tile.size_bytes} bytes for {tile.path}, got {len(content)}")
        path = self.path(tile)
        make_folder(path.parent)
        # Readable by a file server that runs as somebody else.
        write_whole(path, [content], mode=0o444)
        if tile.is_full:
            shutil.rmtree(path.with_name(f"{path.name}.p"), ignore_errors=True)

    def path(self, tile: Tile) -> Path:
        """Where a tile lies."""
        return self.root / "tile" / tile.path


def files_of(settings: Settings, kid: bytes) -> TileFiles:
    """The tile files of the ledger with this key."""
    return TileFiles(settings.tiles_dir / kid.hex()[:_NAME_DIGITS])
