"""L09: one report for more than it was written for."""

from dataclasses import replace
from decimal import Decimal

import pytest

from labs.rules.reuse import report_reused
from tests.facts import (
    BATCH,
    BATCH_LOT,
    CONTRACTOR,
    CUTTING,
    DRAWING,
    DRUM,
    LAB,
    LINEAGE,
    LOT,
    OTHER_LAB,
    PAPER,
    REPORT,
    ROD,
    SAMPLE,
    SISTER,
    STRANGER,
    but,
    find_one,
    found,
    metres,
    unlooked,
)
from trace.epcis.events import Quantity
from trace.findings import Severity
from trace.lineage import Lineage
from trace.production.register import Portion

FOREIGN = replace(REPORT, entry=45, number="R-2015-002", lots=(STRANGER,), sample="S-7", covers=None)
"""The lab's true report on a lot that has nothing to do with the drum."""
SHOWN = replace(PAPER, entry=46, number="R-2015-002")


# --- presented for a lot that the report does not name ---


def test_true_report_shown_for_another_lot_is_found():
    finding = find_one(report_reused, but(reports=(REPORT, FOREIGN), papers=(PAPER, SHOWN)))
    assert (finding.case, finding.severity) == ("other_lot", Severity.CRITICAL)
    assert (finding.facts["lab"], finding.facts["number"]) == (LAB, "R-2015-002")
    assert (finding.facts["lot"], finding.facts["lots"], finding.facts["presenter"]) == (STRANGER, 1, CONTRACTOR)
    assert finding.entries == (SHOWN.entry, FOREIGN.entry)


@pytest.mark.parametrize("lots", [(DRUM,), (STRANGER, DRUM), (BATCH,)])
def test_report_that_names_the_lot_or_what_it_was_cut_from_may_be_shown(lots):
    assert found(report_reused, but(reports=(REPORT, replace(FOREIGN, lots=lots)), papers=(PAPER, SHOWN))) == ()


def test_report_on_one_drum_shown_for_the_batch_is_found_on_its_sister():
    dossier = but(
        papers=(replace(PAPER, lots=(BATCH,)),),
        lot_id=SISTER,
        lineage=Lineage(SISTER, (BATCH, ROD), (), (DRAWING, CUTTING), (BATCH,), ()),
    )
    assert find_one(report_reused, dossier).case == "other_lot"


def test_paper_shown_for_a_stranger_is_not_asked_here():
    dossier = but(reports=(REPORT, FOREIGN), papers=(replace(SHOWN, lots=(STRANGER,)),))
    assert found(report_reused, dossier) == ()


@pytest.mark.parametrize("changes", [{"lab": OTHER_LAB}, {"withdrawn_by": 70}])
def test_number_of_another_lab_or_a_withdrawn_one_is_for_others_to_find(changes):
    assert found(report_reused, but(reports=(REPORT, replace(FOREIGN, **changes)), papers=(SHOWN,))) == ()


# --- the lot's sample in a report on others ---


def test_report_on_this_lots_sample_that_names_another_lot_is_found():
    finding = find_one(report_reused, but(reports=(replace(FOREIGN, sample="S-1"),)))
    assert (finding.case, finding.facts["sample"]) == ("other_lot_sample", "S-1")
    assert finding.entries == (SAMPLE.entry, FOREIGN.entry)


def test_another_samplers_sample_of_the_same_id_is_its_own():
    own = replace(SAMPLE, entry=60, lot=STRANGER)
    assert found(report_reused, but(reports=(REPORT, replace(FOREIGN, sample="S-1")), samples=(SAMPLE, own))) == ()


def test_sample_of_the_batch_may_stand_in_a_report_on_one_of_its_drums():
    dossier = but(
        lot_id=BATCH,
        lot=BATCH_LOT,
        lineage=Lineage(BATCH, (ROD,), (DRUM, SISTER), (DRAWING, CUTTING), (), (DRUM, SISTER)),
        samples=(replace(SAMPLE, lot=BATCH),),
        papers=(),
    )
    assert found(report_reused, dossier) == ()


@pytest.mark.parametrize("changes", [{"replaced_by": 70}, {"withdrawn_by": 70}, {"sample": None}])
def test_report_on_others_that_is_out_of_force_or_names_no_sample_is_not_asked(changes):
    foreign = replace(FOREIGN, **({"sample": "S-1"} | changes))
    assert found(report_reused, but(reports=(foreign,))) == ()


