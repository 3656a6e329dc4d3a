"""A lineage as a tree of text: what a lot was made from above it, what became of it below.

    01/…/10/R1  T1  24 KGM
      01/…/10/A1  BV 2.5  1000 MTR  transformed [30]
    > 01/…/10/A1/21/D001 …

Each lot is drawn once; where it is met again, a mark says that it stands elsewhere. No recursion: a lineage may be
thousands of steps long.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from api.naming import quantity_label
from trace.lineage import Lineage
from trace.production.register import Flow, Portion

_STEP = "  "


@dataclass(frozen=True, slots=True)
class _Branch:
    depth: int
    portion: Portion
    flow: Flow | None


def draw_trace(
    lineage: Lineage, types: Mapping[str, str], holders: Mapping[str, str], words: Mapping[str, str]
) -> Iterator[str]:
    """The lines. `types`, `holders` and `words` (verdicts) are by lot, where they are known."""

    def describe(branch: _Branch, mark: str) -> str:
        lot, quantity = branch.portion.lot, branch.portion.quantity
        parts = [lot, types.get(lot, "?"), quantity_label(quantity) if quantity else "", holders.get(lot, "")]
        parts += [words.get(lot, ""), f"{branch.flow.kind} [{branch.flow.entry}]" if branch.flow else ""]
        return f"{mark}{_STEP * branch.depth}" + "  ".join(part for part in parts if part)

    yield "From"
    yield from _draw(lineage, describe, lambda flow: flow.outputs, lambda flow: flow.inputs)
    yield "To"
    yield from _draw(lineage, describe, lambda flow: flow.inputs, lambda flow: flow.outputs)
    if lineage.is_cut:
        yield "…cut here: the lineage is larger than what is followed"


def _draw(
    lineage: Lineage,
    describe: Callable[[_Branch, str], str],
    here: Callable[[Flow], tuple[Portion, ...]],
    there: Callable[[Flow], tuple[Portion, ...]],
) -> Iterator[str]:
    leading: dict[str, list[Flow]] = {}
    for flow in lineage.flows:
        for portion in here(flow):
            leading.setdefault(portion.lot, []).append(flow)
    waiting, seen = [_Branch(0, Portion(lineage.lot, None), None)], set[str]()
    while waiting:
        branch = waiting.pop()
        lot = branch.portion.lot
        if lot in seen:
            yield describe(branch, "= ")
            continue
        seen.add(lot)
        yield describe(branch, "> " if branch.depth == 0 else "  ")
        next_ = [_Branch(branch.depth + 1, portion, flow) for flow in leading.get(lot, ()) for portion in there(flow)]
        waiting += reversed(next_)
