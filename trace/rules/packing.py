"""Does what is said of a piece agree with what is said of the logistic units around it? Cases of rule C13: one piece is
in one place.

As in `custody.py` what happened is compared by the time that statements give for it, then by the order of record.
"""

from collections.abc import Iterator

from trace.custody.register import Movement
from trace.findings import Fact, Finding, Severity
from trace.history import MIXED, History
from trace.packing.register import PACKED, Packing, inside


def misplaced(history: History) -> Iterator[Finding]:
    """Of a piece: packed in two units at once, moved by itself while it was in one, taken out of one that it was never
    put into, packed by somebody who did not have it, or in a unit that is within itself.
    """
    around: dict[str, Packing] = {}
    for said in _in_order(history):
        if isinstance(said, Movement):
            for packing in around.values():
                yield _find("moved_alone", Severity.MINOR, packing, said, kind=f"goods.{said.kind}", party=said.party)
            continue
        here = around.pop(said.parent, None)
        if said.act == PACKED:
            for other in around.values():
                yield _find("in_two", Severity.MAJOR, other, said, first=other.parent, unit=said.parent)
            around[said.parent] = said
            yield from _by_stranger(history, said)
        elif here is None:
            yield _find("never_in", Severity.MINOR, said, said)
    yield from _circles(history)


def _in_order(history: History) -> list[Packing | Movement]:
    """What was said of the piece itself: its packings, and the movements that name it."""
    own: list[Packing | Movement] = [packing for packing in history.packings if packing.child == history.lot_id]
    own += [move for move in history.movements if move.lot == history.lot_id and not move.packings]
    return sorted(own, key=lambda said: (said.at, said.entry))


def _by_stranger(history: History, packing: Packing) -> Iterator[Finding]:
    lot = history.lot
    if lot is None or lot.maker == MIXED:
        return
    before = [move for move in history.movements if (move.at, move.entry) < (packing.at, packing.entry)]
    own = [move for move in before if move.lot == lot.lot_id]
    # Of its batch anybody may have had this piece; once it went by itself, whoever had it last.
    last = [max(own, key=lambda move: (move.at, move.entry))] if own else before
    had = {party for move in last for party in (move.party, None if move.kind == "received" else move.other)}
    if not own:
        had |= {lot.maker, *(flow.party for flow in history.lineage.flows if flow.entry == lot.entry)}
    had |= {act.party for act in history.site_acts if act.lot == lot.lot_id and act.at <= packing.at}
    if packing.party not in had:
        entries = (*(move.entry for move in own and last), packing.entry)
        yield Finding("C13", Severity.MAJOR, _facts(packing), entries, "by_other")


def _circles(history: History) -> Iterator[Finding]:
    there = inside(history.packings)
    within: dict[str, set[str]] = {}
    for parent, child in there:
        within.setdefault(child, set()).add(parent)
    for unit in sorted(_all_around(within, history.lot_id)):
        loop = _all_around(within, unit)
        if unit in loop:
            closing = max((p for place, p in there.items() if set(place) <= loop), key=lambda p: p.entry)
            yield Finding("C13", Severity.MAJOR, _facts(closing), (closing.entry,), "circle")
            return


def _all_around(within: dict[str, set[str]], thing: str) -> set[str]:
    """All units around a thing, however far out; a unit is around itself in a circle alone."""
    found, waiting = set[str](), [thing]
    while waiting:
        new = within.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _find(case: str, severity: Severity, packing: Packing, said: Packing | Movement, **more: Fact) -> Finding:
    shown = _facts(packing) | {"at": said.at, "party": said.party} | more
    return Finding("C13", severity, shown, tuple(sorted({packing.entry, said.entry})), case)


def _facts(packing: Packing) -> dict[str, Fact]:
    return {"party": packing.party, "unit": packing.parent, "at": packing.at}
