"""What may be said of reports and papers. A report holds what ISO/IEC 17025:2017 7.8.2.1 asks for, by letter:

a title · b laboratory (the signer) and its address · c place of the tests · d number (and pages: a signed body has its
end) · e client and how to reach it · f method (each row) · g item and its condition · h dates of receipt and sampling ·
i dates of the tests (each row) · j date of issue · k sampling plan and method · l "only the items tested" · m results
with units (rows) · n deviations · o who authorised it (signatory) · p results of external providers (each row).

The schema asks for what a report can't be read without; what else is missing is recorded, and found (rule L23).

A paper is what somebody hands over under a lab's or a body's name. It is signed by the one who presents it, never by
the name on it.
"""

from typing import Any

from marshmallow import ValidationError, fields, validate

from labs.copies.register import note_values
from labs.reports import register
from trace.fields import Body, Day, Exact, Flag, Instant, LotRef, Sha256, Uscc, Words
from trace.kinds import Kind, Role, Said

_UNIT = validate.Length(1, 20)
_VERDICTS = validate.OneOf(("pass", "fail", "none"))


class Row(Body):
    """A tested parameter with value, unit, uncertainty, method, limit and verdict; a conductor may give R, L and t as
    read. When, where, by whom and on what it was tested, in which climate; the raw files behind it.
    """

    parameter = Words(60, required=True)
    object = Words(80, required=True)
    method = Words(80, required=True)
    value = Exact(load_default=None)
    unit = fields.String(required=True, validate=_UNIT)
    uncertainty = Exact(load_default=None)
    k = Exact(load_default=None)
    limit = Exact(load_default=None)
    limit_kind = fields.String(load_default=None, validate=validate.OneOf(("max", "min")))
    verdict = fields.String(required=True, validate=_VERDICTS)
    started_on = Day(required=True)
    ended_on = Day(required=True)
    resistance_ohm = Exact(load_default=None)
    length_m = Exact(load_default=None)
    temperature_c = Exact(load_default=None)
    instrument = Words(60, load_default=None)
    analyst = Words(60, load_default=None)
    site = Words(60, load_default=None)
    provider = Words(120, load_default=None)
    started_at = Instant(load_default=None)
    ended_at = Instant(load_default=None)
    ambient_c = Exact(load_default=None)
    humidity_pct = Exact(load_default=None)
    replicates = fields.List(Exact(), load_default=list, validate=validate.Length(max=100))
    raw_sha256 = fields.List(Sha256(), load_default=list, validate=validate.Length(max=20))

    def check_whole(self, data: dict[str, Any]) -> None:
        """A row without a value must give all three readings."""
        readings = [data["resistance_ohm"], data["length_m"], data["temperature_c"]]
        if data["value"] is None and None in readings:
            raise ValidationError("expected a value, or resistance_ohm, length_m and temperature_c", "value")


class Content(Body):
    """The items of 7.8.2.1 that are words."""

    title = Words(120, required=True)
    location = Words(200, required=True)
    item = Words(300, required=True)
    condition = Words(200, required=True)
    lab_address = Words(200, load_default=None)
    client_contact = Words(200, load_default=None)
    pages = fields.Integer(load_default=None, strict=True, validate=validate.Range(1, 10_000))
    sampling_plan = Words(200, load_default=None)
    sampling_method = Words(200, load_default=None)
    only_items_tested = Flag(required=True)
    deviations = Words(500, load_default=None)
    external_results = Words(500, load_default=None)


class Covered(Body):
    """The quantity that a report is said to stand for."""

    quantity = Exact(required=True)
    unit = fields.String(required=True, validate=validate.Regexp(r"[A-Z0-9]{2,3}\Z"))


