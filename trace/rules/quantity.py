"""Does the material add up? Rule P10: no knot of the graph gives out more than went in.

Less out than in is no finding: cutting loses metres. Lots of different units are not compared here (rule P08 does).
"""

from collections.abc import Iterable
from decimal import Decimal

from trace.epcis.events import Quantity
from trace.findings import Finding, Judgement, Severity, Unchecked, rule
from trace.history import History
from trace.production.register import SAME_MATERIAL, Flow, Portion
from trace.rules.facts import HasHistory
from trace.site.register import SiteAct

METRE = "MTR"
# detection_rules.csv P10: 0.5 % of the length or 1 m, whichever is more; other units have no least tolerance.
_SHARE, _LEAST_M = Decimal("0.005"), Decimal(1)


@rule("P10", Severity.CRITICAL)
def length_balance(facts: HasHistory) -> Judgement:
    """Splits and joins, what was taken from the lot, and each passage from hand to hand, in ≥ out."""
    history = facts.history
    for flow in history.lineage.flows:
        if flow.kind in SAME_MATERIAL and _touches(flow, history.lot_id):
            yield from _balance_flow(history, flow)
    yield from _balance_lot(history)
    yield from _balance_hands(history)


def left_over(history: History, lot_id: str) -> Decimal | None:
    """What is left of a lot after the flows that it went into, in its own unit; None where that can't be told."""
    lot = history.lots.get(lot_id)
    taken = [portion for flow in history.lineage.flows for portion in flow.inputs if portion.lot == lot_id]
    if lot is None or lot.quantity is None:
        return None
    total = Decimal(0)
    for portion in taken:
        if portion.quantity is None or portion.quantity.unit != lot.quantity.unit:
            return None
        total += portion.quantity.value
    return lot.quantity.value - total


def tolerance(quantity: Quantity) -> Decimal:
    """How much more than this quantity still counts as the same, in its unit."""
    share = quantity.value * _SHARE
    return max(share, _LEAST_M) if quantity.unit == METRE else share


def _touches(flow: Flow, lot: str) -> bool:
    return any(portion.lot == lot for portion in (*flow.inputs, *flow.outputs))


def _balance_flow(history: History, flow: Flow) -> Judgement:
    into = [_known(history, portion) for portion in flow.inputs]
    out = [_known(history, portion) for portion in flow.outputs]
    sides = [quantity for quantity in (*into, *out) if quantity is not None]
    if len(sides) < len(into) + len(out):
        yield Unchecked("P10", "no_quantity", {"entry": flow.entry})
    elif len({quantity.unit for quantity in sides}) > 1:
        yield Unchecked("P10", "units_differ", {"entry": flow.entry})
    else:
        yield from _compare(_sum(into), _sum(out), "grown", (flow.entry,))


def _known(history: History, portion: Portion) -> Quantity | None:
    """What the flow says of a portion, else the whole lot: more than that can't have been in it."""
    lot = history.lots.get(portion.lot)
    return portion.quantity or (lot.quantity if lot is not None else None)


def _balance_lot(history: History) -> Judgement:
    """What flows took, and what lies installed, against what the lot ever was."""
    taken = [
        (flow.entry, portion.quantity, 1)
        for flow in history.lineage.flows
        for portion in flow.inputs
        if portion.lot == history.lot_id
    ]
    built = [
        (act.entry, _length_of(act), 1 if act.act == "installed" else -1)
        for act in history.site_acts
        if act.lot == history.lot_id and act.act in ("installed", "removed")
    ]
    uses = (*taken, *built)
    whole = history.lot.quantity if history.lot is not None else None
    if not uses:
        return
    if whole is None or any(quantity is None for _, quantity, _ in uses):
        yield Unchecked("P10", "no_quantity", {"entry": uses[0][0]})
    elif any(quantity.unit != whole.unit for _, quantity, _ in uses if quantity is not None):
        yield Unchecked("P10", "units_differ", {"entry": uses[0][0]})
    else:
        used = sum((sign * quantity.value for _, quantity, sign in uses if quantity is not None), Decimal(0))
        yield from _compare(whole, Quantity(used, whole.unit), "overdrawn", tuple(sorted(entry for entry, *_ in uses)))


def _length_of(act: SiteAct) -> Quantity | None:
    """The metres of an installation: from–to where it says so, else its quantity."""
    if act.from_m is not None and act.to_m is not None:
        return Quantity(abs(act.to_m - act.from_m), METRE)
    return act.quantity


def _balance_hands(history: History) -> Judgement:
    """Each movement against the whole lot, and what each party received of it against what was sent to it.

    A receipt without a shipment is no balance.
    """
    moves = [move for move in history.movements if move.lot == history.lot_id and move.quantity is not None]
    whole = history.lot.quantity if history.lot is not None else None
    for move in moves:
        if whole is not None and move.quantity is not None and move.quantity.unit == whole.unit:
            yield from _compare(whole, move.quantity, "more_than_made", (move.entry,))
    hands = {(move.other, move.party) for move in moves if move.kind == "received"}
    for giver, taker in sorted(hands, key=str):
        sent = [
            move
            for move in moves
            if move.kind == "shipped" and move.other == taker and (giver is None or move.party == giver)
        ]
        got = [move for move in moves if move.kind == "received" and (move.other, move.party) == (giver, taker)]
        if sent and len({move.quantity.unit for move in (*sent, *got) if move.quantity}) == 1:
            entries = tuple(sorted(move.entry for move in (*sent, *got)))
            yield from _compare(
                _sum(move.quantity for move in sent), _sum(move.quantity for move in got), "gained", entries
            )


def _sum(quantities: Iterable[Quantity | None]) -> Quantity:
    known = [quantity for quantity in quantities if quantity is not None]
    return Quantity(sum((quantity.value for quantity in known), Decimal(0)), known[0].unit)


def _compare(into: Quantity, out: Quantity, case: str, entries: tuple[int, ...]) -> Judgement:
    allowed = tolerance(into)
    if out.value > into.value + allowed:
        yield Finding(
            "P10",
            Severity.CRITICAL,
            {"into": into.value, "out": out.value, "tolerance": allowed, "unit": into.unit},
            entries,
            case,
        )
