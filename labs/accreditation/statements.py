"""What may be said of labs: accredited, suspended and reinstated (by the accrediting body's key, never by the lab's),
signatories and analysts authorised, and their authorisations ended (by the lab).
"""

from typing import Any

from marshmallow import ValidationError, fields, validate

from labs.accreditation import register
from trace.fields import Body, Day, Exact, Sha256, Uscc, Words
from trace.kinds import Kind, Readers, Role


class Site(Body):
    """A place at which the lab was assessed. `site` is the number that scope lines name it by."""

    site = Words(20, required=True)
    address = Words(200, required=True)
    name = Words(120, load_default=None)


class ScopeLine(Body):
    """One line of the scope table. `method` bears its edition: "GB/T 3048.4-2007". A range holds both ends; a line
    without a site is for all of them.
    """

    object = Words(80, required=True)
    parameter = Words(60, required=True)
    method = Words(80, required=True)
    valid_from = Day(required=True)
    valid_to = Day(required=True)
    range_from = Exact(load_default=None)
    range_to = Exact(load_default=None)
    range_unit = Words(20, load_default=None)
    site = Words(20, load_default=None)

    def check_whole(self, data: dict[str, Any]) -> None:
        """A range needs its unit, and begins before it ends."""
        ends = [end for end in (data["range_from"], data["range_to"]) if end is not None]
        if bool(ends) != (data["range_unit"] is not None):
            raise ValidationError("expected a range with its unit, or neither", "range_unit")
        if ends != sorted(ends):
            raise ValidationError(f"expected at least {ends[0]}, got {ends[1]}", "range_to")


class ScopePart(Body):
    """The lines of a scope that have this object, and this parameter, method and site where they are given."""

    object = Words(80, required=True)
    parameter = Words(60, load_default=None)
    method = Words(80, load_default=None)
    site = Words(20, load_default=None)


class AccreditedBody(Body):
    """A lab with its CMA and CNAS numbers, dates, sites and scope."""

    lab = Uscc(required=True)
    # The shape alone, as it has always been asked: what the code tables say of a number is told by `numbers.py`, for
    # a ledger that holds a number beyond them has to be readable too.
    cma = fields.String(load_default=None, validate=validate.Regexp(r"[0-9]{12}\Z"))
    cnas = fields.String(load_default=None, validate=validate.Regexp(r"(L[0-9]{4,5}|IB[0-9]{4})\Z"))
    valid_from = Day(required=True)
    valid_to = Day(required=True)
    scope = fields.List(fields.Nested(ScopeLine), required=True, validate=validate.Length(1, 500))
    sites = fields.List(fields.Nested(Site), load_default=list, validate=validate.Length(max=100))

    def check_whole(self, data: dict[str, Any]) -> None:
        """A line names a site of the list, and no site stands there twice."""
        known = [site["site"] for site in data["sites"]]
        if len(set(known)) < len(known):
            raise ValidationError("expected each site once", "sites")
        named = {line["site"] for line in data["scope"]} - {None}
        if unknown := sorted(named.difference(known)):
            raise ValidationError(f"expected one of the sites {known}, got {unknown[0]!r}", "scope")


_PARTS = validate.Length(1, 500)


class SuspendedBody(Body):
    """A suspension from a day on, of these parts of the scope, or of all of it."""

    lab = Uscc(required=True)
    suspended_from = Day(required=True)
    suspended_to = Day(load_default=None)
    reason = Words(1000, required=True)
    scope = fields.List(fields.Nested(ScopePart), load_default=None, validate=_PARTS)


class ReinstatedBody(Body):
    """From a day on suspensions on record are lifted: the one from that day, or all; for these parts, or whole."""

    lab = Uscc(required=True)
    reinstated_on = Day(required=True)
    suspended_from = Day(load_default=None)
    scope = fields.List(fields.Nested(ScopePart), load_default=None, validate=_PARTS)
    reason = Words(1000, load_default=None)


class SignatoryBody(Body):
    """An authorised signatory of the signing lab, for parameters ("*" for all) of these objects, or of any. `person`
    is the lab's reference, not a name.
    """

    person = Words(60, required=True)
    kid = Sha256(required=True)
    parameters = fields.List(Words(60), required=True, validate=validate.Length(1, 100))
    authorised_from = Day(required=True)
    authorised_to = Day(load_default=None)
    objects = fields.List(Words(80), load_default=None, validate=validate.Length(1, 100))


class AnalystBody(Body):
    """Who may carry out tests (ISO/IEC 17025:2017 6.2.6), at a site or at all. `person` is the lab's reference."""

    person = Words(60, required=True)
    parameters = fields.List(Words(60), required=True, validate=validate.Length(1, 100))
    authorised_from = Day(required=True)
    authorised_to = Day(load_default=None)
    site = Words(20, load_default=None)


class AuthorisationEndedBody(Body):
    """A person of the signing lab may sign, or test, no more after `ended_on`."""

    person = Words(60, required=True)
    duty = fields.String(required=True, validate=validate.OneOf(("signatory", "analyst")))
    ended_on = Day(required=True)
    reason = Words(500, load_default=None)


_ACCREDITING = frozenset({Role.REGULATOR})
_LABS = frozenset({Role.LAB})

ACCREDITED = Kind("lab.accredited", AccreditedBody, _ACCREDITING, register.accredit_lab, lambda body: body["lab"])
SUSPENDED = Kind(
    "accreditation.suspended",
    SuspendedBody,
    _ACCREDITING,
    register.suspend_accreditation,
    lambda body: body["lab"],
)
REINSTATED = Kind(
    "accreditation.reinstated",
    ReinstatedBody,
    _ACCREDITING,
    register.reinstate_accreditation,
    lambda body: body["lab"],
)
SIGNATORY_AUTHORISED = Kind(
    "signatory.authorised", SignatoryBody, _LABS, register.authorise_signatory, lambda body: body["person"]
)
# A header is everybody's: its subject is the duty, not the person.
ANALYST_AUTHORISED = Kind(
    "analyst.authorised",
    AnalystBody,
    _LABS,
    register.authorise_analyst,
    lambda body: "analyst",
    readers=Readers.PARTIES,
)
AUTHORISATION_ENDED = Kind(
    "authorisation.ended",
    AuthorisationEndedBody,
    _LABS,
    register.end_authorisation,
    lambda body: body["duty"],
    readers=Readers.PARTIES,
)
KINDS = (ACCREDITED, SUSPENDED, REINSTATED, SIGNATORY_AUTHORISED, ANALYST_AUTHORISED, AUTHORISATION_ENDED)
