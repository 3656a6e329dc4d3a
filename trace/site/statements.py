"""What may be said on site: delivered against a contract, accepted or rejected, installed in metres at a place,
removed, stored, destroyed (EPCIS).
"""

from marshmallow import fields

from trace.epcis.events import StepSchema, lots_of, main_lot
from trace.fields import Body, Exact, Words
from trace.kinds import Kind, Role
from trace.site.register import record_act


class DeliveredEvent(StepSchema):
    """ObjectEvent, arriving; `po` names the contract, `suzheng:invoicer` whose invoice came with it."""

    takes_logistic = True
    actions = ("OBSERVE",)
    steps = ("arriving",)
    invoicer = Words(300, load_default=None, data_key="suzheng:invoicer")


class AcceptedEvent(StepSchema):
    """ObjectEvent, accepting, disposition conformant. Of goods alone: nobody accepts what is in a closed box."""

    actions = ("OBSERVE",)
    steps = ("accepting",)


class RejectedEvent(StepSchema):
    """ObjectEvent, inspecting or accepting, disposition non_conformant."""

    takes_logistic = True
    actions = ("OBSERVE",)
    steps = ("accepting", "inspecting")


class Stretch(Body):
    """Which metres of the drum, from the outer end."""

    from_m = Exact(load_default=None)
    to_m = Exact(load_default=None)


class Place(Stretch):
    """Where cable lies: station, circuit, and which metres of the drum."""

    station = Words(120, required=True)
    circuit = Words(120, load_default=None)


class InstalledEvent(StepSchema):
    """ObjectEvent, installing, with the place."""

    actions = ("OBSERVE", "DELETE")
    steps = ("installing",)
    place = fields.Nested(Place, required=True, data_key="suzheng:place")


class RemovedEvent(StepSchema):
    """ObjectEvent, removing, with the place."""

    actions = ("OBSERVE", "ADD")
    steps = ("removing",)
    place = fields.Nested(Place, required=True, data_key="suzheng:place")


class StoredEvent(StepSchema):
    """ObjectEvent, storing or stocking: it lies at a place."""

    takes_logistic = True
    actions = ("OBSERVE",)
    steps = ("storing", "stocking")


class DestroyedEvent(StepSchema):
    """ObjectEvent, destroying or decommissioning: it, or a stretch of it, is no more."""

    takes_logistic = True
    actions = ("OBSERVE", "DELETE")
    steps = ("destroying", "decommissioning")
    place = fields.Nested(Stretch, load_default=None, data_key="suzheng:place")


_ON_SITE = frozenset({Role.CONTRACTOR, Role.PURCHASER, Role.SUPERVISOR})

_KEEPERS = frozenset({Role.PRODUCER, Role.DEALER, Role.PURCHASER, Role.CONTRACTOR})

DELIVERED = Kind("goods.delivered", DeliveredEvent, _ON_SITE, record_act("delivered"), main_lot, lots_of)
ACCEPTED = Kind("goods.accepted", AcceptedEvent, _ON_SITE, record_act("accepted"), main_lot, lots_of)
REJECTED = Kind("goods.rejected", RejectedEvent, _ON_SITE, record_act("rejected"), main_lot, lots_of)
INSTALLED = Kind("lot.installed", InstalledEvent, _ON_SITE, record_act("installed"), main_lot, lots_of)
REMOVED = Kind("lot.removed", RemovedEvent, _ON_SITE, record_act("removed"), main_lot, lots_of)
STORED = Kind("goods.stored", StoredEvent, _KEEPERS, record_act("stored"), main_lot, lots_of)
DESTROYED = Kind("lot.destroyed", DestroyedEvent, _KEEPERS, record_act("destroyed"), main_lot, lots_of)
KINDS = (DELIVERED, ACCEPTED, REJECTED, INSTALLED, REMOVED, STORED, DESTROYED)
