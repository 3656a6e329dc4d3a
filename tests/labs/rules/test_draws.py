"""S05 S07 S08, and P04 with draws: what was drawn by lot, whether it was cut and tested, and who could have steered."""

from dataclasses import replace
from decimal import Decimal

import pytest

from labs.drawing.draw import Candidate
from labs.drawing.register import Draw
from labs.rules.draws import draw_could_be_steered, drawn_position_not_obeyed, too_few_tested
from labs.rules.physics import sampled_at_ends_only
from tests.facts import (
    ACCEPTED,
    BATCH,
    CONTRACTOR,
    DELIVERED,
    DRUM,
    LAB,
    MAKER,
    OWNER,
    REGULATOR,
    REPORT,
    SAMPLE,
    SISTER,
    STRANGER,
    SUPERVISOR,
    but,
    cst,
    find_one,
    found,
    unlooked,
)
from trace.findings import Finding, Severity, Unchecked

D = Decimal
PLAN = "GB/T 2828.1 S-3 c=0"
ANNOUNCED = Draw(
    entry=45,
    leaf="1" * 64,
    party=SUPERVISOR,
    delivery="2" * 64,
    plan=PLAN,
    n=2,
    c=0,
    margin_pct=D(5),
    ledger_size=50,
    announced_at=cst(5, 7, 16),
    units=(Candidate(DRUM, D(500)), Candidate(SISTER, D(500))),
    delivery_entry=DELIVERED.entry,
    delivered=frozenset({DRUM, SISTER}),
)
"""A draw that nobody can know yet."""
DRAW = replace(ANNOUNCED, root=b"\x07" * 32, feeders=(LAB, MAKER, OWNER, LAB))
"""The same when the ledger is long enough: both drums, each at its metre."""
AT = {pick.lot: pick.metre for pick in DRAW.picks}
ONE = replace(DRAW, n=1)
"""Only the first of them."""
FIRST, SECOND = (pick.lot for pick in DRAW.picks)
CUT = replace(SAMPLE, entry=55, position_m=D(AT[DRUM]), draw=DRAW.leaf)
SISTERS_CUT = replace(CUT, entry=56, sample="S-2", lot=SISTER, position_m=D(AT[SISTER]))
TESTED = (REPORT, replace(REPORT, entry=60, number="R-2", sample="S-2", lots=(SISTER,)))


def with_draw(*draws, **changes):
    """The honest dossier with samples by lot, both of them tested."""
    drawn = {"samples": (CUT,), "draw_samples": (CUT, SISTERS_CUT), "draw_reports": TESTED}
    return but(draws=draws or (DRAW,), **drawn | changes)


def cut(**changes):
    return with_draw(samples=(replace(CUT, **changes),))


RULES = (drawn_position_not_obeyed, too_few_tested, draw_could_be_steered)


@pytest.mark.parametrize("rule", RULES)
def test_draw_that_was_obeyed_is_clean(rule):
    assert found(rule, with_draw()) == ()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("draws", [(), (replace(DRAW, units=(Candidate(STRANGER, D(500)),), n=1),)])
def test_without_a_draw_over_the_lot_nothing_was_looked_at(rule, draws):
    assert unlooked(rule, but(draws=draws)) == ("no_draw",)


@pytest.mark.parametrize("rule", [drawn_position_not_obeyed, too_few_tested])
def test_before_the_seed_is_known_nothing_can_be_said(rule):
    assert unlooked(rule, with_draw(ANNOUNCED, samples=(), site_acts=(DELIVERED,))) == ("not_yet",)


# --- S05 ---


@pytest.mark.parametrize(
    ("off", "is_found"), [("0", False), ("2", False), ("-2", False), ("2.001", True), ("-2.001", True), ("100", True)]
)
def test_two_metres_beside_are_still_the_place(off, is_found):
    findings = found(drawn_position_not_obeyed, cut(position_m=AT[DRUM] + D(off)))
    assert [(finding.case, finding.severity) for finding in findings] == [("position", Severity.MAJOR)] * is_found


def test_both_metres_are_shown():
    finding = find_one(drawn_position_not_obeyed, cut(position_m=D(3)))
    assert (finding.facts["drawn_m"], finding.facts["cut_m"]) == (AT[DRUM], D(3))
    assert finding.entries == (DRAW.entry, 55)


def test_drum_that_was_not_picked_is_another_unit():
    """Of the draws of one by different roots some pick the one drum, some the other."""
    draws = [replace(ONE, root=bytes([number]) * 32) for number in range(8)]
    assert {draw.picks[0].lot for draw in draws} == {DRUM, SISTER}
    for draw in draws:
        (pick,) = draw.picks
        findings = found(drawn_position_not_obeyed, with_draw(draw, samples=(replace(CUT, position_m=D(pick.metre)),)))
        assert [one.case for one in findings] == ([] if pick.lot == DRUM else ["unit"])


