"""What regulators rule on findings: confirmed, or dismissed with the reason."""

from marshmallow import fields, validate

from labs.casework import register
from trace.fields import Body, LotRef, Words
from trace.kinds import Kind, Role


class RulingBody(Body):
    """A ruling on one rule's findings on one lot."""

    lot = LotRef(required=True)
    code = fields.String(required=True, validate=validate.Regexp(r"[PSLBC][0-9]{2}\Z"))
    reason = Words(1000, required=True)


_REGULATOR = frozenset({Role.REGULATOR})

CONFIRMED = Kind(
    "finding.confirmed",
    RulingBody,
    _REGULATOR,
    register.confirm_finding,
    lambda body: body["lot"],
    lambda body: (body["lot"],),
)
DISMISSED = Kind(
    "finding.dismissed",
    RulingBody,
    _REGULATOR,
    register.dismiss_finding,
    lambda body: body["lot"],
    lambda body: (body["lot"],),
)
KINDS = (CONFIRMED, DISMISSED)
