"""What a purchaser is told about a lot: one answer, of which the scan page and its JSON are two forms.

It gathers and orders; judging is `labs/judge.py`, words are `api/sentences.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from api.naming import Names, party_names
from api.sentences import Told, ToldGate, tell_findings, tell_gate, tell_reason, tell_unchecked
from api.shell import Shell
from api.words import language, words_for
from labs.dossier import Dossier
from labs.judge import Verdict
from labs.refresh import judge_lot
from labs.reports.register import Paper, Report
from labs.rules.concern import doubted_reports
from labs.sampling.register import Sample
from trace.custody.register import Holder
from trace.packing.register import Packing, packed_in
from trace.parties.belief import Doubt
from trace.production.register import Lot
from trace.site.register import SiteAct
from trace.stretches import still_installed


@dataclass(frozen=True, slots=True)
class Tested:
    """A lab's report that speaks for the lot, with the sample that it names, if that is on record."""

    report: Report
    sample: Sample | None
    is_denied: bool
    """The lab itself has denied the number."""


@dataclass(frozen=True, slots=True)
class Answer:
    """All that the scan page says. `reason` is the gravest; `at` is the time of asking, UTC."""

    lot_id: str
    at: datetime
    verdict: Verdict
    lot: Lot | None
    names: Names
    reason: Told
    other_reasons: tuple[Told, ...]
    findings: tuple[Told, ...]
    gates: tuple[ToldGate, ...]
    passed: tuple[Told, ...]
    unchecked: tuple[Told, ...]
    tests: tuple[Tested, ...]
    """Newest first."""
    papers: tuple[Paper, ...]
    """Presented under a lab's name, with a number that this lab never signed. Newest first."""
    doubted: tuple[Report, ...]
    """Reports for this lot that stand in a lab's name and are not believed. Newest first."""
    doubts: Mapping[int, Doubt]
    """Which entries are not believed, and why."""
    holder: Holder | None
    packed_in: tuple[Packing, ...]
    installed: tuple[SiteAct, ...]
    is_drum_measured: bool
    """Somebody measured the whole drum, not only its ends."""
    is_divided: bool
    """It was cut into other lots or units, each with a holder of its own."""


def answer(shell: Shell, lot_id: str) -> Answer:
    """Judge a lot now and put the answer into words."""
    at = shell.clock()
    with shell.database.reading() as session:
        dossier, verdict = judge_lot(session, lot_id, shell.house.rules, shell.house.pack, at)
    names = party_names(dossier.parties)
    history = dossier.history
    reason, *others = (tell_reason(reason, verdict, names) for reason in verdict.reasons)
    return Answer(
        lot_id=lot_id,
        at=at,
        verdict=verdict,
        lot=history.lot,
        names=names,
        reason=reason,
        other_reasons=tuple(others),
        findings=tell_findings(verdict.findings, names),
        gates=tuple(tell_gate(gate) for gate in verdict.gates),
        passed=_titles(language(), verdict.passed),
        unchecked=tuple(tell_unchecked(note, names) for note in verdict.unchecked),
        tests=tuple(_tests(dossier)),
        papers=tuple(_unsigned_papers(dossier)),
        doubted=tuple(reversed(doubted_reports(dossier))),
        doubts=dossier.doubts,
        holder=history.holders.get(lot_id),
        packed_in=packed_in(history.packings, lot_id),
        installed=tuple(still_installed([act for act in history.site_acts if act.lot == lot_id])),
        is_drum_measured=bool({one.lot for one in dossier.measurements} & dossier.covered),
        is_divided=bool(history.lineage.same_down),
    )


# Most lots pass the same rules.
@lru_cache(maxsize=256)
def _titles(tongue: str, codes: tuple[str, ...]) -> tuple[Told, ...]:
    """The rules with these codes, by their titles alone."""
    return tuple(Told(code, "", words_for(tongue, f"rule.{code}", "title"), "") for code in codes)


def _tests(dossier: Dossier) -> Iterator[Tested]:
    """Reports that stand, and speak for this lot by naming it or the same material above it."""
    samples = {sample.sample: sample for sample in dossier.samples}
    denied = {(denial.lab, denial.number) for denial in dossier.denials}
    for report in reversed(dossier.reports):
        if report.is_current and dossier.covered & set(report.lots):
            sample = samples.get(report.sample) if report.sample else None
            yield Tested(report, sample, (report.lab, report.number) in denied)


def _unsigned_papers(dossier: Dossier) -> Iterator[Paper]:
    signed = {(report.lab, report.number) for report in (*dossier.reports, *dossier.doubted_reports)}
    for paper in reversed(dossier.papers):
        if (
            paper.type == "report"
            and dossier.covered & set(paper.lots)
            and (paper.claimed_body, paper.number) not in signed
        ):
            yield paper
