"""The tiled log (c2sp.org/tlog-tiles) under the registry's address: checkpoint, tiles of hashes, bundles of entries.

/checkpoint                     the newest, straight from its row: as new as the last commit, with what cosignatures it
                                has by then
/checkpoint/cosigned            the newest that meets the ledger's own policy (POLICY_FILE): some seconds older
/tile/<level>/<index>[.p/<w>]
/tile/entries/<index>[.p/<w>]   the SHA-256 of each statement; bodies are at /api/v1/entries, for their readers
"""

import hashlib

from flask import Blueprint

from api.access import Callers, open_to
from api.operations import Reply, operation
from api.security import at_most
from api.shell import current_shell
from api.tlog.files import files_of
from api.tlog.publish import fetch_tile
from api.v1.ledger import NOTE, find_checkpoint
from api.witnessing.policy_file import find_witnessed
from keys.errors import RefusedError
from trace.ledger.cosigned import cosigned_note
from trace.ledger.store import latest_checkpoint
from trace.ledger.tiles import read_path

blueprint = Blueprint("tlog", __name__)
# Cacheable files, mostly read from the disk, and a mirror of ten million entries wants eighty thousand of them: not by
# the limit of pages. One worker serves more than this, so that a single address can't have all of it.
_OFTEN = "12000 per minute"
_BYTES = "application/octet-stream"
# c2sp.org/tlog-tiles, "Checkpoints": not beyond a few seconds. One, since that is how soon an entry has to be seen.
_BRIEFLY = {"Cache-Control": "public, max-age=1"}


@blueprint.get("/checkpoint")
@open_to(Callers.ANYONE)
@at_most(_OFTEN)
@operation("The newest checkpoint", tag="ledger", returns={200: None}, media=(NOTE,), refuses=("not-founded",))
def show_checkpoint() -> Reply:
    """A signed note (c2sp.org/tlog-checkpoint)."""
    with current_shell().database.reading() as session:
        note = cosigned_note(session, find_checkpoint(latest_checkpoint(session)))
    return Reply(note, media=NOTE, headers=_BRIEFLY)


@blueprint.get("/checkpoint/cosigned")
@open_to(Callers.ANYONE)
@at_most(_OFTEN)
@operation(
    "The newest checkpoint that enough witnesses have signed",
    tag="ledger",
    returns={200: None},
    media=(NOTE,),
    refuses=("checkpoint-unknown",),
)
def show_cosigned() -> Reply:
    """Enough by the policy of this ledger. Your own policy may ask for others: judge it by that one."""
    shell = current_shell()
    with shell.database.reading() as session:
        row = find_witnessed(shell.settings, session)
        if row is None:
            raise RefusedError("checkpoint-unknown", expected="a checkpoint that meets the policy of this ledger")
        return Reply(cosigned_note(session, row), media=NOTE, headers=_BRIEFLY)


@blueprint.get("/tile/<path:path>")
@open_to(Callers.ANYONE)
@at_most(_OFTEN)
@operation(
    "A tile, or a bundle of entries",
    tag="ledger",
    returns={200: None},
    media=(_BYTES,),
    refuses=("not-founded", "tile-unknown"),
)
def show_tile(path: str) -> Reply:
    """It never changes, and says so. One that the log is still too small for is not found, for now."""
    tile = read_path(path)
    if tile is None:
        raise RefusedError("tile-unknown", where=path[:80], expected="the path of a tile")
    shell = current_shell()
    content = fetch_tile(shell.database, files_of(shell.settings, shell.registry.ledger_key.kid), tile)
    return Reply(content, media=_BYTES, tag=hashlib.sha256(content).hexdigest())
