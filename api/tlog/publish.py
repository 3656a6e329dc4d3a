"""Puts tiles on the disk: full ones when a commit has completed them, any of the newest tree when it is asked for."""

import logging

from api.database import Database
from api.tlog.files import TileFiles
from trace.ledger.shelf import read_size, read_tile
from trace.ledger.tiles import Tile, grown_tiles

_log = logging.getLogger(__name__)


def publish_grown(database: Database, files: TileFiles, first: int, second: int) -> None:
    """Write the full tiles of a log that has grown from `first` to `second` committed entries. Never raises OSError.

    Partial ones wait until somebody wants them: most are outgrown before.
    """
    tiles = [tile for tile in grown_tiles(first, second) if tile.is_full]
    if tiles:
        with database.reading() as session:
            for tile in tiles:
                _keep(files, tile, read_tile(session, tile))


def fetch_tile(database: Database, files: TileFiles, tile: Tile) -> bytes:
    """A tile from its file, else from the database, which the file is then written from.

    Raises RefusedError `tile-unknown` where the log is too small for it.
    """
    content = files.read(tile)
    if content is None:
        with database.reading() as session:
            content = read_tile(session, tile)
            is_last = _is_last(tile, read_size(session))
        # Of the partial tiles only that of the newest tree is kept: else whoever asks for all widths fills the disk.
        if tile.is_full or is_last:
            _keep(files, tile, content)
    return content


def _is_last(tile: Tile, size: int) -> bool:
    return tile.start + tile.width == size >> tile.tree_level


def _keep(files: TileFiles, tile: Tile, content: bytes) -> None:
    # The entries are committed and the tile can be computed again: no refusal follows from a full disk here.
    try:
        files.keep(tile, content)
    except OSError as error:
        _log.warning("tile %s not written: %s", tile.path, error)
