"""How far a recall has come: by those who hold, by metres, and what is missing."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.facts import (
    BATCH,
    CONTRACTOR,
    DRUM,
    INSTALLED,
    LOT,
    MAKER,
    OWNER,
    RECEIVED,
    REGULATOR,
    ROD,
    SHIPPED,
    SISTER,
    metres,
)
from tests.trace.test_whereabouts import OF_BATCH, OF_DRUM, OF_ROD
from trace.material import Material
from trace.oversight.register import Recall, RecallAnswer, RecallClosing
from trace.recalling import Missing, Progress, Reach, reach_recall

ORDER = Recall(60, BATCH, "ZH-1", REGULATOR, "thin", date(2015, 5, 26), date(2015, 6, 26), MAKER, LOT.type)
CLOSING = RecallClosing(90, BATCH, "ZH-1", REGULATOR, date(2015, 7, 1), "scrapped")


def answer(party: str, lot: str = DRUM, action: str = "quarantined", amount: int | None = None) -> RecallAnswer:
    return RecallAnswer(70, "ZH-1", lot, party, action, date(2015, 6, 1), metres(amount) if amount else None)


def reach(*answers: RecallAnswer, material: Material = OF_BATCH, **changes: Any) -> Reach:
    return reach_recall(replace(material, recall_answers=answers, **changes), ORDER)


def kept(told: Reach) -> dict[str, tuple[int, int]]:
    return {keeper.party: (int(keeper.amount), int(keeper.answered)) for keeper in told.keepers}


def test_those_who_hold_any_of_it_are_named_with_how_much() -> None:
    told = reach()
    assert kept(told) == {CONTRACTOR: (500, 0), MAKER: (500, 0)}
    assert (told.holders_pct, told.quantity_pct) == (0, 0)
    assert (told.progress, told.missing) == (Progress.OPEN, (Missing.SILENT,))


def test_answers_count_by_holder_and_by_metre() -> None:
    told = reach(answer(CONTRACTOR))
    assert kept(told)[CONTRACTOR] == (500, 500)
    assert (told.holders_pct, told.quantity_pct) == (50, 50)
    told = reach(answer(CONTRACTOR), answer(MAKER, BATCH))
    assert (told.holders_pct, told.quantity_pct) == (100, 100)
    assert (told.progress, told.missing) == (Progress.ANSWERED, ())


@pytest.mark.parametrize(
    "said", [answer(CONTRACTOR, SISTER), answer(OWNER), replace(answer(CONTRACTOR), number="ZH-2")]
)
def test_an_answer_for_another_lot_party_or_recall_is_none(said: RecallAnswer) -> None:
    assert reach(said).holders_pct == 0


def test_what_came_back_or_was_destroyed_is_with_nobody() -> None:
    told = reach(answer(CONTRACTOR, action="destroyed", amount=500), answer(MAKER, SISTER, "returned"), site_acts=())
    assert (told.destroyed, told.returned) == (Decimal(500), Decimal(500))
    assert {party: amount for party, (amount, _) in kept(told).items()} == {CONTRACTOR: 0, MAKER: 0}
    assert (told.holders_pct, told.quantity_pct, told.progress) == (100, 100, Progress.ANSWERED)


def test_metres_that_nobody_can_place_keep_it_open() -> None:
    unsaid = replace(INSTALLED, from_m=None, quantity=None)
    told = reach(answer(CONTRACTOR), answer(MAKER, SISTER), site_acts=(unsaid,))
    assert (told.progress, told.missing) == (Progress.OPEN, (Missing.UNKNOWN,))


def test_goods_on_their_way_are_the_senders_and_expected() -> None:
    told = reach(answer(MAKER, BATCH), movements=(SHIPPED,), site_acts=())
    assert kept(told) == {MAKER: (1000, 1000), CONTRACTOR: (0, 0)}
    assert next(keeper.expects for keeper in told.keepers if keeper.party == CONTRACTOR) == 500
    assert told.missing == (Missing.ON_WAY,)


def test_what_was_made_of_it_is_told_lot_by_lot() -> None:
    told = reach_recall(OF_ROD, replace(ORDER, lot=ROD))
    made = {made.lot: (keeper.party, made.has_answered) for keeper in told.keepers for made in keeper.made}
    assert made == {DRUM: (CONTRACTOR, False)}
    assert told.unheld == (SISTER,), "of which nothing is known here"
    assert told.missing == (Missing.SILENT, Missing.UNKNOWN)
    answered = replace(OF_ROD, recall_answers=(answer(CONTRACTOR),))
    told = reach_recall(answered, replace(ORDER, lot=ROD))
    assert next(keeper for keeper in told.keepers if keeper.party == CONTRACTOR).has_answered


def test_only_its_authority_closes_a_recall() -> None:
    assert reach_recall(OF_BATCH, ORDER, [CLOSING]).progress is Progress.CLOSED
    for other in (
        replace(CLOSING, authority=OWNER),
        replace(CLOSING, number="ZH-2"),
        replace(CLOSING, lot=SISTER),
    ):
        assert reach_recall(OF_BATCH, ORDER, [other]).progress is Progress.OPEN


def test_without_an_order_it_says_whom_one_would_have_to_tell() -> None:
    told = reach_recall(replace(OF_DRUM, movements=(SHIPPED, RECEIVED), site_acts=()))
    assert kept(told) == {CONTRACTOR: (500, 0)}
    assert (told.order, told.progress) == (None, Progress.OPEN)


def test_a_lot_of_unknown_length_is_never_all_accounted_for() -> None:
    lots = {**OF_DRUM.lots, DRUM: replace(LOT, quantity=None)}
    told = reach(answer(CONTRACTOR), material=OF_DRUM, lots=lots)
    assert Missing.UNMEASURED in told.missing
