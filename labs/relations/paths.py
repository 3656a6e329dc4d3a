"""How two parties hang together: the shortest way over what stands behind them, of one step or of two.

A step leads from a party to another that shares a reference with it (one legal representative, shareholder, address,
telephone, account), or that holds shares in it or controls it, or the other way round. All steps of a way hold on one
day at least of the days asked for. Pure: from relations to ways, shortest first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from labs.relations.register import Relation


@dataclass(frozen=True, slots=True)
class Step:
    """From one party to another by one relation, or by two to the same reference."""

    start: str
    end: str
    relations: tuple[Relation, ...]

    @property
    def kind(self) -> str:
        """What the first party's side of it is: a relation such as `phone`."""
        return self.relations[0].relation


Way = tuple[Step, ...]


def find_ways(relations: Iterable[Relation], start: str, ends: Iterable[str], first: date, last: date) -> list[Way]:
    """For each of `ends` that `start` leads to in one or two steps, the shortest way; of equals the first on record."""
    wanted = [end for end in dict.fromkeys(ends) if end != start]
    steps = _steps(latest(relations), start, frozenset(wanted), first, last)
    near = steps.get(start, {})
    ways: list[Way] = []
    for end in wanted:
        if end in near:
            ways.append((near[end],))
            continue
        over = (step for step in near.values() if end in steps.get(step.end, {}) and step.end != start)
        two = ((step, steps[step.end][end]) for step in over)
        way = next((way for way in two if _hold_together(way, first, last)), None)
        if way is not None:
            ways.append(way)
    return sorted(ways, key=len)


def latest(relations: Iterable[Relation]) -> tuple[Relation, ...]:
    """Of what was said again of the same pair with the same first day, what was said last."""
    told = {
        (one.party, one.relation, one.reference, one.other, one.related_from): one
        for one in sorted(relations, key=lambda one: one.entry)
    }
    return tuple(sorted(told.values(), key=lambda one: one.entry))


def _steps(
    relations: tuple[Relation, ...], start: str, ends: frozenset[str], first: date, last: date
) -> dict[str, dict[str, Step]]:
    """By party and party reached: those from `start` and those to `ends`. Whoever else shares a large building with
    one another makes no difference.
    """
    held = [one for one in relations if one.holds_within(first, last)]
    steps: dict[str, dict[str, Step]] = {}
    for step in (*_direct(held), *_shared(held, first, last, start, ends)):
        steps.setdefault(step.start, {}).setdefault(step.end, step)
    return steps


def _direct(relations: list[Relation]) -> Iterator[Step]:
    for one in relations:
        if one.other is not None:
            yield Step(one.party, one.other, (one,))
            yield Step(one.other, one.party, (one,))


def _shared(relations: list[Relation], first: date, last: date, start: str, ends: frozenset[str]) -> Iterator[Step]:
    by_reference: dict[str, list[Relation]] = {}
    for one in relations:
        if one.reference is not None:
            by_reference.setdefault(one.reference, []).append(one)
    for sharing in by_reference.values():
        at_start = [one for one in sharing if one.party == start]
        at_ends = [one for one in sharing if one.party in ends]
        pairs = [(one, other) for one in at_start for other in sharing]
        pairs += [(one, other) for other in at_ends for one in sharing if one.party != start]
        for one, other in pairs:
            step = Step(one.party, other.party, (one, other))
            if one.party != other.party and _hold_together((step,), first, last):
                yield step


def _hold_together(way: Way, first: date, last: date) -> bool:
    """Is there a day on which all of its relations hold?"""
    relations = [relation for step in way for relation in step.relations]
    start = max([first, *(one.related_from for one in relations)])
    return start <= min([last, *(one.related_to for one in relations if one.related_to is not None)])
