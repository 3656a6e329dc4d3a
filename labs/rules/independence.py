"""Is the lab independent of those whose goods it tests? L21.

ISO/IEC 17025:2017 4.1 asks for impartiality; the catalogue finds whatever a lab and the supplier's side share (legal
representative, shareholder, address, telephone, account), and whoever stands between them, over at most two steps. It
is asked for the days from the first test to the issue of the report. Whether it is harmless that two state companies
have one owner, or that two firms rent in one tower, is for a regulator to rule: the finding can be dismissed.
"""

from datetime import date

from labs.dossier import Dossier
from labs.relations.paths import Way, find_ways
from labs.reports.register import Report
from labs.rules.concern import current_reports, supplier_side
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule


@rule("L21", Severity.CRITICAL)
def lab_not_independent(dossier: Dossier) -> Judgement:
    """The lab and the supplier's side have something in common, directly or over a third party."""
    reports = current_reports(dossier)
    if not reports:
        yield Unchecked("L21", "no_report")
    suppliers = supplier_side(dossier)
    for report in reports:
        facts: dict[str, Fact] = {"lab": report.lab, "number": report.number}
        if report.lab in suppliers:
            proof = (report.entry, suppliers[report.lab])
            yield Finding("L21", Severity.CRITICAL, facts | {"supplier": report.lab}, proof, "itself")
            continue
        if not any(report.lab in (one.party, one.other) for one in dossier.relations):
            # Nothing is known of what stands behind the lab: that is no independence.
            yield Unchecked("L21", "no_relations", facts)
            continue
        for way in find_ways(dossier.relations, report.lab, suppliers, *_days(report)):
            yield _finding(report, way, suppliers)


def _days(report: Report) -> tuple[date, date]:
    days = [report.issued_on, *(day for row in report.rows for day in (row.started_on, row.ended_on))]
    return min(days), max(days)


def _finding(report: Report, way: Way, suppliers: dict[str, int]) -> Finding:
    supplier = way[-1].end
    facts: dict[str, Fact] = {"lab": report.lab, "number": report.number, "supplier": supplier}
    facts["relation"] = way[0].kind
    case = "direct"
    if len(way) == 2:
        case = "over"
        facts |= {"third": way[0].end, "next_relation": way[1].kind}
    stated = (relation.entry for step in way for relation in step.relations)
    return Finding("L21", Severity.CRITICAL, facts, (report.entry, *stated, suppliers[supplier]), case)
