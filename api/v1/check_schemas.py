"""The shapes of answers about papers. Every member is always there; some may be null."""

from marshmallow import Schema, fields

from api.fields import Facts, Time


class LineSchema(Schema):
    """One thing: `outcome` is holds, fails, unchecked, or says (for the reader to judge)."""

    outcome = fields.String()
    code = fields.String()
    facts = Facts()
    entries = fields.List(fields.Integer())


class FieldSchema(Schema):
    """A thing of the report beside what the file's text says: same, differs or missing."""

    field = fields.String()
    state = fields.String()
    registered = fields.String()
    printed = fields.String()


class SealSchema(Schema):
    """A signature in the PDF (PAdES). `state`: valid, expired, untrusted, revoked, changed, broken or unsupported."""

    state = fields.String()
    name = fields.String()
    organisation = fields.String(allow_none=True)
    signed_at = Time(allow_none=True)
    stamped_at = Time(allow_none=True)
    judged_at = Time()
    change = fields.String()
    revocation = fields.String()
    certificate_sha256 = fields.String()
    valid_from = Time(allow_none=True)
    valid_to = Time(allow_none=True)


class AnswerSchema(Schema):
    """What holds, what does not, and what was not checked. `answer` is true, false or unknown; `reason` the code of the
    line that says why; `report` the entry of the report that the paper is compared with.
    """

    answer = fields.String()
    reason = fields.String()
    lab = fields.String(allow_none=True)
    number = fields.String(allow_none=True)
    sha256 = fields.String(allow_none=True)
    report = fields.Integer(allow_none=True)
    lines = fields.List(fields.Nested(LineSchema))
    compared = fields.List(fields.Nested(FieldSchema))
    seals = fields.List(fields.Nested(SealSchema))


class PaperUploadSchema(Schema):
    """A PDF to be checked."""

    pdf = fields.Raw(metadata={"type": "string", "contentMediaType": "application/pdf"})
