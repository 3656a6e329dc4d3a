"""P01 to P04: the copper, by what was measured and where."""

from dataclasses import replace
from decimal import Decimal

import pytest

from labs.rules.physics import (
    conductor_deficit,
    conductor_over_limit,
    good_ends_thin_middle,
    sampled_at_ends_only,
    too_good,
)
from tests.facts import (
    BATCH,
    CONTRACT,
    HONEST,
    LOT,
    MEASUREMENT,
    REPORT,
    ROW,
    SAMPLE,
    SISTER,
    SUPERVISOR,
    but,
    find_one,
    found,
    unlooked,
)
from trace.findings import Severity

D = Decimal
ON_VALUES = (conductor_over_limit, conductor_deficit)


def with_row(**changes):
    """The report's conductor row changed, and no whole-drum value beside it."""
    return but(reports=(replace(REPORT, rows=(replace(ROW, **changes),)),), measurements=())


def with_drum(**changes):
    return but(measurements=(replace(MEASUREMENT, **changes),))


def read(resistance_ohm, temperature_c="27.4"):
    return {"resistance_ohm": D(resistance_ohm), "length_m": D(100), "temperature_c": D(temperature_c)}


# --- P01 ---


def test_worked_case_is_blocked_with_its_numbers():
    finding = find_one(conductor_over_limit, with_row(value=D("7.837")))
    assert (finding.case, finding.severity) == ("value", Severity.BLOCK)
    assert (finding.facts["r20"], finding.facts["limit"], finding.facts["over_pct"]) == (
        D("7.837"),
        D("7.41"),
        D("5.76"),
    )
    assert finding.facts["citation"] == "GB/T 3956-2008, table 2"
    assert finding.facts["is_confirmed"] is True
    assert finding.entries == (REPORT.entry, LOT.entry, CONTRACT.entry)


@pytest.mark.parametrize(
    ("value", "uncertainty", "said"),
    [
        ("7.41", None, "nothing"),
        ("7.4101", None, "found"),
        ("7.41", "0", "nothing"),
        ("7.386", "0.023", "nothing"),
        ("7.387", "0.023", "inside_guard_band"),
        ("7.410", "0.023", "inside_guard_band"),
        ("7.433", "0.023", "inside_guard_band"),
        ("7.434", "0.023", "found"),
    ],
)
def test_limit_is_passed_or_broken_only_beyond_the_uncertainty(value, uncertainty, said):
    dossier = with_row(value=D(value), uncertainty=D(uncertainty) if uncertainty else None)
    if said == "inside_guard_band":
        assert unlooked(conductor_over_limit, dossier) == ("inside_guard_band",)
    else:
        assert len(found(conductor_over_limit, dossier)) == (said == "found")


def test_readings_are_worked_out_and_the_printed_value_is_not_believed():
    finding = find_one(conductor_over_limit, with_row(value=D("7.290"), **read("0.8065")))
    assert finding.case == "readings"
    assert finding.facts["r20"] == D("7.8371")
    assert (finding.facts["zero_point_c"], finding.facts["temperature_c"]) == (D("234.5"), D("27.4"))


def test_readings_that_keep_the_limit_clear_a_wrong_value():
    assert found(conductor_over_limit, with_row(value=D("9.9"), **read("0.7500"))) == ()


def test_uncertainty_in_another_unit_is_not_taken_for_ohm_per_km():
    """0.5 ohm would swallow any deficit."""
    dossier = with_row(value=None, unit="ohm", uncertainty=D("0.5"), **read("0.8065"))
    assert find_one(conductor_over_limit, dossier).case == "readings"


def test_whole_drum_over_the_limit_is_blocked():
    finding = find_one(conductor_over_limit, with_drum(resistance_ohm=D("4.5")))
    assert (finding.case, finding.severity) == ("whole_drum", Severity.BLOCK)
    assert (finding.facts["r20"], finding.facts["party"]) == (D("9"), SUPERVISOR)
    assert finding.entries == (MEASUREMENT.entry, LOT.entry, CONTRACT.entry)


def test_drum_that_the_lot_was_cut_from_counts_and_a_sister_does_not():
    over = {"resistance_ohm": D("4.5")}
    assert found(conductor_over_limit, with_drum(lot=BATCH, **over)) != ()
    assert found(conductor_over_limit, with_drum(lot=SISTER, **over)) == ()


