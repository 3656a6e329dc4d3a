"""Which metres of a drum a form speaks of, and whether they can be what others have said of them.

A contradiction is a fault, until whoever fills in the form says that it is to be recorded all the same: it is evidence,
and rule C16 finds it.
"""

from collections.abc import Iterable
from decimal import Decimal

from api.desk.answers import Answers
from api.desk.stock import Item
from trace.epcis.events import Quantity
from trace.quantities import METRE
from trace.stretches import Claim, Span

_LEAST = Decimal(-1)


def read_stretch(answers: Answers, begin: str, end: str, *, required: bool = True) -> Span | None:
    """From–to out of two fields, the second above the first; None where neither is filled in and none has to be."""
    start = answers.amount(begin, least=_LEAST, required=required)
    stop = answers.amount(end, required=required or start is not None)
    if start is None and stop is None:
        return None
    if start is None:
        answers.fault(begin, "missing")
        start = Decimal(0)
    if stop is not None and stop <= start:
        answers.fault(end, "above", least=start)
    return start, stop or start


def check_claim(answers: Answers, items: Iterable[Item], claim: Claim, begin: str, end: str) -> None:
    """What is said of the stretch has to fit the drum and what is on record of it; a fault at a field says what not."""
    if answers.flag("despite") or claim.end <= claim.start:
        return
    for item in items:
        whole = item.lot.quantity if item.lot is not None else None
        if whole is not None and whole.unit == METRE and claim.end > whole.value:
            answers.fault(end, "beyond_drum", length=whole.value, got=claim.end)
        for other in item.claims:
            if claim.contradicts(other):
                facts = {"from_m": other.start, "to_m": other.end, "entry": other.entry}
                answers.fault(begin, f"overlaps_{other.act}", **facts)


def check_left(answers: Answers, items: Iterable[Item], length: Quantity, field: str) -> None:
    """No more than is left of it; where nobody can tell what is, nothing is said."""
    for item in items:
        if item.left is not None and item.left.unit == length.unit and length.value > item.left.value:
            answers.fault(field, "more_than_left", left=item.left.value, got=length.value)
