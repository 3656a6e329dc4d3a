"""Reports for tests of screens: as few facts as a screen looks at."""

from dataclasses import replace
from decimal import Decimal

from labs.reports.register import TestRow
from labs.screens.screen import Issued, Screen, Screened, add_counts
from tests.facts import CONTRACTOR, LAB, ROW


def row(value, **changes) -> TestRow:
    """A row with this value, as the tests' facts have it otherwise."""
    return replace(ROW, value=Decimal(value) if value is not None else None, **changes)


def issued(*rows: TestRow, lab=LAB, client: str | None = CONTRACTOR, conclusion="pass") -> Issued:
    """A report with these rows."""
    return Issued(lab, client, conclusion, rows)


def ask(screen: Screen, reports) -> list[Screened]:
    """What a screen says of reports, subject by subject."""
    subjects: dict = {}
    for report in reports:
        for (subject, lab, about), counts in screen.count(report):
            add_counts(subjects.setdefault(subject, {}).setdefault((lab, about), {}), counts)
    return [said for subject in sorted(subjects) for said in screen.ask(subject, subjects[subject])]
