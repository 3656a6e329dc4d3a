"""L05 L06 L07: the lab's right to test and the person's right to sign, on the day."""

from dataclasses import replace
from datetime import date

import pytest

from labs.accreditation.register import Suspension
from labs.rules.accreditation import not_accredited_on_test_date, out_of_scope, signatory_not_authorised
from tests.facts import (
    ACCREDITATION,
    LAB,
    MAKER_KEY,
    OTHER_LAB,
    REPORT,
    ROW,
    SCOPE,
    SIGNATORY,
    but,
    find_one,
    found,
    unlooked,
)
from trace.findings import Severity

STARTED, ENDED = ROW.started_on, ROW.ended_on


def may(day):
    return date(2015, 5, day)


def accredited(*periods):
    return but(
        accreditations=tuple(
            replace(ACCREDITATION, entry=60 + number, valid_from=first, valid_to=last)
            for number, (first, last) in enumerate(periods)
        )
    )


@pytest.mark.parametrize("rule", [not_accredited_on_test_date, out_of_scope, signatory_not_authorised])
def test_without_a_report_nothing_was_looked_at(rule):
    assert unlooked(rule, but(reports=())) == ("no_report",)
    assert unlooked(rule, but(reports=(replace(REPORT, withdrawn_by=70),))) == ("no_report",)


# --- L05 ---


@pytest.mark.parametrize("held", [(), (replace(ACCREDITATION, lab=OTHER_LAB),)])
def test_lab_without_any_accreditation_is_found(held):
    finding = find_one(not_accredited_on_test_date, but(accreditations=held))
    assert (finding.case, finding.severity, finding.entries) == ("none", Severity.CRITICAL, (REPORT.entry,))


@pytest.mark.parametrize(
    ("first", "last", "tested_on"),
    [
        (date(2012, 1, 1), may(8), STARTED),
        (date(2012, 1, 1), may(9), ENDED),
        (may(10), date(2019, 1, 1), STARTED),
        (may(11), date(2019, 1, 1), STARTED),
    ],
)
def test_test_on_a_day_outside_the_accreditation_is_found(first, last, tested_on):
    finding = find_one(not_accredited_on_test_date, accredited((first, last)))
    assert (finding.case, finding.facts["tested_on"]) == ("outside", tested_on)
    assert (finding.facts["valid_from"], finding.facts["valid_to"]) == (first, last)
    assert finding.entries == (REPORT.entry, 60)


def test_first_and_last_day_of_the_accreditation_are_valid():
    assert found(not_accredited_on_test_date, accredited((STARTED, ENDED))) == ()


def test_renewal_on_the_next_day_leaves_no_gap_but_a_day_later_does():
    assert found(not_accredited_on_test_date, accredited((may(1), STARTED), (ENDED, may(30)))) == ()
    row = replace(ROW, started_on=may(8), ended_on=may(10))
    gap = but(accredited((may(1), may(8)), (may(10), may(30))), reports=(replace(REPORT, rows=(row,)),))
    assert find_one(not_accredited_on_test_date, gap).facts["tested_on"] == may(9)


def test_years_without_end_are_answered_at_once():
    row = replace(ROW, started_on=date.min, ended_on=date.max)
    dossier = but(accredited((date.min, date.max)), reports=(replace(REPORT, rows=(row,) * 200),))
    assert found(not_accredited_on_test_date, dossier) == ()


@pytest.mark.parametrize(
    ("first", "last", "is_found"),
    [
        (may(1), may(8), False),
        (may(1), may(9), True),
        (may(1), None, True),
        (may(10), may(20), True),
        (may(11), None, False),
    ],
)
def test_test_during_a_suspension_is_found(first, last, is_found):
    dossier = but(suspensions=(Suspension(61, LAB, first, last),))
    findings = found(not_accredited_on_test_date, dossier)
    assert [finding.case for finding in findings] == ["suspended"] * is_found
    assert all(finding.entries == (REPORT.entry, 61) for finding in findings)


def test_suspension_of_another_lab_says_nothing():
    assert found(not_accredited_on_test_date, but(suspensions=(Suspension(61, OTHER_LAB, may(1), None),))) == ()


# --- L06 ---


@pytest.mark.parametrize(
    "changes",
    [
        {"object": "wire"},
        {"parameter": "insulation"},
        {"method": "GB/T 3048.4-1994"},
        {"valid_to": may(9)},
        {"valid_from": may(10)},
    ],
)
def test_row_without_its_line_in_the_scope_is_found(changes):
    scope = (replace(SCOPE, **changes),)
    finding = find_one(out_of_scope, but(accreditations=(replace(ACCREDITATION, scope=scope),)))
    assert finding.severity is Severity.CRITICAL
    assert finding.facts["method"] == ROW.method
    assert finding.facts["missing_rows"] == 1
    assert finding.entries == (REPORT.entry, ACCREDITATION.entry)


def test_line_valid_on_exactly_the_days_of_the_test_is_enough():
    scope = (replace(SCOPE, valid_from=STARTED, valid_to=ENDED),)
    assert found(out_of_scope, but(accreditations=(replace(ACCREDITATION, scope=scope),))) == ()


def test_rows_outside_the_scope_are_counted():
    others = tuple(replace(ROW, parameter=name) for name in ("insulation", "voltage"))
    finding = find_one(out_of_scope, but(reports=(replace(REPORT, rows=(ROW, *others)),)))
    assert (finding.facts["parameter"], finding.facts["missing_rows"]) == ("insulation", 2)


def test_scope_of_a_lab_without_accreditation_cannot_be_looked_at():
    assert unlooked(out_of_scope, but(accreditations=())) == ("no_accreditation",)


# --- L07 ---


@pytest.mark.parametrize(
    ("changes", "case"),
    [
        ({"person": "signatory-2"}, "not_authorised"),
        ({"lab": OTHER_LAB}, "not_authorised"),
        ({"authorised_from": may(13)}, "not_authorised"),
        ({"authorised_to": may(11)}, "not_authorised"),
        ({"parameters": ("insulation",)}, "other_parameter"),
        ({"kid": MAKER_KEY.kid}, "other_key"),
    ],
)
def test_one_thing_that_makes_the_signatory_another_is_found(changes, case):
    finding = find_one(signatory_not_authorised, but(signatories=(replace(SIGNATORY, **changes),)))
    assert (finding.case, finding.severity) == (case, Severity.CRITICAL)
    assert finding.facts["signatory"] == REPORT.signatory


@pytest.mark.parametrize(
    "changes",
    [
        {"authorised_from": REPORT.issued_on, "authorised_to": REPORT.issued_on},
        {"parameters": ("conductor_resistance",)},
        {"parameters": ("insulation", "*")},
    ],
)
def test_authorised_for_the_day_and_the_parameter_is_enough(changes):
    assert found(signatory_not_authorised, but(signatories=(replace(SIGNATORY, **changes),))) == ()


def test_parameter_and_key_have_to_be_of_one_authorisation():
    """Right parameter with an old key, right key for other parameters: nobody was authorised to do this."""
    other_key = replace(SIGNATORY, kid=MAKER_KEY.kid, parameters=("conductor_resistance",))
    other_parameter = replace(SIGNATORY, parameters=("insulation",))
    finding = find_one(signatory_not_authorised, but(signatories=(other_key, other_parameter)))
    assert finding.case == "other_key"
