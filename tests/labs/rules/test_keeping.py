"""S06 S09, and S01 on the way: whether a sample can be followed, and whether what was kept was there."""

from dataclasses import replace
from datetime import date

import pytest

from labs.rules.keeping import gap_in_the_hands, retained_part_missing
from labs.rules.sampling import self_sampling
from labs.sampling.register import Step
from tests.facts import (
    CONTRACTOR,
    LAB,
    MAKER,
    OWNER,
    RECEPTION,
    REGULATOR,
    SAMPLE,
    STRANGER,
    SUPERVISOR,
    but,
    cst,
    find_one,
    found,
    unlooked,
)
from trace.findings import Severity

KEPT = Step(60, "S-1", SAMPLE.lot, "retained", LAB, cst(5, 10), until=date(2015, 11, 10), seal="seal-2")
SOUGHT = Step(70, "S-1", SAMPLE.lot, "sought", REGULATOR, cst(8, 3), is_there=True)
GONE = replace(SOUGHT, is_there=False)
GIVEN = Step(38, "S-1", SAMPLE.lot, "handed_over", CONTRACTOR, cst(5, 8, 11), LAB)


def kept(*steps, **changes):
    return but(steps=(KEPT, *steps), **changes)


# --- S06 ---


def test_part_that_was_there_is_clean():
    assert found(retained_part_missing, kept()) == ()
    assert found(retained_part_missing, kept(SOUGHT)) == ()


def test_part_that_was_not_there_is_found():
    finding = find_one(retained_part_missing, kept(GONE))
    assert (finding.case, finding.severity, finding.entries) == ("missing", Severity.MAJOR, (60, 70))
    assert (finding.facts["party"], finding.facts["on"]) == (REGULATOR, date(2015, 8, 3))


@pytest.mark.parametrize(("hour", "is_found"), [(cst(11, 10, 23), True), (cst(11, 11, 0), False)])
def test_last_day_is_still_one_by_chinas_calendar(hour, is_found):
    assert len(found(retained_part_missing, kept(replace(GONE, at=hour)))) == is_found
    destroyed = Step(70, "S-1", SAMPLE.lot, "destroyed", LAB, hour)
    assert [one.case for one in found(retained_part_missing, kept(destroyed))] == ["destroyed"] * is_found


def test_broken_seal_of_the_part_is_found():
    assert find_one(retained_part_missing, kept(replace(SOUGHT, is_seal_intact=False))).case == "opened"


def test_what_was_sought_before_it_was_to_be_kept_is_no_default():
    early = replace(GONE, entry=59)
    assert found(retained_part_missing, but(steps=(early, KEPT))) == ()


def test_part_of_another_sample_of_the_same_id_says_nothing():
    assert found(retained_part_missing, kept(replace(GONE, lot=STRANGER))) == ()


@pytest.mark.parametrize(
    ("dossier", "reason"),
    [
        (but(steps=(GONE,)), "no_retention"),
        (but(steps=()), "no_retention"),
        (kept(receptions=()), "no_sample"),
        (kept(samples=()), "no_sample"),
    ],
)
def test_where_nobody_keeps_anything_nothing_was_looked_at(dossier, reason):
    assert unlooked(retained_part_missing, dossier) == (reason,)


# --- S09 ---


def test_followed_from_the_drum_to_the_lab():
    assert found(gap_in_the_hands, but()) == ()
    assert found(gap_in_the_hands, but(steps=(GIVEN,))) == ()


@pytest.mark.parametrize(
    ("sample", "reception", "case", "severity"),
    [
        ({"courier": None}, {"brought_by": OWNER}, "not_holder", Severity.MINOR),
        ({"courier": None}, {"brought_by": None}, "unsaid", Severity.MINOR),
        ({}, {"received_at": cst(5, 8, 9)}, "order", Severity.MINOR),
        ({}, {"is_seal_intact": False}, "seal_broken", Severity.MAJOR),
        ({"seal": None}, {"is_seal_intact": False}, "seal_broken", Severity.MAJOR),
        ({}, {"seal": "seal-9"}, "seal_other", Severity.MAJOR),
    ],
)
def test_each_gap_has_its_case(sample, reception, case, severity):
    dossier = but(samples=(replace(SAMPLE, **sample),), receptions=(replace(RECEPTION, **reception),))
    finding = find_one(gap_in_the_hands, dossier)
    assert (finding.case, finding.severity, finding.entries) == (case, severity, (SAMPLE.entry, RECEPTION.entry))


def test_seal_of_the_same_number_is_clean():
    assert found(gap_in_the_hands, but(receptions=(replace(RECEPTION, seal="seal-1"),))) == ()


@pytest.mark.parametrize(
    ("changes", "reason"), [({"receptions": ()}, "never_received"), ({"samples": ()}, "no_sample")]
)
def test_what_no_lab_received_was_not_followed(changes, reason):
    assert unlooked(gap_in_the_hands, but(**changes)) == (reason,)


# --- S01 on the way ---


@pytest.mark.parametrize(
    ("changes", "count"),
    [({"to": MAKER}, 1), ({"party": MAKER}, 1), ({}, 0), ({"to": MAKER, "lot": STRANGER}, 0), ({"to": SUPERVISOR}, 0)],
)
def test_maker_that_had_it_on_the_way_is_found(changes, count):
    findings = found(self_sampling, but(steps=(replace(GIVEN, **changes),)))
    assert [(one.case, one.facts["party"]) for one in findings] == [("handed", MAKER)] * count


def test_keeping_a_part_is_no_handing_over():
    assert found(self_sampling, but(steps=(replace(KEPT, party=MAKER),))) == ()
