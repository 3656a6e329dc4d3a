"""B04, B05 and C07: does bad news travel?"""

from dataclasses import replace
from datetime import date

import pytest

from tests.facts import (
    BATCH,
    BATCH_LOT,
    CONTRACTOR,
    DEALER,
    DRUM,
    HOLDER,
    HONEST,
    LINEAGE,
    LOT,
    MAKER,
    REGULATOR,
    ROD,
    SISTER,
    SISTER_LOT,
    SMELTER,
    STRANGER,
    but,
    cst,
    find_one,
    found,
    unlooked,
)
from trace.custody.register import Holder
from trace.findings import Severity
from trace.oversight.register import Penalty, Recall, RecallAnswer, SpotCheck
from trace.production.register import Portion
from trace.rules.recall import failed_check_spreads, penalty_while_supplying, recall_reach


def penalty(day, *, entry=16, party=MAKER, family="cable"):
    return Penalty(entry, party, f"CF-{entry}", REGULATOR, family, "thin conductors", day)


def check(day, *, entry=46, lot=DRUM, is_passed=False, maker=MAKER, type_="BV 2.5"):
    return SpotCheck(entry, lot, f"JC-{entry}", REGULATOR, is_passed, day, maker, type_)


# --- B04. The drum was shipped on 6 May 2015. ---


def test_a_maker_without_a_penalty_is_in_order():
    assert found(penalty_while_supplying, HONEST) == ()


def test_a_delivery_after_a_penalty_is_critical():
    finding = find_one(penalty_while_supplying, but(penalties=(penalty(date(2015, 3, 1)),)))
    assert (finding.case, finding.severity) == ("delivered_after", Severity.CRITICAL)
    assert finding.entries == (16, 34)
    assert finding.facts == {
        "party": MAKER,
        "family": "cable",
        "number": "CF-16",
        "decided_on": date(2015, 3, 1),
        "count": 1,
        "moved_on": date(2015, 5, 6),
    }


@pytest.mark.parametrize(
    ("decided_on", "cases"),
    [
        (date(2012, 5, 5), []),  # 36 months and a day before it was shipped, two before it was delivered
        (date(2012, 5, 6), ["delivered_after"]),
        (date(2012, 5, 7), ["delivered_after"]),  # within 36 months of delivery too
        (date(2015, 5, 6), ["delivered_after"]),  # delivered on the next day
        (date(2015, 5, 7), ["older_lot"]),  # delivered on that day
    ],
)
def test_a_penalty_counts_for_36_months_from_the_day_after(decided_on, cases):
    findings = found(penalty_while_supplying, but(penalties=(penalty(decided_on),)))
    assert [finding.case for finding in findings] == cases


def test_a_lot_that_left_before_the_penalty_is_held():
    finding = find_one(penalty_while_supplying, but(penalties=(penalty(date(2015, 5, 20)),)))
    assert (finding.case, finding.severity) == ("older_lot", Severity.MAJOR)
    assert finding.entries == (16,)


@pytest.mark.parametrize(("at", "cases"), [(cst(5, 20, year=2018), ["older_lot"]), (cst(5, 21, year=2018), [])])
def test_a_lot_is_held_for_36_months(at, cases):
    dossier = but(penalties=(penalty(date(2015, 5, 20)),), at=at)
    assert [finding.case for finding in found(penalty_while_supplying, dossier)] == cases


def test_several_penalties_make_one_finding_that_names_the_last():
    three = (penalty(date(2014, 3, 1)), penalty(date(2015, 3, 1), entry=17), penalty(date(2015, 5, 20), entry=18))
    finding = find_one(penalty_while_supplying, but(penalties=three))
    assert (finding.case, finding.facts["count"], finding.facts["number"]) == ("delivered_after", 2, "CF-17")


@pytest.mark.parametrize("changes", [{"party": SMELTER}, {"family": "cement"}])
def test_a_penalty_on_others_or_for_other_goods_does_not_count(changes):
    assert found(penalty_while_supplying, but(penalties=(penalty(date(2015, 3, 1), **changes),))) == ()


@pytest.mark.parametrize(
    ("passed", "is_cleared"),
    [
        (check(date(2015, 3, 2), is_passed=True), True),
        (check(date(2015, 3, 2), is_passed=True, lot=BATCH), True),
        (check(date(2015, 3, 1), is_passed=True), False),
        (check(date(2015, 3, 2), is_passed=True, lot=SISTER), False),
        (check(date(2015, 3, 2)), False),
    ],
)
def test_a_later_passed_check_of_this_material_answers_for_a_penalty(passed, is_cleared):
    dossier = but(penalties=(penalty(date(2015, 3, 1)),), spot_checks=(passed,))
    assert (found(penalty_while_supplying, dossier) == ()) is is_cleared


