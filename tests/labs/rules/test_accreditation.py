"""L05 L06 L07: the lab's right to test and the person's right to sign, on the day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from labs.accreditation.register import AuthorisationEnding, Reinstatement, ScopePart, Suspension
from labs.rules.accreditation import (
    not_accredited_on_test_date,
    out_of_scope,
    signatory_not_authorised,
    standard_of,
)
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


@pytest.mark.parametrize(
    ("part", "is_found"),
    [
        (ScopePart("cable"), True),
        (ScopePart("cable", "conductor_resistance"), True),
        (ScopePart("cable", "conductor_resistance", "GB/T 3048.4-2007"), True),
        (ScopePart("wire"), False),
        (ScopePart("cable", "insulation"), False),
        (ScopePart("cable", None, "GB/T 3048.4-1994"), False),
    ],
)
def test_suspension_of_a_part_reaches_the_tests_of_that_part(part, is_found):
    dossier = but(suspensions=(Suspension(61, LAB, may(1), None, (part,)),))
    findings = found(not_accredited_on_test_date, dossier)
    assert [finding.case for finding in findings] == ["partly_suspended"] * is_found


def test_suspension_of_one_site_leaves_a_line_for_another():
    here, there = replace(SCOPE, site="1"), replace(SCOPE, site="2")
    pause = Suspension(61, LAB, may(1), None, (ScopePart("cable", site="1"),))
    held = replace(ACCREDITATION, scope=(here, there))
    assert found(not_accredited_on_test_date, but(accreditations=(held,), suspensions=(pause,))) == ()
    alone = replace(ACCREDITATION, scope=(here,))
    assert len(found(not_accredited_on_test_date, but(accreditations=(alone,), suspensions=(pause,)))) == 1


@pytest.mark.parametrize(("reinstated_on", "is_found"), [(may(8), False), (may(9), False), (may(10), True)])
def test_suspension_ends_on_the_day_before_the_lab_is_reinstated(reinstated_on, is_found):
    dossier = but(
        suspensions=(Suspension(61, LAB, may(1), None),), reinstatements=(Reinstatement(62, LAB, reinstated_on, None),)
    )
    assert len(found(not_accredited_on_test_date, dossier)) == is_found


@pytest.mark.parametrize(
    "changes",
    [
        {"entry": 60},  # said before the suspension was
        {"lab": OTHER_LAB},
        {"suspended_from": may(2)},  # lifts another
        {"scope": (ScopePart("wire"),)},
    ],
)
def test_what_lifts_something_else_lifts_nothing(changes):
    lifted = replace(Reinstatement(62, LAB, may(5), may(1)), **changes)
    dossier = but(suspensions=(Suspension(61, LAB, may(1), None),), reinstatements=(lifted,))
    assert find_one(not_accredited_on_test_date, dossier).case == "suspended"


def test_a_part_of_what_was_suspended_whole_can_be_given_back():
    lifted = Reinstatement(62, LAB, may(5), None, (ScopePart("cable"),))
    dossier = but(suspensions=(Suspension(61, LAB, may(1), None),), reinstatements=(lifted,))
    assert found(not_accredited_on_test_date, dossier) == ()


# --- L06 ---


@pytest.mark.parametrize(
    ("changes", "case", "told"),
    [
        ({"object": "wire"}, "", {}),
        ({"method": "GB/T 3048.4-1994"}, "other_edition", {"in_scope": "GB/T 3048.4-1994"}),
        ({"method": "GB/T 3048.5-2007"}, "", {}),
        ({"valid_to": may(9)}, "not_then", {"valid_to": may(9)}),
        (
            {"range_from": Decimal(10), "range_to": Decimal(50), "range_unit": "ohm/km"},
            "out_of_range",
            {"range": "10–50 ohm/km", "value": Decimal("7.290")},
        ),
    ],
)
def test_what_comes_nearest_in_the_scope_is_told(changes, case, told):
    scope = (replace(SCOPE, **changes),)
    finding = find_one(out_of_scope, but(accreditations=(replace(ACCREDITATION, scope=scope),)))
    assert finding.case == case
    assert told.items() <= finding.facts.items()


@pytest.mark.parametrize(
    ("first", "last", "is_found"),
    [
        ("7.290", "7.290", False),
        (None, "7.290", False),
        ("7.290", None, False),
        (None, "7.289", True),
        ("7.291", None, True),
    ],
)
def test_both_ends_of_a_range_are_in_it(first, last, is_found):
    ends: dict[str, Any] = {
        "range_from": first and Decimal(first),
        "range_to": last and Decimal(last),
        "range_unit": "ohm/km",
    }
    held = replace(ACCREDITATION, scope=(replace(SCOPE, **ends),))
    assert len(found(out_of_scope, but(accreditations=(held,)))) == is_found


def test_a_reading_is_compared_in_its_own_unit_and_a_range_in_another_with_nothing():
    read = replace(ROW, resistance_ohm=Decimal("3.6"))
    ohm = replace(SCOPE, range_from=Decimal(1), range_to=Decimal(3), range_unit="ohm")
    held = replace(ACCREDITATION, scope=(ohm,))
    dossier = but(reports=(replace(REPORT, rows=(read,)),), accreditations=(held,))
    assert find_one(out_of_scope, dossier).case == "out_of_range"
    assert unlooked(out_of_scope, but(accreditations=(held,))) == ("other_unit",)


@pytest.mark.parametrize(
    ("method", "standard"),
    [
        ("GB/T 3048.4-2007", "GB/T 3048.4"),
        ("IEC 60228:2004", "IEC 60228"),
        ("GB/T 2951.11—2008", "GB/T 2951.11"),
        ("GB 1499-98", "GB 1499-98"),
        ("in-house 7", "in-house 7"),
    ],
)
def test_the_standard_of_a_method_is_what_stands_before_the_year(method, standard):
    assert standard_of(method) == standard


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
        ({"objects": ("wire",)}, "other_object"),
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
        {"objects": ("wire", "cable")},
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


@pytest.mark.parametrize(
    ("changes", "is_found"),
    [
        ({}, True),
        ({"ended_on": REPORT.issued_on}, False),
        ({"duty": "analyst"}, False),
        ({"person": "signatory-2"}, False),
        ({"entry": SIGNATORY.entry - 1}, False),  # said before the authorisation was
    ],
)
def test_an_ended_authorisation_holds_to_its_last_day(changes, is_found):
    ending = replace(AuthorisationEnding(70, LAB, "signatory-1", "signatory", may(11)), **changes)
    findings = found(signatory_not_authorised, but(authorisation_endings=(ending,)))
    assert [finding.case for finding in findings] == ["not_authorised"] * is_found
    assert all(70 in finding.entries for finding in findings)
