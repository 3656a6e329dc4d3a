"""EPCIS 2.0 events of a file's rows, ready to be signed: the rows that say the same of several lots in one event.

1. An event names at most MAX_LOTS lots, and is at most MAX_EVENT_BYTES long: a statement may have 64 KiB and follow 512
   heads, and each lot's own page shows the event whole.
2. No lot comes twice into one bundle of events that could be in any order: a row on a lot that an open event has named
   begins a new one after it.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from trace.epcis.events import Quantity
from trace.epcis.identifiers import LotId

MAX_LOTS = 200
MAX_EVENT_BYTES = 40_000
# What an event says of a lot beside its two URIs.
_BYTES_A_LOT = 80
_CONTEXT = (
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"suzheng": "https://suzheng.example/vocabulary/"},
)


@dataclass(frozen=True, slots=True)
class Draft:
    """An event to be signed: its kind, its bytes, the lots whose chains it continues, and the rows that it says."""

    tag: str
    payload: bytes
    lots: tuple[str, ...]
    rows: tuple[int, ...]


Amount = tuple[LotId, Quantity | None]
"""A lot or unit with how much of it."""


@dataclass
class Bundle:
    """Rows that become one event."""

    key: tuple[Any, ...]
    """What they agree in beside the lots."""
    rows: list[int] = field(default_factory=list)
    amounts: list[Amount] = field(default_factory=list)
    _size: int = 0

    def add(self, row: int, amount: Amount) -> None:
        """Take a row in."""
        self.rows.append(row)
        self.amounts.append(amount)
        self._size += 2 * len(amount[0].uri()) + _BYTES_A_LOT

    @property
    def is_full(self) -> bool:
        """Would one more be too many?"""
        return len(self.rows) >= MAX_LOTS or self._size > MAX_EVENT_BYTES


def bundle_rows(rows: Iterable[tuple[tuple[Any, ...], int, Amount]]) -> list[Bundle]:
    """Rows of (what else their event says, number, lot and amount), in bundles, in the order in which they begin."""
    bundles: list[Bundle] = []
    named: set[LotId] = set()
    open_ones: dict[tuple[Any, ...], Bundle] = {}
    for key, number, amount in rows:
        if amount[0] in named:
            open_ones, named = {}, set()
        bundle = open_ones.get(key)
        if bundle is None or bundle.is_full:
            bundle = open_ones[key] = Bundle(key)
            bundles.append(bundle)
        bundle.add(number, amount)
        named.add(amount[0])
    return bundles


def write_object_event(
    at: datetime, action: str, step: str, disposition: str, amounts: Sequence[Amount], **members: Any
) -> dict[str, Any]:
    """An ObjectEvent on these lots."""
    return (
        _head("ObjectEvent", at, step, disposition)
        | {"action": action}
        | _what("", amounts)
        | _sized(amounts)
        | members
    )


def write_split(at: datetime, taken: Amount, given: Sequence[Amount], **members: Any) -> dict[str, Any]:
    """A TransformationEvent by which units come out of a batch."""
    return (
        _head("TransformationEvent", at, "commissioning", "active")
        | _what("input", [taken])
        | _what("output", given)
        | _sized([taken, *given])
        | members
    )


def draft(tag: str, event: Mapping[str, Any], lots: Collection[str], rows: Collection[int]) -> Draft:
    """The event's bytes, in one spelling: the same rows give the same event."""
    payload = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    return Draft(tag, payload, tuple(lots), tuple(rows))


def write_place(place: str | None) -> dict[str, Any]:
    """Where it happened: a URI as it is, a code of the signer's under our own."""
    if place is None:
        return {}
    return {"readPoint": {"id": place if "://" in place or place.startswith("urn:") else f"urn:suzheng:place:{place}"}}


def party_at(end: str, uscc: str | None) -> dict[str, Any]:
    """The `source` or `destination` that possesses the goods."""
    return {f"{end}List": [{"type": "possessing_party", end: party_uri(uscc)}]} if uscc is not None else {}


def party_uri(uscc: str) -> str:
    """A party as events name it."""
    return f"urn:suzheng:party:{uscc}"


def order_of(contract: str | None) -> dict[str, Any]:
    """The contract as the purchase order (CBV 2.0 §7.3)."""
    if contract is None:
        return {}
    return {"bizTransactionList": [{"type": "po", "bizTransaction": f"urn:suzheng:contract:{contract}"}]}


def _head(shape: str, at: datetime, step: str, disposition: str) -> dict[str, Any]:
    offset = at.strftime("%z")
    return {
        "@context": list(_CONTEXT),
        "type": shape,
        "eventTime": at.isoformat(),
        "eventTimeZoneOffset": f"{offset[:3]}:{offset[3:5]}",
        "bizStep": step,
        "disposition": disposition,
    }


def _what(side: str, amounts: Sequence[Amount]) -> dict[str, Any]:
    """Units by name, lots as quantities of a class."""
    units = [lot.uri() for lot, _ in amounts if lot.serial is not None]
    classes = [{"epcClass": lot.uri()} | _measure(amount) for lot, amount in amounts if lot.serial is None]
    names = (f"{side}EPCList", f"{side}QuantityList") if side else ("epcList", "quantityList")
    return {name: items for name, items in zip(names, (units, classes), strict=True) if items}


def _sized(amounts: Sequence[Amount]) -> dict[str, Any]:
    units = [{"epc": lot.uri()} | _measure(amount) for lot, amount in amounts if lot.serial is not None and amount]
    return {"suzheng:quantities": units} if units else {}


def _measure(amount: Quantity | None) -> dict[str, Any]:
    return {"quantity": as_number(amount.value), "uom": amount.unit} if amount is not None else {}


def as_number(value: Decimal) -> int | float:
    """A decimal of at most 15 significant digits as the JSON number that reads back as itself."""
    return int(value) if value == value.to_integral() else float(value)