def test_a_mixed_lot_of_nobody_knows_what_has_no_maker_to_look_up():
    alone = replace(LINEAGE, same_up=())
    assert unlooked(penalty_while_supplying, but(lot=replace(LOT, maker="?"), lineage=alone)) == ("maker_mixed",)


def test_a_mixed_lot_bears_the_penalties_of_each_maker_that_is_in_it():
    mixed = but(lot=replace(LOT, maker="?", type="?"), penalties=(penalty(date(2015, 3, 1)),))
    assert find_one(penalty_while_supplying, mixed).case == "delivered_after"


def test_a_check_that_one_of_its_lots_passed_clears_no_mixed_lot():
    passed = check(date(2015, 3, 2), is_passed=True, lot=BATCH)
    mixed = but(lot=replace(LOT, maker="?"), penalties=(penalty(date(2015, 3, 1)),), spot_checks=(passed,))
    assert find_one(penalty_while_supplying, mixed).case == "delivered_after"
    own = but(mixed, spot_checks=(replace(passed, lot=DRUM),))
    assert found(penalty_while_supplying, own) == ()


# --- B05 ---


@pytest.mark.parametrize(
    ("lot", "case", "severity"),
    [
        (DRUM, "lineage", Severity.CRITICAL),
        (BATCH, "lineage", Severity.CRITICAL),
        (ROD, "material", Severity.MAJOR),
        (SISTER, "same_type", Severity.MAJOR),
        (STRANGER, "same_type", Severity.MAJOR),
    ],
)
def test_a_failed_check_reaches_as_far_as_the_material_and_the_type(lot, case, severity):
    finding = find_one(failed_check_spreads, but(spot_checks=(check(date(2015, 5, 25), lot=lot),)))
    assert (finding.case, finding.severity, finding.entries) == (case, severity, (46,))
    assert finding.facts == {"number": "JC-46", "lot": lot, "checked_on": date(2015, 5, 25), "count": 1}


@pytest.mark.parametrize("changes", [{"maker": SMELTER}, {"type_": "BV 4"}, {"maker": None, "type_": None}])
def test_a_failed_check_of_other_goods_does_not_reach(changes):
    failed = check(date(2015, 5, 25), lot=STRANGER, **changes)
    assert found(failed_check_spreads, but(spot_checks=(failed,))) == ()


def test_a_passed_check_is_no_bad_news():
    assert found(failed_check_spreads, but(spot_checks=(check(date(2015, 5, 25), is_passed=True),))) == ()


def test_a_mixed_lot_has_the_types_of_what_is_in_it_and_none_in_common_with_another():
    dossier = but(lot=replace(LOT, maker="?", type="?"), spot_checks=(check(date(2015, 5, 25), lot=STRANGER),))
    assert find_one(failed_check_spreads, dossier).case == "same_type"
    dossier = but(dossier, lineage=replace(LINEAGE, same_up=()))
    assert found(failed_check_spreads, dossier) == ()
    both_mixed = replace(dossier.history.spot_checks[0], maker="?", type="?")
    assert found(failed_check_spreads, but(dossier, spot_checks=(both_mixed,))) == ()


def test_each_distance_is_one_finding():
    failed = (
        check(date(2015, 5, 25), entry=46, lot=SISTER),
        check(date(2015, 5, 26), entry=47, lot=STRANGER),
        check(date(2015, 5, 26), entry=48),
    )
    nearest, far = found(failed_check_spreads, but(spot_checks=failed))
    assert (nearest.case, nearest.entries) == ("lineage", (48,))
    assert (far.case, far.entries, far.facts["count"], far.facts["lot"]) == ("same_type", (46, 47), 2, STRANGER)


@pytest.mark.parametrize(
    ("passed", "is_cleared"),
    [
        (check(date(2015, 5, 26), entry=47, is_passed=True), True),
        (check(date(2015, 5, 25), entry=47, is_passed=True), True),  # the same day, recorded later
        (check(date(2015, 5, 25), entry=45, is_passed=True), False),
        (check(date(2015, 5, 24), entry=47, is_passed=True), False),
        (check(date(2015, 5, 26), entry=47, is_passed=True, lot=BATCH), True),
        (check(date(2015, 5, 26), entry=47, is_passed=True, lot=STRANGER), False),
    ],
)
@pytest.mark.parametrize("failed_lot", [ROD, SISTER])
def test_a_later_passed_check_of_this_material_answers_for_others(failed_lot, passed, is_cleared):
    dossier = but(spot_checks=(check(date(2015, 5, 25), lot=failed_lot), passed))
    assert (found(failed_check_spreads, dossier) == ()) is is_cleared


