"""What a lab may say of its instruments: calibrated, by whom, under which certificate and until when (ISO/IEC
17025:2017 6.4.7, 6.4.13); and taken out of use.
"""

from typing import Any

from marshmallow import ValidationError, fields, validate

from labs.instruments import register
from trace.fields import Body, Day, Words
from trace.kinds import Kind, Role


class CalibratedBody(Body):
    """One calibration of an instrument, named by the signing lab's own number. It holds from `calibrated_on` to
    `due_on`, both included. `calibrated_by` is the calibration laboratory.
    """

    instrument = Words(60, required=True)
    name = Words(120, required=True)
    serial = Words(60, load_default=None)
    parameters = fields.List(Words(60), load_default=list, validate=validate.Length(max=100))
    site = Words(20, load_default=None)
    certificate = Words(80, required=True)
    calibrated_by = Words(120, required=True)
    calibrated_on = Day(required=True)
    due_on = Day(required=True)

    def check_whole(self, data: dict[str, Any]) -> None:
        """An interval has no negative length."""
        if data["due_on"] < data["calibrated_on"]:
            raise ValidationError(f"expected {data['calibrated_on']} or later, got {data['due_on']}", "due_on")


class RetiredBody(Body):
    """After `retired_on` the signing lab tests with the instrument no more."""

    instrument = Words(60, required=True)
    retired_on = Day(required=True)
    reason = Words(500, load_default=None)


_LABS = frozenset({Role.LAB})

CALIBRATED = Kind(
    "instrument.calibrated",
    CalibratedBody,
    _LABS,
    register.note_calibration,
    lambda body: body["instrument"],
)
RETIRED = Kind("instrument.retired", RetiredBody, _LABS, register.retire_instrument, lambda body: body["instrument"])
KINDS = (CALIBRATED, RETIRED)
