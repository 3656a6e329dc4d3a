"""Can a sample be followed from hand to hand, and was the part that was kept there when it was wanted? S06 S09.

S09 is ours: the catalogue asks whose hands they were (S01), not whether all of them are known.
"""

from labs.dossier import Dossier
from labs.rules.concern import samples_of
from labs.sampling.hands import follow_hands
from labs.sampling.register import Sample, Step
from trace.days import civil_day
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule

_OF_SEALS = ("seal_broken", "seal_other")


@rule("S06", Severity.MAJOR)
def retained_part_missing(dossier: Dossier) -> Judgement:
    """The part of a sample that was to be kept was not there when it was wanted, or destroyed, before its day."""
    samples = [sample for sample in samples_of(dossier) if _is_at_lab(dossier, sample)]
    if not samples:
        yield Unchecked("S06", "no_sample")
    elif not any(step.step == "retained" for sample in samples for step in _steps_of(dossier, sample)):
        yield Unchecked("S06", "no_retention")
    for sample in samples:
        kept: Step | None = None
        for step in _steps_of(dossier, sample):
            if step.step == "retained":
                kept = step
            elif kept is not None and kept.until is not None and civil_day(step.at) <= kept.until:
                facts: dict[str, Fact] = {"sample": sample.sample, "lot": sample.lot, "until": kept.until}
                facts |= {"party": step.party, "on": civil_day(step.at)}
                entries = (kept.entry, step.entry)
                if step.step == "sought" and step.is_there is False:
                    yield Finding("S06", Severity.MAJOR, facts, entries, "missing")
                elif step.step == "sought" and step.is_seal_intact is False:
                    yield Finding("S06", Severity.MAJOR, facts, entries, "opened")
                elif step.step == "destroyed":
                    yield Finding("S06", Severity.MAJOR, facts, entries, "destroyed")


@rule("S09", Severity.MAJOR)
def gap_in_the_hands(dossier: Dossier) -> Judgement:
    """A hand that no word of the one before leads to; a seal that was broken, or is another than before."""
    samples = samples_of(dossier)
    if not samples:
        yield Unchecked("S09", "no_sample")
    for sample in samples:
        for gap in follow_hands(sample, dossier.receptions, dossier.steps).gaps:
            facts: dict[str, Fact] = {"sample": sample.sample, "lot": sample.lot}
            entries = tuple(dict.fromkeys(gap.entries))
            if gap.case in _OF_SEALS:
                facts |= {"seal": gap.holder or "-", "other_seal": gap.party or "-"}
                case = "seal_broken" if gap.case == "seal_broken" else "seal_other"
                yield Finding("S09", Severity.MAJOR, facts, entries, case)
            elif gap.case == "never_received":
                yield Unchecked("S09", "never_received", facts | {"holder": gap.holder})
            else:
                facts |= {"holder": gap.holder, "party": gap.party}
                case = "not_holder" if gap.case == "not_holder" else "unsaid" if gap.case == "unsaid" else "order"
                yield Finding("S09", Severity.MINOR, facts, entries, case)


def _is_at_lab(dossier: Dossier, sample: Sample) -> bool:
    return any((one.sample, one.lot) == (sample.sample, sample.lot) for one in dossier.receptions)


def _steps_of(dossier: Dossier, sample: Sample) -> list[Step]:
    return [step for step in dossier.steps if (step.sample, step.lot) == (sample.sample, sample.lot)]
