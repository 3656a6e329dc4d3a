"""L17: the word "pass" against the rows under it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from labs.rules.results import conclusion_contradicts_values
from tests.facts import CONTRACT, LOT, REPORT, ROW, but, find_one, found, unlooked
from trace.findings import Severity

D = Decimal


def with_row(conclusion="pass", **changes):
    return but(reports=(replace(REPORT, conclusion=conclusion, rows=(replace(ROW, **changes),)),))


def test_pass_over_a_failed_row_is_found():
    finding = find_one(conclusion_contradicts_values, with_row(verdict="fail"))
    assert (finding.case, finding.severity, finding.entries) == ("row_failed", Severity.CRITICAL, (REPORT.entry,))
    assert finding.facts["parameter"] == "conductor_resistance"


@pytest.mark.parametrize(
    ("value", "limit", "limit_kind", "case"),
    [
        ("7.411", "7.41", "max", "above_own"),
        ("7.410", "7.41", "max", None),
        ("399", "400", "min", "below_own"),
        ("400", "400", "min", None),
        ("401", "400", None, None),
    ],
)
def test_value_beyond_the_printed_limit_is_found_from_the_last_figure_on(value, limit, limit_kind, case):
    dossier = with_row(
        parameter="strength", unit="MPa", value=D(value), limit=D(limit), limit_kind=limit_kind, uncertainty=None
    )
    dossier = but(dossier, reports=(replace(dossier.reports[0], required=()),))
    findings = found(conclusion_contradicts_values, dossier)
    assert [finding.case for finding in findings] == ([case] if case else [])
    assert all(finding.facts["limit"] == D(limit) for finding in findings)


def test_uncertainty_is_no_excuse_before_the_limit_that_the_report_prints():
    assert find_one(conclusion_contradicts_values, with_row(value=D("7.42"))).case == "above_own"


@pytest.mark.parametrize(
    ("value", "uncertainty", "is_found"),
    [
        ("7.434", "0.023", True),
        ("7.433", "0.023", False),
        ("7.411", None, True),
        ("7.410", None, False),
    ],
)
def test_limit_of_the_standard_counts_where_the_report_prints_a_softer_one(value, uncertainty, is_found):
    margin = D(uncertainty) if uncertainty else None
    dossier = with_row(value=D(value), limit=D("8.0"), uncertainty=margin)
    findings = found(conclusion_contradicts_values, dossier)
    assert [finding.case for finding in findings] == ["above_standard"] * is_found
    for finding in findings:
        assert finding.facts["citation"] == "GB/T 3956-2008, table 2"
        assert finding.entries == (REPORT.entry, LOT.entry, CONTRACT.entry)


def test_readings_are_worked_out_instead_of_believing_the_value():
    readings = {"resistance_ohm": D("0.8065"), "length_m": D(100), "temperature_c": D("27.4")}
    finding = find_one(conclusion_contradicts_values, with_row(value=D("7.290"), **readings))
    assert (finding.case, finding.facts["value"]) == ("above_own", D("7.8371"))


def test_value_in_another_unit_is_not_held_against_the_standard():
    assert found(conclusion_contradicts_values, with_row(value=D(29), unit="ohm", limit=None)) == ()


def test_ordered_parameter_without_a_row_is_found():
    ordered = replace(REPORT, required=("conductor_resistance", "insulation"))
    finding = find_one(conclusion_contradicts_values, but(reports=(ordered,)))
    assert (finding.case, finding.facts["parameter"]) == ("row_missing", "insulation")


@pytest.mark.parametrize("conclusion", ["fail", "none"])
def test_report_that_does_not_say_pass_contradicts_nothing(conclusion):
    dossier = with_row(conclusion, verdict="fail", value=D("7.837"))
    ordered = replace(dossier.reports[0], required=("insulation",))
    assert found(conclusion_contradicts_values, but(reports=(ordered,))) == ()


def test_row_that_says_pass_over_its_limit_is_found_under_any_conclusion():
    assert find_one(conclusion_contradicts_values, with_row("none", value=D("7.837"))).case == "above_own"


def test_without_a_report_nothing_was_looked_at():
    assert unlooked(conclusion_contradicts_values, but(reports=())) == ("no_report",)