class ReportBody(Body):
    """A report, whole. `required` lists the parameters that were ordered."""

    number = Words(60, required=True)
    lots = fields.List(LotRef(), required=True, validate=validate.Length(1, 200))
    sample = Words(60, load_default=None)
    client = Uscc(load_default=None)
    signatory = Words(60, required=True)
    conclusion = fields.String(required=True, validate=_VERDICTS)
    sampled_on = Day(load_default=None)
    received_on = Day(load_default=None)
    approved_on = Day(required=True)
    issued_on = Day(required=True)
    covers = fields.Nested(Covered, load_default=None)
    required = fields.List(Words(60), load_default=list, validate=validate.Length(max=100))
    content = fields.Nested(Content, required=True)
    rows = fields.List(fields.Nested(Row), required=True, validate=validate.Length(1, 200))
    pdf_sha256 = Sha256(load_default=None)


class AmendedBody(ReportBody):
    """A report that takes the place of the version before, and says why."""

    reason = Words(500, required=True)


class WithdrawnBody(Body):
    """A report that its lab no longer stands by."""

    number = Words(60, required=True)
    lots = fields.List(LotRef(), required=True, validate=validate.Length(1, 200))
    withdrawn_on = Day(required=True)
    reason = Words(500, required=True)


class DeniedBody(Body):
    """A number under the signing lab's name that the lab never issued."""

    number = Words(60, required=True)
    lots = fields.List(LotRef(), required=True, validate=validate.Length(1, 200))
    denied_on = Day(required=True)
    reason = Words(500, required=True)


class PrintedRow(Body):
    """A value as printed."""

    parameter = Words(60, required=True)
    value = Exact(load_default=None)
    unit = fields.String(required=True, validate=_UNIT)
    verdict = fields.String(load_default="none", validate=_VERDICTS)


class Certified(Body):
    """What a presented certificate says that it covers."""

    holder = Uscc(required=True)
    maker = Uscc(required=True)
    types = fields.List(Words(80), required=True, validate=validate.Length(1, 200))


class PresentedBody(Body):
    """A paper as handed over: under whose name, its number, the values printed on it, its file's SHA-256, what seal it
    bears.
    """

    type = fields.String(required=True, validate=validate.OneOf(("report", "certificate")))
    claimed_body = Uscc(required=True)
    number = Words(60, required=True)
    lots = fields.List(LotRef(), required=True, validate=validate.Length(1, 200))
    seal = fields.String(required=True, validate=validate.OneOf(("ink", "pdf", "none")))
    issued_on = Day(load_default=None)
    conclusion = fields.String(load_default=None, validate=_VERDICTS)
    rows = fields.List(fields.Nested(PrintedRow), load_default=list, validate=validate.Length(max=200))
    certified = fields.Nested(Certified, load_default=None)
    pdf_sha256 = Sha256(load_default=None)


def _issue(session: Any, said: Said) -> None:
    register.issue_report(session, said)
    note_values(session, said)


def _amend(session: Any, said: Said) -> None:
    register.amend_report(session, said)
    note_values(session, said)


_LABS = frozenset({Role.LAB})

ISSUED = Kind(
    "report.issued",
    ReportBody,
    _LABS,
    _issue,
    lambda body: body["number"],
    lambda body: body["lots"],
)
AMENDED = Kind(
    "report.amended",
    AmendedBody,
    _LABS,
    _amend,
    lambda body: body["number"],
    lambda body: body["lots"],
)
WITHDRAWN = Kind(
    "report.withdrawn",
    WithdrawnBody,
    _LABS,
    register.withdraw_report,
    lambda body: body["number"],
    lambda body: body["lots"],
)
DENIED = Kind(
    "report.denied",
    DeniedBody,
    _LABS,
    register.deny_report,
    lambda body: body["number"],
    lambda body: body["lots"],
)
PRESENTED = Kind(
    "paper.presented",
    PresentedBody,
    frozenset(Role),
    register.present_paper,
    lambda body: body["number"],
    lambda body: body["lots"],
)
KINDS = (ISSUED, AMENDED, WITHDRAWN, DENIED, PRESENTED)
