"""S01 S02 S04: whose hands the sample went through, who saw it, and whose sample it is."""

from dataclasses import replace
from datetime import date

import pytest

from labs.rules.sampling import no_witness, sample_of_another_lot, self_sampling
from tests.facts import (
    BATCH,
    CONTRACT,
    CONTRACTOR,
    CUTTING,
    DEALER,
    DRAWING,
    DRUM,
    MAKER,
    RECEPTION,
    REPORT,
    ROD,
    ROD_LOT,
    SAMPLE,
    SAMPLER_POST,
    SHIPPED,
    SISTER,
    STRANGER,
    SUPERVISOR,
    WITNESS_POST,
    WITNESSING,
    but,
    cst,
    find_one,
    found,
    unlooked,
)
from trace.findings import Severity
from trace.kinds import Duty
from trace.lineage import Lineage

# --- S01 ---


@pytest.mark.parametrize(
    ("changes", "case", "proof"),
    [
        ({"samples": (replace(SAMPLE, sampler=MAKER),)}, "sampler", SAMPLE.entry),
        ({"samples": (replace(SAMPLE, courier=MAKER),)}, "courier", SAMPLE.entry),
        ({"receptions": (replace(RECEPTION, brought_by=MAKER),)}, "bringer", RECEPTION.entry),
    ],
)
def test_maker_that_had_the_sample_in_its_hands_is_found(changes, case, proof):
    finding = find_one(self_sampling, but(**changes))
    assert (finding.case, finding.severity) == (case, Severity.CRITICAL)
    assert (finding.facts["party"], finding.facts["sample"]) == (MAKER, "S-1")
    assert {proof, SAMPLE.entry} <= set(finding.entries)


@pytest.mark.parametrize(
    ("changes", "proof"),
    [
        ({"contracts": (replace(CONTRACT, supplier=DEALER),)}, CONTRACT.entry),
        ({"contracts": (replace(CONTRACT, authorised=(DEALER,)),)}, CONTRACT.entry),
        ({"movements": (SHIPPED, replace(SHIPPED, entry=35, party=DEALER))}, 35),
    ],
)
def test_whoever_sold_or_shipped_it_is_on_the_suppliers_side(changes, proof):
    finding = find_one(self_sampling, but(samples=(replace(SAMPLE, sampler=DEALER),), **changes))
    assert finding.facts["party"] == DEALER
    assert proof in finding.entries


def test_dealer_that_had_nothing_to_do_with_the_lot_may_carry_its_sample():
    assert found(self_sampling, but(samples=(replace(SAMPLE, courier=DEALER),))) == ()


def test_contractor_that_moves_the_drum_to_its_next_site_is_no_supplier():
    moved = replace(SHIPPED, entry=46, party=CONTRACTOR, other=CONTRACTOR)
    assert found(self_sampling, but(movements=(SHIPPED, moved))) == ()


def test_all_hands_of_one_sample_are_named():
    dossier = but(
        samples=(replace(SAMPLE, sampler=MAKER, courier=MAKER),), receptions=(replace(RECEPTION, brought_by=MAKER),)
    )
    assert [finding.case for finding in found(self_sampling, dossier)] == ["sampler", "courier", "bringer"]


@pytest.mark.parametrize(("lot", "count"), [(BATCH, 1), (SISTER, 0)])
def test_samples_of_the_batch_count_and_those_of_a_sister_do_not(lot, count):
    other = replace(SAMPLE, entry=60, sample="S-2", lot=lot, sampler=MAKER)
    assert len(found(self_sampling, but(samples=(SAMPLE, other)))) == count


def test_reception_of_another_sample_of_the_same_id_says_nothing():
    other = replace(RECEPTION, entry=61, lot=STRANGER, brought_by=MAKER)
    assert found(self_sampling, but(receptions=(RECEPTION, other))) == ()


@pytest.mark.parametrize("rule", [self_sampling, no_witness])
def test_without_samples_nothing_was_looked_at(rule):
    assert unlooked(rule, but(samples=())) == ("no_sample",)


# --- S02 ---


@pytest.mark.parametrize(
    "witnessings",
    [
        (),
        (replace(WITNESSING, sample="S-2"),),
        (replace(WITNESSING, lot=STRANGER),),
        (replace(WITNESSING, person="witness-2"),),
        (replace(WITNESSING, party=CONTRACTOR),),
    ],
)
def test_named_witness_that_did_not_sign_itself_is_none(witnessings):
    finding = find_one(no_witness, but(witnessings=witnessings))
    assert (finding.case, finding.severity, finding.entries) == ("none", Severity.CRITICAL, (SAMPLE.entry,))


def test_witness_whom_the_sampler_did_not_name_may_sign():
    assert found(no_witness, but(samples=(replace(SAMPLE, witness=None, witness_person=None),))) == ()


