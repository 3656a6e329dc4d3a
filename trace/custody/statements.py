"""What may be said of hands: shipped, received, split, joined, and found to be wrong. All are EPCIS events."""

from typing import Any

from marshmallow import ValidationError

from trace.custody import register
from trace.epcis.events import StepSchema, lots_of, main_lot
from trace.epcis.mapping import FLAGS
from trace.epcis.vocabulary import cbv_word
from trace.kinds import Kind, Role


class ShippedEvent(StepSchema):
    """ObjectEvent, shipping; the destination names the party that it is sent to."""

    takes_logistic = True
    actions = ("OBSERVE",)
    steps = ("shipping",)


class ReceivedEvent(StepSchema):
    """ObjectEvent, receiving; the source names the party that it came from."""

    takes_logistic = True
    actions = ("OBSERVE",)
    steps = ("receiving",)


class RegroupedEvent(StepSchema):
    """TransformationEvent whose outputs are the same material as its inputs, cut or put together."""

    event_type = "TransformationEvent"


class FlaggedEvent(StepSchema):
    """ObjectEvent whose disposition says that something is wrong with the goods, whatever the business step."""

    takes_logistic = True
    actions = ("OBSERVE",)

    def check_whole(self, data: dict[str, Any]) -> None:
        """The disposition is one of those."""
        super().check_whole(data)
        if cbv_word(data["disposition"]) not in FLAGS:
            raise ValidationError(f"expected {' or '.join(FLAGS)}, got {data['disposition']}", "disposition")


_HANDS = frozenset({Role.PRODUCER, Role.DEALER, Role.PURCHASER, Role.CONTRACTOR})

SHIPPED = Kind("goods.shipped", ShippedEvent, _HANDS, register.ship_lots, main_lot, lots_of)
RECEIVED = Kind("goods.received", ReceivedEvent, _HANDS, register.receive_lots, main_lot, lots_of)
SPLIT = Kind("lot.split", RegroupedEvent, _HANDS, register.split_lots, main_lot, lots_of)
JOINED = Kind("lot.joined", RegroupedEvent, _HANDS, register.join_lots, main_lot, lots_of)
FLAGGED = Kind("goods.flagged", FlaggedEvent, frozenset(Role), register.flag_lots, main_lot, lots_of)
KINDS = (SHIPPED, RECEIVED, SPLIT, JOINED, FLAGGED)
