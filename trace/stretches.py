"""Stretches of a drum's cable: which of its metres are said to lie somewhere, or to have been cut out of it.

Metres count from the outer end. What lies somewhere has to be there: the same metres can't lie in two places, be cut
out twice, or be built in after they were cut out. That a sample is cut out of cable that lies is no contradiction.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from trace.site.register import SiteAct

Span = tuple[Decimal, Decimal]
CUT_OUT = ("sampled", "destroyed")
"""The acts after which metres are on no drum any more."""
UNSAID = 2**63
"""The entry of what nobody has said yet: it comes after all that is on record."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one act says of the metres from `start` to `end`, which is more: installed, sampled or destroyed."""

    act: str
    start: Decimal
    end: Decimal
    at: datetime
    entry: int = UNSAID
    party: str = ""

    @property
    def is_laid(self) -> bool:
        """Does it lie somewhere, and is not cut out?"""
        return self.act not in CUT_OUT

    @property
    def order(self) -> tuple[datetime, int]:
        """When it happened; of the same time, what was recorded first."""
        return self.at, self.entry

    def contradicts(self, other: "Claim") -> bool:
        """Do both speak of a metre of which only one can be true?"""
        if max(self.start, other.start) >= min(self.end, other.end):
            return False
        if self.is_laid == other.is_laid:
            return True
        laid, cut = (self, other) if self.is_laid else (other, self)
        return cut.order < laid.order


@dataclass(frozen=True, slots=True)
class Overlap:
    """Metres of which two claims can't both be true; `first` happened before `second`."""

    start: Decimal
    end: Decimal
    first: Claim
    second: Claim


def span_of(act: SiteAct) -> Span | None:
    """From–to of an act, the smaller first; None where it does not say both."""
    if act.from_m is None or act.to_m is None:
        return None
    return min(act.from_m, act.to_m), max(act.from_m, act.to_m)


def still_installed(acts: Sequence[SiteAct]) -> Iterator[SiteAct]:
    """Of the acts on one lot, the installations that no later removal at the same station undid."""
    for act in acts:
        if act.act == "installed" and not any(
            other.act == "removed" and other.entry > act.entry and other.station == act.station for other in acts
        ):
            yield act


def claims_of(acts: Sequence[SiteAct]) -> tuple[Claim, ...]:
    """What the acts on one drum still say by metre, in order of record."""
    standing = {act.entry for act in still_installed(acts)}
    claims = []
    for act in acts:
        span = span_of(act)
        if span is not None and span[0] < span[1] and (act.entry in standing or act.act in CUT_OUT):
            claims.append(Claim(act.act, *span, act.at, act.entry, act.party))
    return tuple(claims)


def find_overlaps(claims: Iterable[Claim]) -> tuple[Overlap, ...]:
    """The stretches where claims contradict each other, each once, from the outer end on; with two that do."""
    turns = [(metre, turn, claim) for claim in claims for metre, turn in ((claim.start, 1), (claim.end, -1))]
    laid: list[Claim] = []
    cut: list[Claim] = []
    found: list[Overlap] = []
    since = Decimal(0)
    # At one metre ends come before beginnings: claims that touch say nothing of the same metre.
    for metre, turn, claim in sorted(turns, key=lambda each: (*each[:2], each[2].order)):
        pair = _clash(laid, cut)
        if pair is not None and since < metre:
            # Two stretches that meet are one.
            last = found.pop() if found and found[-1].end == since else Overlap(since, metre, *pair)
            found.append(replace(last, end=metre))
        since, here = metre, laid if claim.is_laid else cut
        if turn == 1:
            insort(here, claim, key=_order)
        else:
            here.pop(bisect_left(here, claim.order, key=_order))
    return tuple(found)


def _clash(laid: Sequence[Claim], cut: Sequence[Claim]) -> tuple[Claim, Claim] | None:
    """Of the claims on one metre, each side in order, two that contradict each other."""
    for same in (laid, cut):
        if len(same) > 1:
            return same[0], same[1]
    return (cut[0], laid[-1]) if cut and laid and cut[0].contradicts(laid[-1]) else None


def _order(claim: Claim) -> tuple[datetime, int]:
    return claim.order


def sum_up(spans: Iterable[Span]) -> Decimal:
    """How many metres are in at least one of the spans."""
    total, reach = Decimal(0), None
    for start, end in sorted(spans):
        begin = start if reach is None else max(start, reach)
        total += max(end - begin, Decimal(0))
        reach = end if reach is None else max(reach, end)
    return total
