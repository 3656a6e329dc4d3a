"""The shapes of replies about lots: state, verdict, lineage, findings. Every member is always there; some are null."""

from typing import Any

from marshmallow import Schema, fields, validate

from api.fields import Amount, Facts, Hex, LotUrl, Time
from api.v1.schemas import QuantitySchema
from api.v1.trace_json import write_trace, write_whereabouts
from labs.judge import Word
from trace.balance import State, Why
from trace.findings import Severity
from trace.recalling import Missing, Progress


class FindingSchema(Schema):
    """What one rule says about a lot; `entries` prove it."""

    code = fields.String()
    case = fields.String()
    severity = fields.String(validate=validate.OneOf([severity.value for severity in Severity]))
    facts = Facts()
    entries = fields.List(fields.Integer())


class ReasonSchema(Schema):
    """Why the verdict is what it is: finding, recall, rejected, gate, unchecked, unknown or clear."""

    kind = fields.String()
    code = fields.String()
    case = fields.String()
    facts = Facts()
    entries = fields.List(fields.Integer())


class UncheckedSchema(Schema):
    """A rule that could not look, and why. Never a pass."""

    code = fields.String()
    reason = fields.String()
    facts = Facts()


class GateSchema(Schema):
    """A point on a lot's way, whether it has passed it, and the entries that show it."""

    name = fields.String()
    is_passed = fields.Boolean()
    entries = fields.List(fields.Integer())


class VerdictSchema(Schema):
    """The word, the reasons for it (gravest first, never empty), and what was and was not checked."""

    word = fields.Enum(Word, by_value=True)
    reasons = fields.List(fields.Nested(ReasonSchema))
    findings = fields.List(fields.Nested(FindingSchema))
    dismissed = fields.List(fields.Nested(FindingSchema))
    unchecked = fields.List(fields.Nested(UncheckedSchema))
    gates = fields.List(fields.Nested(GateSchema))
    passed = fields.List(fields.String())


class LotSchema(Schema):
    """A lot or unit, as the statement that brought it into being gives it."""

    maker = fields.String()
    family = fields.String()
    type = fields.String()
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    standard = fields.String(allow_none=True)
    attributes = fields.Dict(keys=fields.String(), values=fields.String())
    quantity = fields.Nested(QuantitySchema, allow_none=True)
    made_at = Time()
    origin = fields.String()
    entry = fields.Integer()


class HolderSchema(Schema):
    """Who holds a lot by the last statement on it; `sent_to` while it is on its way to somebody else."""

    party = fields.String()
    since = Time()
    place = fields.String(allow_none=True)
    sent_to = fields.String(allow_none=True)
    entry = fields.Integer()


class PackedInSchema(Schema):
    """The logistic unit that something is in, by whose word, since when."""

    unit = fields.String(attribute="parent")
    party = fields.String()
    since = Time(attribute="at")
    quantity = fields.Nested(QuantitySchema, allow_none=True)
    entry = fields.Integer()


class UnpackedSchema(Schema):
    """What was in a logistic unit and was taken out: by whom, when."""

    lot = fields.String(attribute="child")
    party = fields.String()
    at = Time()
    entry = fields.Integer()


class ContentSchema(Schema):
    """What is in a logistic unit, directly or in the unit `packed_in` that is in it; `packings` are the entries by
    which it is there, outermost first. `verdict` is null for a logistic unit.
    """

    lot = fields.String()
    packed_in = fields.String(attribute="parent")
    quantity = fields.Nested(QuantitySchema, allow_none=True)
    packings = fields.List(fields.Integer())
    verdict = fields.String(allow_none=True, validate=validate.OneOf([word.value for word in Word]))


class LogisticUnitSchema(Schema):
    """A logistic unit. `verdict` is the gravest of its contents', null where nothing is in it; `contents` are at most
    200, the gravest first, of `count`.
    """

    unit = fields.String()
    verdict = fields.String(allow_none=True, validate=validate.OneOf([word.value for word in Word]))
    contents = fields.List(fields.Nested(ContentSchema))
    count = fields.Integer()
    before = fields.List(fields.Nested(UnpackedSchema))
    packed_in = fields.List(fields.Nested(PackedInSchema))
    holder = fields.Nested(HolderSchema, allow_none=True)
    heads = fields.List(Hex())
    entries = fields.List(fields.Integer())


