"""What may be said of labs: accredited and suspended (by the accrediting body's key), signatories authorised (by the
lab).
"""

from marshmallow import fields, validate

from labs.accreditation import register
from trace.fields import Body, Day, Sha256, Uscc, Words
from trace.kinds import Kind, Role


class ScopeLine(Body):
    """One line of the scope table."""

    object = Words(80, required=True)
    parameter = Words(60, required=True)
    method = Words(80, required=True)
    valid_from = Day(required=True)
    valid_to = Day(required=True)


class AccreditedBody(Body):
    """A lab with its CMA and CNAS numbers, dates and scope."""

    lab = Uscc(required=True)
    # CNCA numbering since 2015: year, authority, field, ministry, serial.
    cma = fields.String(load_default=None, validate=validate.Regexp(r"[0-9]{12}\Z"))
    cnas = fields.String(load_default=None, validate=validate.Regexp(r"(L[0-9]{4,5}|IB[0-9]{4})\Z"))
    valid_from = Day(required=True)
    valid_to = Day(required=True)
    scope = fields.List(fields.Nested(ScopeLine), required=True, validate=validate.Length(1, 500))


class SuspendedBody(Body):
    """A suspension from a day on."""

    lab = Uscc(required=True)
    suspended_from = Day(required=True)
    suspended_to = Day(load_default=None)
    reason = Words(1000, required=True)


class SignatoryBody(Body):
    """An authorised signatory of the signing lab. `person` is the lab's reference, not a name."""

    person = Words(60, required=True)
    kid = Sha256(required=True)
    parameters = fields.List(Words(60), required=True, validate=validate.Length(1, 100))
    authorised_from = Day(required=True)
    authorised_to = Day(load_default=None)


_ACCREDITING = frozenset({Role.REGULATOR})

ACCREDITED = Kind("lab.accredited", AccreditedBody, _ACCREDITING, register.accredit_lab, lambda body: body["lab"])
SUSPENDED = Kind(
    "accreditation.suspended",
    SuspendedBody,
    _ACCREDITING,
    register.suspend_accreditation,
    lambda body: body["lab"],
)
SIGNATORY_AUTHORISED = Kind(
    "signatory.authorised",
    SignatoryBody,
    frozenset({Role.LAB}),
    register.authorise_signatory,
    lambda body: body["person"],
)
KINDS = (ACCREDITED, SUSPENDED, SIGNATORY_AUTHORISED)
