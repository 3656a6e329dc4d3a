"""Does the material add up? Rule P10: no knot of the graph gives out more than went in.

Less out than in is no finding: cutting loses metres. Units of one dimension are compared in that of what went in; what
is of different dimensions is not compared here (rule P08 holds kilograms of copper against metres of cable). How much
more still counts as the same is `trace/tolerances.py`.
"""

from collections.abc import Iterable, Mapping

from trace.epcis.events import Quantity
from trace.findings import Finding, Judgement, Severity, Unchecked, rule
from trace.history import History
from trace.production.register import SAME_MATERIAL, Flow, Lot, Portion
from trace.quantities import add_up, convert
from trace.rules.facts import HasHistory
from trace.stretches import CUT_OUT, UNSAID
from trace.tolerances import tolerance
from trace.whereabouts import length_of

_SIGN_OF = {"installed": 1, "removed": -1, "sampled": 1, "destroyed": 1}


@rule("P10", Severity.CRITICAL)
def length_balance(facts: HasHistory) -> Judgement:
    """Splits and joins, what was taken from the lot, and each passage from hand to hand, in ≥ out."""
    history = facts.history
    for flow in history.lineage.flows:
        if flow.kind in SAME_MATERIAL and _touches(flow, history.lot_id):
            yield from _balance_flow(history, flow)
    yield from _balance_lot(history)
    yield from _balance_hands(history)


def left_overs(lots: Mapping[str, Lot], flows: Iterable[Flow]) -> Mapping[str, Quantity | None]:
    """What is left of each known lot after the flows that it went into, in its own unit; None where nobody can tell."""
    taken: dict[str, list[Quantity | None]] = {}
    for flow in flows:
        for portion in flow.inputs:
            taken.setdefault(portion.lot, []).append(portion.quantity)
    return {lot: _left(known.quantity, taken.get(lot, ())) for lot, known in lots.items()}


def _left(whole: Quantity | None, taken: Iterable[Quantity | None]) -> Quantity | None:
    said = list(taken)
    if whole is None or None in said:
        return None
    used = add_up((quantity for quantity in said if quantity is not None), whole.unit)
    return Quantity(whole.value - used.value, whole.unit) if used is not None else None


def _touches(flow: Flow, lot: str) -> bool:
    return any(portion.lot == lot for portion in (*flow.inputs, *flow.outputs))


def _balance_flow(history: History, flow: Flow) -> Judgement:
    into = [_known(history, portion) for portion in flow.inputs]
    out = [_known(history, portion) for portion in flow.outputs]
    if None in (*into, *out):
        yield Unchecked("P10", "no_quantity", {"entry": flow.entry})
    else:
        yield from _compare(history, into, out, "grown", (flow.entry,))


def _known(history: History, portion: Portion) -> Quantity | None:
    """What the flow says of a portion, else the whole lot: more than that can't have been in it."""
    lot = history.lots.get(portion.lot)
    return portion.quantity or (lot.quantity if lot is not None else None)


def _balance_lot(history: History) -> Judgement:
    """What flows took, lies installed, or was cut out before anything was built in, against what the lot ever was.

    What is cut out later may be cut out of what lies: it takes nothing more.
    """
    taken = [
        (flow.entry, portion.quantity, 1)
        for flow in history.lineage.flows
        for portion in flow.inputs
        if portion.lot == history.lot_id
    ]
    acts = [act for act in history.site_acts if act.lot == history.lot_id]
    first = next((act.entry for act in acts if act.act == "installed"), UNSAID)
    used_on_site = [
        (act.entry, length_of(act), _SIGN_OF[act.act])
        for act in acts
        if act.act in _SIGN_OF and (act.act not in CUT_OUT or act.entry < first)
    ]
    uses = (*taken, *used_on_site)
    whole = history.lot.quantity if history.lot is not None else None
    if not uses:
        return
    if whole is None or any(quantity is None for _, quantity, _ in uses):
        yield Unchecked("P10", "no_quantity", {"entry": uses[0][0]})
        return
    used = [Quantity(sign * quantity.value, quantity.unit) for _, quantity, sign in uses if quantity is not None]
    yield from _compare(history, [whole], used, "overdrawn", tuple(sorted(entry for entry, *_ in uses)))


def _balance_hands(history: History) -> Judgement:
    """Each movement against the whole lot, and what each party received of it against what was sent to it.

    A receipt without a shipment is no balance.
    """
    moves = [move for move in history.movements if move.lot == history.lot_id and move.quantity is not None]
    whole = history.lot.quantity if history.lot is not None else None
    for move in moves:
        if whole is not None and move.quantity is not None and convert(move.quantity, whole.unit) is not None:
            yield from _compare(history, [whole], [move.quantity], "more_than_made", (move.entry,))
    hands = {(move.other, move.party) for move in moves if move.kind == "received"}
    for giver, taker in sorted(hands, key=str):
        sent = [
            move
            for move in moves
            if move.kind == "shipped" and move.other == taker and (giver is None or move.party == giver)
        ]
        got = [move for move in moves if move.kind == "received" and (move.other, move.party) == (giver, taker)]
        if sent:
            entries = tuple(sorted(move.entry for move in (*sent, *got)))
            yield from _compare(
                history, [move.quantity for move in sent], [move.quantity for move in got], "gained", entries
            )


def _compare(
    history: History,
    into: Iterable[Quantity | None],
    out: Iterable[Quantity | None],
    case: str,
    entries: tuple[int, ...],
) -> Judgement:
    """In the unit of the first that went in. The caller has seen to it that none is None."""
    said, given = ([quantity for quantity in side if quantity is not None] for side in (into, out))
    unit = said[0].unit
    before, after = add_up(said, unit), add_up(given, unit)
    if before is None or after is None:
        yield Unchecked("P10", "units_differ", {"entry": entries[0]})
        return
    allowed = tolerance(before, history.lot.family if history.lot is not None else None)
    if after.value > before.value + allowed:
        yield Finding(
            "P10",
            Severity.CRITICAL,
            {"into": before.value, "out": after.value, "tolerance": allowed, "unit": unit},
            entries,
            case,
        )