# --- covered quantity ---


@pytest.mark.parametrize(
    ("lots", "covers", "is_found"),
    [
        ((DRUM,), "500", False),
        ((DRUM,), "499.9", True),
        ((DRUM, SISTER), "1000", False),
        ((DRUM, SISTER), "999", True),
        ((DRUM, BATCH), "1000", False),
        ((DRUM, BATCH), "999", True),
    ],
)
def test_lots_named_together_may_not_exceed_what_is_covered(lots, covers, is_found):
    """A drum cut from a batch that is named too does not count twice."""
    findings = found(report_reused, but(reports=(replace(REPORT, lots=lots, covers=metres(covers)),)))
    assert [finding.case for finding in findings] == ["exceeded"] * is_found
    for finding in findings:
        assert finding.facts["covers"] == Decimal(covers)
        assert finding.facts["named"] in (Decimal(500), Decimal(1000))


@pytest.mark.parametrize(
    "report",
    [
        replace(REPORT, lots=(DRUM, STRANGER), covers=metres(9000)),
        replace(REPORT, covers=Quantity(Decimal(900), "KGM")),
    ],
)
def test_lot_of_unknown_size_was_not_counted(report):
    assert unlooked(report_reused, but(reports=(report,))) == ("lot_quantity_unknown",)


def test_lot_whose_maker_gave_no_quantity_was_not_counted():
    flow = replace(CUTTING, outputs=(Portion(DRUM, None), Portion(SISTER, None)))
    dossier = but(lots={DRUM: replace(LOT, quantity=None)}, lineage=replace(LINEAGE, flows=(flow,)))
    assert unlooked(report_reused, dossier) == ("lot_quantity_unknown",)


def test_lots_that_exceed_already_need_no_further_counting():
    dossier = but(reports=(replace(REPORT, lots=(DRUM, STRANGER), covers=metres(400)),))
    assert find_one(report_reused, dossier).facts["named"] == Decimal(500)


def test_report_that_says_no_quantity_exceeds_none():
    assert found(report_reused, but(reports=(replace(REPORT, covers=None),))) == ()


# --- the same sample ---


@pytest.mark.parametrize(
    "changes",
    [{"number": "R-2015-002"}, {"lab": OTHER_LAB}, {"number": "R-2015-002", "lots": (DRUM, STRANGER)}],
)
def test_two_reports_in_force_on_one_sample_are_found(changes):
    other = replace(REPORT, entry=45, covers=None, **changes)
    finding = find_one(report_reused, but(reports=(REPORT, other)))
    assert (finding.case, finding.facts["sample"], finding.entries) == ("same_sample", "S-1", (REPORT.entry, 45))


@pytest.mark.parametrize("samples", [(), (replace(SAMPLE, lot=SISTER),)])
def test_one_sample_in_two_reports_is_found_though_no_register_has_it(samples):
    other = replace(REPORT, entry=45, number="R-2", covers=None)
    assert find_one(report_reused, but(reports=(REPORT, other), samples=samples)).case == "same_sample"


def test_report_on_a_stranger_that_claims_this_lots_sample_shares_it():
    dossier = but(reports=(REPORT, replace(FOREIGN, sample="S-1")))
    assert [finding.case for finding in found(report_reused, dossier)] == ["other_lot_sample", "same_sample"]


@pytest.mark.parametrize("changes", [{}, {"number": "R-2", "replaced_by": 70}, {"number": "R-2", "sample": "S-2"}])
def test_a_further_version_or_another_sample_is_no_reuse(changes):
    assert found(report_reused, but(reports=(REPORT, replace(REPORT, entry=45, **changes)))) == ()


def test_two_samplers_may_use_one_id():
    """Each report has a sample of its own lot behind it."""
    sisters = replace(SAMPLE, entry=60, lot=SISTER)
    other = replace(REPORT, entry=45, number="R-2", lots=(SISTER,))
    assert found(report_reused, but(reports=(REPORT, other), samples=(SAMPLE, sisters))) == ()


def test_reports_without_a_sample_have_none_in_common():
    other = replace(REPORT, entry=45, number="R-2", sample=None)
    assert found(report_reused, but(reports=(replace(REPORT, sample=None), other))) == ()
