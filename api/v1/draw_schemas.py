"""The shapes of replies about draws and samples. Every member is always there; some may be null."""

from marshmallow import Schema, fields

from api.fields import Amount, Base64, Hex, Time


class DrawDrumSchema(Schema):
    """A drum that may be picked."""

    lot = fields.String()
    length_m = Amount()


class DrawPickSchema(Schema):
    """A drum that was picked, and the metre from its outer end at which the piece begins."""

    lot = fields.String()
    metre = fields.Integer()


class DrawSchema(Schema):
    """A draw, with all that it takes to check it without this registry (`flask draw verify`).

    `statement` is the announcement; `inclusion` leads from it to the root of `checkpoint` (RFC 9162 §2.1.3.1),
    `consistency` there from `root`, that of the first `ledger_size` entries (§2.1.4.1). `root` and `seed` are null and
    there are no picks as long as the ledger is shorter. `delivery_entry` is null where `delivery` is no entry's leaf.
    """

    entry = fields.Integer(attribute="draw.entry")
    leaf = fields.String(attribute="draw.leaf")
    party = fields.String(attribute="draw.party")
    announced_at = Time(attribute="draw.announced_at")
    delivery = fields.String(attribute="draw.delivery")
    delivery_entry = fields.Integer(attribute="draw.delivery_entry", allow_none=True)
    plan = fields.String(attribute="draw.plan", allow_none=True)
    n = fields.Integer(attribute="draw.n")
    c = fields.Integer(attribute="draw.c")
    margin_pct = Amount(attribute="draw.margin_pct")
    ledger_size = fields.Integer(attribute="draw.ledger_size")
    is_ahead = fields.Boolean(attribute="draw.is_ahead")
    units = fields.List(fields.Nested(DrawDrumSchema), attribute="draw.units")
    root = Hex(attribute="draw.root", allow_none=True)
    seed = Hex(attribute="draw.seed", allow_none=True)
    picks = fields.List(fields.Nested(DrawPickSchema), attribute="draw.picks")
    statement = Base64(attribute="evidence.statement")
    checkpoint = fields.String(attribute="evidence.note")
    inclusion = fields.List(Hex(), attribute="evidence.inclusion")
    consistency = fields.List(Hex(), attribute="evidence.consistency")


class SampleHandSchema(Schema):
    """Who has had a sample, and since when. `how` is drew, named, given or received."""

    party = fields.String()
    since = Time()
    entry = fields.Integer()
    how = fields.String()


class SampleGapSchema(Schema):
    """Where the chain of hands, or the seal, does not hold."""

    case = fields.String()
    holder = fields.String()
    party = fields.String()
    entries = fields.List(fields.Integer())


class SampleStepSchema(Schema):
    """handed_over `to` another, retained `until` a day, sought and found (`is_there`) or not, destroyed."""

    entry = fields.Integer()
    step = fields.String()
    party = fields.String()
    at = Time()
    to = fields.String(allow_none=True)
    until = fields.Date(allow_none=True)
    is_there = fields.Boolean(allow_none=True)
    is_seal_intact = fields.Boolean(allow_none=True)
    seal = fields.String(allow_none=True)
    place = fields.String(allow_none=True)
    note = fields.String(allow_none=True)


class SampleReceptionSchema(Schema):
    """A lab's receipt of the sample."""

    entry = fields.Integer()
    lab = fields.String()
    brought_by = fields.String(allow_none=True)
    received_at = Time()
    is_seal_intact = fields.Boolean()
    seal = fields.String(allow_none=True)
    condition = fields.String(allow_none=True)


class DrawnSampleSchema(Schema):
    """A sample as it was drawn; `draw` is the leaf hash of the draw's announcement that it says it obeys."""

    entry = fields.Integer()
    sample = fields.String()
    lot = fields.String()
    sampler = fields.String()
    witness = fields.String(allow_none=True)
    courier = fields.String(allow_none=True)
    seal = fields.String(allow_none=True)
    position_m = Amount(allow_none=True)
    drum_length_m = Amount(allow_none=True)
    length_m = Amount(allow_none=True)
    drawn_at = Time()
    place = fields.String(allow_none=True)
    latitude_deg = Amount(allow_none=True)
    longitude_deg = Amount(allow_none=True)
    photos = fields.List(fields.String(), allow_none=True)
    draw = fields.String(allow_none=True)


class SampleLifeSchema(Schema):
    """A sample's life: as drawn, through whose hands, what became of it, and the entries of the draws over its drum."""

    drawn = fields.Nested(DrawnSampleSchema)
    hands = fields.List(fields.Nested(SampleHandSchema), attribute="hands.hands")
    gaps = fields.List(fields.Nested(SampleGapSchema), attribute="hands.gaps")
    receptions = fields.List(fields.Nested(SampleReceptionSchema))
    steps = fields.List(fields.Nested(SampleStepSchema))
    draws = fields.List(fields.Integer(), attribute="draw_entries")


class SamplesSchema(Schema):
    """All samples that a sampler has given this number, oldest first: nothing forbids two."""

    items = fields.List(fields.Nested(SampleLifeSchema))
