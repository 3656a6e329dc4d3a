"""What may be said of samples: drawn (by a sampler), witnessed (by a witness), handed over, received (by a lab), a part
retained until a day, sought when it was wanted again, destroyed; and a whole drum measured.
"""

from marshmallow import fields, validate

from labs.sampling import register
from trace.fields import Body, Day, Exact, Flag, Instant, LotRef, Sha256, Uscc, Words
from trace.kinds import Body as BodyOf
from trace.kinds import Duty, Kind, Role

_ABOVE_0 = validate.Range(min=0, min_inclusive=False, error="expected more than 0, got {input}")


class WitnessRef(Body):
    """The witness whom the sampler names."""

    party = Uscc(required=True)
    person = Words(60, required=True)


class Where(Body):
    """Where somebody stood, WGS 84 in degrees, as an instrument gave it."""

    latitude_deg = Exact(required=True, validate=validate.Range(-90, 90))
    longitude_deg = Exact(required=True, validate=validate.Range(-180, 180))


class DrawnBody(Body):
    """A piece cut from a drum: from which, where on it (m from the outer end), by whom, under whose eyes, under which
    seal. `length_m` is all that was cut out at that place, with what is retained, above 0. `draw` is the leaf hash of
    the announcement of the draw that it obeys, `photos` are the SHA-256 of pictures taken then.
    """

    sample = Words(60, required=True)
    lot = LotRef(required=True)
    sampler = Words(60, required=True)
    witness = fields.Nested(WitnessRef, load_default=None)
    courier = Uscc(load_default=None)
    seal = Words(60, load_default=None)
    position_m = Exact(load_default=None)
    drum_length_m = Exact(load_default=None)
    length_m = Exact(load_default=None, validate=_ABOVE_0)
    drawn_at = Instant(required=True)
    place = Words(200, load_default=None)
    draw = Sha256(load_default=None)
    photos = fields.List(Sha256(), load_default=list, validate=validate.Length(max=20))
    where = fields.Nested(Where, load_default=None)


class WitnessedBody(Body):
    """The witness was there."""

    sample = Words(60, required=True)
    lot = LotRef(required=True)
    witness = Words(60, required=True)
    witnessed_at = Instant(required=True)


class SampleReceivedBody(Body):
    """A lab took a sample in, at which of its sites."""

    sample = Words(60, required=True)
    lot = LotRef(required=True)
    brought_by = Uscc(load_default=None)
    received_at = Instant(required=True)
    is_seal_intact = Flag(required=True)
    condition = Words(200, load_default=None)
    seal = Words(60, load_default=None)
    site = Words(20, load_default=None)


class _StepBody(Body):
    """Of which sample, of which lot, when, and where."""

    sample = Words(60, required=True)
    lot = LotRef(required=True)
    at = Instant(required=True)
    place = Words(200, load_default=None)
    note = Words(200, load_default=None)


class HandedOverBody(_StepBody):
    """The signer gave a sample to somebody; which seal was on it, and whether it was whole."""

    to = Uscc(required=True)
    seal = Words(60, load_default=None)
    is_seal_intact = Flag(load_default=None)


class RetainedBody(_StepBody):
    """A part of a sample is kept, under seal, until a day, that day included; `note` says what is kept."""

    until = Day(required=True)
    seal = Words(60, load_default=None)


class SoughtBody(_StepBody):
    """The retained part was wanted, and there it was, or not; `note` says by whom or what for."""

    is_there = Flag(required=True)
    seal = Words(60, load_default=None)
    is_seal_intact = Flag(load_default=None)


class SampleDestroyedBody(_StepBody):
    """What was left of a sample is no more; `note` says why."""


class MeasuredBody(Body):
    """A whole drum's conductor: resistance (Ω) at a temperature (°C) over its length (m), expanded uncertainty in %;
    and what the cable weighs without the drum, in kg, above 0.
    """

    lot = LotRef(required=True)
    measured_on = Day(required=True)
    length_m = Exact(required=True)
    resistance_ohm = Exact(required=True)
    temperature_c = Exact(required=True)
    uncertainty_pct = Exact(load_default=None)
    net_mass_kg = Exact(load_default=None, validate=_ABOVE_0)


def _lot(body: BodyOf) -> tuple[str, ...]:
    return (body["lot"],)


_SAMPLERS = frozenset(
    {Role.LAB, Role.SUPERVISOR, Role.CONTRACTOR, Role.PURCHASER, Role.REGULATOR, Role.PRODUCER, Role.DEALER}
)

DRAWN = Kind(
    "sample.drawn", DrawnBody, _SAMPLERS, register.draw_sample, lambda body: body["sample"], _lot, Duty.SAMPLER
)
WITNESSED = Kind(
    "sample.witnessed",
    WitnessedBody,
    _SAMPLERS,
    register.witness_sample,
    lambda body: body["sample"],
    _lot,
    Duty.WITNESS,
)
SAMPLE_RECEIVED = Kind(
    "sample.received",
    SampleReceivedBody,
    frozenset({Role.LAB}),
    register.receive_sample,
    lambda body: body["sample"],
    _lot,
)
_LAB = frozenset({Role.LAB})


def _step(tag: str, schema: type[_StepBody], signers: frozenset[Role], step: str) -> Kind:
    return Kind(tag, schema, signers, register.note_step(step), lambda body: body["sample"], _lot)


HANDED_OVER = _step("sample.handed", HandedOverBody, _SAMPLERS, "handed_over")
RETAINED = _step("sample.retained", RetainedBody, _LAB, "retained")
# Whoever wants a part again says whether it was there: the lab that has lost it may not say so.
SOUGHT = _step(
    "sample.sought",
    SoughtBody,
    frozenset({Role.LAB, Role.REGULATOR, Role.PURCHASER, Role.SUPERVISOR}),
    "sought",
)
SAMPLE_DESTROYED = _step("sample.destroyed", SampleDestroyedBody, _LAB, "destroyed")
MEASURED = Kind(
    "drum.measured",
    MeasuredBody,
    frozenset({Role.LAB, Role.SUPERVISOR, Role.CONTRACTOR, Role.PURCHASER, Role.REGULATOR}),
    register.measure_drum,
    lambda body: body["lot"],
    _lot,
)
KINDS = (DRAWN, WITNESSED, HANDED_OVER, SAMPLE_RECEIVED, RETAINED, SOUGHT, SAMPLE_DESTROYED, MEASURED)
