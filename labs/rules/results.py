"""Does the conclusion follow from the values? L17."""

from collections.abc import Iterator
from decimal import Decimal

from labs.dossier import Dossier
from labs.reports.register import Report, TestRow
from labs.rules.bounds import find_bounds
from labs.rules.concern import current_reports
from labs.rules.resistance import PARAMETER, Value, read_row, shown
from labs.standards.conductor import OHM_PER_KM, is_same_unit
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule


@rule("L17", Severity.CRITICAL)
def conclusion_contradicts_values(dossier: Dossier) -> Judgement:
    """A pass over a row that failed, a value beyond its limit, or a parameter that was ordered and dropped.

    Against the limit that the report itself prints, a value counts as it stands; against the standard's, only if it is
    beyond it by more than its uncertainty, as in P01.
    """
    reports = current_reports(dossier)
    if not reports:
        yield Unchecked("L17", "no_report")
    for report in reports:
        for row in report.rows:
            yield from _judge_row(dossier, report, row)
        if report.conclusion == "pass":
            tested = {row.parameter for row in report.rows}
            for parameter in report.required:
                if parameter not in tested:
                    facts = _named(report) | {"parameter": parameter}
                    yield Finding("L17", Severity.CRITICAL, facts, (report.entry,), "row_missing")


def _judge_row(dossier: Dossier, report: Report, row: TestRow) -> Iterator[Finding]:
    """At most one contradiction a row: what the lab itself prints first, then the standard's limit."""
    if "pass" not in (report.conclusion, row.verdict):
        return
    lot = dossier.history.lot
    value, unit, margin = _value(row, report, lot.attributes.get("material", "") if lot is not None else "")
    facts = _named(report) | {"parameter": row.parameter}
    if report.conclusion == "pass" and row.verdict == "fail":
        yield Finding("L17", Severity.CRITICAL, facts, (report.entry,), "row_failed")
        return
    if value is None:
        return
    facts |= {"value": shown(value), "unit": unit}
    if row.limit is not None and unit == row.unit and _excess(value, row.limit, row.limit_kind) > 0:
        case = _case(row.limit_kind, "own")
        yield Finding("L17", Severity.CRITICAL, facts | {"limit": row.limit}, (report.entry,), case)
        return
    for bound in find_bounds(dossier, lot, row.parameter) if lot is not None else ():
        if is_same_unit(unit, bound.limit.unit) and bound.limit.outcome(value, margin) == "broken":
            facts |= {"limit": bound.limit.limit, "citation": bound.limit.citation}
            case = _case(bound.limit.limit_kind, "standard")
            yield Finding("L17", Severity.CRITICAL, facts, (report.entry, *bound.entries), case)
            return


def _value(row: TestRow, report: Report, material: str) -> tuple[Decimal | None, str, Decimal]:
    """Value, unit and uncertainty as printed; for a conductor whose readings are given, what follows from them."""
    if row.parameter == PARAMETER and isinstance(read := read_row(report, row, material), Value):
        return read.r20, row.unit if row.unit in OHM_PER_KM else "ohm/km", read.expanded or Decimal(0)
    return row.value, row.unit, row.uncertainty or Decimal(0)


def _excess(value: Decimal, limit: Decimal, limit_kind: str | None) -> Decimal:
    """By how much the value breaks the limit; nothing where it isn't said on which side the limit lies."""
    if limit_kind is None:
        return Decimal(0)
    return value - limit if limit_kind == "max" else limit - value


def _case(limit_kind: str | None, whose: str) -> str:
    return f"{'above' if limit_kind == 'max' else 'below'}_{whose}"


def _named(report: Report) -> dict[str, Fact]:
    return {"lab": report.lab, "number": report.number}