def test_sample_that_names_only_the_batch_obeys_no_draw():
    assert find_one(drawn_position_not_obeyed, cut(lot=BATCH)).case == "unit"


@pytest.mark.parametrize(("entry", "case"), [(49, "early"), (50, None), (46, "early")])
def test_whoever_cut_before_the_seed_was_known_obeyed_nothing(entry, case):
    findings = found(drawn_position_not_obeyed, cut(entry=entry))
    assert [finding.case for finding in findings] == ([case] if case else [])


def test_sample_of_before_the_announcement_is_none_of_its_business():
    assert found(drawn_position_not_obeyed, cut(entry=44, position_m=D(3), draw=None)) == ()


def test_naming_no_draw_is_no_way_round_it():
    assert find_one(drawn_position_not_obeyed, cut(draw=None, position_m=D(3))).case == "position"
    assert find_one(drawn_position_not_obeyed, cut(draw="9" * 64, position_m=D(3))).case == "position"


def test_regulators_cut_where_they_like():
    assert found(drawn_position_not_obeyed, cut(sampler=REGULATOR, position_m=D(3))) == ()


def test_unknown_position_was_not_looked_at():
    assert unlooked(drawn_position_not_obeyed, cut(position_m=None)) == ("no_position",)


def test_of_two_draws_the_one_that_is_named_counts():
    other = replace(DRAW, entry=52, leaf="3" * 64, root=b"\x08" * 32, ledger_size=54)
    assert found(drawn_position_not_obeyed, with_draw(DRAW, other)) == ()
    assert {
        one.case for one in found(drawn_position_not_obeyed, with_draw(DRAW, other, samples=(replace(CUT, draw=None),)))
    } == {"position"}


# --- P04 ---


@pytest.mark.parametrize(("off", "is_found"), [(0, False), (2, False), (3, True)])
def test_metre_near_an_end_that_a_draw_picked_is_no_choice(off, is_found):
    """A plan without a margin: its draw may pick the ends too."""
    draw = replace(DRAW, margin_pct=D(0), units=(Candidate(DRUM, D(20)), Candidate(SISTER, D(20))))
    (metre,) = (one.metre for one in draw.picks if one.lot == DRUM)
    dossier = with_draw(draw, samples=(replace(CUT, position_m=D(metre + off), drum_length_m=D(20)),), measurements=())
    assert len(found(sampled_at_ends_only, dossier)) == is_found


def test_draw_whose_outcome_was_known_excuses_nothing():
    known = replace(DRAW, ledger_size=46, margin_pct=D(0), units=(Candidate(DRUM, D(20)), Candidate(SISTER, D(20))))
    (metre,) = (one.metre for one in known.picks if one.lot == DRUM)
    dossier = with_draw(known, samples=(replace(CUT, position_m=D(metre), drum_length_m=D(20)),), measurements=())
    assert len(found(sampled_at_ends_only, dossier)) == 1


# --- S07 ---


def test_one_report_short_is_found_once_the_goods_are_accepted():
    dossier = with_draw(draw_reports=TESTED[:1])
    finding = find_one(too_few_tested, dossier)
    assert (finding.case, finding.severity) == ("too_few", Severity.MAJOR)
    assert (finding.facts["tested"], finding.facts["n"], finding.facts["drums"]) == (1, 2, 2)
    assert finding.entries == (DRAW.entry, REPORT.entry, ACCEPTED.entry)
    assert unlooked(too_few_tested, but(dossier, site_acts=(DELIVERED,))) == ("not_yet",)


@pytest.mark.parametrize(
    "changes",
    [
        {"draw_reports": (REPORT, replace(TESTED[1], withdrawn_by=61))},
        {"draw_reports": (REPORT, replace(TESTED[1], sample="S-9"))},
        {"draw_reports": (REPORT, replace(TESTED[1], lots=(STRANGER,)))},
        {"draw_samples": (CUT, replace(SISTERS_CUT, entry=44))},
        {"draw_samples": (CUT, replace(SISTERS_CUT, lot=DRUM, sample="S-1"))},
        {"draw_samples": (CUT, replace(SISTERS_CUT, lot=STRANGER))},
    ],
)
def test_what_does_not_count_as_tested(changes):
    assert find_one(too_few_tested, with_draw(**changes)).facts["tested"] == 1


def test_report_on_the_batch_stands_for_the_drum_that_its_sample_is_of():
    assert found(too_few_tested, with_draw(draw_reports=(REPORT, replace(TESTED[1], lots=(BATCH,))))) == ()


