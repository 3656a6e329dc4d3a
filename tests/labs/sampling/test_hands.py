"""The hands of a sample, in order, and each gap between them."""

from dataclasses import replace

import pytest

from labs.sampling.hands import follow_hands
from labs.sampling.register import Step
from tests.facts import CONTRACTOR, LAB, MAKER, OWNER, RECEPTION, SAMPLE, STRANGER, SUPERVISOR, cst

DRAWN = replace(SAMPLE, courier=None)
GIVEN = Step(60, "S-1", SAMPLE.lot, "handed_over", CONTRACTOR, cst(5, 8, 11), SUPERVISOR)
ON = replace(GIVEN, entry=61, party=SUPERVISOR, to=OWNER, at=cst(5, 8, 12))
TAKEN = replace(RECEPTION, entry=70, brought_by=None)


def hands(sample, *said):
    steps = [one for one in said if isinstance(one, Step)]
    told = follow_hands(sample, [one for one in said if not isinstance(one, Step)], steps)
    return [(hand.party, hand.how) for hand in told.hands], [gap.case for gap in told.gaps]


def test_courier_of_the_lab_comes_for_it():
    assert hands(SAMPLE, RECEPTION) == ([(CONTRACTOR, "drew"), (LAB, "received")], [])


@pytest.mark.parametrize(("brought_by", "gaps"), [(None, []), (LAB, []), (CONTRACTOR, []), (OWNER, ["not_holder"])])
def test_lab_that_had_it_already_need_not_say_who_brought_it(brought_by, gaps):
    given = replace(GIVEN, to=LAB)
    said = replace(TAKEN, brought_by=brought_by)
    assert hands(DRAWN, given, said) == ([(CONTRACTOR, "drew"), (LAB, "given"), (LAB, "received")], gaps)


def test_each_hands_it_on_to_the_next():
    taken = replace(TAKEN, brought_by=OWNER)
    through = [(CONTRACTOR, "drew"), (SUPERVISOR, "given"), (OWNER, "given"), (LAB, "received")]
    assert hands(DRAWN, GIVEN, ON, taken) == (through, [])


def test_courier_that_the_sampler_names_has_it_next():
    named = replace(SAMPLE, courier=SUPERVISOR)
    through = [(CONTRACTOR, "drew"), (SUPERVISOR, "named"), (OWNER, "given"), (LAB, "received")]
    assert hands(named, ON, replace(TAKEN, brought_by=OWNER)) == (through, [])


def test_sampler_may_hand_it_to_another_than_it_named():
    assert hands(replace(SAMPLE, courier=OWNER), GIVEN, replace(TAKEN, brought_by=SUPERVISOR)) == (
        [(CONTRACTOR, "drew"), (SUPERVISOR, "given"), (LAB, "received")],
        [],
    )


def test_who_gives_what_another_has_leaves_a_gap():
    told = follow_hands(DRAWN, [replace(TAKEN, brought_by=OWNER)], [ON])
    (gap,) = told.gaps
    assert (gap.case, gap.holder, gap.party, gap.entries) == ("not_holder", CONTRACTOR, SUPERVISOR, (37, 61))


def test_who_brought_it_is_not_the_last_that_had_it():
    assert hands(DRAWN, replace(TAKEN, brought_by=MAKER))[1] == ["not_holder"]


def test_nobody_says_who_brought_it():
    assert hands(DRAWN, TAKEN)[1] == ["unsaid"]


def test_what_no_lab_received_is_with_the_last_that_had_it():
    (gap,) = follow_hands(DRAWN, [], [GIVEN]).gaps
    assert (gap.case, gap.holder) == ("never_received", SUPERVISOR)


def test_later_hand_with_the_earlier_time():
    assert hands(DRAWN, replace(GIVEN, at=cst(5, 8, 9)), replace(TAKEN, brought_by=SUPERVISOR))[1] == ["order"]
    # At the same time is not before.
    same = replace(GIVEN, at=SAMPLE.drawn_at)
    assert hands(DRAWN, same, replace(TAKEN, brought_by=SUPERVISOR))[1] == []


def test_seal_that_was_broken():
    assert hands(SAMPLE, replace(RECEPTION, is_seal_intact=False))[1] == ["seal_broken"]


@pytest.mark.parametrize(("seal", "gaps"), [("seal-1", []), ("seal-7", ["seal_other"]), (None, [])])
def test_seal_of_another_number(seal, gaps):
    assert hands(SAMPLE, replace(RECEPTION, seal=seal))[1] == gaps


def test_a_seal_that_was_changed_once_is_told_once():
    given, taken = replace(GIVEN, seal="seal-7"), replace(TAKEN, brought_by=SUPERVISOR, seal="seal-7")
    assert hands(DRAWN, given, taken)[1] == ["seal_other"]


def test_what_is_said_of_another_sample_is_passed_over():
    others = (replace(GIVEN, sample="S-2"), replace(GIVEN, lot=STRANGER), replace(GIVEN, step="retained"))
    assert hands(SAMPLE, RECEPTION, *others) == hands(SAMPLE, RECEPTION)
