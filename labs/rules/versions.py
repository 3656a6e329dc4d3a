"""Is the report that was used the one in force? L04: its chain of versions, against what people showed and did.

That a newer version exists is no fault of anybody who used the older one before; that he used it afterwards is.
"""

from collections.abc import Iterator

from labs.dossier import Dossier
from labs.reports.register import Paper, Report
from labs.rules.authenticity import find_difference
from labs.rules.concern import presented, versions
from trace.findings import Fact, Finding, Judgement, Severity, rule
from trace.rules.facts import covered_lots


@rule("L04", Severity.CRITICAL)
def superseded_or_revoked(dossier: Dossier) -> Judgement:
    """A paper of a version that had ended when it was shown, or whose successor says otherwise; goods accepted on ended
    reports alone.
    """
    for paper in presented(dossier, "report"):
        yield from _judge_paper(dossier, paper)
    yield from _judge_acceptance(dossier)


def _judge_paper(dossier: Dossier, paper: Paper) -> Iterator[Finding]:
    known = versions(dossier, paper)
    shown = [report for report in known if find_difference(paper, report) is None]
    # What agrees with no version was altered (L02); what agrees with the one in force is that.
    if not shown or any(report.is_current for report in shown):
        return
    old = shown[-1]
    end = _end_of(old)
    new = next((report for report in reversed(known) if report.is_current), None)
    facts: dict[str, Fact] = {
        "lab": old.lab,
        "number": old.number,
        "presenter": paper.presenter,
        "presented_at": paper.presented_at,
        "issued_on": old.issued_on,
    }
    proof = (paper.entry, old.entry, end)
    if new is None:
        severity = Severity.CRITICAL if end < paper.entry else Severity.MAJOR
        yield Finding("L04", severity, facts, proof, "withdrawn")
        return
    facts |= {"new_issued_on": new.issued_on, "old_conclusion": old.conclusion, "new_conclusion": new.conclusion}
    if end < paper.entry:
        yield Finding("L04", Severity.CRITICAL, facts, proof, "superseded")
    elif new.conclusion != old.conclusion:
        yield Finding("L04", Severity.MAJOR, facts, proof, "overturned")


def _judge_acceptance(dossier: Dossier) -> Iterator[Finding]:
    """In the order of record: nobody can claim to have accepted before he heard of it. The last acceptance of a lot
    counts: it makes up for one before.
    """
    covered = covered_lots(dossier.history)
    reports = [report for report in dossier.reports if dossier.covered & set(report.lots)]
    acts = [act for act in dossier.history.site_acts if act.act == "accepted" and act.lot in covered]
    for act in {act.lot: act for act in acts}.values():
        then = [report for report in reports if report.entry < act.entry]
        ended = [report for report in then if not report.is_current and _end_of(report) < act.entry]
        if then and len(ended) == len(then):
            last = ended[-1]
            facts: dict[str, Fact] = {
                "lab": last.lab,
                "number": last.number,
                "party": act.party,
                "accepted_at": act.at,
            }
            yield Finding("L04", Severity.CRITICAL, facts, (act.entry, last.entry, _end_of(last)), "accepted")


def _end_of(report: Report) -> int:
    """The entry that ended a version; of one in force none, so nothing comes after it."""
    end = report.replaced_by if report.withdrawn_by is None else report.withdrawn_by
    return report.entry if end is None else end