def test_report_on_the_batch_counts_and_one_on_a_sister_does_not():
    rows = (replace(ROW, value=D("7.837")),)
    assert found(conductor_over_limit, but(reports=(replace(REPORT, lots=(BATCH,), rows=rows),))) != ()
    assert found(conductor_over_limit, but(reports=(REPORT, replace(REPORT, lots=(SISTER,), rows=rows)))) == ()


def test_superseded_value_is_not_judged():
    old = replace(REPORT, rows=(replace(ROW, value=D("7.837")),), replaced_by=45)
    assert found(conductor_over_limit, but(reports=(old, replace(REPORT, entry=45, replaces=41)))) == ()


@pytest.mark.parametrize(
    ("attributes", "is_over"),
    [({}, False), ({"class": "5"}, False), ({"nominal_area_mm2": "4"}, True), ({"material": "Al"}, None)],
)
def test_limit_is_that_of_the_lot(attributes, is_over):
    dossier = but(lot=replace(LOT, attributes=LOT.attributes | attributes), measurements=())
    if is_over is None:
        assert unlooked(conductor_over_limit, dossier) == ("no_limit",)
    else:
        assert len(found(conductor_over_limit, dossier)) == is_over


def test_limit_of_the_lot_alone_is_proved_by_the_lot_alone():
    dossier = but(with_row(value=D("7.837")), contracts=())
    assert find_one(conductor_over_limit, dossier).entries == (REPORT.entry, LOT.entry)


@pytest.mark.parametrize(
    ("dossier", "reason"),
    [
        (but(reports=(), measurements=()), "no_row"),
        (with_row(parameter="insulation"), "no_row"),
        (but(lot=replace(LOT, attributes={})), "no_limit"),
        (with_row(unit="ohm"), "unit_unknown"),
        (with_row(value=D(0)), "value_impossible"),
        (with_row(**read("0")), "value_impossible"),
        (with_row(**read("0.8", "100.1")), "temperature_out_of_range"),
        (with_row(**read("0.8", "-20.1")), "temperature_out_of_range"),
    ],
)
@pytest.mark.parametrize("rule", ON_VALUES)
def test_what_cannot_be_held_against_a_limit_says_why(rule, dossier, reason):
    assert unlooked(rule, dossier) == (reason,)


def test_first_rule_holds_the_lot_where_it_could_not_look():
    assert conductor_over_limit.gate


@pytest.mark.parametrize("rule", [*ON_VALUES, good_ends_thin_middle, sampled_at_ends_only])
def test_copper_rod_has_no_conductor_yet(rule):
    assert found(rule, but(lot=replace(LOT, family="copper_rod"), reports=(), measurements=(), samples=())) == ()


# --- P02 ---


@pytest.mark.parametrize(
    ("value", "severity"),
    [
        ("7.41", None),
        ("7.42", Severity.MINOR),
        ("7.561", Severity.MINOR),
        ("7.562", Severity.MAJOR),
        ("8.233", Severity.MAJOR),
        ("8.234", Severity.CRITICAL),
    ],
)
def test_deficit_is_graded_at_2_and_10_per_cent(value, severity):
    """7.41 / 0.98 = 7.5612…, 7.41 / 0.90 = 8.2333…"""
    findings = found(conductor_deficit, with_row(value=D(value), uncertainty=None))
    assert [finding.severity for finding in findings] == ([severity] if severity else [])


def test_deficit_of_the_worked_case():
    finding = find_one(conductor_deficit, with_row(value=D("7.837")))
    assert (finding.facts["deficit_pct"], finding.facts["left_pct"]) == (D("5.45"), D("94.55"))


def test_deficit_within_the_uncertainty_is_not_claimed():
    assert unlooked(conductor_deficit, with_row(value=D("7.42"))) == ("inside_guard_band",)


# --- P03 ---


