"""Were the gates passed in their order? Rule C05: delivered and reported, then accepted, then installed."""

from collections.abc import Iterator

from labs.dossier import Dossier
from trace.days import civil_day
from trace.findings import Fact, Finding, Judgement, Severity, rule
from trace.rules.facts import covered_lots
from trace.site.register import SiteAct


@rule("C05", Severity.CRITICAL)
def gates_out_of_order(dossier: Dossier) -> Judgement:
    """Nothing was installed before its acceptance, nor accepted before it was delivered and reported on.

    An acceptance that came too early is healed by a later one in the right order; what was built in meanwhile is not.
    A lot that was never delivered is not found here: that gate alone already holds it.
    """
    covered = covered_lots(dossier.history)
    acts = [act for act in dossier.history.site_acts if act.lot in covered]
    accepted = sorted((act for act in acts if act.act == "accepted"), key=lambda act: (act.at, act.entry))
    faults = {act.entry: list(_faults_of(dossier, act, acts)) for act in accepted}
    in_order = [act for act in accepted if not faults[act.entry]]
    if not in_order:
        for act in accepted[:1]:
            yield from faults[act.entry]
    yield from _installed_early(dossier, in_order or accepted)


def _faults_of(dossier: Dossier, acceptance: SiteAct, acts: list[SiteAct]) -> Iterator[Finding]:
    delivered = min((act for act in acts if act.act == "delivered"), key=lambda act: act.at, default=None)
    shown: dict[str, Fact] = {"party": acceptance.party, "accepted_at": acceptance.at}
    if delivered is not None and acceptance.at < delivered.at:
        yield Finding(
            "C05",
            Severity.CRITICAL,
            shown | {"delivered_at": delivered.at},
            tuple(sorted({acceptance.entry, delivered.entry})),
            "accepted_before_delivered",
        )
    covering = [report for report in dossier.reports if dossier.covered & set(report.lots)]
    first = min(covering, key=lambda report: (report.issued_on, report.entry), default=None)
    if first is None:
        yield Finding("C05", Severity.CRITICAL, shown, (acceptance.entry,), "accepted_without_report")
    elif first.issued_on > civil_day(acceptance.at):
        yield Finding(
            "C05",
            Severity.CRITICAL,
            shown | {"report": first.number, "issued_on": first.issued_on},
            tuple(sorted((acceptance.entry, first.entry))),
            "accepted_before_report",
        )


def _installed_early(dossier: Dossier, accepted: list[SiteAct]) -> Iterator[Finding]:
    """The lot's own installations: those above it are other metres."""
    for act in dossier.history.site_acts:
        if act.act != "installed" or act.lot != dossier.history.lot_id:
            continue
        shown: dict[str, Fact] = {"party": act.party, "installed_at": act.at}
        if not accepted:
            yield Finding("C05", Severity.CRITICAL, shown, (act.entry,), "installed_unaccepted")
        elif act.at < accepted[0].at:
            yield Finding(
                "C05",
                Severity.CRITICAL,
                shown | {"accepted_at": accepted[0].at},
                tuple(sorted((act.entry, accepted[0].entry))),
                "installed_before_accepted",
            )
