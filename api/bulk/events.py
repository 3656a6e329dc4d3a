"""EPCIS 2.0 events of a file's rows, ready to be signed: the rows that say the same of several lots in one event.

1. An event names at most MAX_LOTS lots, and is at most MAX_EVENT_BYTES long: a statement may have 64 KiB and follow 512
   heads, and each lot's own page shows the event whole.
2. No lot comes twice into one bundle of events that could be in any order: a row on a lot that an open event has named
   begins a new one after it.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trace.epcis.events import Quantity
from trace.epcis.identifiers import LotId

MAX_LOTS = 200
MAX_EVENT_BYTES = 40_000
# What an event says of a lot beside its two URIs.
_BYTES_A_LOT = 80


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


def draft(tag: str, event: Mapping[str, Any], lots: Collection[str], rows: Collection[int]) -> Draft:
    """The event's bytes, in one spelling: the same rows give the same event."""
    payload = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    return Draft(tag, payload, tuple(lots), tuple(rows))


def write_place(place: str | None) -> dict[str, Any]:
    """Where it happened: a URI as it is, a code of the signer's under our own."""
    if place is None:
        return {}
    return {"readPoint": {"id": place if "://" in place or place.startswith("urn:") else f"urn:suzheng:place:{place}"}}


def amounts_of(amounts: Sequence[Amount]) -> dict[str, Quantity | None]:
    """Lots and amounts as `write_event` takes them."""
    return {str(lot): amount for lot, amount in amounts}
