"""A drum unrolled: which of its metres lie where, where samples were cut, what was taken out, what nobody speaks of.

Metres count from the outer end. Two parties who say that the same metres lie in two places can't both be right, nor can
one who builds in more than there is: both are marked, and neither is left out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from api.answer import still_installed
from api.tracing import Trace
from labs.sampling.register import Sample
from trace.quantities import METRE
from trace.site.register import SiteAct

Span = tuple[Decimal, Decimal]
WIDTH = 400
"""Of the drawing, in its own units, without margins."""
_STEPS = tuple(Decimal(step).scaleb(power) for power in range(-1, 6) for step in (1, 2, 5))
_MOST_TICKS = 6
MOST_MARKS = 100
"""So many installations, samples and removals are drawn; sums are of all."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing on the ruler: where it is drawn, and its number in the table. `act` or `sample` says what it is."""

    number: str
    x: Decimal
    width: Decimal
    start: Decimal
    end: Decimal
    act: SiteAct | None = None
    sample: Sample | None = None


@dataclass(frozen=True, slots=True)
class Ruler:
    """A drum of `length` metres. `end_x` is where it ends in the drawing: before the right edge only where more was
    built in than there is.

    Of `length`, `placed` metres are said to lie somewhere by from–to, `cut` were cut off and `gone` returned or
    destroyed at a place on the drum that nobody stated, and of `unknown` nobody speaks. `excess` is by how much all
    that is more than the drum.
    """

    length: Decimal
    end_x: Decimal
    ticks: tuple[tuple[Decimal, Decimal], ...]
    installed: tuple[Mark, ...]
    removed: tuple[Mark, ...]
    samples: tuple[Mark, ...]
    overlaps: tuple[Mark, ...]
    beyond: Decimal
    unplaced: tuple[SiteAct, ...]
    placed: Decimal
    cut: Decimal
    gone: Decimal
    unknown: Decimal
    excess: Decimal


def measure_out(told: Trace) -> Ruler | None:
    """The ruler of a lot of known metres of which anything is said by metre; None for any other."""
    acts = [act for act in told.history.site_acts if act.lot == told.lot_id]
    present = list(still_installed(acts))
    samples = [one for one in told.dossier.samples if one.lot == told.lot_id and one.position_m is not None]
    cut = _cut_off(told)
    length = _length(told, samples)
    if length is None or "/21/" not in told.lot_id or not (acts or samples or cut):
        return None
    laid = [act for act in present if _span(act) is not None]
    scale = max([length, *(span[1] for act in laid if (span := _span(act)))])
    taken_out = [act for act in acts if act.act == "removed" and _span(act) is not None]
    spans = [span for act in laid if (span := _span(act)) is not None]
    unplaced = tuple(act for act in present if _span(act) is None)
    loose = sum((act.quantity.value for act in unplaced if act.quantity and act.quantity.unit == METRE), Decimal(0))
    placed, gone = sum_up(spans), _gone(told)
    rest = length - placed - cut - gone - loose
    return Ruler(
        length=length,
        end_x=_at(length, scale),
        ticks=tuple((metre, _at(metre, scale)) for metre in _ticks(scale)),
        installed=tuple(_marks(laid, scale, ""))[:MOST_MARKS],
        removed=tuple(_marks(taken_out, scale, "−"))[:MOST_MARKS],
        samples=tuple(_pins(samples, scale))[:MOST_MARKS],
        overlaps=tuple(_mark("✕", span, scale) for span in find_overlaps(spans))[:MOST_MARKS],
        beyond=max(scale - length, Decimal(0)),
        unplaced=unplaced[:MOST_MARKS],
        placed=placed,
        cut=cut,
        gone=gone,
        unknown=max(rest, Decimal(0)),
        excess=max(-rest, Decimal(0)),
    )


def find_overlaps(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The stretches that two or more spans claim, each once, from the outer end on."""
    # At one metre ends come before beginnings: spans that touch claim nothing twice.
    turns = sorted((metre, turn) for start, end in spans if start < end for metre, turn in ((start, 1), (end, -1)))
    found: list[Span] = []
    depth, since = 0, Decimal(0)
    for metre, turn in turns:
        depth += turn
        if depth == 2 and turn == 1:
            since = metre
        elif depth == 1 and turn == -1:
            # Two stretches that meet are one.
            begin = found.pop()[0] if found and found[-1][1] == since else since
            found.append((begin, metre))
    return tuple(found)


def sum_up(spans: Iterable[Span]) -> Decimal:
    """How many metres are in at least one of the spans."""
    total, reach = Decimal(0), None
    for start, end in sorted(spans):
        begin = start if reach is None else max(start, reach)
        total += max(end - begin, Decimal(0))
        reach = end if reach is None else max(reach, end)
    return total


def _span(act: SiteAct) -> Span | None:
    if act.from_m is None or act.to_m is None:
        return None
    return min(act.from_m, act.to_m), max(act.from_m, act.to_m)


def _length(told: Trace, samples: Iterable[Sample]) -> Decimal | None:
    """What the drum was made with, else what whoever sampled it found."""
    lot = told.history.lot
    if lot is not None and lot.quantity is not None and lot.quantity.unit == METRE and lot.quantity.value > 0:
        return lot.quantity.value
    return max((one.drum_length_m for one in samples if one.drum_length_m), default=None)


def _cut_off(told: Trace) -> Decimal:
    """Metres that were cut off into lots of their own. Where on the drum, no event says."""
    taken = (
        portion.quantity
        for flow in told.history.lineage.flows
        for portion in flow.inputs
        if portion.lot == told.lot_id and portion.quantity is not None and flow.entry not in told.dossier.doubts
    )
    return sum((amount.value for amount in taken if amount.unit == METRE), Decimal(0))


def _gone(told: Trace) -> Decimal:
    """Metres that answers to recalls say were returned or destroyed."""
    answers = (
        answer.quantity
        for answer in told.history.recall_answers
        if answer.lot == told.lot_id and answer.action in ("returned", "destroyed") and answer.quantity is not None
    )
    return sum((amount.value for amount in answers if amount.unit == METRE), Decimal(0))


def _marks(acts: Sequence[SiteAct], scale: Decimal, sign: str) -> Iterator[Mark]:
    ordered = sorted(((span, act) for act in acts if (span := _span(act))), key=lambda pair: (pair[0], pair[1].entry))
    for number, (span, act) in enumerate(ordered, 1):
        yield _mark(f"{sign}{number}", span, scale, act)


def _mark(number: str, span: Span, scale: Decimal, act: SiteAct | None = None) -> Mark:
    x, end = _at(span[0], scale), _at(span[1], scale)
    return Mark(number, x, end - x, span[0], span[1], act)


def _pins(samples: Sequence[Sample], scale: Decimal) -> Iterator[Mark]:
    ordered = sorted(samples, key=lambda one: (one.position_m or 0, one.entry))
    for number, one in enumerate(ordered, 1):
        at = one.position_m or Decimal(0)
        yield Mark(f"S{number}", _at(min(at, scale), scale), Decimal(0), at, at, None, one)


def _ticks(scale: Decimal) -> Iterator[Decimal]:
    step = next((step for step in _STEPS if scale / step <= _MOST_TICKS), scale)
    metre = Decimal(0)
    while metre <= scale:
        yield metre
        metre += step


def _at(metre: Decimal, scale: Decimal) -> Decimal:
    return (metre / scale * WIDTH).quantize(Decimal("0.1"))