def test_larger_n_of_the_named_plan_counts():
    """Two of two to fifteen drums: who announced one alone did not make it less."""
    finding = find_one(too_few_tested, with_draw(ONE, draw_reports=TESTED if FIRST == SISTER else TESTED[:1]))
    assert finding.facts["n"] == 2
    own = replace(ONE, plan="the buyer's own")
    assert (
        found(
            too_few_tested,
            with_draw(own, draw_samples=(replace(CUT, lot=FIRST),), draw_reports=(replace(REPORT, lots=(FIRST,)),)),
        )
        == ()
    )


@pytest.mark.parametrize(("c", "is_found"), [(0, True), (1, False)])
def test_one_failure_fails_all_where_the_plan_allows_none(c, is_found):
    failed = (REPORT, replace(TESTED[1], conclusion="fail"))
    findings = found(too_few_tested, with_draw(replace(DRAW, c=c), draw_reports=failed))
    assert [(one.case, one.facts["failed"]) for one in findings] == [("failed", 1)] * is_found


# --- S08 ---


def steered(draw, **changes):
    return found(draw_could_be_steered, with_draw(draw, **changes))


@pytest.mark.parametrize(("size", "cases"), [(46, ["behind"]), (1, ["behind"]), (47, [])])
def test_seed_has_to_lie_ahead_of_the_announcement(size, cases):
    """Entry 45 is itself one of the first 46."""
    assert [one.case for one in steered(replace(DRAW, ledger_size=size))] == cases


@pytest.mark.parametrize("party", [MAKER, SUPERVISOR])
def test_supplier_announces_no_draw(party):
    findings = steered(replace(DRAW, party=party))
    assert [one.case for one in findings] == (["by_supplier"] if party == MAKER else [])


@pytest.mark.parametrize(
    ("feeders", "case", "severity"),
    [
        ((SUPERVISOR,), "one_hand", Severity.MAJOR),
        ((MAKER, SUPERVISOR, MAKER), "one_hand", Severity.MAJOR),
        ((LAB, MAKER), "last_word", Severity.SCREEN),
        ((LAB, SUPERVISOR), "last_word", Severity.SCREEN),
        ((MAKER, LAB), None, None),
        ((CONTRACTOR,), None, None),
    ],
)
def test_who_wrote_what_the_seed_rests_on(feeders, case, severity):
    findings = steered(replace(DRAW, feeders=feeders))
    assert [(one.case, one.severity) for one in findings] == ([(case, severity)] if case else [])


@pytest.mark.parametrize(
    ("changes", "case"),
    [
        ({"delivery_entry": None, "delivered": frozenset()}, "no_delivery"),
        ({"delivered": frozenset()}, "no_delivery"),
        ({"delivered": frozenset({DRUM})}, "not_delivered"),
        ({"delivered": frozenset({DRUM, SISTER, f"{BATCH}/21/D003"})}, "left_out"),
        ({"delivered": frozenset({BATCH})}, None),
        ({"delivered": frozenset({DRUM, SISTER, "00/069012300000000017"})}, None),
        # Another product of the same delivery has a draw of its own.
        ({"delivered": frozenset({DRUM, SISTER, "01/06901234567885/10/B1/21/D001"})}, None),
    ],
)
def test_drums_of_the_draw_are_those_of_the_delivery(changes, case):
    findings = steered(replace(DRAW, **changes))
    assert [one.case for one in findings] == ([case] if case else [])


def test_second_draw_is_a_second_try():
    again = replace(DRAW, entry=53, leaf="3" * 64, ledger_size=60, party=OWNER)
    (finding,) = found(draw_could_be_steered, with_draw(DRAW, again))
    assert (finding.case, finding.facts["first"], finding.entries) == ("again", SUPERVISOR, (53, DRAW.entry))


@pytest.mark.parametrize("changes", [{"delivery": "7" * 64}, {"ledger_size": 46}])
def test_draw_for_another_delivery_or_one_that_was_void_is_no_first_try(changes):
    again = replace(DRAW, entry=53, leaf="3" * 64, ledger_size=60)
    findings = found(draw_could_be_steered, with_draw(replace(DRAW, **changes), again))
    assert "again" not in {one.case for one in findings}


def test_fewer_than_the_named_plan_asks_for():
    (finding,) = steered(ONE)
    assert (finding.case, finding.facts["n"], finding.facts["wanted"]) == ("below_plan", 1, 2)


@pytest.mark.parametrize("plan", [None, "the buyer's own"])
def test_plan_that_nobody_knows_was_not_looked_at(plan):
    said = list(draw_could_be_steered.check(with_draw(replace(DRAW, plan=plan))))
    assert [one.reason for one in said if isinstance(one, Unchecked)] == ["no_plan"]
    assert [one for one in said if isinstance(one, Finding)] == []


def test_of_a_lot_that_nobody_made_no_plan_is_known():
    assert unlooked(draw_could_be_steered, with_draw(lot=None, lots={})) == ("no_plan",)
