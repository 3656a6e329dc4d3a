"""L04: a report used after its lab had replaced or withdrawn it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from labs.rules.versions import superseded_or_revoked
from tests.facts import ACCEPTED, PAPER, REPORT, ROW, but, find_one, found
from trace.findings import Severity

OLD = replace(REPORT, replaced_by=50)
NEW = replace(
    REPORT,
    entry=50,
    issued_on=date(2015, 5, 14),
    rows=(replace(ROW, value=Decimal("7.390")),),
    replaces=41,
    pdf_sha256="b" * 64,
)
FAILED = replace(NEW, conclusion="fail")


def shown(entry, *reports, **paper):
    return but(reports=reports, papers=(replace(PAPER, entry=entry, **paper),), site_acts=())


@pytest.mark.parametrize(
    ("entry", "new", "case", "severity"),
    [
        (51, NEW, "superseded", Severity.CRITICAL),
        (51, FAILED, "superseded", Severity.CRITICAL),
        (49, FAILED, "overturned", Severity.MAJOR),
    ],
)
def test_an_old_version_shown_after_its_end_or_overturned_since_is_found(entry, new, case, severity):
    finding = find_one(superseded_or_revoked, shown(entry, OLD, new))
    assert (finding.case, finding.severity, finding.entries) == (case, severity, (entry, 41, 50))


def test_an_old_version_shown_before_one_that_says_the_same_is_no_fault():
    assert found(superseded_or_revoked, shown(49, OLD, NEW)) == ()


def test_the_version_in_force_and_an_altered_paper_are_not_for_this_rule():
    paper = {"issued_on": NEW.issued_on, "rows": (), "pdf_sha256": NEW.pdf_sha256}
    assert found(superseded_or_revoked, shown(51, OLD, NEW, **paper)) == ()
    assert found(superseded_or_revoked, shown(51, OLD, NEW, conclusion="fail")) == ()


@pytest.mark.parametrize(("entry", "severity"), [(51, Severity.CRITICAL), (49, Severity.MAJOR)])
def test_a_withdrawn_report_that_was_shown_is_found(entry, severity):
    finding = find_one(superseded_or_revoked, shown(entry, replace(REPORT, withdrawn_by=50)))
    assert (finding.case, finding.severity) == ("withdrawn", severity)


@pytest.mark.parametrize(
    ("reports", "accepted", "is_found"),
    [
        ((replace(REPORT, withdrawn_by=42),), (43,), True),
        ((replace(REPORT, withdrawn_by=44),), (43,), False),
        ((replace(REPORT, replaced_by=42), replace(REPORT, entry=42)), (43,), False),
        ((replace(REPORT, withdrawn_by=42), replace(REPORT, entry=40, number="R-2")), (43,), False),
        ((replace(REPORT, withdrawn_by=42), replace(REPORT, entry=45)), (43,), True),
        ((replace(REPORT, withdrawn_by=42), replace(REPORT, entry=45)), (43, 46), False),
        ((), (43,), False),
    ],
)
def test_goods_accepted_on_ended_reports_alone_are_found(reports, accepted, is_found):
    acts = tuple(replace(ACCEPTED, entry=entry) for entry in accepted)
    findings = found(superseded_or_revoked, but(reports=reports, papers=(), site_acts=acts))
    assert [(one.case, one.severity) for one in findings] == [("accepted", Severity.CRITICAL)] * is_found
