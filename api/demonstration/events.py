"""EPCIS 2.0 JSON-LD events (GS1 EPCIS 2.0.1, CBV 2.0), spelled out from the flat `event` tables of the chapters.

`lots`, `inputs` and `outputs` say how much of each lot or unit, in its product's unit; `from` and `to` are parties,
`where` the place, `po` the contract. What happened did so `minutes_before` (30 unless told) the time of record.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from api.demonstration.names import Names
from api.desk.events import CONTEXT, SHAPES

_MADE = frozenset({"lot.commissioned", "lot.transformed"})
# Our extensions: the word of an `event` table, and the member that it becomes.
_EXTENSIONS = {"passed": "suzheng:passed", "invoicer": "suzheng:invoicer", "place": "suzheng:place"}
# What is told of a product in an `event`'s master data; the rest of its table is the story's own.
_MASTER_DATA = ("family", "type", "name", "standard", "attributes")


def write_event(names: Names, kind: str, at: datetime, short: Mapping[str, Any]) -> dict[str, Any]:
    """The event of a step of this kind that is recorded at `at`."""
    shape, action, business_step, disposition = SHAPES[kind]
    offset = at.strftime("%z")
    event: dict[str, Any] = {
        "@context": list(CONTEXT),
        "type": shape,
        "eventTime": (at - timedelta(minutes=short.get("minutes_before", 30))).isoformat(),
        "eventTimeZoneOffset": f"{offset[:3]}:{offset[3:]}",
        "bizStep": business_step,
        "disposition": disposition,
    }
    event |= {"action": action} if action else {}
    units: list[dict[str, Any]] = []
    for member, side in (("lots", ""), ("inputs", "input"), ("outputs", "output")):
        event |= _write_what(names, short.get(member, {}), side, units)
    event |= {"suzheng:quantities": units} if units else {}
    if "where" in short:
        event["readPoint"] = {"id": f"urn:suzheng:place:{short['where']}"}
    if "po" in short:
        event["bizTransactionList"] = [{"type": "po", "bizTransaction": f"urn:suzheng:contract:{short['po']}"}]
    for member, end in (("from", "source"), ("to", "destination")):
        if member in short:
            party = f"urn:suzheng:party:{names.parties[short[member]]}"
            event[f"{end}List"] = [{"type": "possessing_party", end: party}]
    if kind in _MADE:
        product = names.products[next(iter(short.get("lots") or short["outputs"])).partition("/")[0]]
        event["ilmd"] = {"suzheng:product": {name: product[name] for name in _MASTER_DATA if name in product}}
    return event | {_EXTENSIONS[name]: names.spell_out(short[name]) for name in _EXTENSIONS if name in short}


def _write_what(
    names: Names, amounts: Mapping[str, Any], side: str, units: list[dict[str, Any]]
) -> dict[str, list[Any]]:
    """Lots as quantities of a class, units by name; how much there is of a unit goes into `units`."""
    named: list[str] = []
    classes: list[dict[str, Any]] = []
    for short, amount in amounts.items():
        unit = names.products[short.partition("/")[0]]["unit"]
        is_serialised = short.count("/") == 2
        for uri in names.spell_lots(short):
            if is_serialised:
                named.append(uri)
                units.append({"epc": uri, "quantity": amount, "uom": unit})
            else:
                classes.append({"epcClass": uri, "quantity": amount, "uom": unit})
    what: dict[str, list[Any]] = {
        f"{side}EPCList" if side else "epcList": named,
        f"{side}QuantityList" if side else "quantityList": classes,
    }
    return {member: items for member, items in what.items() if items}
