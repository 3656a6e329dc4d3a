"""What may be said before samples are drawn: a draw announced for a delivery, and where a site lies.

A draw is not said when it is made: from the announced size on everybody can compute it (`draw.py`), and a statement
could only repeat that or be wrong.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, validate

from labs.drawing import register
from labs.drawing.draw import metres_of
from labs.drawing.plans import USUAL_MARGIN_PCT
from trace.fields import Body, Exact, LotRef, Sha256, Words
from trace.kinds import Kind, Role

# 2**53 - 1, the largest whole number that every reader of JSON keeps.
_MOST_ENTRIES = 2**53 - 1
_MOST_DRUMS = 400


class Number(fields.Field[int]):
    """A whole number from `least` to `most`."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        super().__init__(**options)
        self._least, self._most = least, most

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> int:
        if type(value) is not int or not self._least <= value <= self._most:
            raise ValidationError(f"expected a whole number from {self._least} to {self._most}, got {value!r:.40}")
        return value


class Drum(Body):
    """A drum that may be picked, and its length as delivered, in m."""

    lot = LotRef(required=True)
    length_m = Exact(required=True, validate=validate.Range(min=0, min_inclusive=False))


class AnnouncedBody(Body):
    """A draw of `n` of these drums, of which `c` may fail, for the delivery whose entry has this leaf hash. It is made
    by the root of the ledger's first `ledger_size` entries, which nobody may know yet; without `margin_pct` of a drum
    at each end, from 0 to below 50. `plan` names the plan that n and c are taken from.
    """

    delivery = Sha256(required=True)
    units = fields.List(fields.Nested(Drum), required=True, validate=validate.Length(1, _MOST_DRUMS))
    plan = Words(60, load_default=None)
    n = Number(1, _MOST_DRUMS, required=True)
    c = Number(0, _MOST_DRUMS - 1, required=True)
    margin_pct = Exact(load_default=USUAL_MARGIN_PCT, validate=validate.Range(min=0, max=50, max_inclusive=False))
    ledger_size = Number(2, _MOST_ENTRIES, required=True)

    def check_whole(self, data: dict[str, Any]) -> None:
        """Each drum once, with a metre to pick; not more picks than drums, nor as many failures as picks."""
        lots = [unit["lot"] for unit in data["units"]]
        if len(set(lots)) < len(lots):
            raise ValidationError("expected each drum once, got one twice", "units")
        for unit in data["units"]:
            if not metres_of(unit["length_m"], data["margin_pct"]):
                raise ValidationError(f"expected a metre between the ends, got {unit['length_m']} m", "units")
        if data["n"] > len(lots):
            raise ValidationError(f"expected at most {len(lots)}, the drums named, got {data['n']}", "n")
        if data["c"] >= data["n"]:
            raise ValidationError(f"expected less than n, got {data['c']}", "c")


class Corner(Body):
    """A corner of a site, WGS 84 in degrees."""

    latitude_deg = Exact(required=True, validate=validate.Range(Decimal(-90), Decimal(90)))
    longitude_deg = Exact(required=True, validate=validate.Range(Decimal(-180), Decimal(180)))


class BoundedBody(Body):
    """Where the goods of these contracts are brought to: the corners of the site in order, not crossing themselves."""

    site = Words(120, required=True)
    contracts = fields.List(Words(80), required=True, validate=validate.Length(1, 50))
    corners = fields.List(fields.Nested(Corner), required=True, validate=validate.Length(3, 200))

    def check_whole(self, data: dict[str, Any]) -> None:
        """Each contract once."""
        if len(set(data["contracts"])) < len(data["contracts"]):
            raise ValidationError("expected each contract once, got one twice", "contracts")


def _units(body: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(unit["lot"] for unit in body["units"])


ANNOUNCED = Kind(
    "draw.announced",
    AnnouncedBody,
    # Not who sells, nor who cuts: whoever casts the dice must want nothing of them (trace/DECISIONS.md, 73).
    frozenset({Role.PURCHASER, Role.SUPERVISOR, Role.REGULATOR}),
    register.announce_draw,
    lambda body: body["delivery"],
    _units,
)
BOUNDED = Kind("site.bounded", BoundedBody, frozenset({Role.PURCHASER}), register.bound_site, lambda body: body["site"])
KINDS = (ANNOUNCED, BOUNDED)
