"""EPCIS 2.0 events (GS1 EPCIS 2.0.1, JSON/JSON-LD binding) as this registry reads them: what, when, where, why, how
much.

The payload is kept byte for byte; what is read here is what effects need, and whether it is an event at all: members,
types and vocabularies are those of the standard's JSON Schema, extensions have names with a prefix (`parts.py`).
Lengths and masses of serialised units, for which EPCIS has no field, stand in our own namespace:

    "suzheng:quantities": [{"epc": "https://id.gs1.org/01/…/10/…/21/D007", "quantity": 500, "uom": "MTR"}]
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import INCLUDE, ValidationError

from keys.errors import RefusedError
from trace.epcis.identifiers import is_logistic, name_goods, name_lot
from trace.epcis.parts import (
    BizTransaction,
    Certification,
    Context,
    Destination,
    ErrorDeclaration,
    JsonNumber,
    Location,
    PersistentDisposition,
    QuantityElement,
    SensorElement,
    Source,
    Uri,
    Uris,
    When,
    Word,
    check_extensions,
)
from trace.epcis.vocabulary import BIZ_STEPS, DISPOSITIONS, cbv_word
from trace.reading import Choice, Items, Part, QuickSchema, Text

EVENT_TYPES = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
ACTIONS = ("ADD", "OBSERVE", "DELETE")
_UNIT = r"[A-Z0-9]{2,3}"
_OFFSET = r"[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)"
_COMMON = (
    "@context type eventTime recordTime eventTimeZoneOffset eventID certificationInfo errorDeclaration "
    "bizStep disposition readPoint bizLocation bizTransactionList sourceList destinationList sensorElementList "
)
# EPCIS 2.0.1, JSON Schema: what each type of event may say.
_MEMBERS = {
    "ObjectEvent": "action epcList quantityList persistentDisposition ilmd",
    "AggregationEvent": "action parentID childEPCs childQuantityList",
    "TransactionEvent": "action parentID epcList quantityList",
    "TransformationEvent": "inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID "
    "persistentDisposition ilmd",
    "AssociationEvent": "action parentID childEPCs childQuantityList",
}
MEMBERS = {type_: frozenset((_COMMON + names).split()) for type_, names in _MEMBERS.items()}


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much, in a UN/CEFACT Recommendation 20 unit (MTR metres, KGM kilograms, H87 pieces)."""

    value: Decimal
    unit: str


def make_quantity(value: Decimal | None, unit: str | None) -> Quantity | None:
    """A quantity as registers keep it, in two columns; None where either is missing."""
    return Quantity(value, unit) if value is not None and unit is not None else None


class UnitQuantity(QuickSchema):
    """Ours: how much of it a serialised unit is."""

    class Meta:
        """Extensions are let through."""

        unknown = INCLUDE

    epc = Text(300, required=True)
    quantity = JsonNumber(required=True)
    uom = Text(3, pattern=_UNIT, required=True)


class Ilmd(QuickSchema):
    """Instance/lot master data: whatever its vocabulary has, under names with a prefix."""

    class Meta:
        """Other people's master data is let through."""

        unknown = INCLUDE

    def check_names(self, data: Mapping[str, Any]) -> None:
        """Raises ValidationError at the first bare name."""
        check_extensions(data.keys())


def _quantities() -> Items[Any]:
    return Items(Part(QuantityElement), 1000, load_default=list)


