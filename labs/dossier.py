"""A lot's history plus all that labs know about it: the frozen facts that rules judge."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from labs.accreditation import register as accreditation
from labs.casework.register import read_rulings
from labs.copies.register import Copy, read_copies
from labs.reports.register import (
    Denial,
    Paper,
    Report,
    name_papers,
    name_reports,
    read_denials,
    read_papers,
    read_reports,
)
from labs.sampling import register as sampling
from labs.standards.pack import StandardsPack
from trace.doubts import drop_doubted, entries_of, read_doubts
from trace.history import History, gather_history
from trace.ledger.asking import ask_ahead
from trace.parties.belief import Doubt
from trace.parties.register import Key, Party, Post, read_keys, read_parties, read_posts
from trace.production import register as production


@dataclass(frozen=True, slots=True)
class Dossier:
    """The facts about one lot at one time. All tuples are in order of record.

    `reports` and `papers` are those that name the lot or the same material above or below it, with every other report
    or paper of the same number (a number that is used twice has to be seen twice). `samples` likewise, with those
    that the reports name. What is not believed is left out; of reports it stands apart, to be judged as such.
    """

    history: History
    pack: StandardsPack
    samples: tuple[sampling.Sample, ...] = ()
    witnessings: tuple[sampling.Witnessing, ...] = ()
    receptions: tuple[sampling.Reception, ...] = ()
    measurements: tuple[sampling.Measurement, ...] = ()
    reports: tuple[Report, ...] = ()
    denials: tuple[Denial, ...] = ()
    papers: tuple[Paper, ...] = ()
    accreditations: tuple[accreditation.Accreditation, ...] = ()
    suspensions: tuple[accreditation.Suspension, ...] = ()
    signatories: tuple[accreditation.Signatory, ...] = ()
    lab_keys: tuple[Key, ...] = ()
    """The keys of the labs that issued or are claimed to have issued."""
    cited_certificates: tuple[production.Certificate, ...] = ()
    """Certificates on record with the number of a presented one."""
    parties: Mapping[str, Party] = field(default_factory=dict)
    posts: tuple[Post, ...] = ()
    copies: tuple[Copy, ...] = ()
    """Which of the reports have their values in common with another."""
    doubted_reports: tuple[Report, ...] = ()
    doubts: Mapping[int, Doubt] = field(default_factory=dict)
    """Which entries are not believed and why, those of the history included."""

    @property
    def covered(self) -> frozenset[str]:
        """The ids of the lots whose reports speak for this lot: itself, and the same material above it."""
        return frozenset((self.history.lot_id, *self.history.lineage.same_up))


def gather(session: Session, lot_id: str, at: datetime, pack: StandardsPack) -> Dossier:
    """Everything on record about a lot at `at` (UTC), judged by no one yet."""
    history = gather_history(session, lot_id, at, (name_reports, name_papers, sampling.read_measurements))
    same = history.lineage.same_material
    issued, tested = name_reports(session, same)
    numbers = issued | name_papers(session, same)
    ask_ahead(
        session,
        (sampling.read_samples, same, tested),
        (read_papers, (), numbers),
        (read_denials, numbers),
        (production.read_certificates, (), numbers),
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
    )
    # Whatever names the lots has one of these numbers.
    all_reports = read_reports(session, (), numbers, ids)
    all_papers = read_papers(session, (), numbers)
    labs = {report.lab for report in all_reports} | {paper.claimed_body for paper in all_papers}
    receptions = sampling.read_receptions(session, ids)
    witnessings = sampling.read_witnessings(session, ids)
    people = labs | {sample.sampler for sample in drawn} | {sample.witness for sample in drawn if sample.witness}
    cited = production.read_certificates(session, (), numbers)
    people |= {party for held in (*cited, *history.certificates) for party in (held.body, held.holder)}
    people |= {paper.presenter for paper in all_papers} | {witnessing.party for witnessing in witnessings}
    recorded = Dossier(
        history=history,
        pack=pack,
        samples=drawn,
        witnessings=witnessings,
        receptions=receptions,
        measurements=sampling.read_measurements(session, same),
        reports=all_reports,
        denials=read_denials(session, numbers),
        papers=all_papers,
        accreditations=accreditation.read_accreditations(session, labs),
        suspensions=accreditation.read_suspensions(session, labs),
        signatories=accreditation.read_signatories(session, labs),
        lab_keys=read_keys(session, *labs),
        cited_certificates=cited,
        parties={**history.parties, **read_parties(session, people - history.parties.keys())},
        posts=read_posts(session, people),
        copies=read_copies(session, issued),
    )
    doubts = read_doubts(session, entries_of(recorded))
    return replace(
        drop_doubted(recorded, doubts),
        doubted_reports=tuple(report for report in all_reports if report.entry in doubts),
        doubts={**history.doubts, **doubts},
    )
