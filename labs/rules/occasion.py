"""Was a sample drawn where the goods lay, and when? S03.

An instrument's place and a phone's time are the sampler's word too: that they are signed makes them hard to take back,
not true.
"""

from collections.abc import Iterator

from labs.dossier import Dossier
from labs.rules.concern import samples_of
from labs.sampling.ground import metres_outside
from labs.sampling.register import Sample
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule
from trace.kinds import Role

# Catalogue S03: how far outside the site a place may be.
TOLERANCE_M = 50


@rule("S03", Severity.MAJOR)
def drawn_off_site_or_off_time(dossier: Dossier) -> Judgement:
    """Drawn more than 50 m outside the site that the purchaser has bounded, before the goods were delivered, or only
    after they were accepted.

    Asked of all but regulators' samples: these check what lies built in, too.
    """
    samples = [sample for sample in samples_of(dossier) if not _is_regulators(dossier, sample)]
    if not samples:
        yield Unchecked("S03", "no_sample")
    said: list[Finding | Unchecked] = []
    for one in (told for sample in samples for told in _look_at_place(dossier, sample)):
        if one not in said:
            said.append(one)
    yield from said
    if samples:
        yield from _look_at_times(dossier, samples)


def _look_at_place(dossier: Dossier, sample: Sample) -> Iterator[Finding | Unchecked]:
    # Of the purchaser's own contracts: nobody bounds another's site.
    buyers = {contract.number: contract.buyer for contract in dossier.history.contracts}
    bounds = [bound for bound in dossier.site_bounds if buyers.get(bound.contract) == bound.party]
    if sample.latitude_deg is None or sample.longitude_deg is None:
        yield Unchecked("S03", "no_place")
        return
    if not bounds:
        yield Unchecked("S03", "no_site")
        return
    place = (sample.latitude_deg, sample.longitude_deg)
    outside, bound = min(((metres_outside(place, bound.corners), bound) for bound in bounds), key=lambda pair: pair[0])
    if outside > TOLERANCE_M:
        facts = _named(sample) | {"distance_m": round(outside), "site": bound.site}
        yield Finding("S03", Severity.MAJOR, facts, (sample.entry, bound.entry), "off_site")


def _look_at_times(dossier: Dossier, samples: list[Sample]) -> Iterator[Finding | Unchecked]:
    acts = [act for act in dossier.history.site_acts if act.lot in dossier.covered]
    delivered = min((act for act in acts if act.act == "delivered"), key=lambda act: act.at, default=None)
    accepted = min((act for act in acts if act.act == "accepted"), key=lambda act: act.at, default=None)
    if delivered is None:
        yield Unchecked("S03", "not_delivered")
        return
    for sample in samples:
        if sample.drawn_at < delivered.at:
            facts = _named(sample) | {"delivered_at": delivered.at}
            # The catalogue has it major. But supervisors do sample at the works, before anything is shipped: that says
            # less of what came to the site, and nothing against it.
            yield Finding("S03", Severity.MINOR, facts, (sample.entry, delivered.entry), "before_delivery")
    # What an acceptance rests on was drawn before it; more may be drawn at any time.
    if accepted is not None and all(sample.drawn_at > accepted.at for sample in samples):
        first = min(samples, key=lambda sample: sample.drawn_at)
        facts = _named(first) | {"accepted_at": accepted.at}
        yield Finding("S03", Severity.MAJOR, facts, (first.entry, accepted.entry), "after_acceptance")


def _is_regulators(dossier: Dossier, sample: Sample) -> bool:
    party = dossier.parties.get(sample.sampler)
    return party is not None and Role.REGULATOR in party.roles


def _named(sample: Sample) -> dict[str, Fact]:
    return {"sample": sample.sample, "lot": sample.lot, "drawn_at": sample.drawn_at}
