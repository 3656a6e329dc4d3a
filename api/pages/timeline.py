"""A lot's time line: what happened, in the order in which it happened, with the silence between.

What was said of the lot and is in no register, or is not believed, has its place by the time of its signature: nothing
that was said is left out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from api.pages.moments import Moment, list_moments
from api.tracing import Trace
from api.words import say
from trace.days import civil_day

# Ours to choose: two months without a word are worth a look; a run of five like acts is read as one.
LONG_SILENCE_DAYS = 60
LONG_RUN = 5
LATE_DAYS = 14
# Of the goods themselves a register knows; what else comes is of others in the same logistic unit.
_OF_UNITS = frozenset({"goods.packed", "goods.unpacked"})
MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Step:
    """A moment with the days of silence before it (0 where it is not long), and how many days later it was entered (0
    where it was soon).
    """

    moment: Moment
    silent_days: int
    late_days: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """A lot's steps; how many in the middle are not shown, and how many days have passed since the last one."""

    steps: tuple[Step, ...]
    left_out: int
    silent_days: int


def tell_timeline(told: Trace) -> Timeline:
    """The whole life of a lot as far as it is known."""
    moments = [*list_moments(told)]
    moments += _others(told, {entry for moment in moments for entry in moment.entries})
    moments.sort(key=lambda moment: (_day(moment.at), moment.entries[0]))
    runs = list(_join_runs(moments))
    steps = list(_steps(told, runs))
    left_out = max(0, len(steps) - MOST_TOLD)
    if left_out:
        steps = [*steps[: MOST_TOLD // 2], *steps[-MOST_TOLD // 2 :]]
    last = runs[-1].last or runs[-1].at if runs else None
    return Timeline(tuple(steps), left_out, _long((civil_day(told.at) - _day(last)).days) if last else 0)


def _others(told: Trace, known: set[int]) -> Iterator[Moment]:
    """Entries of the chain that no register has, or that are not believed."""
    for link in told.history.chain:
        if link.position not in known:
            is_doubted = link.position in told.dossier.doubts
            word = "moment.beside" if link.kind in _OF_UNITS and not is_doubted else f"kind.{link.kind}"
            title = say(word, "title")
            yield Moment(
                link.issued_at, link.kind, title, link.issuer, told.lot_id, (link.position,), is_doubted=is_doubted
            )


def _join_runs(moments: Iterable[Moment]) -> Iterator[Moment]:
    """Many like acts of one party in a row become one."""
    for key, group in groupby(moments, key=lambda one: (one.kind, one.party, one.lot, one.is_bad, one.is_doubted)):
        run = list(group)
        if len(run) < LONG_RUN or key[-1]:
            yield from run
        else:
            entries = tuple(entry for moment in run for entry in moment.entries)
            yield replace(run[0], entries=entries, bits=(), count=len(run), last=run[-1].at)


def _steps(told: Trace, moments: Sequence[Moment]) -> Iterator[Step]:
    recorded = {link.position: civil_day(link.recorded_at) for link in told.history.chain}
    before: date | None = None
    for moment in moments:
        day = _day(moment.at)
        silence = _long((day - before).days) if before is not None else 0
        late = (recorded.get(moment.entries[0], day) - day).days
        yield Step(moment, silence, late if late >= LATE_DAYS else 0)
        before = _day(moment.last or moment.at)


def _long(days: int) -> int:
    return days if days >= LONG_SILENCE_DAYS else 0


def _day(at: datetime | date) -> date:
    return civil_day(at) if isinstance(at, datetime) else at
