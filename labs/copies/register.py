"""Reports that have their values in common: an index of prints, and the pairs of reports that it led to.

Both are written when a report is accepted, from it and those before it; `labs/rules/copied.py` judges. Withdrawn,
replaced and unbelieved reports stay in: whether they count is asked when facts are gathered.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from labs.copies.vectors import Cell, Prints, compare, prints_of, read_cells
from labs.reports.register import Report, ReportLotRow, ReportRow, read_reports, read_rows, read_said_rows
from trace.kinds import Said
from trace.ledger.asking import any_of, ask, find_rows
from trace.ledger.ink import add_row
from trace.ledger.tables import BY_KEY, Base


class VectorPrintRow(Base):
    """A print of a report's values (`vectors.py`), for those that are in fewer than MOST_ALIKE reports."""

    __tablename__ = "vector_print"
    __table_args__ = BY_KEY
    print: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class ReportCopyRow(Base):
    """A report whose values are those of another; of a pair each is the `entry` of one row."""

    __tablename__ = "report_copy"
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    other: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lab: Mapped[str] = mapped_column(String(18), index=True)
    number: Mapped[str] = mapped_column(String(60), index=True)
    other_number: Mapped[str] = mapped_column(String(60))


# Ours to choose. What a thousand reports have in common tells none of them from another, and a look-up has a bound:
# what comes later is still held against the first so many.
MOST_ALIKE = 200
_MOST_COPIES = 20

_PRINT, _COPY = VectorPrintRow.__table__.c, ReportCopyRow.__table__.c
_ALIKE = select(_PRINT.print, _PRINT.entry).where(_PRINT.print.in_(any_of("prints")))


@dataclass(frozen=True, slots=True)
class Copy:
    """That the values of the report `entry` are those of another. `entry` is believed; `other` may not be."""

    entry: int
    other: Report


def note_values(session: Session, said: Said) -> None:
    """Effect of `report.issued` and `report.amended`: what the report has in common with those before it."""
    cells = read_cells(read_said_rows(said.body))
    prints = prints_of(cells)
    if not prints.series and not prints.pairs:
        return
    alike, full = _look_up(session, prints)
    others = (row for row in alike if (row.lab, row.number) != (said.issuer, said.body["number"]))
    for row in islice((row for row in others if _is_copy(cells, row)), _MOST_COPIES):
        _add_pair(session, said, row, is_told_of_both=not prints.series & full)
    for value in sorted((prints.pairs | prints.series) - full):
        add_row(session, VectorPrintRow, print=value, entry=said.position)


def find_alike(session: Session, cells: Sequence[Cell]) -> tuple[tuple[str, str], ...]:
    """(lab, number) of the reports on record that a report with these values would be a copy of, in order of record."""
    alike, _ = _look_up(session, prints_of(cells))
    return tuple((row.lab, row.number) for row in alike if _is_copy(cells, row))


def read_copies(session: Session, numbers: Collection[str]) -> tuple[Copy, ...]:
    """The reports with these numbers whose values are those of another, with the other. One question where there are
    none.
    """
    rows = find_rows(session, ReportCopyRow, {"number": numbers}, "entry", "other")
    others = read_reports(session, (), {row.other_number for row in rows}) if rows else ()
    by_entry = {other.entry: other for other in others}
    return tuple(Copy(row.entry, by_entry[row.other]) for row in rows)


def read_lots_beside(session: Session, entries: Collection[int] = (), numbers: Collection[str] = ()) -> set[str]:
    """The lots of the reports that have their values in common with these."""
    told = find_rows(session, ReportCopyRow, {"entry": entries, "number": numbers})
    return {row.lot for row in find_rows(session, ReportLotRow, {"entry": {row.other for row in told}})}


def read_lots_beside_lab(session: Session, lab: str) -> set[str]:
    """The lots of the reports, by whomever, that have their values in common with reports of a lab."""
    told = find_rows(session, ReportCopyRow, {"lab": [lab]})
    return {row.lot for row in find_rows(session, ReportLotRow, {"entry": {row.other for row in told}})}


def _look_up(session: Session, prints: Prints) -> tuple[Sequence[Any], frozenset[int]]:
    """The reports that may be alike, in order, and which prints are in so many already that they tell nothing more."""
    found = ask(session, _ALIKE, prints=sorted(prints.pairs | prints.series)).rows
    times = Counter(row.print for row in found)
    pairs_of = Counter(row.entry for row in found if row.print in prints.pairs)
    alike = {row.entry for row in found if row.print in prints.series}
    alike |= {entry for entry, count in pairs_of.items() if count >= prints.least}
    full = frozenset(value for value, count in times.items() if count >= MOST_ALIKE)
    return find_rows(session, ReportRow, {"entry": alike}, "entry"), full


def _is_copy(cells: Sequence[Cell], row: Any) -> bool:
    likeness = compare(cells, read_cells(read_rows(row.rows)))
    return likeness is not None and likeness.is_copy


def _add_pair(session: Session, said: Said, row: Any, *, is_told_of_both: bool) -> None:
    """The later report names the earlier; the earlier names the later too, unless hundreds have its values."""
    number = said.body["number"]
    add_row(
        session,
        ReportCopyRow,
        entry=said.position,
        other=row.entry,
        lab=said.issuer,
        number=number,
        other_number=row.number,
    )
    if is_told_of_both:
        add_row(
            session,
            ReportCopyRow,
            entry=row.entry,
            other=said.position,
            lab=row.lab,
            number=row.number,
            other_number=number,
        )