class EventSchema(QuickSchema):
    """What an EPCIS event says. Of the members that our effects don't read, those that are absent stay so.

    Null stands for nothing: what is not there is left out (EPCIS 2.0.1, JSON Schema).
    """

    class Meta:
        """Extensions are let through, those that `check_names` lets through."""

        unknown = INCLUDE

    type: Text | Choice = Choice(EVENT_TYPES, required=True)
    eventTime = When(required=True)
    eventTimeZoneOffset = Text(6, pattern=_OFFSET, required=True)
    eventID = Uri(load_default=None, allow_none=False)
    action = Choice(ACTIONS, load_default=None, allow_none=False)
    bizStep = Word(BIZ_STEPS, load_default=None, allow_none=False)
    disposition = Word(DISPOSITIONS, load_default=None, allow_none=False)
    readPoint = Part(Location, load_default=None, allow_none=False)
    bizLocation = Part(Location, load_default=None, allow_none=False)
    epcList = Uris(is_set=True, load_default=list)
    quantityList = _quantities()
    inputEPCList = Uris(is_set=True, load_default=list)
    inputQuantityList = _quantities()
    outputEPCList = Uris(is_set=True, load_default=list)
    outputQuantityList = _quantities()
    bizTransactionList: Items[Any] = Items(Part(BizTransaction), load_default=list)
    sourceList: Items[Any] = Items(Part(Source), load_default=list)
    destinationList: Items[Any] = Items(Part(Destination), load_default=list)
    quantities: Items[Any] = Items(Part(UnitQuantity), load_default=list, data_key="suzheng:quantities")
    context = Context(data_key="@context")
    recordTime = When()
    certificationInfo = Certification()
    parentID = Uri()
    childEPCs = Uris()
    childQuantityList: Items[Any] = Items(Part(QuantityElement), 1000)
    transformationID = Uri()
    persistentDisposition = Part(PersistentDisposition)
    sensorElementList: Items[Any] = Items(Part(SensorElement), 1000)
    errorDeclaration = Part(ErrorDeclaration)
    ilmd = Part(Ilmd)

    def check_names(self, data: Mapping[str, Any]) -> None:
        """The members are those of the event's type, and those that it must have are there."""
        type_ = data.get("type")
        members = MEMBERS.get(type_) if isinstance(type_, str) else None
        if members is not None:
            check_extensions(data.keys() - members)
            check_what(data)


def check_what(event: Mapping[str, Any]) -> None:
    """What an event of a known type must say besides its time. Raises ValidationError at the member that lacks."""
    type_, action = event["type"], event.get("action")
    if type_ == "TransformationEvent":
        _check_transformation(event)
        return
    if "action" not in event:
        raise ValidationError({"action": ["expected " + " or ".join(ACTIONS) + ", got none"]})
    if type_ == "ObjectEvent":
        is_observed = "readPoint" in event and _has(event, "sensorElementList")
        if not ("epcList" in event or _has(event, "quantityList") or is_observed):
            raise ValidationError({"epcList": ["expected epcList, quantityList, or sensors at a readPoint, got none"]})
        if "ilmd" in event and action != "ADD":
            raise ValidationError({"ilmd": [f"expected master data with action ADD alone, got {action!r:.20}"]})
        return
    if type_ == "TransactionEvent":
        if not _has(event, "bizTransactionList"):
            raise ValidationError({"bizTransactionList": ["expected at least one business transaction, got none"]})
        if not ("epcList" in event or _has(event, "quantityList") or action == "DELETE"):
            raise ValidationError({"epcList": ["expected epcList or quantityList, got neither"]})
        return
    if type_ == "AssociationEvent" and "parentID" not in event:
        raise ValidationError({"parentID": ["expected the parent, got none"]})
    if not (_has(event, "childEPCs") or _has(event, "childQuantityList") or action == "DELETE"):
        raise ValidationError({"childEPCs": ["expected childEPCs or childQuantityList, got neither"]})


def _check_transformation(event: Mapping[str, Any]) -> None:
    inputs = _has(event, "inputEPCList") or _has(event, "inputQuantityList")
    outputs = _has(event, "outputEPCList") or _has(event, "outputQuantityList")
    if not (inputs and outputs) and not ("transformationID" in event and (inputs or outputs)):
        side = "output" if inputs else "input"
        raise ValidationError(
            {f"{side}EPCList": ["expected inputs and outputs, or one of them and a transformationID"]}
        )


def _has(event: Mapping[str, Any], name: str) -> bool:
    """Is there something in this list? Whether it is one is for its own field to say."""
    return bool(event.get(name, ()))


