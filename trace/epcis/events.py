"""EPCIS 2.0 events (GS1 EPCIS 2.0.1, JSON/JSON-LD binding) as this registry reads them: what, when, where, why, how
much.

The payload is kept byte for byte; what is read here is only what effects need. Standard fields are checked for their
shape, unknown fields are let through as extensions. Lengths and masses of serialised units, for which EPCIS has no
field, stand in our own namespace:

    "suzheng:quantities": [{"epc": "https://id.gs1.org/01/…/10/…/21/D007", "quantity": 500, "uom": "MTR"}]
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar

from marshmallow import INCLUDE, ValidationError, fields

from keys.errors import RefusedError
from trace.epcis.identifiers import parse_lot
from trace.reading import Choice, Items, Moment, Part, QuickSchema, Text

EVENT_TYPES = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
ACTIONS = ("ADD", "OBSERVE", "DELETE")
# Times that can be moved to any zone and back.
_EARLIEST, _LATEST = datetime(1900, 1, 2, tzinfo=UTC), datetime(2999, 12, 30, tzinfo=UTC)
_ABOVE_ANY = 10**15
_UNIT = r"[A-Z0-9]{2,3}"
_OFFSET = r"[+-](?:0[0-9]|1[0-4]):[0-5][0-9]"


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much, in a UN/CEFACT Recommendation 20 unit (MTR metres, KGM kilograms, H87 pieces)."""

    value: Decimal
    unit: str


def make_quantity(value: Decimal | None, unit: str | None) -> Quantity | None:
    """A quantity as registers keep it, in two columns; None where either is missing."""
    return Quantity(value, unit) if value is not None and unit is not None else None


