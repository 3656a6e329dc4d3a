"""Do the metres of a drum that are named one by one agree? Rule C16, of our own numbering.

How much there is in all is P10's. Of a batch nothing is asked: its metres are on many drums.
"""

from trace.findings import Fact, Finding, Judgement, Severity, rule
from trace.quantities import METRE, convert
from trace.rules.facts import NOBODY, HasHistory
from trace.stretches import Claim, claims_of, find_overlaps
from trace.tolerances import tolerance
from trace.whereabouts import is_unit


@rule("C16", Severity.MAJOR)
def metres_of_a_drum(facts: HasHistory) -> Judgement:
    """No metre of the drum lies in two places, is cut out twice, or is built in after it was cut out; none is beyond
    its ends.
    """
    history = facts.history
    if not is_unit(history.lot_id):
        return
    claims = claims_of([act for act in history.site_acts if act.lot == history.lot_id])
    for one in find_overlaps(claims):
        shown: dict[str, Fact] = {"from_m": one.start, "to_m": one.end}
        shown |= {"party": one.first.party or NOBODY, "other": one.second.party or NOBODY}
        entries = tuple(sorted((one.first.entry, one.second.entry)))
        yield Finding("C16", Severity.MAJOR, shown, entries, _case(one.first, one.second))
    whole = history.lot.quantity if history.lot is not None else None
    length = convert(whole, METRE) if whole is not None else None
    if length is not None and history.lot is not None:
        for claim in claims:
            if claim.start < 0 or claim.end > length.value + tolerance(length, history.lot.family):
                shown = {"from_m": claim.start, "to_m": claim.end, "length": length.value, "party": claim.party}
                yield Finding("C16", Severity.MAJOR, shown, (claim.entry,), "beyond_end")


def _case(first: Claim, second: Claim) -> str:
    if first.is_laid:
        return "laid_twice"
    return "laid_after_cut" if second.is_laid else "cut_twice"
