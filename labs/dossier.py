"""A lot's history plus all that labs know about it: the frozen facts that rules judge."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from labs.accreditation import register as accreditation
from labs.bench.register import RawFile, Work, read_others_at_bench, read_same_raw_files
from labs.casework.register import read_rulings
from labs.copies.register import Copy, read_copies
from labs.drawing import register as drawing
from labs.instruments import register as instruments
from labs.papers.register import ExaminedPaper, LabHosts, read_examinations, read_hosts
from labs.relations.register import Relation, read_relations
from labs.reports.register import (
    Denial,
    Paper,
    Report,
    name_papers,
    name_reports,
    raw_files_of,
    read_denials,
    read_entries_in_force,
    read_papers,
    read_reports,
    works_of,
)
from labs.sampling import register as sampling
from labs.standards.pack import StandardsPack
from trace.doubts import drop_doubted, entries_of, read_doubts
from trace.history import History, gather_history
from trace.ledger.asking import ask_ahead
from trace.parties.belief import Doubt
from trace.parties.register import Key, Party, Post, read_keys, read_parties, read_posts
from trace.production import register as production

_OF_LABS = (
    accreditation.read_accreditations,
    accreditation.read_suspensions,
    accreditation.read_reinstatements,
    accreditation.read_signatories,
    accreditation.read_authorisation_endings,
    instruments.read_calibrations,
    instruments.read_retirements,
)
"""What is asked of the labs that a lot's reports name."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """The facts about one lot at one time. All tuples are in order of record.

    `reports` and `papers` are those that name the lot or the same material above or below it, with every other report
    or paper of the same number (a number that is used twice has to be seen twice). `samples` likewise, with those
    that the reports name. `draws` are those over the lot or the same material above or below it; `draw_samples` and
    `draw_reports` what was drawn from any of their drums, and what reports say of that. What is not believed is left
    out; of reports it stands apart, to be judged as such.
    """

    history: History
    pack: StandardsPack
    samples: tuple[sampling.Sample, ...] = ()
    witnessings: tuple[sampling.Witnessing, ...] = ()
    receptions: tuple[sampling.Reception, ...] = ()
    steps: tuple[sampling.Step, ...] = ()
    draws: tuple[drawing.Draw, ...] = ()
    draw_samples: tuple[sampling.Sample, ...] = ()
    draw_reports: tuple[Report, ...] = ()
    site_bounds: tuple[drawing.SiteBound, ...] = ()
    measurements: tuple[sampling.Measurement, ...] = ()
    reports: tuple[Report, ...] = ()
    denials: tuple[Denial, ...] = ()
    papers: tuple[Paper, ...] = ()
    accreditations: tuple[accreditation.Accreditation, ...] = ()
    suspensions: tuple[accreditation.Suspension, ...] = ()
    signatories: tuple[accreditation.Signatory, ...] = ()
    reinstatements: tuple[accreditation.Reinstatement, ...] = ()
    authorisation_endings: tuple[accreditation.AuthorisationEnding, ...] = ()
    calibrations: tuple[instruments.Calibration, ...] = ()
    retirements: tuple[instruments.Retirement, ...] = ()
    relations: tuple[Relation, ...] = ()
    """Of the labs and of all parties of the history, with those that share a reference with one of them."""
    lab_keys: tuple[Key, ...] = ()
    """The keys of the labs that issued or are claimed to have issued."""
    cited_certificates: tuple[production.Certificate, ...] = ()
    """Certificates on record with the number of a presented one."""
    parties: Mapping[str, Party] = field(default_factory=dict)
    posts: tuple[Post, ...] = ()
    others_at_bench: tuple[Work, ...] = ()
    """What other reports in force have at the same time on the instruments, or by the people, of those given here."""
    same_raw_files: tuple[RawFile, ...] = ()
    """Other reports in force that name a raw file of those in force here."""
    copies: tuple[Copy, ...] = ()
    """Which of the reports have their values in common with another."""
    doubted_reports: tuple[Report, ...] = ()
    examinations: tuple[ExaminedPaper, ...] = ()
    """What was found in the files of papers and reports with these numbers."""
    lab_hosts: tuple[LabHosts, ...] = ()
    doubts: Mapping[int, Doubt] = field(default_factory=dict)
    """Which entries are not believed and why, those of the history included."""

    @property
    def covered(self) -> frozenset[str]:
        """The ids of the lots whose reports speak for this lot: itself, and the same material above it."""
        return frozenset((self.history.lot_id, *self.history.lineage.same_up))


def gather(session: Session, lot_id: str, at: datetime, pack: StandardsPack) -> Dossier:
    """Everything on record about a lot at `at` (UTC), judged by no one yet."""
    also = (name_reports, name_papers, sampling.read_measurements, drawing.read_draws)
    history = gather_history(session, lot_id, at, also)
    same = history.lineage.same_material
    issued, tested = name_reports(session, same)
    numbers = issued | name_papers(session, same)
    contracts = {contract.number for contract in history.contracts}
    ask_ahead(
        session,
        (sampling.read_samples, same, tested),
        (read_papers, (), numbers),
        (read_denials, numbers),
        (read_examinations, numbers),
        (production.read_certificates, (), numbers),
        (drawing.read_site_bounds, contracts),
    )
    drawn = sampling.read_samples(session, same, tested)
    ids = {sample.sample for sample in drawn}
    ask_ahead(
        session,
        (read_rulings, lot_id),  # of whoever judges
        (read_reports, (), numbers, ids),
        (read_copies, issued),
        (sampling.read_receptions, ids),
        (sampling.read_witnessings, ids),
        (sampling.read_steps, ids),
    )
    # Whatever names the lots has one of these numbers.
    all_reports = read_reports(session, (), numbers, ids)
    all_papers = read_papers(session, (), numbers)
    labs = {report.lab for report in all_reports} | {paper.claimed_body for paper in all_papers}
    ask_ahead(session, *((read, labs) for read in _OF_LABS))
    receptions = sampling.read_receptions(session, ids)
    witnessings = sampling.read_witnessings(session, ids)
    people = labs | {sample.sampler for sample in drawn} | {sample.witness for sample in drawn if sample.witness}
    cited = production.read_certificates(session, (), numbers)
    in_force = [report for report in all_reports if report.is_current]
    works = [work for report in in_force for work in works_of(report)]
    raw_files = [raw for report in in_force for raw in raw_files_of(report)]
    ask_ahead(session, (read_others_at_bench, works), (read_same_raw_files, raw_files))
    others, same_files = read_others_at_bench(session, works), read_same_raw_files(session, raw_files)
    numbers_there = {one.number for one in others} | {one.number for one in same_files}
    standing = read_entries_in_force(session, numbers_there)
    people |= {party for held in (*cited, *history.certificates) for party in (held.body, held.holder)}
    people |= {paper.presenter for paper in all_papers} | {witnessing.party for witnessing in witnessings}
    steps = sampling.read_steps(session, ids)
    draws = drawing.complete_draws(session, drawing.read_draws(session, same))
    people |= {draw.party for draw in draws} | {party for draw in draws for party in draw.feeders}
    people |= {party for step in steps for party in (step.party, step.to) if party}
    from_draws, on_draws = _read_drawn(session, draws)
    recorded = Dossier(
        history=history,
        pack=pack,
        samples=drawn,
        witnessings=witnessings,
        receptions=receptions,
        steps=steps,
        draws=draws,
        draw_samples=from_draws,
        draw_reports=on_draws,
        site_bounds=drawing.read_site_bounds(session, contracts),
        measurements=sampling.read_measurements(session, same),
        reports=all_reports,
        denials=read_denials(session, numbers),
        papers=all_papers,
        accreditations=accreditation.read_accreditations(session, labs),
        suspensions=accreditation.read_suspensions(session, labs),
        signatories=accreditation.read_signatories(session, labs),
        reinstatements=accreditation.read_reinstatements(session, labs),
        authorisation_endings=accreditation.read_authorisation_endings(session, labs),
        calibrations=instruments.read_calibrations(session, labs),
        retirements=instruments.read_retirements(session, labs),
        relations=read_relations(session, labs | history.parties.keys()) if labs else (),
        lab_keys=read_keys(session, *labs),
        examinations=read_examinations(session, numbers),
        lab_hosts=read_hosts(session, labs),
        cited_certificates=cited,
        parties={**history.parties, **read_parties(session, people - history.parties.keys())},
        posts=read_posts(session, people),
        others_at_bench=tuple(other for other in others if other.entry in standing),
        same_raw_files=tuple(other for other in same_files if other.entry in standing),
        copies=read_copies(session, issued),
    )
    doubts = read_doubts(session, entries_of(recorded))
    return replace(
        drop_doubted(recorded, doubts),
        doubted_reports=tuple(report for report in all_reports if report.entry in doubts),
        doubts={**history.doubts, **doubts},
    )


def _read_drawn(
    session: Session, draws: tuple[drawing.Draw, ...]
) -> tuple[tuple[sampling.Sample, ...], tuple[Report, ...]]:
    """What was drawn from the drums of these draws, and the reports on it; no question where there is no draw."""
    drums = {drum.lot for draw in draws for drum in draw.units}
    drawn = sampling.read_samples(session, drums)
    ids = {sample.sample for sample in drawn}
    return drawn, read_reports(session, (), (), ids) if ids else ()