class JsonNumber(fields.Field[Decimal]):
    """A JSON number, 0 or more; becomes Decimal."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """The number; whatever is not in order is marshmallow's to refuse."""
        if type(value) in (int, Decimal) and 0 <= value < _ABOVE_ANY:
            return Decimal(value)
        return super().deserialize(value, attr, data, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value < _ABOVE_ANY:
            raise ValidationError(f"expected a number from 0 to 10^15, got {value!r:.40}")
        return Decimal(value)


class _Open(QuickSchema):
    class Meta:
        """Extensions are let through."""

        unknown = INCLUDE


class QuantityElement(_Open):
    """EPCIS QuantityElement."""

    epcClass = Text(300, required=True)
    quantity = JsonNumber(load_default=None)
    uom = Text(3, pattern=_UNIT, load_default=None)


class UnitQuantity(_Open):
    """Ours: how much of it a serialised unit is."""

    epc = Text(300, required=True)
    quantity = JsonNumber(required=True)
    uom = Text(3, pattern=_UNIT, required=True)


class BizTransaction(_Open):
    """EPCIS BizTransaction: a document that the event belongs to, such as a purchase order."""

    type = fields.String(load_default=None)
    bizTransaction = Text(300, required=True)


class Source(_Open):
    """EPCIS Source: from whom."""

    type = fields.String(required=True)
    source = Text(300, required=True)


class Destination(_Open):
    """EPCIS Destination: to whom."""

    type = fields.String(required=True)
    destination = Text(300, required=True)


class Location(_Open):
    """EPCIS ReadPoint or BusinessLocation."""

    id = Text(300, required=True)


def _uris() -> Items[str]:
    return Items(Text(300), 1000, load_default=list)


def _quantities() -> Items[Any]:
    return Items(Part(QuantityElement), 1000, load_default=list)


class EventSchema(_Open):
    """What every EPCIS event has, and the parts that our effects read."""

    type = Choice(EVENT_TYPES, required=True)
    eventTime = Moment(_EARLIEST, _LATEST, required=True)
    eventTimeZoneOffset = Text(6, pattern=_OFFSET, required=True)
    eventID = Text(300, load_default=None)
    action = Choice(ACTIONS, load_default=None)
    bizStep = Text(300, load_default=None)
    disposition = Text(300, load_default=None)
    readPoint = Part(Location, load_default=None)
    bizLocation = Part(Location, load_default=None)
    epcList = _uris()
    quantityList = _quantities()
    inputEPCList = _uris()
    inputQuantityList = _quantities()
    outputEPCList = _uris()
    outputQuantityList = _quantities()
    bizTransactionList: Items[Any] = Items(Part(BizTransaction), load_default=list)
    sourceList: Items[Any] = Items(Part(Source), load_default=list)
    destinationList: Items[Any] = Items(Part(Destination), load_default=list)
    quantities: Items[Any] = Items(Part(UnitQuantity), load_default=list, data_key="suzheng:quantities")


class StepSchema(EventSchema):
    """An event of one type and one business step: what each of our EPCIS kinds subclasses."""

    event_type: ClassVar[str] = "ObjectEvent"
    actions: ClassVar[tuple[str, ...]] = ACTIONS
    steps: ClassVar[tuple[str, ...]] = ()

    def check_whole(self, data: dict[str, Any]) -> None:
        """Type, action and business step are those of the kind, and the event names at least one lot."""
        if data["type"] != self.event_type:
            raise ValidationError(f"expected {self.event_type}, got {data['type']}", "type")
        if self.event_type == "ObjectEvent" and data["action"] not in self.actions:
            raise ValidationError(f"expected {' or '.join(self.actions)}, got {data['action']}", "action")
        if self.steps and cbv_word(data["bizStep"]) not in self.steps:
            raise ValidationError(f"expected {' or '.join(self.steps)}, got {data['bizStep']}", "bizStep")
        for side in self.sides():
            try:
                for item in data["quantities"]:
                    _lot(item["epc"])
                if not name_lots(data, side):
                    raise ValidationError("expected at least one lot or unit, got none", f"{side}EPCList")
            except RefusedError as error:
                raise ValidationError(str(error), f"{side}EPCList") from error
        if self.event_type == "TransformationEvent":
            both = set(name_lots(data, "input")).intersection(name_lots(data, "output"))
            if both:
                raise ValidationError(f"expected other lots than the inputs, got {min(both)}", "outputEPCList")

    def sides(self) -> tuple[str, ...]:
        """The sides on which lots must stand."""
        return ("input", "output") if self.event_type == "TransformationEvent" else ("",)


_LISTS = {
    "": ("epcList", "quantityList"),
    "input": ("inputEPCList", "inputQuantityList"),
    "output": ("outputEPCList", "outputQuantityList"),
}
"""The lists of an event that name the lots of each side."""


def lots_of(event: Mapping[str, Any]) -> list[str]:
    """All lots and units that an event names, each once, as lot ids."""
    sides = ("input", "output") if event["type"] == "TransformationEvent" else ("",)
    return list(dict.fromkeys(lot for side in sides for lot in name_lots(event, side)))


def main_lot(event: Mapping[str, Any]) -> str:
    """The `sub` claim of an event: its first lot, or its first output."""
    side = "output" if event["type"] == "TransformationEvent" else ""
    return name_lots(event, side)[0]


def cbv_word(value: str | None) -> str | None:
    """The bare word of a CBV value, in whichever of its three spellings it came: bare, URN or web URI."""
    return None if value is None else value.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def name_lots(event: Mapping[str, Any], side: str = "") -> list[str]:
    """The lots and units of an event, as it names them; `side` is "", "input" or "output".

    Raises RefusedError `digital-link-invalid` for an identifier that is no Digital Link URI of a lot.
    """
    units, classes = _LISTS[side]
    return [*map(_lot, event[units]), *(_lot(item["epcClass"]) for item in event[classes])]


def read_lots(event: Mapping[str, Any], side: str = "") -> Iterator[tuple[str, Quantity | None]]:
    """The lots and units of an event with how much of each: those of `name_lots`, in its order. Raises as that does."""
    units, classes = _LISTS[side]
    sizes = {_lot(item["epc"]): Quantity(item["quantity"], item["uom"]) for item in event["quantities"]}
    for epc in event[units]:
        lot = _lot(epc)
        yield lot, sizes.get(lot)
    for item in event[classes]:
        quantity = Quantity(item["quantity"], item["uom"] or "H87") if item["quantity"] is not None else None
        yield _lot(item["epcClass"]), quantity


def party_of(event: Mapping[str, Any], end: str) -> str | None:
    """The party at the `source` or `destination` end, the possessing one where both are named. USCC, or None."""
    items = event[f"{end}List"]
    ranked = sorted(items, key=lambda item: cbv_word(item["type"]) != "possessing_party")
    return read_party(ranked[0][end]) if ranked else None


def read_party(uri: str) -> str:
    """The code or number that a URI ends in: `urn:suzheng:party:…`, the last segment of a web URI, or the bare code."""
    return uri.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def transaction_of(event: Mapping[str, Any], kind: str) -> str | None:
    """The number of the first business transaction of a type, such as `po` (CBV 2.0 §7.3), or None."""
    for item in event["bizTransactionList"]:
        if cbv_word(item["type"]) == kind:
            return read_party(item["bizTransaction"])
    return None


# An event is read several times on its way into the ledger.
@lru_cache(maxsize=4096)
def _lot(uri: str) -> str:
    try:
        return str(parse_lot(uri))
    except RefusedError as error:
        raise RefusedError(error.code, **(error.facts | {"where": "the event's identifiers"})) from error
