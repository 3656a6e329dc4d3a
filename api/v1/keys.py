"""Keys on record: whose, of what algorithm, and until when they were believed."""

from flask import Blueprint

from api.access import Callers, open_to
from api.operations import Reply, operation
from api.shell import current_shell
from api.v1.schemas import KeySchema
from keys.errors import RefusedError
from trace.parties.register import find_key

blueprint = Blueprint("api_keys", __name__)


@blueprint.get("/keys/<kid>")
@open_to(Callers.ANYONE)
@operation("One key by its thumbprint", tag="parties", returns={200: KeySchema}, refuses=("not-found",))
def show_key(kid: str) -> Reply:
    """`kid` is the COSE key thumbprint (RFC 9679) in lower-case hexadecimal."""
    try:
        thumbprint = bytes.fromhex(kid)
    except ValueError:
        thumbprint = b""
    with current_shell().database.reading() as session:
        key = find_key(session, thumbprint) if thumbprint.hex() == kid else None
    if key is None:
        raise RefusedError("not-found", where="key", got=kid[:80])
    return Reply(key)
