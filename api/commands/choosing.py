"""Which kind an EPCIS event of somebody else's system is: one of ours where it says all that ours says, else
`epcis.recorded`.
"""

from collections.abc import Mapping
from typing import Any

from keys.errors import RefusedError
from keys.payload import read_json
from trace.epcis.events import read_lots
from trace.epcis.identifiers import parse_lot
from trace.epcis.statements import EVENT_RECORDED, EVENT_WITHDRAWN
from trace.epcis.vocabulary import cbv_word
from trace.intake import read_payload
from trace.kinds import Catalogue

# The business steps (CBV 2.0 §7.1) that some kind of ours stands for. Whether the event says enough is for its schema.
_OF_STEP = {
    "commissioning": "lot.commissioned",
    "inspecting": "lot.inspected",
    "shipping": "goods.shipped",
    "receiving": "goods.received",
    "arriving": "goods.delivered",
    "installing": "lot.installed",
    "removing": "lot.removed",
}
# An acceptance has to say how it ended.
_OF_DISPOSITION = {"conformant": "goods.accepted", "non_conformant": "goods.rejected"}


def choose_kind(payload: bytes, catalogue: Catalogue) -> str:
    """The tag of the kind that fits an event. Raises RefusedError where it is no EPCIS event at all."""
    if "errorDeclaration" in read_json(payload):
        # It takes an earlier event back; read as one of the others, it would say it again.
        read_payload(payload, EVENT_WITHDRAWN)
        return EVENT_WITHDRAWN.tag
    event = read_payload(payload, EVENT_RECORDED)
    tag = _wish(event)
    if tag is None:
        return EVENT_RECORDED.tag
    try:
        read_payload(payload, catalogue.find(tag))
    except RefusedError:
        return EVENT_RECORDED.tag
    return tag


def _wish(event: Mapping[str, Any]) -> str | None:
    step = cbv_word(event["bizStep"])
    if event["type"] == "TransformationEvent":
        return "lot.transformed" if "ilmd" in event else _regrouping(event)
    if event["type"] != "ObjectEvent":
        return None
    if step == "accepting":
        return _OF_DISPOSITION.get(cbv_word(event["disposition"]) or "")
    return _OF_STEP.get(step or "")


def _regrouping(event: Mapping[str, Any]) -> str | None:
    """A split or a join says that the material stays the same, so the product has to: one GTIN on both sides."""
    try:
        sides = [[parse_lot(lot) for lot, _ in read_lots(event, side)] for side in ("input", "output")]
    except RefusedError:
        return None
    if len({lot.gtin for side in sides for lot in side}) != 1:
        return None
    match [len(side) for side in sides]:
        case [1, outputs] if outputs > 0:
            return "lot.split"
        case [_, 1]:
            return "lot.joined"
    return None
