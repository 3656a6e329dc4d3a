"""L01 L02 L03: what is presented under a lab's name against what the lab has signed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from labs.rules.authenticity import altered, not_signed_by_the_lab, number_unknown
from tests.facts import (
    CONTRACTOR,
    DENIAL,
    LAB,
    LAB_KEY,
    OTHER_LAB,
    PAPER,
    REPORT,
    SISTER,
    but,
    cst,
    find_one,
    found,
    unlooked,
)
from trace.findings import Finding, Severity

FORGED = replace(PAPER, number="R-2015-666", seal="ink", presented_at=cst(5, 12, 15))
"""Presented on a Tuesday, under a number that the lab never gave."""
FRIDAY, SATURDAY, MONDAY = cst(5, 15, 23), cst(5, 16), cst(5, 18, 0)


def forged(at, **changes):
    return but(papers=(replace(FORGED, **changes),), at=at)


# --- L01 ---


def test_report_signed_with_a_key_compromised_before_is_found():
    stolen = replace(LAB_KEY, compromised_since=cst(5, 1), revoked_at=cst(5, 20), revocation_entry=60)
    finding = find_one(not_signed_by_the_lab, but(lab_keys=(stolen,)))
    assert (finding.case, finding.severity) == ("revoked", Severity.CRITICAL)
    assert finding.facts["since"] == cst(5, 1)
    assert finding.entries == (REPORT.entry, 60)


def test_signature_dated_back_behind_the_theft_of_its_key_is_not_believed():
    stolen = replace(LAB_KEY, compromised_since=REPORT.signed_at + timedelta(minutes=1), revocation_entry=60)
    assert find_one(not_signed_by_the_lab, but(lab_keys=(stolen,))).case == "revoked"


def test_key_compromised_after_the_report_was_recorded_leaves_it_valid():
    later = replace(LAB_KEY, compromised_since=REPORT.recorded_at + timedelta(seconds=1), revocation_entry=60)
    assert found(not_signed_by_the_lab, but(lab_keys=(later,))) == ()


def test_key_that_a_thief_enrolled_signs_nothing_for_the_lab():
    enrolled = replace(LAB_KEY, doubted_since=LAB_KEY.enrolled_at, doubt_entry=60)
    finding = find_one(not_signed_by_the_lab, but(lab_keys=(enrolled,)))
    assert (finding.case, finding.entries) == ("vouched", (REPORT.entry, 60))


def test_report_that_is_not_believed_is_judged_though_it_counts_for_nothing():
    stolen = replace(LAB_KEY, compromised_since=cst(5, 1), doubted_since=cst(5, 1), doubt_entry=60, revocation_entry=60)
    dossier = but(reports=(), papers=(), doubted_reports=(REPORT,), lab_keys=(stolen,))
    assert find_one(not_signed_by_the_lab, dossier).case == "revoked"


def test_paper_with_a_number_that_only_a_thief_registered_is_found_once():
    """Neither rule calls the number unknown: it is on record, and not believed."""
    stolen = replace(LAB_KEY, compromised_since=cst(5, 1), doubted_since=cst(5, 1), doubt_entry=60, revocation_entry=60)
    elsewhere = replace(REPORT, lots=(SISTER,))
    dossier = but(reports=(), doubted_reports=(elsewhere,), lab_keys=(stolen,))
    assert find_one(not_signed_by_the_lab, dossier).entries == (REPORT.entry, 60)
    assert found(number_unknown, dossier) == found(altered, dossier) == ()


@pytest.mark.parametrize(("minutes", "count"), [(-1, 1), (0, 1), (1, 0)])
def test_key_revoked_before_the_record_is_found_and_afterwards_not(minutes, count):
    revoked = replace(LAB_KEY, revoked_at=REPORT.recorded_at + timedelta(minutes=minutes), revocation_entry=60)
    assert len(found(not_signed_by_the_lab, but(lab_keys=(revoked,)))) == count


def test_key_of_another_lab_signs_nothing():
    finding = find_one(not_signed_by_the_lab, but(lab_keys=(replace(LAB_KEY, party=OTHER_LAB),)))
    assert finding.case == "unknown_key"


def test_superseded_report_is_not_asked_for_its_key():
    old = replace(REPORT, replaced_by=70)
    assert found(not_signed_by_the_lab, but(reports=(old,), lab_keys=())) == ()


@pytest.mark.parametrize(
    ("at", "severity", "waited"),
    [
        (FRIDAY, Severity.MAJOR, 3),
        (SATURDAY, Severity.MAJOR, 3),
        (MONDAY, Severity.CRITICAL, 4),
    ],
)
def test_paper_without_a_signed_report_is_major_for_three_working_days_then_critical(at, severity, waited):
    finding = find_one(not_signed_by_the_lab, forged(at))
    assert (finding.case, finding.severity) == ("unsigned", severity)
    assert finding.facts["waited_days"] == waited
    assert finding.facts["seal"] == "ink"
    assert finding.entries == (PAPER.entry,)


def test_paper_that_the_lab_denies_is_critical_at_once():
    finding = find_one(not_signed_by_the_lab, but(forged(cst(5, 12, 16)), denials=(DENIAL,)))
    assert (finding.case, finding.severity) == ("denied", Severity.CRITICAL)
    assert finding.facts["denied_on"] == DENIAL.denied_on
    assert finding.entries == (PAPER.entry, DENIAL.entry)


def test_denial_of_the_same_number_by_another_lab_says_nothing():
    dossier = but(forged(cst(5, 12, 16)), denials=(replace(DENIAL, lab=OTHER_LAB),))
    assert find_one(not_signed_by_the_lab, dossier).case == "unsigned"


def test_same_number_of_another_lab_is_no_signed_report():
    assert find_one(not_signed_by_the_lab, but(papers=(replace(PAPER, claimed_body=OTHER_LAB),))).case == "unsigned"


def test_paper_for_a_sister_and_certificates_are_not_asked():
    strangers = (replace(FORGED, lots=(SISTER,)), replace(FORGED, type="certificate"))
    assert found(not_signed_by_the_lab, but(papers=strangers)) == ()


def test_without_report_or_paper_nothing_was_looked_at():
    assert unlooked(not_signed_by_the_lab, but(reports=(), papers=())) == ("no_report",)


# --- L02 ---


def printed(**changes):
    return replace(PAPER, rows=(replace(PAPER.rows[0], **changes),))


@pytest.mark.parametrize(
    ("paper", "case", "field", "shown", "registered"),
    [
        (replace(PAPER, conclusion="fail"), "conclusion", "conclusion", "fail", "pass"),
        (printed(value=Decimal("7.19")), "value", "conductor_resistance", "7.19 ohm/km", "7.290 ohm/km"),
        (printed(unit="ohm"), "value", "conductor_resistance", "7.29 ohm", "7.290 ohm/km"),
        (printed(verdict="fail"), "verdict", "conductor_resistance", "fail", "pass"),
        (printed(parameter="insulation", value=Decimal(1)), "row", "insulation", Decimal(1), ""),
        (replace(PAPER, issued_on=date(2015, 5, 11)), "issued_on", "issued_on", date(2015, 5, 11), date(2015, 5, 12)),
        (replace(PAPER, pdf_sha256="b" * 64), "file", "pdf_sha256", "b" * 64, "a" * 64),
    ],
)
def test_one_altered_thing_is_shown_beside_what_is_registered(paper, case, field, shown, registered):
    finding = find_one(altered, but(papers=(paper,)))
    assert (finding.case, finding.severity) == (case, Severity.CRITICAL)
    assert (finding.facts["field"], finding.facts["printed"], finding.facts["registered"]) == (field, shown, registered)
    assert finding.facts["presenter"] == CONTRACTOR
    assert finding.entries == (PAPER.entry, REPORT.entry)


def test_of_several_differences_the_one_that_people_read_is_named():
    assert find_one(altered, but(papers=(replace(PAPER, conclusion="fail", pdf_sha256="b" * 64),))).case == "conclusion"


@pytest.mark.parametrize(
    "paper",
    [
        printed(value=Decimal("7.2900")),
        printed(unit="\u03a9/km"),
        printed(value=None),
        printed(verdict="none"),
        replace(PAPER, rows=(), conclusion=None, issued_on=None, pdf_sha256=None),
    ],
)
def test_another_way_of_writing_or_silence_is_no_alteration(paper):
    assert found(altered, but(papers=(paper,))) == ()


def test_readings_without_a_value_cannot_be_contradicted():
    row = replace(REPORT.rows[0], value=None, resistance_ohm=Decimal("3.65"), length_m=Decimal(500))
    assert found(altered, but(reports=(replace(REPORT, rows=(row,)),))) == ()


def test_copy_of_the_version_before_was_not_altered():
    amended = replace(REPORT, entry=45, pdf_sha256="c" * 64, replaces=REPORT.entry)
    assert found(altered, but(reports=(replace(REPORT, replaced_by=45), amended))) == ()


def test_copy_that_agrees_with_no_version_was_altered():
    amended = replace(REPORT, entry=45, pdf_sha256="c" * 64, replaces=REPORT.entry)
    dossier = but(reports=(replace(REPORT, replaced_by=45), amended), papers=(replace(PAPER, pdf_sha256="d" * 64),))
    finding = find_one(altered, dossier)
    assert finding.facts["registered"] == "c" * 64
    assert finding.entries == (PAPER.entry, 45)


def test_paper_under_an_unknown_number_is_for_others_to_find():
    assert found(altered, but(papers=(FORGED,))) == ()


# --- L03 ---


@pytest.mark.parametrize("at", [cst(5, 12, 15), FRIDAY, SATURDAY])
def test_lab_has_three_working_days(at):
    assert unlooked(number_unknown, forged(at)) == ("lab_has_time",)


def test_number_unregistered_after_three_working_days_is_major():
    finding = find_one(number_unknown, forged(MONDAY))
    assert (finding.case, finding.severity) == ("unregistered", Severity.MAJOR)
    assert (finding.facts["lab"], finding.facts["number"]) == (LAB, "R-2015-666")


def test_days_are_those_of_china():
    """Presented at half past midnight on Tuesday in China, which is Monday in UTC: Friday is still the third day."""
    assert unlooked(number_unknown, forged(FRIDAY, presented_at=cst(5, 12, 0))) == ("lab_has_time",)


def test_number_that_the_lab_denies_is_critical_at_once():
    finding = find_one(number_unknown, but(forged(cst(5, 12, 16)), denials=(DENIAL,)))
    assert (finding.case, finding.severity) == ("denied", Severity.CRITICAL)
    assert finding.entries == (PAPER.entry, DENIAL.entry)


def test_registering_the_number_late_clears_it():
    late = replace(REPORT, number="R-2015-666", entry=80)
    assert found(number_unknown, but(forged(cst(6, 1)), reports=(REPORT, late))) == ()


@pytest.mark.parametrize(("entry", "cases"), [(40, []), (60, ["denied"])])
def test_last_word_of_the_lab_counts(entry, cases):
    """A denial before the lab's own report was taken back by it; one after it stands."""
    dossier = but(denials=(replace(DENIAL, number=REPORT.number, entry=entry),))
    assert [said.case for said in number_unknown.check(dossier) if isinstance(said, Finding)] == cases
