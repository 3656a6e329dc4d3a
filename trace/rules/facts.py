"""What the rules of this folder look at, and what several of them need to know of it."""

from collections.abc import Collection
from typing import Protocol

from trace.history import MIXED, History
from trace.production.register import SAME_MATERIAL, Lot

NOBODY = "-"
"""Stands in a fact where the code of a party belongs and none was said."""


class HasHistory(Protocol):
    """A dossier, as far as these rules may see it."""

    @property
    def history(self) -> History:
        """The lot's history."""
        ...


def covered_lots(history: History) -> frozenset[str]:
    """The lot and the same material above it: what was done to those was done to it."""
    return frozenset((history.lot_id, *history.lineage.same_up))


def origins(history: History) -> tuple[Lot, ...]:
    """Whose goods it is: the lot itself or, where it was joined from those of several makers or types, the lots above
    that are of one each. A mixed lot is as good as the worst of them.
    """
    if history.lot is None or history.lot.maker != MIXED:
        return (history.lot,) if history.lot is not None else ()
    above = (history.lots.get(lot) for lot in history.lineage.same_up)
    return tuple(lot for lot in above if lot is not None and lot.maker != MIXED)


def stands_for(history: History, good: Collection[str], *, across_makers: bool = False) -> bool:
    """Does what was said of these lots stand for the one looked at: is it one of them, or is all that it was cut from
    or joined of? A lot that was joined is at best as good as the worst that went into it.

    Across a merge of makers nothing is inherited, unless `across_makers`: a test of one maker's goods says nothing of
    a heap that holds another's.
    """
    lot_id, above = history.lot_id, history.lineage.same_up
    if lot_id in good or not above:
        return lot_id in good
    inputs_of = {flow.entry: flow.inputs for flow in history.lineage.flows if flow.kind in SAME_MATERIAL}
    known = [history.lots[lot] for lot in above if lot in history.lots]
    known += [history.lot] if history.lot is not None else []
    standing = set(good)
    # Whatever a lot came from began before it, else it is a contradiction and no way of its material.
    for lot in sorted(known, key=lambda lot: lot.entry):
        inputs = inputs_of.get(lot.entry, ())
        if inputs and (across_makers or lot.maker != MIXED) and all(each.lot in standing for each in inputs):
            standing.add(lot.lot_id)
    return lot_id in standing


def list_codes(codes: Collection[str]) -> str:
    """Codes as one fact, in order, each once; NOBODY where there are none."""
    return ", ".join(sorted(set(codes))) or NOBODY
