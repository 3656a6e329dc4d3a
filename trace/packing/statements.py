"""What may be said of packing: put into a logistic unit (SSCC), and taken out of it. Both are EPCIS AggregationEvents.

    {"type": "AggregationEvent", "action": "ADD", "bizStep": "packing",
     "parentID": "https://id.gs1.org/00/106901234567890128",
     "childEPCs": ["https://id.gs1.org/01/06901234567892/10/A1/21/D001"], …}

A DELETE that names no children takes all of them out (EPCIS 2.0.1 §7.4.3).
"""

from typing import Any

from marshmallow import ValidationError

from keys.errors import RefusedError
from trace.epcis.events import StepSchema, lots_of, main_lot, name_lots, parent_of
from trace.epcis.identifiers import is_logistic
from trace.kinds import Kind, Role
from trace.packing.register import pack_goods, unpack_goods


class _Aggregation(StepSchema):
    event_type = "AggregationEvent"
    takes_logistic = True

    def check_whole(self, data: dict[str, Any]) -> None:
        """The parent is a logistic unit, and not its own child, which would say nothing."""
        super().check_whole(data)
        if "parentID" not in data:
            raise ValidationError("expected a logistic unit, /00/{sscc}, got none", "parentID")
        try:
            parent = parent_of(data)
        except RefusedError as error:
            raise ValidationError(str(error), "parentID") from error
        if not is_logistic(parent):
            raise ValidationError(f"expected a logistic unit, /00/{{sscc}}, got {parent}", "parentID")
        if parent in name_lots(data, "child"):
            raise ValidationError(f"expected other things than the parent, got {parent}", "childEPCs")


class PackedEvent(_Aggregation):
    """AggregationEvent, packing or loading, ADD: the children are in the parent from now on."""

    actions = ("ADD",)
    steps = ("packing", "loading")


class UnpackedEvent(_Aggregation):
    """AggregationEvent, unpacking or unloading, DELETE: the children, or all that is in it, are out of the parent."""

    actions = ("DELETE",)
    steps = ("unpacking", "unloading")
    may_name_none = True


_HANDS = frozenset({Role.PRODUCER, Role.DEALER, Role.PURCHASER, Role.CONTRACTOR})

PACKED = Kind("goods.packed", PackedEvent, _HANDS, pack_goods, main_lot, lots_of)
UNPACKED = Kind("goods.unpacked", UnpackedEvent, _HANDS, unpack_goods, main_lot, lots_of)
KINDS = (PACKED, UNPACKED)
