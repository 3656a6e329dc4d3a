"""The shapes of replies about reports. Every member is always there; some may be null."""

from marshmallow import Schema, fields

from api.fields import Amount, Hex, Time
from api.v1.schemas import QuantitySchema


class TestRowSchema(Schema):
    """One tested parameter; a conductor row may give what was read instead of a value. `replicates` are in its unit;
    `raw_sha256` are the hashes of the raw files behind it.
    """

    parameter = fields.String()
    object = fields.String()
    method = fields.String()
    value = Amount(allow_none=True)
    unit = fields.String()
    uncertainty = Amount(allow_none=True)
    k = Amount(allow_none=True)
    limit = Amount(allow_none=True)
    limit_kind = fields.String(allow_none=True)
    verdict = fields.String()
    started_on = fields.Date()
    ended_on = fields.Date()
    resistance_ohm = Amount(allow_none=True)
    length_m = Amount(allow_none=True)
    temperature_c = Amount(allow_none=True)
    instrument = fields.String(allow_none=True)
    analyst = fields.String(allow_none=True)
    site = fields.String(allow_none=True)
    provider = fields.String(allow_none=True)
    started_at = Time(allow_none=True)
    ended_at = Time(allow_none=True)
    ambient_c = Amount(allow_none=True)
    humidity_pct = Amount(allow_none=True)
    replicates = fields.List(Amount())
    raw_sha256 = fields.List(fields.String())


class ReportSchema(Schema):
    """One version of a report. It is current while it is neither replaced nor withdrawn. With a `doubt_entry` it is not
    believed: that entry says that its key was compromised since `doubted_since`.
    """

    entry = fields.Integer()
    lab = fields.String()
    number = fields.String()
    is_current = fields.Boolean()
    kid = Hex()
    signed_at = Time()
    recorded_at = Time()
    lots = fields.List(fields.String())
    sample = fields.String(allow_none=True)
    client = fields.String(allow_none=True)
    signatory = fields.String()
    conclusion = fields.String()
    sampled_on = fields.Date(allow_none=True)
    received_on = fields.Date(allow_none=True)
    approved_on = fields.Date()
    issued_on = fields.Date()
    covers = fields.Nested(QuantitySchema, allow_none=True)
    required = fields.List(fields.String())
    content = fields.Dict()
    rows = fields.List(fields.Nested(TestRowSchema))
    pdf_sha256 = fields.String(allow_none=True)
    replaces = fields.Integer(allow_none=True)
    replaced_by = fields.Integer(allow_none=True)
    withdrawn_by = fields.Integer(allow_none=True)
    doubted_since = Time(allow_none=True)
    doubt_entry = fields.Integer(allow_none=True)


class ReportPageSchema(Schema):
    """A page of report versions, newest first."""

    items = fields.List(fields.Nested(ReportSchema))
    next = fields.String(allow_none=True)


class DenialSchema(Schema):
    """A lab's word that it never issued a number."""

    entry = fields.Integer()
    lab = fields.String()
    number = fields.String()
    denied_on = fields.Date()


class PrintedRowSchema(Schema):
    """A value as printed."""

    parameter = fields.String()
    value = Amount(allow_none=True)
    unit = fields.String()
    verdict = fields.String()


class PaperSchema(Schema):
    """A paper that somebody handed over under the name of `claimed_body`."""

    entry = fields.Integer()
    type = fields.String()
    presenter = fields.String()
    claimed_body = fields.String()
    number = fields.String()
    lots = fields.List(fields.String())
    presented_at = Time()
    seal = fields.String()
    issued_on = fields.Date(allow_none=True)
    holder = fields.String(allow_none=True)
    maker = fields.String(allow_none=True)
    types = fields.List(fields.String())
    conclusion = fields.String(allow_none=True)
    rows = fields.List(fields.Nested(PrintedRowSchema))
    pdf_sha256 = fields.String(allow_none=True)


class ReportRecordSchema(Schema):
    """All that is on record under one number of one lab: `documents` are the addresses of the PDFs that are kept."""

    lab = fields.String()
    number = fields.String()
    versions = fields.List(fields.Nested(ReportSchema))
    denials = fields.List(fields.Nested(DenialSchema))
    papers = fields.List(fields.Nested(PaperSchema))
    documents = fields.List(fields.String())


class UploadSchema(Schema):
    """A signed report with its PDF, whose SHA-256 the statement names."""

    statement = fields.Raw(metadata={"type": "string", "contentMediaType": "application/cose"})
    pdf = fields.Raw(metadata={"type": "string", "contentMediaType": "application/pdf"})
