"""Were the values measured, or copied from another report? L10.

Four values of three digits that are equal in the same order, or as a set, across different samples. Chance alone makes
some vectors equal where a hundred thousand are on record, most of all short ones of few digits, and some values of many
vectors. So values in common stop a lot where eight of their digits are beyond the second of their value, and one more
for each tenfold choice of such values among all; that chance doesn't do. A shorter vector that is equal whole and in
order holds the lot until somebody has looked (labs/copies/vectors.py).

That two reports are alike says nothing of which was measured. Both lots are told.
"""

from collections.abc import Iterator

from labs.copies.vectors import Likeness, compare, read_cells
from labs.dossier import Dossier
from labs.reports.register import Report
from labs.rules.concern import current_reports
from trace.findings import Fact, Finding, Judgement, Severity, rule

# Ours to choose: as many as can be read in a sentence.
_SHOWN = 8


@rule("L10", Severity.CRITICAL)
def values_copied(dossier: Dossier) -> Judgement:
    """A report for the lot has its values in common with a report on another sample."""
    for report in current_reports(dossier):
        for copy in dossier.copies:
            if copy.entry == report.entry:
                yield from _judge(report, copy.other)


def find_likeness(report: Report, other: Report) -> Likeness | None:
    """What two reports have in common, where one is in force, believed, and a copy of the other."""
    if not other.is_current or other.doubt is not None or not _is_other_sample(report, other):
        return None
    likeness = compare(read_cells(report.rows), read_cells(other.rows))
    return likeness if likeness is not None and likeness.is_copy else None


def _judge(report: Report, other: Report) -> Iterator[Finding]:
    likeness = find_likeness(report, other)
    if likeness is None:
        return
    severity = Severity.CRITICAL if likeness.is_sure else Severity.MAJOR
    yield Finding("L10", severity, _facts(report, other, likeness), (report.entry, other.entry), _case(likeness))


def _case(likeness: Likeness) -> str:
    if not likeness.is_sure:
        return "short"
    if not likeness.is_whole:
        return "in_part"
    return "in_order" if likeness.is_ordered else "as_a_set"


def _is_other_sample(report: Report, other: Report) -> bool:
    """A version of the same report is no copy, nor is another on the same sample: that is L09's. Where neither names
    its sample, lots in common may well be the same piece.
    """
    if (report.lab, report.number) == (other.lab, other.number):
        return False
    if report.sample is None and other.sample is None:
        return set(report.lots).isdisjoint(other.lots)
    return report.sample != other.sample


def _facts(report: Report, other: Report, likeness: Likeness) -> dict[str, Fact]:
    values = [f"{cell.number:f}" for cell in likeness.equal]
    return {
        "lab": report.lab,
        "number": report.number,
        "other_lab": other.lab,
        "other_number": other.number,
        "other_lot": other.lots[0],
        "issued_on": report.issued_on,
        "other_issued_on": other.issued_on,
        "equal": len(values),
        "of": len(report.rows),
        "digits": likeness.free_digits,
        "values": ", ".join(values[:_SHOWN]) + (" …" if len(values) > _SHOWN else ""),
    }
