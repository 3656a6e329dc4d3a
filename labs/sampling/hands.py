"""Through whose hands a sample went, in order, and where that can't be followed. Pure; nothing here accuses.

Whoever draws a sample has it. It passes to the courier whom the sampler names, to whomever its holder hands it over,
and to the lab that receives it; each of these is said by somebody who gave it or took it. A step that no word of the
holder leads to is a gap.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from labs.sampling.register import Reception, Sample, Step


@dataclass(frozen=True, slots=True)
class Hand:
    """Who has had the sample, and since when (UTC), by which entry. `how`: drew, named, given or received."""

    party: str
    since: datetime
    entry: int
    how: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Where the chain of hands, or the seal, does not hold, and the entries that show it.

    `case` is not_holder (`party` gave or brought what `holder` had), unsaid (nobody says who brought it from `holder`
    to `party`), order (the later hand has the earlier time), seal_broken, seal_other (`holder` and `party` are then the
    seals) or never_received (still with `holder`, for all that is on record).
    """

    case: str
    holder: str
    party: str
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hands:
    """The hands in order, and every gap between them."""

    hands: tuple[Hand, ...]
    gaps: tuple[Gap, ...]


def follow_hands(sample: Sample, receptions: Iterable[Reception], steps: Iterable[Step]) -> Hands:
    """The hands of one sample. Receptions and steps of other samples are passed over, and so are those of another lot:
    an id alone proves nothing.
    """
    same = (sample.sample, sample.lot)
    passed: list[Reception | Step] = [one for one in receptions if (one.sample, one.lot) == same]
    passed += [one for one in steps if (one.sample, one.lot) == same and one.step == "handed_over"]
    hands = [Hand(sample.sampler, sample.drawn_at, sample.entry, "drew")]
    if sample.courier is not None and sample.courier != sample.sampler:
        hands.append(Hand(sample.courier, sample.drawn_at, sample.entry, "named"))
    gaps, seal = [], (sample.seal, sample.entry)
    for one in sorted(passed, key=lambda one: one.entry):
        giver = one.brought_by if isinstance(one, Reception) else one.party
        if hands[-1].how == "named" and giver == sample.sampler:
            # Named, and never came for it: whoever drew it had it still.
            hands.pop()
        last, hand = hands[-1], _hand(one)
        before = hands[-2].party if len(hands) > 1 else None
        gaps += [*_join(last, hand, giver, before), *_look_at_seal(seal, one)]
        seal = (one.seal, one.entry) if one.seal is not None else seal
        # Who receives what was handed to it already has it since then.
        if hand.party != last.party or hand.how == "received":
            hands.append(hand)
    if not any(isinstance(one, Reception) for one in passed):
        gaps.append(Gap("never_received", hands[-1].party, "", (hands[-1].entry,)))
    return Hands(tuple(hands), tuple(gaps))


def _hand(one: Reception | Step) -> Hand:
    if isinstance(one, Reception):
        return Hand(one.lab, one.received_at, one.entry, "received")
    return Hand(one.to or one.party, one.at, one.entry, "given")


def _join(last: Hand, hand: Hand, giver: str | None, before: str | None) -> Sequence[Gap]:
    """What is wrong between two hands that follow each other; `before` had it before the last."""
    entries = (last.entry, hand.entry)
    gaps = [Gap("order", last.party, hand.party, entries)] if hand.since < last.since else []
    if hand.how == "received" and hand.party == last.party and giver in (None, before):
        return gaps  # the lab had it already, from whom it says
    if giver is None:
        return [*gaps, Gap("unsaid", last.party, hand.party, entries)]
    return gaps if giver == last.party else [*gaps, Gap("not_holder", last.party, giver, entries)]


def _look_at_seal(seal: tuple[str | None, int], one: Reception | Step) -> Sequence[Gap]:
    number, since = seal
    gaps = []
    if one.is_seal_intact is False:
        gaps.append(Gap("seal_broken", number or "", one.seal or "", (since, one.entry)))
    if number is not None and one.seal is not None and one.seal != number:
        gaps.append(Gap("seal_other", number, one.seal, (since, one.entry)))
    return gaps
