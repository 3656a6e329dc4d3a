"""What a dry run found, in words: of each fault its row, its column, and why."""

from decimal import Decimal

from api.bulk.faults import Fault
from api.bulk.plan import Plan
from api.bulk.vocabulary import heading_of
from api.naming import Names, lot_label, number_label, quantity_label
from api.words import say, show
from trace.epcis.events import Quantity

_PARTIES = frozenset({"party", "holder"})


def tell_place(fault: Fault) -> str:
    """The column as a clerk finds it: its letter and its heading. "" where the fault is of the whole row."""
    heading = heading_of(fault.column) if fault.column is not None else ""
    return " ".join(filter(None, (fault.letter, heading)))


def tell_fault(fault: Fault, names: Names) -> str:
    """Why the row is bad, in the language of the request; parties by their names."""
    facts = {name: _tell(name, value, names) for name, value in fault.facts.items()}
    return say(f"wrong.{fault.wrong}", "title", **facts)


def parties_in(plan: Plan) -> set[str]:
    """The codes of the parties that a plan's faults speak of."""
    return {str(fault.facts[name]) for fault in plan.faults for name in _PARTIES & fault.facts.keys()}


def _tell(name: str, value: object, names: Names) -> str:
    if isinstance(value, Quantity):
        return quantity_label(value)
    if isinstance(value, Decimal):
        return number_label(value)
    if name == "lot":
        return lot_label(str(value))
    if name in _PARTIES:
        return names.get(str(value), str(value)) or "–"
    return show(value)
