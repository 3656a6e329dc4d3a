"""EPCIS 2.0 JSON-LD events (GS1 EPCIS 2.0.1, CBV 2.0) for each of our kinds, from lots, amounts and parties."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from trace.days import CHINA
from trace.epcis.events import LISTS, Quantity
from trace.epcis.identifiers import CANONICAL_HOST, is_logistic, parse_lot

# The EPCIS context, and ours under a domain that nobody can own (RFC 2606).
CONTEXT = (
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"suzheng": "https://suzheng.example/vocabulary/"},
)
# What EPCIS and CBV call each of our kinds: event type, action, business step, disposition.
SHAPES: Mapping[str, tuple[str, str | None, str, str]] = {
    "lot.commissioned": ("ObjectEvent", "ADD", "commissioning", "active"),
    "lot.transformed": ("TransformationEvent", None, "creating_class_instance", "active"),
    "lot.split": ("TransformationEvent", None, "commissioning", "active"),
    "lot.inspected": ("ObjectEvent", "OBSERVE", "inspecting", "conformant"),
    "goods.packed": ("AggregationEvent", "ADD", "packing", "in_progress"),
    "goods.unpacked": ("AggregationEvent", "DELETE", "unpacking", "in_progress"),
    "goods.shipped": ("ObjectEvent", "OBSERVE", "shipping", "in_transit"),
    "goods.received": ("ObjectEvent", "OBSERVE", "receiving", "in_progress"),
    "goods.delivered": ("ObjectEvent", "OBSERVE", "arriving", "in_progress"),
    "goods.accepted": ("ObjectEvent", "OBSERVE", "accepting", "conformant"),
    "goods.rejected": ("ObjectEvent", "OBSERVE", "accepting", "non_conformant"),
    "lot.installed": ("ObjectEvent", "OBSERVE", "installing", "active"),
    "lot.joined": ("TransformationEvent", None, "commissioning", "active"),
    "lot.destroyed": ("ObjectEvent", "OBSERVE", "destroying", "destroyed"),
    "lot.removed": ("ObjectEvent", "OBSERVE", "removing", "inactive"),
}

Amounts = Mapping[str, Quantity | None]
"""How much of each lot or unit, by lot id; None where nobody knows."""


def write_event(
    kind: str,
    at: datetime,
    lots: Amounts,
    *,
    outputs: Amounts | None = None,
    parent: str | None = None,
    place: str | None = None,
    contract: str | None = None,
    sender: str | None = None,
    receiver: str | None = None,
    members: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The event of a kind. `outputs` makes `lots` the inputs of a transformation, `parent` what is in a logistic unit;
    `members` are added as they are.

    Example: write_event("goods.shipped", at, {"01/…/21/D001": Quantity(Decimal(500), "MTR")}, receiver="9133…")
    """
    shape, action, step, disposition = SHAPES[kind]
    local = at.astimezone(CHINA)
    event: dict[str, Any] = {"@context": list(CONTEXT), "type": shape} | ({"action": action} if action else {})
    event |= {"eventTime": local.isoformat(), "eventTimeZoneOffset": "+08:00"}
    event |= {"bizStep": step, "disposition": disposition}
    event |= {"parentID": goods_uri(parent)} if parent is not None else {}
    sides = {"input": lots, "output": outputs} if outputs is not None else {"child" if parent else "": lots}
    units: list[dict[str, Any]] = []
    for side, amounts in sides.items():
        event |= _write_side(side, amounts, units)
    event |= {"suzheng:quantities": units} if units else {}
    event |= {"readPoint": {"id": f"urn:suzheng:place:{place}"}} if place else {}
    if contract:
        event["bizTransactionList"] = [{"type": "po", "bizTransaction": f"urn:suzheng:contract:{contract}"}]
    for end, party in (("source", sender), ("destination", receiver)):
        if party:
            event[f"{end}List"] = [{"type": "possessing_party", end: party_uri(party)}]
    return event | dict(members or {})


def goods_uri(goods: str) -> str:
    """How an event names a lot, unit or logistic unit."""
    return f"{CANONICAL_HOST}/{goods}" if is_logistic(goods) else parse_lot(goods).uri()


def party_uri(uscc: str) -> str:
    """How an event names a party."""
    return f"urn:suzheng:party:{uscc}"


def json_number(value: Decimal) -> int | float:
    """A quantity as a JSON number. What a form takes has at most 12 digits, which a double writes as they are."""
    return int(value) if value == value.to_integral_value() else float(value)


def _write_side(side: str, amounts: Amounts, units: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Lots as quantities of a class, units by name; how much there is of a unit goes into `units`."""
    named: list[str] = []
    classes: list[dict[str, Any]] = []
    for lot, amount in amounts.items():
        uri = goods_uri(lot)
        size = {"quantity": json_number(amount.value), "uom": amount.unit} if amount is not None else {}
        if "/21/" not in lot and not is_logistic(lot):
            classes.append({"epcClass": uri, **size})
            continue
        named.append(uri)
        if size:
            units.append({"epc": uri, **size})
    of_units, of_classes = LISTS[side]
    members: dict[str, list[Any]] = {of_units: named, of_classes: classes}
    return {name: items for name, items in members.items() if items}