class LotStateSchema(Schema):
    """All that is answered about a lot. `product` is null for a lot that nobody has brought into being."""

    lot = fields.String()
    uri = fields.String()
    product = fields.Nested(LotSchema, allow_none=True)
    holder = fields.Nested(HolderSchema, allow_none=True)
    packed_in = fields.List(fields.Nested(PackedInSchema))
    heads = fields.List(Hex())
    entries = fields.List(fields.Integer())
    verdict = fields.Nested(VerdictSchema)
    judged_at = Time()
    trace_url = fields.String()


class ListedLotSchema(Schema):
    """A lot in a list, with the verdict last reached (null while it waits for its first)."""

    lot = fields.String()
    maker = fields.String()
    family = fields.String()
    type = fields.String()
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    made_at = Time()
    entry = fields.Integer()
    verdict = fields.String(allow_none=True)
    url = LotUrl()


class LotPageSchema(Schema):
    """A page of lots, by lot id."""

    items = fields.List(fields.Nested(ListedLotSchema))
    next = fields.String(allow_none=True)


class NodeSchema(Schema):
    """A lot in a lineage: `direction` is here, up or down. What is not known of it is null.

    `steps` is how far away it is, and `by` the entry of the last step on the nearest way to it; both are null for the
    lot itself, and for one that only a contradiction leads to. `left` is what later steps have not taken of it.
    """

    lot = fields.String()
    direction = fields.String()
    steps = fields.Integer(allow_none=True)
    by = fields.Integer(allow_none=True)
    is_same_material = fields.Boolean()
    product = fields.Nested(LotSchema, allow_none=True)
    left = fields.Nested(QuantitySchema, allow_none=True)
    holder = fields.Nested(HolderSchema, allow_none=True)
    verdict = fields.String(allow_none=True)


class PortionSchema(Schema):
    """A lot on one side of an edge, with how much of it."""

    lot = fields.String()
    quantity = fields.Nested(QuantitySchema, allow_none=True)


class EdgeSchema(Schema):
    """Material going from lots into lots in one step: transformed, split or joined. `lost` is how much more went into
    a split or a join than came out of it.
    """

    entry = fields.Integer()
    kind = fields.String()
    party = fields.String()
    at = Time()
    inputs = fields.List(fields.Nested(PortionSchema))
    outputs = fields.List(fields.Nested(PortionSchema))
    lost = fields.Nested(QuantitySchema, allow_none=True)


class HandSchema(Schema):
    """A lot leaving a party's hands (shipped, to `other`) or arriving in them (received, from `other`)."""

    entry = fields.Integer()
    lot = fields.String()
    kind = fields.String()
    party = fields.String()
    other = fields.String(allow_none=True)
    at = Time()
    quantity = fields.Nested(QuantitySchema, allow_none=True)
    place = fields.String(allow_none=True)
    contract = fields.String(allow_none=True)


class ActSchema(Schema):
    """What was done with a lot on site, and where."""

    entry = fields.Integer()
    lot = fields.String()
    act = fields.String()
    party = fields.String()
    at = Time()
    quantity = fields.Nested(QuantitySchema, allow_none=True)
    station = fields.String(allow_none=True)
    circuit = fields.String(allow_none=True)
    from_m = Amount(allow_none=True)
    to_m = Amount(allow_none=True)


class TraceSchema(Schema):
    """Where a lot comes from and where it went. `is_cut` where the lineage is larger than the 50,000 lots and steps
    that are followed. `hands` and `acts` are null unless they were asked for.
    """

    lot = fields.String()
    direction = fields.String()
    is_cut = fields.Boolean()
    nodes = fields.List(fields.Nested(NodeSchema))
    edges = fields.List(fields.Nested(EdgeSchema))
    hands = fields.List(fields.Nested(HandSchema), allow_none=True)
    acts = fields.List(fields.Nested(ActSchema), allow_none=True)

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """The same, by hand: a lineage may have tens of thousands of lots."""
        return write_trace(obj)