@pytest.mark.parametrize(("person", "case"), [("sampler-1", "same_person"), ("witness-9", None)])
def test_sampler_is_no_witness_and_its_colleague_is(person, case):
    """Both hold the witness's post, so that nothing but the person is wrong."""
    posts = (
        SAMPLER_POST,
        *(replace(WITNESS_POST, party=CONTRACTOR, person=name) for name in ("sampler-1", "witness-9")),
    )
    dossier = but(
        samples=(replace(SAMPLE, witness=CONTRACTOR, witness_person=person),),
        witnessings=(replace(WITNESSING, party=CONTRACTOR, person=person),),
        posts=posts,
    )
    findings = found(no_witness, dossier)
    assert [finding.case for finding in findings] == ([case] if case else [])


@pytest.mark.parametrize(
    "changes",
    [
        {"held_from": date(2015, 5, 9)},
        {"held_to": date(2015, 5, 7)},
        {"person": "witness-2"},
        {"party": CONTRACTOR},
        {"duty": Duty.SAMPLER},
    ],
)
def test_witness_without_its_post_on_the_day_is_found(changes):
    finding = find_one(no_witness, but(posts=(SAMPLER_POST, replace(WITNESS_POST, **changes))))
    assert finding.case == "witness_post"
    assert (finding.facts["party"], finding.facts["person"]) == (SUPERVISOR, "witness-1")
    assert finding.entries == (SAMPLE.entry, WITNESSING.entry)


@pytest.mark.parametrize(
    "changes",
    [
        {"held_from": date(2015, 5, 9)},
        {"held_to": date(2015, 5, 7)},
        {"person": "sampler-2"},
        {"party": SUPERVISOR},
        {"duty": Duty.WITNESS},
    ],
)
def test_sampler_without_its_post_on_the_day_is_found(changes):
    finding = find_one(no_witness, but(posts=(replace(SAMPLER_POST, **changes), WITNESS_POST)))
    assert finding.case == "sampler_post"
    assert finding.facts["person"] == "sampler-1"


def test_posts_held_on_exactly_that_day_are_enough():
    day = date(2015, 5, 8)
    posts = tuple(replace(post, held_from=day, held_to=day) for post in (SAMPLER_POST, WITNESS_POST))
    assert found(no_witness, but(posts=posts)) == ()


def test_day_of_a_post_is_that_of_china():
    """Drawn at one in the morning of 8 May in China, which is still 7 May in UTC."""
    posts = tuple(replace(post, held_from=date(2015, 5, 8)) for post in (SAMPLER_POST, WITNESS_POST))
    early = but(
        samples=(replace(SAMPLE, drawn_at=cst(5, 8, 1)),),
        witnessings=(replace(WITNESSING, witnessed_at=cst(5, 8, 1)),),
        posts=posts,
    )
    assert found(no_witness, early) == ()


# --- S04 ---


def test_sample_that_is_in_no_register_is_found():
    finding = find_one(sample_of_another_lot, but(reports=(replace(REPORT, sample="S-9"),)))
    assert (finding.case, finding.severity, finding.entries) == ("unknown", Severity.CRITICAL, (REPORT.entry,))
    assert finding.facts["sample"] == "S-9"


@pytest.mark.parametrize("lot", [STRANGER, SISTER])
def test_sample_of_other_material_is_found(lot):
    finding = find_one(sample_of_another_lot, but(samples=(replace(SAMPLE, lot=lot),)))
    assert (finding.case, finding.facts["lot"]) == ("other_lot", lot)
    assert finding.entries == (REPORT.entry, SAMPLE.entry)


@pytest.mark.parametrize(
    ("lot", "named"),
    [(BATCH, DRUM), (DRUM, BATCH), (SISTER, BATCH), (f"{BATCH}/21/D001-7", BATCH), (f"{BATCH}/21/X", BATCH)],
)
def test_sample_of_the_same_material_is_of_the_lot(lot, named):
    dossier = but(samples=(replace(SAMPLE, lot=lot),), reports=(replace(REPORT, lots=(named,)),))
    assert found(sample_of_another_lot, dossier) == ()


def test_drum_drawn_from_a_rod_is_other_material_than_the_rod():
    rod = but(
        lot_id=ROD,
        lot=ROD_LOT,
        lineage=Lineage(ROD, (), (BATCH, DRUM), (DRAWING, CUTTING), (), ()),
        reports=(replace(REPORT, lots=(ROD,)),),
    )
    assert find_one(sample_of_another_lot, rod).case == "other_lot"


def test_second_sample_of_the_same_id_elsewhere_accuses_nobody():
    other = replace(SAMPLE, entry=60, lot=STRANGER)
    assert found(sample_of_another_lot, but(samples=(other, SAMPLE))) == ()


def test_report_that_names_no_sample_was_not_looked_at():
    assert unlooked(sample_of_another_lot, but(reports=(replace(REPORT, sample=None),))) == ("no_sample_id",)


def test_report_on_a_sister_is_not_asked_here():
    reports = (REPORT, replace(REPORT, entry=60, lots=(SISTER,), sample="S-9"))
    assert found(sample_of_another_lot, but(reports=reports)) == ()
