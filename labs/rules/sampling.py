"""Who drew the sample, who saw it, who carried it, and is it this lot's? S01 S02 S04.

What is asked is only what the signed statements say: who drew, brought or witnessed. Whether two parties belong to
one owner is not on record.
"""

from collections.abc import Iterator

from labs.dossier import Dossier
from labs.rules.concern import current_reports, samples_behind, samples_of
from labs.rules.sides import supplier_side
from labs.sampling.register import Sample, Witnessing
from trace.days import civil_day
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule
from trace.kinds import Duty


@rule("S01", Severity.CRITICAL)
def self_sampling(dossier: Dossier) -> Judgement:
    """The supplier's side drew the sample, carried it or brought it to the lab."""
    samples = samples_of(dossier)
    if not samples:
        yield Unchecked("S01", "no_sample")
    suppliers = supplier_side(dossier)
    for sample in samples:
        hands = [("sampler", sample.sampler, sample.entry), ("courier", sample.courier, sample.entry)]
        hands += [
            ("bringer", reception.brought_by, reception.entry)
            for reception in dossier.receptions
            if (reception.sample, reception.lot) == (sample.sample, sample.lot)
        ]
        for case, party, entry in hands:
            if party in suppliers:
                facts = _named(sample) | {"party": party}
                entries = tuple(sorted({sample.entry, entry, suppliers[party]}))
                yield Finding("S01", Severity.CRITICAL, facts, entries, case)


@rule("S02", Severity.CRITICAL)
def no_witness(dossier: Dossier) -> Judgement:
    """Nobody with the duty to witness has signed that it was there, or the sampler had no duty to draw.

    A witness whom the sampler names has to sign itself; being named is no testimony.
    """
    samples = samples_of(dossier)
    if not samples:
        yield Unchecked("S02", "no_sample")
    for sample in samples:
        if not _holds(dossier, sample.sampler, sample.sampler_person, Duty.SAMPLER, sample):
            facts = _named(sample) | {"party": sample.sampler, "person": sample.sampler_person}
            yield Finding("S02", Severity.CRITICAL, facts, (sample.entry,), "sampler_post")
        yield from _judge_witness(dossier, sample)


@rule("S04", Severity.CRITICAL)
def sample_of_another_lot(dossier: Dossier) -> Judgement:
    """A report on a sample that is in no register, or that was drawn from other material."""
    reports = current_reports(dossier)
    if not reports:
        yield Unchecked("S04", "no_report")
    for report in reports:
        facts: dict[str, Fact] = {"lab": report.lab, "number": report.number}
        if report.sample is None:
            yield Unchecked("S04", "no_sample_id", facts)
            continue
        facts["sample"] = report.sample
        known = [sample for sample in dossier.samples if sample.sample == report.sample]
        if not known:
            yield Finding("S04", Severity.CRITICAL, facts, (report.entry,), "unknown")
        elif not samples_behind(dossier, report):
            facts["lot"] = known[0].lot
            yield Finding("S04", Severity.CRITICAL, facts, (report.entry, known[0].entry), "other_lot")


def _named(sample: Sample) -> dict[str, Fact]:
    return {"sample": sample.sample, "lot": sample.lot, "drawn_on": civil_day(sample.drawn_at)}


def _judge_witness(dossier: Dossier, sample: Sample) -> Iterator[Finding]:
    facts = _named(sample)
    words = [word for word in dossier.witnessings if _is_word_on(word, sample)]
    if not words:
        yield Finding("S02", Severity.CRITICAL, facts, (sample.entry,), "none")
        return
    others = [word for word in words if (word.party, word.person) != (sample.sampler, sample.sampler_person)]
    fit = [word for word in others if _holds(dossier, word.party, word.person, Duty.WITNESS, word)]
    if not fit:
        word = (others or words)[0]
        facts |= {"party": word.party, "person": word.person}
        case = "witness_post" if others else "same_person"
        yield Finding("S02", Severity.CRITICAL, facts, (sample.entry, word.entry), case)


def _is_word_on(word: Witnessing, sample: Sample) -> bool:
    if (word.sample, word.lot) != (sample.sample, sample.lot):
        return False
    return sample.witness is None or (word.party, word.person) == (sample.witness, sample.witness_person)


def _holds(dossier: Dossier, party: str, person: str, duty: Duty, at: Sample | Witnessing) -> bool:
    day = civil_day(at.drawn_at if isinstance(at, Sample) else at.witnessed_at)
    return any(
        (post.party, post.person, post.duty) == (party, person, duty) and post.is_held_on(day) for post in dossier.posts
    )
