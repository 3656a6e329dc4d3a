"""What may be said of samples: drawn (by a sampler), witnessed (by a witness), received (by a lab); and a whole drum
measured.
"""

from marshmallow import fields, validate

from labs.sampling import register
from trace.fields import Body, Day, Exact, Flag, Instant, LotRef, Uscc, Words
from trace.kinds import Body as BodyOf
from trace.kinds import Duty, Kind, Role

_ABOVE_0 = validate.Range(min=0, min_inclusive=False, error="expected more than 0, got {input}")


class WitnessRef(Body):
    """The witness whom the sampler names."""

    party = Uscc(required=True)
    person = Words(60, required=True)


class DrawnBody(Body):
    """A piece cut from a drum: from which, where on it (m from the outer end), by whom, under whose eyes, under which
    seal. `length_m` is all that was cut out at that place, with what is retained, above 0.
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
    site = Words(20, load_default=None)


class MeasuredBody(Body):
    """A whole drum's conductor: resistance (Ω) at a temperature (°C) over its length (m), expanded uncertainty in %."""

    lot = LotRef(required=True)
    measured_on = Day(required=True)
    length_m = Exact(required=True)
    resistance_ohm = Exact(required=True)
    temperature_c = Exact(required=True)
    uncertainty_pct = Exact(load_default=None)


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
MEASURED = Kind(
    "drum.measured",
    MeasuredBody,
    frozenset({Role.LAB, Role.SUPERVISOR, Role.CONTRACTOR, Role.PURCHASER, Role.REGULATOR}),
    register.measure_drum,
    lambda body: body["lot"],
    _lot,
)
KINDS = (DRAWN, WITNESSED, SAMPLE_RECEIVED, MEASURED)
