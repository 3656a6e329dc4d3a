"""Drafts: what a browser, or a program whose key lies elsewhere, asks for before it signs.

    POST /api/v1/drafts   {"drafts": [{"kind": "goods.shipped", "payload": "{\\"type\\": \\"ObjectEvent\\", …}"}, …]}

The server sees no private key and keeps nothing of a draft; what is signed comes in through the one door like any
other statement (`POST /api/v1/statements`).
"""

from typing import Any

from flask import Blueprint, request
from marshmallow import ValidationError

from api.access import Callers, caller, caller_key, check_same_site, open_to
from api.drafting import draft_all
from api.operations import JSON, Reply, operation
from api.shell import current_shell
from api.v1.schemas import DraftsSchema, WantedListSchema
from api.v1.statements import DOOR_REFUSALS
from keys.errors import RefusedError
from keys.payload import read_json

blueprint = Blueprint("api_drafts", __name__)


@blueprint.post("/drafts")
@open_to(Callers.SIGNED_IN)
@operation(
    "Draft statements to be signed elsewhere",
    tag="statements",
    returns={200: DraftsSchema},
    takes={JSON: WantedListSchema},
    refuses=(*DOOR_REFUSALS, "not-signed-in", "origin-foreign", "request-malformed"),
)
def make_drafts() -> Reply:
    """For the key that the caller has signed in with. What the door would refuse is refused before it is signed."""
    check_same_site()
    wanted = [(one["kind"], one["payload"].encode()) for one in _read_wanted()]
    party, kid = caller(), caller_key()
    if party is None or kid is None:
        raise RefusedError("not-signed-in", expected="a session that proves possession of a key")
    return Reply({"drafts": draft_all(current_shell(), party.uscc, kid, wanted)}, is_private=True)


def _read_wanted() -> list[dict[str, str]]:
    # A form of another site can't send this type without asking first.
    if request.mimetype != JSON:
        raise RefusedError("media-type-unknown", expected=JSON, got=request.mimetype[:80])
    try:
        read: dict[str, Any] = WantedListSchema().load(read_json(request.get_data()))
    except ValidationError as error:
        raise RefusedError("request-malformed", where="the request", got=str(error)[:200]) from error
    wanted: list[dict[str, str]] = read["drafts"]
    return wanted
