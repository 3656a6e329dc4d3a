"""A drum unrolled: which of its metres lie where, went into samples or were destroyed, and of which nobody speaks.

Metres count from the outer end. Two parties who say that the same metres lie in two places can't both be right, nor can
one who builds in more than there is: both are marked, and neither is left out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from api.naming import Names
from api.tracing import Trace
from labs.reports.register import Report
from labs.sampling.register import Sample
from trace.quantities import METRE, convert
from trace.site.register import SiteAct
from trace.stretches import Span, claims_of, find_overlaps, span_of, still_installed, sum_up
from trace.whereabouts import length_of

COLUMNS = (
    *("act", "from_m", "to_m", "metres", "station", "circuit", "sample", "reports"),
    *("party", "party_name", "at", "entry"),
)
WIDTH = 400
"""Of the drawing, in its own units, without margins."""
_STEPS = tuple(Decimal(step).scaleb(power) for power in range(-1, 6) for step in (1, 2, 5))
_MOST_TICKS = 6
MOST_MARKS = 100
"""So many of a sort are drawn and listed on the page; sums and the CSV are of all."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing on the ruler: where it is drawn, and its number in the table. `act` or `sample` says what it is; a
    sample of which nobody said how long it is has no width. `reports` are those in force on the sample.
    """

    number: str
    x: Decimal
    width: Decimal
    start: Decimal
    end: Decimal
    act: SiteAct | None = None
    sample: Sample | None = None
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruler:
    """A drum of `length` metres. `end_x` is where it ends in the drawing: before the right edge only where more was
    built in than there is.

    Of `length`, `placed` metres are said to lie somewhere by from–to, `sampled_m` went into samples, `destroyed_m` are
    no more, `cut` were cut off and `gone` returned or destroyed in a recall, and of `unknown` nobody speaks. `excess`
    is by how much all that is more than the drum. `unplaced` are acts that do not say which metres.
    """

    length: Decimal
    end_x: Decimal
    ticks: tuple[tuple[Decimal, Decimal], ...]
    installed: tuple[Mark, ...]
    removed: tuple[Mark, ...]
    destroyed: tuple[Mark, ...]
    samples: tuple[Mark, ...]
    overlaps: tuple[Mark, ...]
    beyond: Decimal
    unplaced: tuple[SiteAct, ...]
    placed: Decimal
    sampled_m: Decimal
    destroyed_m: Decimal
    cut: Decimal
    gone: Decimal
    unknown: Decimal
    excess: Decimal


def measure_out(told: Trace) -> Ruler | None:
    """The ruler of a lot of known metres of which anything is said by metre; None for any other."""
    acts = [act for act in told.history.site_acts if act.lot == told.lot_id]
    drawn = [one for one in told.dossier.samples if one.lot == told.lot_id]
    samples = [one for one in drawn if one.position_m is not None]
    cut = _cut_off(told)
    length = _length(told, drawn)
    if length is None or "/21/" not in told.lot_id or not (acts or samples or cut):
        return None
    of = {word: [act for act in acts if act.act == word] for word in ("removed", "sampled", "destroyed")}
    of["installed"] = list(still_installed(acts))
    spans = {word: [span for act in some if (span := span_of(act))] for word, some in of.items()}
    # What was cut out lies nowhere, and each metre counts once.
    sampled = sum_up(spans["sampled"])
    out = sum_up(spans["sampled"] + spans["destroyed"])
    placed = sum_up(spans["sampled"] + spans["destroyed"] + spans["installed"]) - out
    unplaced = {
        word: [act for act in of[word] if span_of(act) is None] for word in ("installed", "sampled", "destroyed")
    }
    loose = {word: _metres(some) for word, some in unplaced.items()}
    gone = _gone(told)
    rest = length - out - placed - cut - gone - loose["installed"]
    scale = max([length, *(span[1] for word in ("installed", "sampled", "destroyed") for span in spans[word])])
    return Ruler(
        length=length,
        end_x=_at(length, scale),
        ticks=tuple((metre, _at(metre, scale)) for metre in _ticks(scale)),
        installed=tuple(_marks(of["installed"], scale, "")),
        removed=tuple(_marks(of["removed"], scale, "−")),
        destroyed=tuple(_marks(of["destroyed"], scale, "D")),
        samples=tuple(_pins(told, samples, scale)),
        overlaps=tuple(_mark("✕", (one.start, one.end), scale) for one in find_overlaps(claims_of(acts))),
        beyond=max(scale - length, Decimal(0)),
        unplaced=tuple(act for some in unplaced.values() for act in some),
        placed=placed,
        sampled_m=sampled + loose["sampled"],
        destroyed_m=out - sampled + loose["destroyed"],
        cut=cut,
        gone=gone,
        # What was cut out at a place that nobody named may have been cut out of what lies.
        unknown=max(rest - loose["sampled"] - loose["destroyed"], Decimal(0)),
        excess=max(-rest, Decimal(0)),
    )


def list_rows(ruler: Ruler, names: Names) -> Iterator[tuple[object, ...]]:
    """The ruler as a table, its columns COLUMNS; last the metres that are claimed twice, and those of no statement."""
    for mark in (*ruler.installed, *ruler.removed, *ruler.destroyed):
        if mark.act is not None:
            yield _row(mark.act, names, mark.start, mark.end)
    for mark in ruler.samples:
        if (one := mark.sample) is not None:
            numbers = "; ".join(report.number for report in mark.reports)
            who = (one.sampler, names.get(one.sampler), one.drawn_at.isoformat(), one.entry)
            yield ("sampled", mark.start, mark.end, one.length_m, None, None, one.sample, numbers, *who)
    for act in ruler.unplaced:
        yield _row(act, names, None, None)
    for mark in ruler.overlaps:
        yield ("claimed_twice", mark.start, mark.end, mark.end - mark.start, *[None] * 8)
    yield ("unknown", None, None, ruler.unknown, *[None] * 8)


def _row(act: SiteAct, names: Names, start: Decimal | None, end: Decimal | None) -> tuple[object, ...]:
    length = length_of(act)
    metres = length.value if length is not None else None
    who = (act.party, names.get(act.party), act.at.isoformat(), act.entry)
    return (act.act, start, end, metres, act.station, act.circuit, None, None, *who)


def _metres(acts: Iterable[SiteAct]) -> Decimal:
    """What they come to, as far as they say it in a unit of length."""
    lengths = (length_of(act) for act in acts)
    told = (convert(length, METRE) for length in lengths if length is not None)
    return sum((length.value for length in told if length is not None), Decimal(0))


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
    ordered = sorted(((span, act) for act in acts if (span := span_of(act))), key=lambda pair: (pair[0], pair[1].entry))
    for number, (span, act) in enumerate(ordered, 1):
        yield _mark(f"{sign}{number}", span, scale, act)


def _mark(number: str, span: Span, scale: Decimal, act: SiteAct | None = None) -> Mark:
    x, end = _at(span[0], scale), _at(span[1], scale)
    return Mark(number, x, end - x, span[0], span[1], act)


def _pins(told: Trace, samples: Sequence[Sample], scale: Decimal) -> Iterator[Mark]:
    ordered = sorted(samples, key=lambda one: (one.position_m or 0, one.entry))
    reports = [report for report in told.dossier.reports if report.is_current]
    for number, one in enumerate(ordered, 1):
        start = one.position_m or Decimal(0)
        end = start + (one.length_m or 0)
        x, end_x = _at(min(start, scale), scale), _at(end, scale)
        of_it = tuple(report for report in reports if report.sample == one.sample)
        yield Mark(f"S{number}", x, max(end_x - x, Decimal(0)), start, end, None, one, of_it)


def _ticks(scale: Decimal) -> Iterator[Decimal]:
    step = next((step for step in _STEPS if scale / step <= _MOST_TICKS), scale)
    metre = Decimal(0)
    while metre <= scale:
        yield metre
        metre += step


def _at(metre: Decimal, scale: Decimal) -> Decimal:
    return (metre / scale * WIDTH).quantize(Decimal("0.1"))
