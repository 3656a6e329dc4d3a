"""L10: values that were copied from a report on another sample."""

from dataclasses import replace
from decimal import Decimal

import pytest

from labs.copies.register import Copy
from labs.rules.copied import values_copied
from tests.facts import DRUM, LAB, OTHER_LAB, REPORT, ROW, STRANGER, but, find_one, found
from trace.findings import Severity
from trace.parties.belief import Doubt

VALUES = ("7.290", "7.312", "118.4", "152.6", "0.8512")
SHORT = ("152", "148", "153", "149")


def rows(values, parameters=("a", "b", "c", "d", "e", "f", "g", "h")):
    return tuple(
        replace(ROW, parameter=name, value=Decimal(value), limit=None)
        for name, value in zip(parameters, values, strict=False)
    )


def series(values):
    return tuple(replace(ROW, parameter="tensile_strength", value=Decimal(value), limit=None) for value in values)


def dossier(own, others, **changes):
    """A report for the drum with these rows, and an older one on a stranger with those."""
    report = replace(REPORT, rows=own)
    other = replace(REPORT, entry=20, number="R-2014-900", lots=(STRANGER,), sample="S-9", rows=others)
    other = replace(other, **changes)
    return but(reports=(report,), copies=(Copy(report.entry, other),))


def test_values_in_the_same_order_are_found():
    finding = find_one(values_copied, dossier(rows(VALUES), rows(VALUES)))
    assert (finding.case, finding.severity) == ("in_order", Severity.CRITICAL)
    assert finding.entries == (REPORT.entry, 20)
    assert (finding.facts["other_number"], finding.facts["other_lot"]) == ("R-2014-900", STRANGER)
    assert (finding.facts["equal"], finding.facts["values"]) == (5, "7.29, 7.312, 118.4, 152.6, 0.8512")


def test_the_same_values_in_another_order_are_found():
    one = series(("152.61", "148.22", "153.73", "149.14"))
    assert find_one(values_copied, dossier(one, one[::-1])).case == "as_a_set"


def test_a_copy_in_which_one_value_was_changed_is_found():
    changed = rows((*VALUES, "99.99"))
    finding = find_one(values_copied, dossier(changed, rows((*VALUES, "99.87"))))
    assert (finding.case, finding.facts["equal"], finding.facts["of"]) == ("in_part", 5, 6)


def test_few_values_of_three_digits_hold_and_do_not_stop():
    finding = find_one(values_copied, dossier(series(SHORT), series(SHORT)))
    assert (finding.case, finding.severity) == ("short", Severity.MAJOR)


@pytest.mark.parametrize(
    ("own", "others"),
    [
        (rows(VALUES[:3]), rows(VALUES[:3])),
        (series(SHORT), series(SHORT[::-1])),
        (series(("15", "14", "13", "12")), series(("15", "14", "13", "12"))),
        (series(["152"] * 4), series(["152"] * 4)),
    ],
)
def test_three_values_two_digits_or_short_ones_in_another_order_are_not_enough(own, others):
    assert found(values_copied, dossier(own, others)) == ()


@pytest.mark.parametrize(("first", "severity"), [("152.1", Severity.CRITICAL), ("152", Severity.MAJOR)])
def test_eight_digits_beyond_the_second_are_the_bound(first, severity):
    values = series((first, "148.2", "153.3", "149.4"))
    assert find_one(values_copied, dossier(values, values)).severity == severity


@pytest.mark.parametrize(
    "changes",
    [
        {"number": REPORT.number},
        {"sample": REPORT.sample},
        {"replaced_by": 99},
        {"withdrawn_by": 99},
        {"doubt": Doubt(REPORT.recorded_at, 98)},
    ],
)
def test_the_same_report_or_sample_and_what_is_no_longer_in_force_is_no_copy(changes):
    assert found(values_copied, dossier(rows(VALUES), rows(VALUES), **changes)) == ()


def test_another_labs_report_of_the_same_number_is_another():
    finding = find_one(values_copied, dossier(rows(VALUES), rows(VALUES), number=REPORT.number, lab=OTHER_LAB))
    assert finding.facts["other_lab"] == OTHER_LAB


def test_without_samples_reports_on_one_lot_may_be_on_one_piece():
    report = replace(REPORT, sample=None, rows=rows(VALUES))
    other = replace(report, entry=20, number="R-2014-900")
    assert found(values_copied, but(reports=(report,), copies=(Copy(report.entry, other),))) == ()
    other = replace(other, lots=(STRANGER,))
    assert find_one(values_copied, but(reports=(report,), copies=(Copy(report.entry, other),))).facts["lab"] == LAB


def test_a_report_that_is_replaced_or_on_another_lot_is_not_judged():
    for changes in ({"replaced_by": 50}, {"lots": (STRANGER,)}):
        own = replace(REPORT, rows=rows(VALUES), **changes)
        other = replace(REPORT, entry=20, number="R-2014-900", lots=(DRUM,), sample="S-9", rows=rows(VALUES))
        assert found(values_copied, but(reports=(own,), copies=(Copy(own.entry, other),))) == ()