def test_a_later_passed_check_never_answers_for_its_own_failure():
    passed = check(date(2015, 5, 26), entry=47, is_passed=True)
    assert find_one(failed_check_spreads, but(spot_checks=(check(date(2015, 5, 25)), passed))).case == "lineage"


# --- C07. The facts are read on 1 June 2015. ---


def recall(lot=DRUM, deadline=date(2015, 5, 31)):
    return Recall(47, lot, "ZH-1", REGULATOR, "thin conductors", date(2015, 5, 20), deadline, MAKER, "BV 2.5")


def answer(party=CONTRACTOR, lot=DRUM, number="ZH-1"):
    return RecallAnswer(48, number, lot, party, "quarantined", date(2015, 5, 22), None)


BATCH_VIEW = but(
    lot_id=BATCH,
    lot=BATCH_LOT,
    lineage=replace(LINEAGE, lot=BATCH, up=(ROD,), down=(DRUM, SISTER), same_up=(), same_down=(DRUM, SISTER)),
    lots={**HONEST.history.lots, SISTER: SISTER_LOT},
    holders={DRUM: HOLDER, SISTER: Holder(SISTER, DEALER, cst(5, 6), None, None, 45)},
    recalls=(recall(BATCH),),
)
"""The recalled batch itself, cut into two drums that CONTRACTOR and DEALER hold."""


def test_a_holder_that_has_not_answered_in_time_is_found():
    finding = find_one(recall_reach, but(recalls=(recall(),)))
    assert finding.severity is Severity.MAJOR
    assert finding.entries == (47,)
    assert finding.facts == {
        "number": "ZH-1",
        "lot": DRUM,
        "deadline": date(2015, 5, 31),
        "asked": 1,
        "silent": 1,
        "reach_pct": 0,
        "parties": CONTRACTOR,
    }


@pytest.mark.parametrize("deadline", [date(2015, 6, 1), date(2015, 6, 2)])
def test_there_is_time_until_the_last_day_is_over(deadline):
    assert found(recall_reach, but(recalls=(recall(deadline=deadline),))) == ()


def test_an_answer_is_enough():
    assert found(recall_reach, but(recalls=(recall(),), recall_answers=(answer(),))) == ()


@pytest.mark.parametrize("other", [answer(party=DEALER), answer(lot=STRANGER), answer(number="ZH-2")])
def test_an_answer_of_others_or_to_something_else_does_not_count(other):
    assert find_one(recall_reach, but(recalls=(recall(),), recall_answers=(other,))).facts["silent"] == 1


def test_a_recall_reaches_the_holders_of_all_pieces():
    finding = find_one(recall_reach, but(BATCH_VIEW, recall_answers=(answer(lot=BATCH),)))
    assert (finding.facts["asked"], finding.facts["silent"], finding.facts["reach_pct"]) == (2, 1, 50)
    assert finding.facts["parties"] == DEALER


def test_the_maker_is_not_asked_for_a_batch_that_is_used_up():
    both = (answer(lot=BATCH), answer(party=DEALER, lot=SISTER))
    assert found(recall_reach, but(BATCH_VIEW, recall_answers=both)) == ()


def test_the_maker_is_asked_for_what_is_left_of_a_batch():
    half = replace(LINEAGE.flows[1], inputs=(Portion(BATCH, LOT.quantity),))
    lineage = replace(BATCH_VIEW.history.lineage, flows=(LINEAGE.flows[0], half))
    assert MAKER in str(find_one(recall_reach, but(BATCH_VIEW, lineage=lineage)).facts["parties"])


def test_a_drum_of_a_recalled_batch_answers_for_itself():
    dossier = but(recalls=(recall(BATCH),))
    assert find_one(recall_reach, dossier).facts["parties"] == CONTRACTOR
    assert found(recall_reach, but(dossier, recall_answers=(answer(lot=BATCH),))) == ()


def test_a_batch_sees_only_the_recalled_drum_of_it():
    dossier = but(BATCH_VIEW, recalls=(recall(SISTER),))
    assert find_one(recall_reach, dossier).facts["parties"] == DEALER


def test_a_recall_of_other_lots_is_not_this_lots():
    assert found(recall_reach, but(recalls=(recall(STRANGER), recall(ROD)))) == ()


def test_a_lineage_that_was_cut_short_can_not_be_called_reached():
    assert unlooked(recall_reach, but(recalls=(recall(),), lineage=replace(LINEAGE, is_cut=True))) == ("lineage_cut",)
