"""Which kind an EPCIS event of somebody else's system is: one of ours where it says all that ours says
(`trace/epcis/mapping.py`), else `epcis.recorded`; with an error declaration, `epcis.withdrawn`.
"""

from collections.abc import Mapping
from typing import Any

from keys.errors import RefusedError
from keys.payload import read_json
from trace.epcis.events import read_lots
from trace.epcis.identifiers import parse_lot
from trace.epcis.mapping import ROWS
from trace.epcis.statements import EVENT_RECORDED, EVENT_WITHDRAWN
from trace.intake import read_payload
from trace.kinds import Catalogue

_SAME_MATERIAL = frozenset({"lot.split", "lot.joined"})


def choose_kind(payload: bytes, catalogue: Catalogue) -> str:
    """The tag of the kind that fits an event. Raises RefusedError where it is no EPCIS event at all."""
    if "errorDeclaration" in read_json(payload):
        # It takes an earlier event back; read as one of the others, it would say it again.
        read_payload(payload, EVENT_WITHDRAWN)
        return EVENT_WITHDRAWN.tag
    event = read_payload(payload, EVENT_RECORDED)
    for row in ROWS:
        if row.fits(event) and (row.tag not in _SAME_MATERIAL or _regrouping(event) == row.tag):
            try:
                read_payload(payload, catalogue.find(row.tag))
            except RefusedError:
                continue
            return row.tag
    return EVENT_RECORDED.tag


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
