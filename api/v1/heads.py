"""The heads of lots' chains: what a signer asks for before sealing the next statement."""

from typing import Any

from flask import Blueprint
from marshmallow import fields, validate

from api.access import Callers, open_to
from api.operations import Query, Reply, operation
from api.shell import current_shell
from api.v1.schemas import HeadsSchema
from trace.chains import read_heads
from trace.fields import LotRef

blueprint = Blueprint("api_heads", __name__)


class HeadsQuery(Query):
    """The lots that a statement is to be about."""

    lot = fields.List(
        LotRef(),
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "A lot id or Digital Link URI; once for each lot."},
    )


@blueprint.get("/heads")
@open_to(Callers.ANYONE)
@operation(
    "What the next statement on these lots has to follow",
    tag="statements",
    returns={200: HeadsSchema},
    query=HeadsQuery,
)
def show_heads(query: dict[str, Any]) -> Reply:
    """Each head once, in bytewise order; none for lots of which nobody has spoken yet."""
    lots = sorted(set(query["lot"]))
    with current_shell().database.reading() as session:
        return Reply({"lots": lots, "heads": read_heads(session, lots)}, is_private=True)
