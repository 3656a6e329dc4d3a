"""A lineage as a tree of text: what a lot was made from above it, what became of it below.

    01/…/10/R1  T1  24 KGM
      01/…/10/A1  BV 2.5  1000 MTR  transformed [30]
    > 01/…/10/A1/21/D001 …

Each lot is drawn once; where it is met again, a mark says that it stands elsewhere. No recursion: a lineage may be
thousands of steps long.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from api.naming import quantity_label
from trace.balance import Whereabouts
from trace.epcis.events import Quantity
from trace.production.register import Flow, Portion

_STEP = "  "


@dataclass(frozen=True, slots=True)
class _Branch:
    depth: int
    portion: Portion
    flow: Flow | None


def draw_trace(
    lot: str,
    flows: Collection[Flow],
    types: Mapping[str, str],
    holders: Mapping[str, str],
    words: Mapping[str, str],
    *,
    direction: str = "both",
    is_cut: bool = False,
) -> Iterator[str]:
    """The lines. `types`, `holders` and `words` (verdicts) are by lot, where they are known."""

    def describe(branch: _Branch, mark: str) -> str:
        lot, quantity = branch.portion.lot, branch.portion.quantity
        parts = [lot, types.get(lot, "?"), quantity_label(quantity) if quantity else "", holders.get(lot, "")]
        parts += [words.get(lot, ""), f"{branch.flow.kind} [{branch.flow.entry}]" if branch.flow else ""]
        return f"{mark}{_STEP * branch.depth}" + "  ".join(part for part in parts if part)

    if direction != "down":
        yield "From"
        yield from _draw(lot, flows, describe, lambda flow: flow.outputs, lambda flow: flow.inputs)
    if direction != "up":
        yield "To"
        yield from _draw(lot, flows, describe, lambda flow: flow.inputs, lambda flow: flow.outputs)
    if is_cut:
        yield "…cut here: the lineage is larger than what is followed"


def draw_whereabouts(told: Whereabouts, names: Mapping[str, str]) -> Iterator[str]:
    """A line a part, then the sum; a party by its name."""
    for part in told.parts:
        spot = part.spot
        words = [spot.state.value, quantity_label(part.quantity), part.lot]
        words += [names.get(party, party) for party in (spot.party,) if party]
        words += [f"→ {names.get(spot.to, spot.to)}"] if spot.to else []
        words += [place for place in (spot.place, spot.circuit) if place]
        words += [f"{spot.from_m}–{spot.to_m} m"] if spot.from_m is not None and spot.to_m is not None else []
        words += [f"→ {', '.join(spot.into)}"] if spot.into else []
        words += [f"({spot.why.value})"] if spot.why else []
        yield "  ".join(words) + f"  [{', '.join(map(str, part.entries))}]"
    if told.whole is None:
        yield "? nobody has said how much it is"
        return
    unit = told.whole.unit
    over = f" + {quantity_label(Quantity(told.over, unit))} more than there is" if told.over else ""
    yield f"= {quantity_label(told.whole)}{over}, of which unknown: {quantity_label(Quantity(told.unknown, unit))}"
    if told.is_cut:
        yield "…cut here: the lineage is larger than what is followed"


def _draw(
    lot: str,
    flows: Collection[Flow],
    describe: Callable[[_Branch, str], str],
    here: Callable[[Flow], tuple[Portion, ...]],
    there: Callable[[Flow], tuple[Portion, ...]],
) -> Iterator[str]:
    leading: dict[str, list[Flow]] = {}
    for flow in flows:
        for portion in here(flow):
            leading.setdefault(portion.lot, []).append(flow)
    waiting, seen = [_Branch(0, Portion(lot, None), None)], set[str]()
    while waiting:
        branch = waiting.pop()
        at = branch.portion.lot
        if at in seen:
            yield describe(branch, "= ")
            continue
        seen.add(at)
        yield describe(branch, "> " if branch.depth == 0 else "  ")
        next_ = [_Branch(branch.depth + 1, portion, flow) for flow in leading.get(at, ()) for portion in there(flow)]
        waiting += reversed(next_)