class PartSchema(Schema):
    """So much of a lot's material, in the lot's own unit, and where it is.

    `state` is held, on_way (from `party` to `to`), installed (at `place`, metres `from_m` to `to_m`), sampled,
    returned, destroyed, consumed or mixed (`into` other lots), or unknown (`why`: cutting, unmeasured, no_quantity).
    `entries` put it there.
    """

    state = fields.String(validate=validate.OneOf([state.value for state in State]))
    lot = fields.String()
    quantity = fields.Nested(QuantitySchema)
    party = fields.String(allow_none=True)
    to = fields.String(allow_none=True)
    place = fields.String(allow_none=True)
    circuit = fields.String(allow_none=True)
    from_m = Amount(allow_none=True)
    to_m = Amount(allow_none=True)
    into = fields.List(fields.String())
    why = fields.String(allow_none=True, validate=validate.OneOf([why.value for why in Why]))
    since = Time(allow_none=True)
    entries = fields.List(fields.Integer())


class WhereaboutsSchema(Schema):
    """Where every metre of a lot is now. The parts sum to `whole` and `over` together, exactly.

    `whole` is null where nobody has said how much the lot is; `over` is how much more turns up than there is,
    `unaccounted` how much of it nobody can place.
    """

    lot = fields.String()
    whole = fields.Nested(QuantitySchema, allow_none=True)
    over = Amount()
    unaccounted = Amount()
    unit = fields.String(allow_none=True)
    is_cut = fields.Boolean()
    totals = fields.Dict(keys=fields.String(), values=fields.String())
    parts = fields.List(fields.Nested(PartSchema))

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """The same, by hand."""
        return write_whereabouts(obj)


class MadeSchema(Schema):
    """A lot that was made from recalled material, or joined of it and others."""

    lot = fields.String()
    type = fields.String(allow_none=True)
    quantity = fields.Nested(QuantitySchema, allow_none=True)
    party = fields.String(allow_none=True)
    has_answered = fields.Boolean()


class RecallAnswerSchema(Schema):
    """What a holder answered to a recall."""

    lot = fields.String()
    action = fields.String()
    answered_on = fields.Date()
    quantity = fields.Nested(QuantitySchema, allow_none=True)
    entry = fields.Integer()


class KeeperSchema(Schema):
    """A party that has some of it: how much, of which how much it has answered for, and what is on its way to it."""

    party = fields.String()
    name_zh = fields.String(allow_none=True)
    name_en = fields.String(allow_none=True)
    amount = Amount()
    answered = Amount()
    expects = Amount()
    has_answered = fields.Boolean()
    lots = fields.List(fields.String())
    made = fields.List(fields.Nested(MadeSchema))
    answers = fields.List(fields.Nested(RecallAnswerSchema))


class ReachSchema(Schema):
    """How far one recall has come, in the unit of the lot. Without an order (`number` is null), whom one would have to
    tell. It is answered when all who have any of it have answered and every metre is accounted for, and closed by its
    authority's own word alone; `missing` says what is lacking, `unheld` which lots made of it nobody is known to hold.
    """

    number = fields.String(allow_none=True)
    authority = fields.String(allow_none=True)
    recalled_lot = fields.String(allow_none=True)
    ordered_on = fields.Date(allow_none=True)
    deadline_on = fields.Date(allow_none=True)
    whole = fields.Nested(QuantitySchema, allow_none=True)
    keepers = fields.List(fields.Nested(KeeperSchema))
    unheld = fields.List(fields.String())
    returned = Amount()
    destroyed = Amount()
    unaccounted = Amount()
    holders_pct = fields.Integer()
    quantity_pct = fields.Integer()
    progress = fields.Enum(Progress, by_value=True)
    missing = fields.List(fields.Enum(Missing, by_value=True))
    closed_on = fields.Date(allow_none=True)


class ReachesSchema(Schema):
    """The recalls of a lot, or of one that it was cut from, in order of record."""

    lot = fields.String()
    recalls = fields.List(fields.Nested(ReachSchema))


class OpenFindingSchema(FindingSchema):
    """A finding in the list, with its lot."""

    lot = fields.String()
    ordinal = fields.Integer()
    maker = fields.String(allow_none=True)


class FindingPageSchema(Schema):
    """A page of findings, gravest and newest first."""

    items = fields.List(fields.Nested(OpenFindingSchema))
    next = fields.String(allow_none=True)