def test_thin_middle_of_the_case_is_found():
    """500 m with 15 m at each end to the contract and 80 % of the section between: 23.5 % above its end sample."""
    per_km = D("7.290")
    drum = per_km * (30 + 470 / D("0.8")) / 1000
    finding = find_one(good_ends_thin_middle, with_drum(resistance_ohm=drum))
    assert finding.severity is Severity.CRITICAL
    assert finding.facts["rise_pct"] == D("23.50")
    assert finding.facts["mean_section_pct"] == D("80.97")
    assert (finding.facts["drum_r20"], finding.facts["sample_r20"]) == (D("9.0032"), D("7.29"))
    assert finding.entries == (MEASUREMENT.entry, REPORT.entry)


@pytest.mark.parametrize(("rise", "is_found"), [("1.0100", False), ("1.0101", True), ("0.9", False)])
def test_one_per_cent_is_the_least_rise_where_both_values_are_sharp(rise, is_found):
    dossier = with_drum(resistance_ohm=D("3.645") * D(rise), uncertainty_pct=D("0.29"))
    assert len(found(good_ends_thin_middle, dossier)) == is_found


@pytest.mark.parametrize(("rise", "is_found"), [("1.0301", True), ("1.0300", False)])
def test_three_standard_uncertainties_are_the_least_rise_where_a_value_is_blunt(rise, is_found):
    """2 % at k = 2 on the drum and nothing on the sample: 3 · 1 %."""
    rows = (replace(ROW, uncertainty=D(0)),)
    dossier = but(
        with_drum(resistance_ohm=D("3.645") * D(rise), uncertainty_pct=D(2)),
        reports=(replace(REPORT, rows=rows),),
    )
    assert len(found(good_ends_thin_middle, dossier)) == is_found


@pytest.mark.parametrize(("k", "is_found"), [("2", False), ("4", True), (None, False), ("0", False)])
def test_coverage_factor_of_the_report_is_used(k, is_found):
    """2 % of 7.29 at k = 2 ask for a rise of 3 %, at k = 4 for 1.5 %."""
    rows = (replace(ROW, uncertainty=D("0.1458"), k=D(k) if k else None),)
    dossier = but(
        with_drum(resistance_ohm=D("3.645") * D("1.02"), uncertainty_pct=D(0)),
        reports=(replace(REPORT, rows=rows),),
    )
    assert len(found(good_ends_thin_middle, dossier)) == is_found


def test_uncertainty_that_nobody_states_is_that_of_a_usual_bridge():
    rows = (replace(ROW, uncertainty=None),)
    dossier = but(
        with_drum(resistance_ohm=D("3.645") * D("1.0101"), uncertainty_pct=None),
        reports=(replace(REPORT, rows=rows),),
    )
    assert find_one(good_ends_thin_middle, dossier).facts["threshold_pct"] == D("1.00")


def test_the_lowest_sample_value_is_compared():
    good = replace(REPORT, entry=45, number="R-2", rows=(replace(ROW, value=D("6.9")),))
    finding = find_one(good_ends_thin_middle, but(reports=(REPORT, good)))
    assert finding.facts["number"] == "R-2"


@pytest.mark.parametrize(
    ("dossier", "reason"),
    [
        (but(measurements=()), "no_whole_drum_value"),
        (with_drum(lot=SISTER), "no_whole_drum_value"),
        (with_drum(temperature_c=D(101)), "no_whole_drum_value"),
        (but(reports=()), "no_sample_value"),
        (but(reports=(replace(REPORT, lots=(SISTER,)),)), "no_sample_value"),
    ],
)
def test_without_both_values_the_middle_was_not_looked_at(dossier, reason):
    assert unlooked(good_ends_thin_middle, dossier) == (reason,)


# --- P04 ---


def with_samples(*changes):
    samples = tuple(replace(SAMPLE, entry=37 + number, **change) for number, change in enumerate(changes))
    return but(samples=samples, measurements=())


def at(position, length="500"):
    return {"position_m": D(position) if position else None, "drum_length_m": D(length) if length else None}


@pytest.mark.parametrize(
    ("position", "length", "is_found"),
    [
        ("0.5", "500", True),
        ("20", "500", True),
        ("20.1", "500", False),
        ("479.9", "500", False),
        ("480", "500", True),
        ("40", "2000", True),
        ("40.1", "2000", False),
        ("1960", "2000", True),
    ],
)
def test_end_is_20_metres_or_2_per_cent_of_the_drum(position, length, is_found):
    findings = found(sampled_at_ends_only, with_samples(at(position, length)))
    assert [finding.severity for finding in findings] == [Severity.MAJOR] * is_found


