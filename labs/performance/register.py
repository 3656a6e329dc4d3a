"""How labs have done: reports issued, amended, withdrawn and denied, and where somebody else found otherwise. Read
only: the rows are those of reports and spot checks.

What is compared is the whole conclusion on the very same lot. Two conclusions may differ and both be right, where other
samples or parameters were tested: a disagreement is a place to look, and says nothing of who is wrong.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, null, or_, select
from sqlalchemy.orm import Session, aliased

from labs.reports.register import DenialRow, ReportEndingRow, ReportLotRow, ReportRow
from trace.doubts import read_doubts
from trace.oversight.register import SpotCheckRow


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A report in force of a lab, and a re-test of the same lot that came to the other conclusion: a report in force
    by another lab, or (with no number of a report) a regulator's spot check.
    """

    lab: str
    number: str
    conclusion: str
    entry: int
    lot: str
    other: str
    other_number: str | None
    other_entry: int


@dataclass(frozen=True, slots=True)
class Performance:
    """Counts as they are on record: reports issued, amendments, and numbers withdrawn, denied and found otherwise. Of
    `disagreements` those that are not believed are left out.
    """

    reports: int = 0
    amended: int = 0
    withdrawn: int = 0
    denied: int = 0
    disagreements: int = 0


def count_performance(session: Session, labs: Collection[str]) -> dict[str, Performance]:
    """How each of these labs has done. Six questions, however many labs there are."""
    of = list(labs)
    # An amendment is a version too. Counting distinct numbers would read every report whole.
    versions = _counts(session, select(ReportRow.lab, func.count()), ReportRow, of)
    amendments = select(ReportEndingRow.lab, func.count()).where(~ReportEndingRow.is_withdrawal)
    withdrawals = select(ReportEndingRow.lab, func.count(ReportEndingRow.number.distinct()))
    amended = _counts(session, amendments, ReportEndingRow, of)
    withdrawn = _counts(session, withdrawals.where(ReportEndingRow.is_withdrawal), ReportEndingRow, of)
    denied = _counts(session, select(DenialRow.lab, func.count(DenialRow.number.distinct())), DenialRow, of)
    against: dict[str, set[str]] = defaultdict(set)
    for one in read_disagreements(session, of):
        against[one.lab].add(one.number)
    return {
        lab: Performance(
            versions.get(lab, 0) - amended.get(lab, 0),
            amended.get(lab, 0),
            withdrawn.get(lab, 0),
            denied.get(lab, 0),
            len(against[lab]),
        )
        for lab in of
    }


def read_disagreements(session: Session, labs: Collection[str]) -> tuple[Disagreement, ...]:
    """Where others found otherwise than these labs, newest first. Two questions, and one that asks what is believed."""
    told = [Disagreement(*row) for row in session.execute(_with_checks(labs))]
    for failed_by, failed, fail, lot, passed_by, passed, passing in session.execute(_among_labs(labs)):
        told.append(Disagreement(failed_by, failed, "fail", fail, lot, passed_by, passed, passing))
        told.append(Disagreement(passed_by, passed, "pass", passing, lot, failed_by, failed, fail))
    told = [one for one in told if one.lab in labs]
    doubts = read_doubts(session, {entry for one in told for entry in (one.entry, one.other_entry)}) if told else {}
    kept = (one for one in told if one.entry not in doubts and one.other_entry not in doubts)
    return tuple(sorted(kept, key=lambda one: (-max(one.entry, one.other_entry), one.lab, one.lot)))


def _counts(session: Session, query: Select[*tuple[Any, ...]], table: Any, labs: list[str]) -> Mapping[str, int]:
    return dict(session.execute(query.where(table.lab.in_(labs)).group_by(table.lab)).all())


def _among_labs(labs: Collection[str]) -> Select[*tuple[Any, ...]]:
    """From the failed reports, which are few, to what passed the same lot at another lab."""
    fail, passing = aliased(ReportRow), aliased(ReportRow)
    on, other_on = aliased(ReportLotRow), aliased(ReportLotRow)
    return (
        select(fail.lab, fail.number, fail.entry, on.lot, passing.lab, passing.number, passing.entry)
        .join_from(fail, on, on.entry == fail.entry)
        .join(other_on, other_on.lot == on.lot)
        .join(passing, passing.entry == other_on.entry)
        .where(
            fail.conclusion == "fail",
            _looked_at(passing.conclusion) == "pass",
            fail.lab != passing.lab,
            or_(_looked_at(fail.lab).in_(labs), _looked_at(passing.lab).in_(labs)),
            _is_current(fail),
            _is_current(passing),
        )
    )


def _with_checks(labs: Collection[str]) -> Select[*tuple[Any, ...]]:
    """From the spot checks, which are few, to the reports on the same lot."""
    own, on, check = aliased(ReportRow), aliased(ReportLotRow), aliased(SpotCheckRow)
    none = cast(null(), String)
    return (
        select(own.lab, own.number, own.conclusion, own.entry, on.lot, check.authority, none, check.entry)
        .join_from(check, on, on.lot == check.lot)
        .join(own, own.entry == on.entry)
        .where(
            _looked_at(own.lab).in_(labs),
            or_(
                and_(_looked_at(own.conclusion) == "pass", ~check.is_passed),
                and_(_looked_at(own.conclusion) == "fail", check.is_passed),
            ),
            _is_current(own),
        )
    )


def _looked_at(column: Any) -> ColumnElement[str]:
    """The column itself, but never found by its index: a lab's reports are many, and planners can't know that."""
    return func.coalesce(column, "")


def _is_current(report: Any) -> ColumnElement[bool]:
    later = (
        ReportEndingRow.lab == report.lab,
        ReportEndingRow.number == report.number,
        ReportEndingRow.entry > report.entry,
    )
    return ~select(ReportEndingRow.entry).where(*later).exists()
