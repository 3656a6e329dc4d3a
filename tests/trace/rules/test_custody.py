"""C08 to C14: hands, times and places agree."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.facts import (
    BATCH,
    CONTRACTOR,
    DEALER,
    DELIVERED,
    DRUM,
    HONEST,
    INSPECTION,
    INSTALLED,
    LINEAGE,
    LOT,
    MAKER,
    OWNER,
    RECEIVED,
    REGULATOR,
    SHIPPED,
    SISTER,
    but,
    cst,
    find_one,
    found,
    metres,
)
from trace.findings import Severity
from trace.oversight.register import Ban
from trace.parties.belief import Doubt
from trace.production.register import Flow, Portion
from trace.rules.custody import (
    another_than_named,
    before_it_was_made,
    goods_of_banned,
    held_twice,
    never_received,
    never_shipped,
    time_and_place,
)

RULES = (
    never_received,
    never_shipped,
    another_than_named,
    before_it_was_made,
    goods_of_banned,
    held_twice,
    time_and_place,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_an_honest_drum_passes_from_hand_to_hand(rule):
    assert found(rule, HONEST) == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_of_a_lot_that_nobody_made_or_moved_there_is_nothing_to_say(rule):
    nothing = but(lot=None, lots={}, movements=(), site_acts=(), lineage=replace(LINEAGE, flows=(), same_up=()))
    assert found(rule, nothing) == ()


def moved(*moves, **changes):
    """The drum with these movements and nothing done on site."""
    return but(movements=moves, site_acts=(), holders={}, **changes)


def shipped(entry, day, party=MAKER, other=CONTRACTOR, **changes):
    return replace(SHIPPED, entry=entry, party=party, other=other, at=cst(5, day), **changes)


def received(entry, day, party=CONTRACTOR, other=MAKER, **changes):
    return replace(RECEIVED, entry=entry, party=party, other=other, at=cst(5, day), **changes)


# --- C08 ---


@pytest.mark.parametrize(("now", "count"), [(cst(6, 5), 0), (cst(6, 6), 1)])
def test_what_did_not_arrive_in_thirty_days_is_missed(now, count):
    findings = found(never_received, moved(shipped(34, 6), at=now))
    assert len(findings) == count
    for finding in findings:
        assert (finding.severity, finding.entries) == (Severity.MINOR, (34,))
        assert finding.facts == {"party": MAKER, "at": cst(5, 6), "other": CONTRACTOR, "days": 30}


@pytest.mark.parametrize(
    "seen",
    [
        {"movements": (shipped(34, 6), received(35, 20))},
        {"movements": (shipped(34, 6), shipped(35, 20, CONTRACTOR, OWNER), received(36, 21, OWNER, CONTRACTOR))},
        {"movements": (shipped(34, 6),), "site_acts": (DELIVERED,)},
        {"movements": (shipped(34, 6), received(35, 8, lot=BATCH))},
        {"movements": (replace(shipped(34, 6), other=None),)},
    ],
)
def test_whoever_was_seen_with_it_has_received_it(seen):
    later = {"site_acts": (), "holders": {}, "at": cst(9, 1), **seen}
    assert found(never_received, but(**later)) == ()


def test_what_its_receiver_cut_has_arrived():
    cut = Flow(50, "split", CONTRACTOR, cst(5, 8), (Portion(DRUM, None),), (Portion(f"{DRUM}a", None),))
    lineage = replace(LINEAGE, flows=(*LINEAGE.flows, cut))
    assert found(never_received, moved(shipped(34, 6), at=cst(9, 1), lineage=lineage)) == ()


def test_having_had_it_before_is_no_receipt():
    moves = (shipped(30, 1, DEALER, CONTRACTOR), received(31, 2), shipped(34, 6))
    finding = find_one(never_received, moved(*moves, at=cst(9, 1)))
    assert finding.entries == (34,)


# --- C09 and C10 ---


@pytest.mark.parametrize("other", [MAKER, None])
def test_a_receipt_without_a_shipment_is_found(other):
    finding = find_one(never_shipped, moved(received(35, 7, other=other)))
    assert (finding.severity, finding.entries) == (Severity.MINOR, (35,))
    assert finding.facts["other"] == (other or "-")


@pytest.mark.parametrize(
    "sent",
    [
        shipped(34, 6),
        shipped(36, 6),  # recorded late
        shipped(34, 6, DEALER),  # who sends for whom is B01's
        shipped(34, 6, lot=BATCH),
    ],
)
def test_a_receipt_of_what_was_sent_there_is_in_order(sent):
    assert found(never_shipped, moved(sent, received(35, 7))) == ()
    assert found(another_than_named, moved(sent, received(35, 7))) == ()


def test_what_was_sent_to_another_has_no_business_here():
    dossier = moved(shipped(34, 6, other=DEALER), received(35, 7))
    assert found(never_shipped, dossier) == ()
    finding = find_one(another_than_named, dossier)
    assert (finding.severity, finding.entries) == (Severity.MAJOR, (34, 35))
    assert finding.facts == {"party": CONTRACTOR, "at": cst(5, 7), "shipper": MAKER, "named": DEALER}


def test_what_came_from_the_one_named_was_handed_on_without_a_word():
    dossier = moved(shipped(34, 6, other=DEALER), received(35, 7, other=DEALER))
    assert found(another_than_named, dossier) == ()
    assert find_one(never_shipped, dossier).entries == (35,)


def test_a_dealer_that_received_and_sent_on_is_in_order():
    moves = (
        shipped(34, 6, other=DEALER),
        received(35, 7, DEALER),
        shipped(36, 8, DEALER),
        received(37, 9, other=DEALER),
    )
    for rule in (never_shipped, another_than_named, held_twice):
        assert found(rule, moved(*moves)) == ()


# --- C11 ---


@pytest.mark.parametrize(
    ("changes", "kind", "entry"),
    [
        ({"movements": (replace(SHIPPED, at=cst(5, 3)),)}, "goods.shipped", SHIPPED.entry),
        ({"site_acts": (replace(INSTALLED, at=cst(5, 3)),)}, "lot.installed", INSTALLED.entry),
        ({"inspections": (replace(INSPECTION, lot=DRUM, entry=40, at=cst(5, 3)),)}, "lot.inspected", 40),
    ],
)
def test_what_was_not_made_yet_can_not_be_handled(changes, kind, entry):
    finding = find_one(before_it_was_made, but(**changes))
    assert (finding.case, finding.severity) == ("moved", Severity.MAJOR)
    assert (finding.facts["kind"], finding.facts["made_at"], finding.facts["count"]) == (kind, LOT.made_at, 1)
    assert finding.entries == tuple(sorted({LOT.entry, entry}))


def test_what_happened_the_moment_it_was_made_is_in_order():
    assert found(before_it_was_made, but(movements=(replace(SHIPPED, at=LOT.made_at),))) == ()
    early = replace(SHIPPED, at=LOT.made_at - timedelta(seconds=1))
    assert find_one(before_it_was_made, but(movements=(early,))).case == "moved"


def used(entry, day):
    flow = Flow(entry, "split", MAKER, cst(5, day), (Portion(DRUM, metres(1)),), (Portion(f"{DRUM}a", metres(1)),))
    return but(lineage=replace(LINEAGE, flows=(*LINEAGE.flows, flow)))


def test_what_was_used_before_it_began_is_found():
    assert [finding.case for finding in found(before_it_was_made, used(20, 3))] == ["moved", "recorded"]
    late = find_one(before_it_was_made, used(20, 9))
    assert (late.case, late.severity, late.entries) == ("recorded", Severity.MINOR, (20, LOT.entry))
    assert found(before_it_was_made, used(50, 9)) == ()


def test_a_use_that_is_not_believed_is_none():
    assert found(before_it_was_made, but(used(20, 3), doubts={20: Doubt(cst(1, 1), 61)})) == ()


# --- C12 ---


def banned(party, start=date(2015, 5, 6), end=None):
    return Ban(60, party, start, end)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (date(2015, 5, 7), None, 2),  # delivered and received on that day
        (date(2015, 5, 1), date(2015, 5, 6), 0),  # shipped by the maker itself, which C03 finds
        (date(2015, 5, 8), None, 0),
    ],
)
def test_goods_of_a_banned_maker_may_not_be_delivered(start, end, count):
    findings = [f for f in found(goods_of_banned, but(bans=(banned(MAKER, start, end),))) if f.case == "maker"]
    assert [finding.facts["count"] for finding in findings] == ([count] if count else [])
    for finding in findings:
        assert (finding.severity, finding.facts["day"]) == (Severity.CRITICAL, date(2015, 5, 7))
        assert finding.entries == (RECEIVED.entry, DELIVERED.entry, 60)


def test_taking_goods_from_a_banned_party_is_found():
    moves = (shipped(34, 6, DEALER), received(35, 7, other=DEALER))
    finding = find_one(goods_of_banned, moved(*moves, bans=(banned(DEALER),)))
    assert (finding.case, finding.entries) == ("giver", (35, 60))
    assert found(goods_of_banned, moved(*moves, bans=(banned(DEALER, date(2015, 5, 8)),))) == ()
    assert found(goods_of_banned, but(bans=(banned(REGULATOR),))) == ()


def test_a_mixed_lot_has_every_maker_in_it():
    mixed = but(lot=replace(LOT, maker="?"), bans=(banned(MAKER, date(2015, 5, 7)),))
    assert {finding.case for finding in found(goods_of_banned, mixed)} == {"maker", "giver"}


# --- C13 ---


def test_two_can_not_have_one_drum():
    dossier = moved(shipped(34, 6), received(35, 7), received(36, 9, OWNER, DEALER))
    finding = find_one(held_twice, dossier)
    assert (finding.case, finding.severity, finding.entries) == ("received", Severity.MAJOR, (35, 36))
    assert finding.facts == {"party": OWNER, "at": cst(5, 9), "holder": CONTRACTOR, "since": cst(5, 7)}


@pytest.mark.parametrize(
    "moves",
    [
        (received(35, 7), received(36, 9, OWNER, CONTRACTOR)),  # handed on without a word: C09
        (received(35, 7), shipped(36, 8, CONTRACTOR, OWNER), received(37, 9, OWNER, CONTRACTOR)),
        (received(35, 7), received(36, 9)),  # said twice
        (received(35, 7), received(36, 9, OWNER, DEALER, quantity=metres(100))),  # a piece of it
    ],
)
def test_one_after_the_other_may(moves):
    assert found(held_twice, moved(*moves)) == ()


def test_one_drum_can_not_be_sent_to_two():
    dossier = moved(shipped(34, 6), shipped(36, 8, other=DEALER))
    finding = find_one(held_twice, dossier)
    assert (finding.case, finding.entries) == ("sent", (34, 36))
    assert (finding.facts["first"], finding.facts["other"]) == (CONTRACTOR, DEALER)


@pytest.mark.parametrize(
    "moves",
    [
        (shipped(34, 6), shipped(36, 8)),  # said twice
        (shipped(34, 6), received(35, 7, MAKER, CONTRACTOR), shipped(36, 8, other=DEALER)),  # came back
        (shipped(34, 6, quantity=metres(250)), shipped(36, 8, other=DEALER, quantity=metres(250))),
    ],
)
def test_sending_again_may_be(moves):
    assert found(held_twice, moved(*moves)) == ()


def test_a_batch_is_no_single_piece():
    moves = (replace(received(35, 7), lot=BATCH), replace(received(36, 9, OWNER, DEALER), lot=BATCH))
    assert found(held_twice, moved(*moves, lot_id=BATCH)) == ()


# --- C14 ---


def test_nothing_arrives_before_it_is_sent():
    finding = find_one(time_and_place, moved(shipped(34, 8), received(35, 7)))
    assert (finding.case, finding.severity, finding.entries) == ("arrived_before_sent", Severity.MINOR, (34, 35))


@pytest.mark.parametrize(("minutes", "count"), [(10, 0), (11, 1)])
def test_clocks_may_differ_by_ten_minutes(minutes, count):
    sent = replace(SHIPPED, at=RECEIVED.at + timedelta(minutes=minutes))
    assert len(found(time_and_place, moved(sent, RECEIVED))) == count


XIAN, SHANGHAI, NEXT_DOOR = "geo:34.34,108.94", "geo:31.23,121.47", "geo:34.5,109.2;u=50"
"""The first two are some 1,220 km apart."""


@pytest.mark.parametrize(
    ("place", "minutes", "count"),
    [
        (SHANGHAI, 60, 1),
        (SHANGHAI, 71, 1),  # 1,220 km at 900 km/h are 81 minutes, of which clocks may hide ten
        (SHANGHAI, 72, 0),
        (NEXT_DOOR, 0, 0),
        ("station-03", 0, 0),
        ("geo:nowhere", 0, 0),
        ("geo:95,120", 0, 0),
    ],
)
def test_nothing_flies(place, minutes, count):
    sent = replace(SHIPPED, place=XIAN)
    got = replace(RECEIVED, place=place, at=SHIPPED.at + timedelta(minutes=minutes))
    findings = found(time_and_place, moved(sent, got))
    assert [finding.case for finding in findings] == ["too_fast"] * count
    for finding in findings:
        assert finding.severity is Severity.MAJOR
        assert 1200 < int(str(finding.facts["km"])) < 1240
        assert finding.facts["minutes"] == minutes


def test_other_lots_have_their_own_places():
    sent = replace(SHIPPED, place=XIAN, lot=SISTER)
    assert found(time_and_place, moved(sent, replace(RECEIVED, place=SHANGHAI, at=SHIPPED.at))) == ()
