"""A lineage and the whereabouts of a lot as JSON. What stands here is what the schemas of `lot_schemas.py` declare.

The schemas themselves would take seconds for 20,000 lots; a test holds what is written here to what they would write.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from trace.balance import Part, State, Whereabouts
from trace.custody.register import Holder, Movement
from trace.epcis.events import Quantity
from trace.production.register import SAME_MATERIAL, Flow, Lot, Portion
from trace.quantities import add_up
from trace.site.register import SiteAct


def write_trace(told: Mapping[str, Any]) -> dict[str, Any]:
    """What `TraceSchema` declares."""
    return {
        "lot": told["lot"],
        "direction": told["direction"],
        "is_cut": told["is_cut"],
        "nodes": [_node(node) for node in told["nodes"]],
        "edges": [_edge(flow) for flow in told["edges"]],
        "hands": None if told["hands"] is None else [_hand(move) for move in told["hands"]],
        "acts": None if told["acts"] is None else [_act(act) for act in told["acts"]],
    }


def write_whereabouts(told: Whereabouts) -> dict[str, Any]:
    """What `WhereaboutsSchema` declares."""
    unit = told.whole.unit if told.whole is not None else None
    return {
        "lot": told.lot,
        "whole": _quantity(told.whole),
        "over": _number(told.over),
        "unaccounted": _number(told.unknown),
        "unit": unit,
        "is_cut": told.is_cut,
        "totals": {state.value: _number(total) for state in State if (total := told.total(state))},
        "parts": [_part(part) for part in told.parts],
    }


def lost_in(flow: Flow) -> Quantity | None:
    """How much more went into a split or a join than came out of it; None where that can't be told, or is nothing."""
    said = [portion.quantity for portion in (*flow.inputs, *flow.outputs)]
    if flow.kind not in SAME_MATERIAL or not said or said[0] is None or None in said:
        return None
    unit = said[0].unit
    into, out = (_sum(side, unit) for side in (flow.inputs, flow.outputs))
    if into is None or out is None or into.value <= out.value:
        return None
    return Quantity(into.value - out.value, unit)


def _sum(portions: Iterable[Portion], unit: str) -> Quantity | None:
    return add_up((portion.quantity for portion in portions if portion.quantity is not None), unit)


def _node(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "lot": node["lot"],
        "direction": node["direction"],
        "steps": node["steps"],
        "by": node["by"],
        "is_same_material": node["is_same_material"],
        "product": _product(node["product"]),
        "left": _quantity(node["left"]),
        "holder": _holder(node["holder"]),
        "verdict": node["verdict"],
    }


def _product(lot: Lot | None) -> dict[str, Any] | None:
    if lot is None:
        return None
    return {
        "maker": lot.maker,
        "family": lot.family,
        "type": lot.type,
        "name_zh": lot.name_zh,
        "name_en": lot.name_en,
        "standard": lot.standard,
        "attributes": dict(lot.attributes),
        "quantity": _quantity(lot.quantity),
        "made_at": _time(lot.made_at),
        "origin": lot.origin,
        "entry": lot.entry,
    }


def _holder(holder: Holder | None) -> dict[str, Any] | None:
    if holder is None:
        return None
    return {
        "party": holder.party,
        "since": _time(holder.since),
        "place": holder.place,
        "sent_to": holder.sent_to,
        "entry": holder.entry,
    }


def _edge(flow: Flow) -> dict[str, Any]:
    return {
        "entry": flow.entry,
        "kind": flow.kind,
        "party": flow.party,
        "at": _time(flow.at),
        "inputs": [{"lot": portion.lot, "quantity": _quantity(portion.quantity)} for portion in flow.inputs],
        "outputs": [{"lot": portion.lot, "quantity": _quantity(portion.quantity)} for portion in flow.outputs],
        "lost": _quantity(lost_in(flow)),
    }


def _hand(move: Movement) -> dict[str, Any]:
    return {
        "entry": move.entry,
        "lot": move.lot,
        "kind": move.kind,
        "party": move.party,
        "other": move.other,
        "at": _time(move.at),
        "quantity": _quantity(move.quantity),
        "place": move.place,
        "contract": move.contract,
    }


def _act(act: SiteAct) -> dict[str, Any]:
    return {
        "entry": act.entry,
        "lot": act.lot,
        "act": act.act,
        "party": act.party,
        "at": _time(act.at),
        "quantity": _quantity(act.quantity),
        "station": act.station,
        "circuit": act.circuit,
        "from_m": _number(act.from_m),
        "to_m": _number(act.to_m),
    }


def _part(part: Part) -> dict[str, Any]:
    spot = part.spot
    return {
        "state": spot.state.value,
        "lot": part.lot,
        "quantity": _quantity(part.quantity),
        "party": spot.party,
        "to": spot.to,
        "place": spot.place,
        "circuit": spot.circuit,
        "from_m": _number(spot.from_m),
        "to_m": _number(spot.to_m),
        "into": list(spot.into),
        "why": spot.why.value if spot.why is not None else None,
        "since": _time(part.since) if part.since is not None else None,
        "entries": list(part.entries),
    }


def _quantity(amount: Quantity | None) -> dict[str, str] | None:
    return None if amount is None else {"value": format(amount.value, "f"), "unit": amount.unit}


def _number(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