class StepSchema(EventSchema):
    """An event of one type and one business step: what each of our EPCIS kinds subclasses."""

    event_type: ClassVar[str] = "ObjectEvent"
    actions: ClassVar[tuple[str, ...]] = ACTIONS
    steps: ClassVar[tuple[str, ...]] = ()
    takes_logistic: ClassVar[bool] = False
    """May it be said of a logistic unit, and so of all that is in it?"""
    may_name_none: ClassVar[bool] = False
    """May the side on which lots stand be empty?"""

    def check_whole(self, data: dict[str, Any]) -> None:
        """Type, action and business step are those of the kind, and the event names at least one lot."""
        if data["type"] != self.event_type:
            raise ValidationError(f"expected {self.event_type}, got {data['type']}", "type")
        if self.event_type != "TransformationEvent" and data["action"] not in self.actions:
            raise ValidationError(f"expected {' or '.join(self.actions)}, got {data['action']}", "action")
        if self.steps and cbv_word(data["bizStep"]) not in self.steps:
            raise ValidationError(f"expected {' or '.join(self.steps)}, got {data['bizStep']}", "bizStep")
        if "errorDeclaration" in data:
            # Read as one of ours it would say again what it takes back.
            raise ValidationError("expected none in an event that says something, got one", "errorDeclaration")
        for side in sides_of(data):
            field = LISTS[side][0]
            try:
                for item in data["quantities"]:
                    _lot(item["epc"])
                named = name_lots(data, side)
            except RefusedError as error:
                raise ValidationError(str(error), field) from error
            if not named and not self.may_name_none:
                raise ValidationError("expected at least one lot or unit, got none", field)
            if not self.takes_logistic and any(map(is_logistic, named)):
                raise ValidationError("expected lots and units of goods alone, got a logistic unit", field)
        if self.event_type == "TransformationEvent":
            both = set(name_lots(data, "input")).intersection(name_lots(data, "output"))
            if both:
                raise ValidationError(f"expected other lots than the inputs, got {min(both)}", "outputEPCList")


LISTS = {
    "": ("epcList", "quantityList"),
    "input": ("inputEPCList", "inputQuantityList"),
    "output": ("outputEPCList", "outputQuantityList"),
    "child": ("childEPCs", "childQuantityList"),
}
"""The lists of an event that name the lots of each side."""


_SIDES = {"TransformationEvent": ("input", "output"), "AggregationEvent": ("child",)}


def sides_of(event: Mapping[str, Any]) -> tuple[str, ...]:
    """The sides of an event on which lots stand."""
    return _SIDES.get(event["type"], ("",))


def lots_of(event: Mapping[str, Any]) -> list[str]:
    """All that an event names, lots, units and logistic units, each once, as ids; a parent first."""
    parent = [parent_of(event)] if event["type"] == "AggregationEvent" else []
    return list(dict.fromkeys((*parent, *(lot for side in sides_of(event) for lot in name_lots(event, side)))))


def main_lot(event: Mapping[str, Any]) -> str:
    """The `sub` claim of an event: its first lot, its first output, or its parent."""
    if event["type"] == "AggregationEvent":
        return parent_of(event)
    return name_lots(event, sides_of(event)[-1])[0]


def parent_of(event: Mapping[str, Any]) -> str:
    """The id of what an aggregation puts things into. Raises RefusedError `digital-link-invalid`."""
    return _goods(event["parentID"])


def name_lots(event: Mapping[str, Any], side: str = "") -> list[str]:
    """The lots and units of an event, and logistic units, as it names them; `side` is "", "input", "output" or "child".

    Raises RefusedError `digital-link-invalid` for an identifier that is no Digital Link URI of one of these.
    """
    units, classes = LISTS[side]
    return [*map(_goods, event.get(units, ())), *(_lot(item["epcClass"]) for item in event.get(classes, ()))]


def read_lots(event: Mapping[str, Any], side: str = "") -> Iterator[tuple[str, Quantity | None]]:
    """The lots and units of an event with how much of each: those of `name_lots`, in its order. Raises as that does."""
    units, classes = LISTS[side]
    sizes = {_lot(item["epc"]): Quantity(item["quantity"], item["uom"]) for item in event["quantities"]}
    for epc in event.get(units, ()):
        lot = _goods(epc)
        yield lot, sizes.get(lot)
    for item in event.get(classes, ()):
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
    """The number of the first business transaction of a type, such as `po` (CBV 2.0), or None."""
    for item in event["bizTransactionList"]:
        if cbv_word(item["type"]) == kind:
            return read_party(item["bizTransaction"])
    return None


def _lot(uri: str) -> str:
    return _read(name_lot, uri)


def _goods(uri: str) -> str:
    return _read(name_goods, uri)


def _read(name: Callable[[str], str], uri: str) -> str:
    try:
        return name(uri)
    except RefusedError as error:
        raise RefusedError(error.code, **(error.facts | {"where": "the event's identifiers"})) from error