def test_both_ends_are_still_the_ends_and_both_are_shown():
    finding = find_one(sampled_at_ends_only, with_samples(at("2"), at("485")))
    assert (finding.facts["farthest_m"], finding.facts["margin_m"], finding.facts["samples"]) == (D(15), D(20), 2)
    assert finding.entries == (37, 38)


def test_one_sample_from_the_middle_is_enough():
    assert found(sampled_at_ends_only, with_samples(at("2"), at("250"), at(None))) == ()


def test_whole_drum_value_makes_up_for_the_ends():
    assert found(sampled_at_ends_only, but(with_samples(at("2")), measurements=(MEASUREMENT,))) == ()
    other = (replace(MEASUREMENT, lot=SISTER),)
    assert found(sampled_at_ends_only, but(with_samples(at("2")), measurements=other)) != ()


def test_length_of_the_lot_stands_in_for_that_of_the_drum():
    assert len(found(sampled_at_ends_only, with_samples(at("485", None)))) == 1


@pytest.mark.parametrize("samples", [(at(None),), (at("2"), at(None))])
def test_unknown_position_was_not_looked_at(samples):
    assert unlooked(sampled_at_ends_only, with_samples(*samples)) == ("no_position",)


def test_position_on_a_drum_of_unknown_length_was_not_looked_at():
    dossier = but(with_samples(at("2", None)), lots={})
    assert unlooked(sampled_at_ends_only, dossier) == ("no_position",)


def test_without_samples_nothing_was_looked_at():
    assert unlooked(sampled_at_ends_only, with_samples()) == ("no_sample",)


def test_sample_behind_the_report_on_the_batch_counts_for_a_sister():
    """Nothing was drawn from the sister; what its report rests on came from the end of the other drum."""
    assert found(sampled_at_ends_only, HONEST) == ()
    dossier = with_samples({**at("2"), "lot": SISTER})
    assert unlooked(sampled_at_ends_only, dossier) == ("no_sample",)
    assert found(sampled_at_ends_only, but(dossier, reports=(replace(REPORT, lots=(BATCH,)),))) != ()


# --- P11 ---


@pytest.mark.parametrize(
    ("value", "case"),
    [("6.7614", None), ("6.7613", "conductivity"), ("6.6", "conductivity"), ("7.41", None)],
)
def test_copper_does_not_conduct_better_than_copper(value, case):
    """1000 / 58 / 2.5 / 1.02 = 6.7613…: below it the nominal area would conduct more than 102 % IACS."""
    findings = found(too_good, with_row(value=D(value), uncertainty=None))
    assert [(one.case, one.severity) for one in findings] == ([(case, Severity.MINOR)] if case else [])


@pytest.mark.parametrize(("value", "is_found"), [("1.21", False), ("1.089", False), ("1.0889", True)])
def test_nine_tenths_of_the_limit_are_the_least_to_be_expected(value, is_found):
    """16 mm² of class 5: 1.21 Ω/km, nine tenths of which are 1.089. At 1.0889 it would conduct 98.96 % IACS."""
    lot = replace(LOT, attributes={**LOT.attributes, "class": "5", "nominal_area_mm2": "16"})
    dossier = but(with_row(value=D(value), uncertainty=None), lot=lot)
    assert [one.case for one in found(too_good, dossier)] == ["share"] * is_found


@pytest.mark.parametrize(("uncertainty", "is_found"), [("0.061", True), ("0.062", False)])
def test_what_the_uncertainty_may_explain_is_not_too_good(uncertainty, is_found):
    dossier = with_row(value=D("6.7"), uncertainty=D(uncertainty))
    assert len(found(too_good, dossier)) == is_found


@pytest.mark.parametrize(
    ("dossier", "reason"),
    [
        (but(reports=(), measurements=()), "no_row"),
        (but(lot=replace(LOT, attributes={})), "no_limit"),
        (with_row(unit="ohm"), "unit_unknown"),
    ],
)
def test_what_has_no_value_or_limit_is_not_called_too_good(dossier, reason):
    assert unlooked(too_good, dossier) == (reason,)
