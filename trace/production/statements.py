"""What may be said of making: lots commissioned and transformed (EPCIS), inspected by their maker, certified as a
product.
"""

from typing import Any

from marshmallow import ValidationError, fields, validate

from trace.epcis import events as epcis
from trace.epcis.events import StepSchema, lots_of, main_lot
from trace.fields import Body, Day, Exact, Flag, Name, Uscc, Words
from trace.kinds import Kind, Role
from trace.production import register
from trace.reading import Choice, Pairs, Part


class Product(Body):
    """Master data of what was made. `attributes` are those by which the standards pack selects limits."""

    family = Words(40, required=True)
    type = Words(80, required=True)
    name = Part(Name, required=True)
    standard = Words(80, load_default=None)
    attributes = Pairs(Words(40), Words(40), 30, load_default=dict)


class Ilmd(epcis.Ilmd):
    """EPCIS instance/lot master data, with ours in it."""

    product = Part(Product, required=True, data_key="suzheng:product")


class CommissionedEvent(StepSchema):
    """ObjectEvent ADD, commissioning."""

    actions = ("ADD",)
    steps = ("commissioning",)
    ilmd = Part(Ilmd, required=True)


class TransformedEvent(StepSchema):
    """TransformationEvent whose outputs are a new product."""

    event_type = "TransformationEvent"
    ilmd = Part(Ilmd, required=True)


class InspectedEvent(StepSchema):
    """ObjectEvent, inspecting, with the maker's own result."""

    actions = ("OBSERVE",)
    steps = ("inspecting",)
    is_passed = Flag(required=True, data_key="suzheng:passed")


class TypeMass(Body):
    """What a metre of a type weighed at the type test, in kg, above 0."""

    type = Words(80, required=True)
    kg_per_m = Exact(required=True, validate=validate.Range(min=0, min_inclusive=False))


class CertificateBody(Body):
    """A product certificate: number, scheme, who holds it, who makes, which product types, and what these weighed."""

    number = Words(40, required=True)
    scheme = Choice(("CCC", "XK", "voluntary"), required=True)
    holder = Uscc(required=True)
    maker = Uscc(required=True)
    types = fields.List(Words(80), required=True, validate=validate.Length(1, 200))
    valid_from = Day(required=True)
    valid_to = Day(required=True)
    masses = fields.List(fields.Nested(TypeMass), load_default=list, validate=validate.Length(max=200))

    def check_whole(self, data: dict[str, Any]) -> None:
        """Each type weighs one thing."""
        named = [one["type"] for one in data["masses"]]
        if len(set(named)) < len(named):
            raise ValidationError("expected each type once, got one twice", "masses")


class CertificateWithdrawnBody(Body):
    """The end of a certificate, from a day on."""

    number = Words(40, required=True)
    withdrawn_on = Day(required=True)
    reason = Words(required=True)


_MAKERS = frozenset({Role.PRODUCER})
_BODIES = frozenset({Role.REGULATOR})

COMMISSIONED = Kind("lot.commissioned", CommissionedEvent, _MAKERS, register.commission_lots, main_lot, lots_of)
TRANSFORMED = Kind("lot.transformed", TransformedEvent, _MAKERS, register.transform_lots, main_lot, lots_of)
INSPECTED = Kind("lot.inspected", InspectedEvent, _MAKERS, register.inspect_lots, main_lot, lots_of)
CERTIFIED = Kind(
    "certificate.issued", CertificateBody, _BODIES, register.issue_certificate, lambda body: body["number"]
)
CERTIFICATE_WITHDRAWN = Kind(
    "certificate.withdrawn",
    CertificateWithdrawnBody,
    _BODIES,
    register.withdraw_certificate,
    lambda body: body["number"],
)
KINDS = (COMMISSIONED, TRANSFORMED, INSPECTED, CERTIFIED, CERTIFICATE_WITHDRAWN)
