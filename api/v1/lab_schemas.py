"""The shapes of replies about labs. Every member is always there; some may be null. Days are both included."""

from marshmallow import Schema, fields, validate

from api.fields import Amount, Hex
from api.v1.schemas import PartySchema, SaidSchema

_STATES = validate.OneOf(("none", "future", "lapsed", "suspended", "partly", "valid"))


class SiteSchema(Schema):
    """A place at which a lab was assessed."""

    site = fields.String()
    address = fields.String()
    name = fields.String(allow_none=True)


class ScopeRowSchema(Schema):
    """One line of a scope: values of a range in `range_unit`, at one site or (null) at all."""

    object = fields.String()
    parameter = fields.String()
    method = fields.String()
    valid_from = fields.Date()
    valid_to = fields.Date()
    range_from = Amount(allow_none=True)
    range_to = Amount(allow_none=True)
    range_unit = fields.String(allow_none=True)
    site = fields.String(allow_none=True)


class ScopePartSchema(Schema):
    """The lines with this object, and with what else is not null."""

    object = fields.String()
    parameter = fields.String(allow_none=True)
    method = fields.String(allow_none=True)
    site = fields.String(allow_none=True)


class AccreditationSchema(SaidSchema):
    """What an accrediting body says that a lab may do. `number_faults` are the parts of the CMA number that can't be
    right.
    """

    body = fields.String()
    cma = fields.String(allow_none=True)
    cnas = fields.String(allow_none=True)
    valid_from = fields.Date()
    valid_to = fields.Date()
    scope = fields.List(fields.Nested(ScopeRowSchema))
    sites = fields.List(fields.Nested(SiteSchema))
    number_faults = fields.List(fields.String(validate=validate.OneOf(("authority", "field", "ministry", "year"))))


class SuspensionSchema(SaidSchema):
    """Accreditation at rest, whole where `scope` is null."""

    suspended_from = fields.Date()
    suspended_to = fields.Date(allow_none=True)
    scope = fields.List(fields.Nested(ScopePartSchema), allow_none=True)


class ReinstatementSchema(SaidSchema):
    """A day from which on earlier suspensions are lifted: the one from a day, or (null) all; whole, or in parts."""

    reinstated_on = fields.Date()
    suspended_from = fields.Date(allow_none=True)
    scope = fields.List(fields.Nested(ScopePartSchema), allow_none=True)


class SignatorySchema(SaidSchema):
    """An authorised signatory, for these parameters ("*" for all) of these objects (null for all)."""

    person = fields.String()
    kid = Hex()
    parameters = fields.List(fields.String())
    objects = fields.List(fields.String(), allow_none=True)
    authorised_from = fields.Date()
    authorised_to = fields.Date(allow_none=True)


class AnalystSchema(SaidSchema):
    """Who may test these parameters ("*" for all), by the lab's own reference."""

    person = fields.String()
    parameters = fields.List(fields.String())
    authorised_from = fields.Date()
    authorised_to = fields.Date(allow_none=True)
    site = fields.String(allow_none=True)


class EndingSchema(SaidSchema):
    """The last day of a person's earlier authorisations in a duty."""

    person = fields.String()
    duty = fields.String(validate=validate.OneOf(("signatory", "analyst")))
    ended_on = fields.Date()


class CalibrationSchema(SaidSchema):
    """A calibration of an instrument, which is named by the lab's own number."""

    instrument = fields.String()
    name = fields.String()
    serial = fields.String(allow_none=True)
    parameters = fields.List(fields.String())
    site = fields.String(allow_none=True)
    certificate = fields.String()
    calibrated_by = fields.String()
    calibrated_on = fields.Date()
    due_on = fields.Date()


class RetirementSchema(SaidSchema):
    """The last day of an instrument."""

    instrument = fields.String()
    retired_on = fields.Date()


class PermitSchema(ScopeRowSchema):
    """A line of a scope on the day. `accreditation` and `suspension` are entries."""

    state = fields.String(validate=validate.OneOf(("open", "suspended", "lapsed", "future")))
    accreditation = fields.Integer()
    suspended_from = fields.Date(allow_none=True)
    suspended_to = fields.Date(allow_none=True)
    suspension = fields.Integer(allow_none=True)


class AuthorisedSchema(Schema):
    """An authorisation that holds on the day, by its entry, and its last day as far as is known."""

    entry = fields.Integer()
    until = fields.Date(allow_none=True)


class InstrumentSchema(Schema):
    """An instrument on the day, by its latest calibration until then."""

    instrument = fields.String()
    state = fields.String(validate=validate.OneOf(("calibrated", "overdue", "retired")))
    until = fields.Date()
    entry = fields.Integer()


class StandingSchema(Schema):
    """What a lab was allowed to do on a day, by what is believed now."""

    day = fields.Date()
    state = fields.String(validate=_STATES)
    permits = fields.List(fields.Nested(PermitSchema))
    sites = fields.List(fields.Nested(SiteSchema))
    signatories = fields.List(fields.Nested(AuthorisedSchema))
    analysts = fields.List(fields.Nested(AuthorisedSchema))
    instruments = fields.List(fields.Nested(InstrumentSchema))


class PerformanceSchema(Schema):
    """How many numbers of reports: issued, amended, withdrawn, denied, and found otherwise by somebody else."""

    reports = fields.Integer()
    amended = fields.Integer()
    withdrawn = fields.Integer()
    denied = fields.Integer()
    disagreements = fields.Integer()


class DisagreementSchema(Schema):
    """A report in force, and a re-test of the same lot with the other conclusion: by another lab, or (`other_number`
    null) a regulator's spot check.
    """

    number = fields.String()
    conclusion = fields.String()
    entry = fields.Integer()
    lot = fields.String()
    other = fields.String()
    other_number = fields.String(allow_none=True)
    other_entry = fields.Integer()


class ListedLabSchema(PartySchema):
    """A lab as it stands on the day, with the accreditation that is valid then, else the last that was."""

    state = fields.String(validate=_STATES)
    cma = fields.String(allow_none=True)
    cnas = fields.String(allow_none=True)
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    performance = fields.Nested(PerformanceSchema)


class LabPageSchema(Schema):
    """A page of labs, by code."""

    day = fields.Date()
    items = fields.List(fields.Nested(ListedLabSchema))
    next = fields.String(allow_none=True)


class LabSchema(PartySchema):
    """A lab on a day, and all that is on record of it. `analysts` and `endings` are null for callers who are not signed
    in.
    """

    standing = fields.Nested(StandingSchema)
    performance = fields.Nested(PerformanceSchema)
    disagreements = fields.List(fields.Nested(DisagreementSchema))
    accreditations = fields.List(fields.Nested(AccreditationSchema))
    suspensions = fields.List(fields.Nested(SuspensionSchema))
    reinstatements = fields.List(fields.Nested(ReinstatementSchema))
    signatories = fields.List(fields.Nested(SignatorySchema))
    analysts = fields.List(fields.Nested(AnalystSchema), allow_none=True)
    endings = fields.List(fields.Nested(EndingSchema), allow_none=True)
    calibrations = fields.List(fields.Nested(CalibrationSchema))
    retirements = fields.List(fields.Nested(RetirementSchema))
