"""Is one report made to speak for more than it was written for? L09.

ISO/IEC 17025:2017 7.8.2.1 l: results relate only to the items tested.
"""

from collections.abc import Iterator
from decimal import Decimal

from labs.dossier import Dossier
from labs.reports.register import Report
from labs.rules.concern import current_reports, cut_from, presented, samples_behind, versions
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule


@rule("L09", Severity.CRITICAL)
def report_reused(dossier: Dossier) -> Judgement:
    """A report held up for a lot that it does not name, for more metres than it covers, or made twice of one sample."""
    yield from _other_lots(dossier)
    reports = current_reports(dossier)
    for report in reports:
        yield from _exceeded(dossier, report)
    for number, report in enumerate(reports):
        yield from _same_sample(dossier, report, reports[:number])


def _other_lots(dossier: Dossier) -> Iterator[Finding]:
    """A paper for this lot, or a sample of it, leads to a report that names other lots only."""
    for paper in presented(dossier, "report"):
        known = [report for report in versions(dossier, paper) if report.is_current]
        if known and not any(dossier.covered & set(report.lots) for report in known):
            facts = _named(known[-1]) | {"presenter": paper.presenter, "presented_at": paper.presented_at}
            yield Finding("L09", Severity.CRITICAL, facts, (paper.entry, known[-1].entry), "other_lot")
    for sample in dossier.samples:
        if sample.lot not in dossier.covered:
            continue
        for report in dossier.reports:
            if report.is_current and report.sample == sample.sample and not _is_answered(dossier, report):
                facts = _named(report) | {"sample": sample.sample}
                yield Finding("L09", Severity.CRITICAL, facts, (sample.entry, report.entry), "other_lot_sample")


def _is_answered(dossier: Dossier, report: Report) -> bool:
    """Does the report name the lot, what it was cut from or what was cut from that; or a lot with a sample of that id
    of its own, drawn by another?
    """
    pieces = cut_from(dossier.history, dossier.covered)
    own = {sample.lot for sample in dossier.samples if sample.sample == report.sample} - dossier.covered
    return bool(pieces & set(report.lots)) or bool(own & set(report.lots))


def _exceeded(dossier: Dossier, report: Report) -> Iterator[Finding | Unchecked]:
    """The lots that a report names are together more than the quantity that it says it covers."""
    if report.covers is None:
        return
    facts: dict[str, Fact] = {
        "lab": report.lab,
        "number": report.number,
        "covers": report.covers.value,
        "unit": report.covers.unit,
    }
    sizes = [_size(dossier, lot, report.covers.unit) for lot in _topmost(dossier, report)]
    named = sum((size for size in sizes if size is not None), Decimal(0))
    if named > report.covers.value:
        yield Finding("L09", Severity.CRITICAL, facts | {"named": named}, (report.entry,), "exceeded")
    elif None in sizes:
        yield Unchecked("L09", "lot_quantity_unknown", facts)


def _topmost(dossier: Dossier, report: Report) -> list[str]:
    """The lots that a report names, without those that were cut from another of them and would count twice."""
    return [
        lot
        for lot in report.lots
        if not any(lot != other and lot in cut_from(dossier.history, [other]) for other in report.lots)
    ]


def _size(dossier: Dossier, lot: str, unit: str) -> Decimal | None:
    """How much a lot was when it came into being; a sister's size is known from the flow that made both."""
    known = dossier.history.lots.get(lot)
    quantities = [known.quantity] if known is not None else []
    quantities += [
        portion.quantity for flow in dossier.history.lineage.flows for portion in flow.outputs if portion.lot == lot
    ]
    return next((size.value for size in quantities if size is not None and size.unit == unit), None)


def _same_sample(dossier: Dossier, report: Report, asked: tuple[Report, ...]) -> Iterator[Finding]:
    """Another report in force on the same sample, under another number or another lab's name; each pair once."""
    if report.sample is None:
        return
    behind = samples_behind(dossier, report)
    for other in dossier.reports:
        if not other.is_current or other.sample != report.sample or other in asked:
            continue
        if (other.lab, other.number) == (report.lab, report.number):
            continue
        own = samples_behind(dossier, other)
        # Two samplers may use one id: where each report has a sample of its own, nothing was reused.
        if behind and own and {s.entry for s in behind}.isdisjoint(s.entry for s in own):
            continue
        facts = _named(other) | {"sample": report.sample, "other_number": report.number, "other_lab": report.lab}
        yield Finding("L09", Severity.CRITICAL, facts, (report.entry, other.entry), "same_sample")


def _named(report: Report) -> dict[str, Fact]:
    return {"lab": report.lab, "number": report.number, "lot": report.lots[0], "lots": len(report.lots)}
