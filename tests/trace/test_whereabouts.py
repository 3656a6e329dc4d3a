"""Where every metre is: whatever was said, the parts sum to the whole and to what is over."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.facts import (
    BATCH,
    CONTRACTOR,
    CUTTING,
    DEALER,
    DRAWING,
    DRUM,
    HISTORY,
    INSTALLED,
    LOT,
    MAKER,
    RECEIVED,
    ROD,
    SHIPPED,
    SISTER,
    SISTER_LOT,
    act,
    cst,
    metres,
)
from trace.balance import State, Whereabouts, Why
from trace.epcis.events import Quantity
from trace.history import material_of
from trace.lineage import Lineage
from trace.material import Material
from trace.oversight.register import RecallAnswer
from trace.production.register import Flow, Portion
from trace.whereabouts import whereabouts

OF_DRUM = material_of(HISTORY)
OF_BATCH = replace(
    OF_DRUM,
    lot_id=BATCH,
    lineage=Lineage(BATCH, (ROD,), (DRUM, SISTER), (DRAWING, CUTTING), (), (DRUM, SISTER)),
    lots={**HISTORY.lots, SISTER: SISTER_LOT},
)
OF_ROD = replace(
    OF_DRUM, lot_id=ROD, lineage=Lineage(ROD, (), (BATCH, DRUM, SISTER), (DRAWING, CUTTING), (), ()), movements=()
)


def count(material: Material, **changes) -> Whereabouts:
    """Where the metres of some material are. What must hold of every answer is looked at here."""
    told = whereabouts(replace(material, **changes))
    assert told.whole is not None
    assert sum(part.quantity.value for part in told.parts) == told.whole.value + told.over
    assert all(part.quantity.value > 0 and part.quantity.unit == told.whole.unit for part in told.parts)
    assert told.over >= 0
    return told


def seen(told: Whereabouts) -> list[tuple[Any, ...]]:
    """State, metres and party of each part."""
    return [(part.spot.state, part.quantity.value, part.spot.party) for part in told.parts]


def sums(told: Whereabouts) -> tuple[Any, Any]:
    """How much nobody can place, and how much there is too much."""
    return told.unknown, told.over


def fresh_drum(**changes) -> Material:
    """The drum as it was cut: nobody has moved it or built it in."""
    return replace(OF_DRUM, movements=(), site_acts=(), holders={}, **changes)


def flow(entry: int, kind: str, taken, given) -> Flow:
    """What the contractor made of something: metres by lot, None where nobody said how many."""

    def side(amounts):
        return tuple(Portion(lot, None if amount is None else metres(amount)) for lot, amount in amounts.items())

    return Flow(entry, kind, CONTRACTOR, cst(5, 21), side(taken), side(given))


def with_flows(material: Material, *flows: Flow, made=()) -> Material:
    lineage = replace(material.lineage, flows=(*material.lineage.flows, *flows))
    return replace(material, lineage=lineage, lots={**material.lots, **{lot.lot_id: lot for lot in made}})


def cut(lot_id: str, length, entry: int):
    return replace(LOT, lot_id=lot_id, quantity=None if length is None else metres(length), entry=entry)


def test_a_drum_that_is_built_in_lies_at_its_station():
    told = count(OF_DRUM)
    assert seen(told) == [(State.INSTALLED, 500, CONTRACTOR)]
    (part,) = told.parts
    assert (part.spot.place, part.spot.from_m, part.spot.to_m) == ("station 3", Decimal(0), Decimal(500))
    assert (part.lot, part.entries, part.since) == (DRUM, (INSTALLED.entry,), INSTALLED.at)


def test_a_drum_that_nobody_moved_is_with_whoever_cut_it():
    assert seen(count(fresh_drum())) == [(State.HELD, 500, MAKER)]


def test_what_is_sent_is_on_its_way_until_it_arrives():
    (part,) = count(fresh_drum(), movements=(SHIPPED,)).parts
    assert (part.spot.state, part.spot.party, part.spot.to) == (State.ON_WAY, MAKER, CONTRACTOR)
    (part,) = count(fresh_drum(), movements=(SHIPPED, RECEIVED)).parts
    assert (part.spot.state, part.spot.party, part.spot.place) == (State.HELD, CONTRACTOR, "site")


def test_part_of_a_batch_can_be_here_and_part_there():
    some = replace(SHIPPED, quantity=metres(200))
    arrived = replace(RECEIVED, quantity=metres(150))
    told = count(fresh_drum(), movements=(some, arrived))
    assert seen(told) == [(State.HELD, 300, MAKER), (State.ON_WAY, 50, MAKER), (State.HELD, 150, CONTRACTOR)]


def test_a_movement_without_a_quantity_takes_all_that_the_party_has():
    some, rest = replace(SHIPPED, quantity=metres(200)), replace(SHIPPED, entry=36, other=DEALER, quantity=None)
    told = count(fresh_drum(), movements=(some, rest))
    assert [(part.spot.to, *each[1:2]) for part, each in zip(told.parts, seen(told), strict=True)] == [
        (CONTRACTOR, 200),
        (DEALER, 300),
    ]


def test_kilometres_are_metres_and_a_drum_is_none():
    moved = replace(SHIPPED, quantity=Quantity(Decimal("0.2"), "KMT"))
    assert seen(count(fresh_drum(), movements=(moved,)))[1] == (State.ON_WAY, 200, MAKER)
    moved = replace(SHIPPED, quantity=Quantity(Decimal(1), "XDR"))
    assert seen(count(fresh_drum(), movements=(moved,))) == [(State.ON_WAY, 500, MAKER)]


def test_drums_of_a_batch_are_no_metres():
    alone = replace(OF_BATCH, lineage=replace(OF_BATCH.lineage, flows=(DRAWING,)), site_acts=(), holders={})
    moved = replace(SHIPPED, lot=BATCH, quantity=Quantity(Decimal(1), "XDR"))
    told = count(alone, movements=(moved,))
    assert seen(told) == [(State.UNKNOWN, 1000, MAKER)]
    assert told.parts[0].spot.why is Why.UNMEASURED
    gone = replace(answer("destroyed", BATCH), quantity=Quantity(Decimal(1), "XDR"), party=MAKER)
    assert seen(count(alone, movements=(), recall_answers=(gone,))) == [(State.HELD, 1000, MAKER)]


def test_received_without_being_sent_is_taken_from_its_holder():
    assert seen(count(fresh_drum(), movements=(RECEIVED,))) == [(State.HELD, 500, CONTRACTOR)]


def test_more_than_there_is_is_said_to_be_over():
    told = count(fresh_drum(), movements=(replace(SHIPPED, quantity=metres(520)),))
    assert seen(told) == [(State.ON_WAY, 520, MAKER)]
    assert told.over == 20


# --- built in, taken out, destroyed ---


def laid(entry, start, end, **changes):
    return act(entry, "installed", cst(5, 20), from_m=Decimal(start), to_m=Decimal(end), **changes)


def test_metres_are_told_by_station_and_the_rest_is_held():
    acts = (laid(50, 0, 120, station="3"), laid(51, 120, 400, station="4"))
    told = count(OF_DRUM, site_acts=acts)
    assert [part.spot.place for part in told.parts] == ["site", "3", "4"]
    assert [amount for _, amount, _ in seen(told)] == [100, 120, 280]


def test_removed_metres_are_with_whoever_took_them_out():
    out = act(52, "removed", cst(5, 21), station="3", from_m=Decimal(0), to_m=Decimal(50))
    told = count(OF_DRUM, site_acts=(laid(50, 0, 500, station="3"), out))
    assert seen(told) == [(State.INSTALLED, 450, CONTRACTOR), (State.HELD, 50, CONTRACTOR)]


def test_removing_what_was_never_built_in_moves_nothing():
    out = act(52, "removed", cst(5, 21), station="9", from_m=Decimal(0), to_m=Decimal(50))
    assert seen(count(OF_DRUM, site_acts=(laid(50, 0, 500, station="3"), out))) == [(State.INSTALLED, 500, CONTRACTOR)]


def test_metres_that_are_built_in_twice_are_over():
    told = count(OF_DRUM, site_acts=(laid(50, 0, 500), laid(51, 0, 30)))
    assert told.over == 30


def test_an_installation_without_a_length_leaves_the_rest_unknown():
    told = count(OF_DRUM, site_acts=(laid(50, 0, 120), act(51, "installed", cst(5, 21), quantity=None, station="4")))
    assert seen(told) == [(State.INSTALLED, 120, CONTRACTOR), (State.UNKNOWN, 380, CONTRACTOR)]
    assert sums(told) == (380, 0)
    assert told.parts[-1].spot.why is Why.UNMEASURED


def test_destroyed_metres_are_destroyed():
    told = count(OF_DRUM, site_acts=(act(50, "destroyed", cst(5, 21), quantity=metres(40)),))
    assert seen(told) == [(State.HELD, 460, CONTRACTOR), (State.DESTROYED, 40, CONTRACTOR)]


def sampled(entry, start, length, party=CONTRACTOR):
    ends = (None, None) if start is None else (Decimal(start), Decimal(start + length))
    return act(entry, "sampled", cst(5, 21), party=party, quantity=metres(length), from_m=ends[0], to_m=ends[1])


@pytest.mark.parametrize("start", [None, 230])
def test_a_sample_takes_what_it_says_whoever_holds_the_drum(start):
    told = count(OF_DRUM, site_acts=(sampled(50, start, 2, party=DEALER),))
    assert seen(told) == [(State.HELD, 498, CONTRACTOR), (State.SAMPLED, 2, DEALER)]
    assert told.parts[1].spot.from_m == start


def test_a_sample_or_scrap_is_cut_out_of_what_lies_at_its_metres():
    acts = (laid(50, 0, 120, station="3"), laid(51, 120, 400, station="4"), sampled(52, 200, 2))
    told = count(OF_DRUM, site_acts=(*acts, act(53, "destroyed", cst(5, 22), from_m=Decimal(0), to_m=Decimal(20))))
    assert [(*each[:2], part.spot.place) for part, each in zip(told.parts, seen(told), strict=True)] == [
        (State.HELD, 100, "site"),
        (State.INSTALLED, 100, "3"),
        (State.INSTALLED, 278, "4"),
        (State.SAMPLED, 2, None),
        (State.DESTROYED, 20, None),
    ]
    assert told.over == 0


def test_of_a_drum_that_lies_whole_a_sample_is_cut_out_of_that():
    told = count(OF_DRUM, site_acts=(laid(50, 0, 500), sampled(51, None, 3)))
    assert seen(told) == [(State.INSTALLED, 497, CONTRACTOR), (State.SAMPLED, 3, CONTRACTOR)]


def test_a_sample_in_metres_says_nothing_of_kilograms():
    alone = replace(OF_ROD, lineage=Lineage(ROD, (), (), (), (), ()))
    told = count(alone, site_acts=(replace(sampled(50, 0, 2), lot=ROD),))
    assert seen(told) == [(State.HELD, 24, OF_ROD.lots[ROD].maker)]


# --- cut, joined, made into something else ---


def test_a_batch_is_where_its_drums_are():
    told = count(OF_BATCH)
    assert [(part.lot, *each) for part, each in zip(told.parts, seen(told), strict=True)] == [
        (DRUM, State.INSTALLED, 500, CONTRACTOR),
        (SISTER, State.HELD, 500, MAKER),
    ]


def test_what_cutting_lost_is_counted_as_unknown():
    lots = {**OF_BATCH.lots, SISTER: replace(SISTER_LOT, quantity=metres(490))}
    cutting = replace(CUTTING, outputs=(Portion(DRUM, metres(500)), Portion(SISTER, metres(490))))
    lineage = replace(OF_BATCH.lineage, flows=(DRAWING, cutting))
    told = count(OF_BATCH, lineage=lineage, lots=lots)
    assert sums(told) == (10, 0)
    assert [part.spot.why for part in told.parts if part.spot.state is State.UNKNOWN] == [Why.CUTTING]


def test_what_cutting_gained_is_over():
    cutting = replace(CUTTING, outputs=(Portion(DRUM, metres(500)), Portion(SISTER, metres(520))))
    told = count(OF_BATCH, lineage=replace(OF_BATCH.lineage, flows=(DRAWING, cutting)))
    assert sums(told) == (0, 20)


@pytest.mark.parametrize("said", [None, 500])
def test_one_output_of_unknown_length_is_what_the_others_left(said):
    cutting = replace(CUTTING, outputs=(Portion(DRUM, metres(500)), Portion(SISTER, None)))
    cutting = replace(cutting, inputs=(Portion(BATCH, metres(1000)),))
    told = count(OF_BATCH, lineage=replace(OF_BATCH.lineage, flows=(DRAWING, cutting)))
    assert seen(told)[1] == (State.HELD, 500, MAKER)


def test_of_several_outputs_of_unknown_length_nothing_is_known_but_their_sum():
    outputs = (Portion(DRUM, None), Portion(SISTER, None))
    told = count(OF_BATCH, lineage=replace(OF_BATCH.lineage, flows=(DRAWING, replace(CUTTING, outputs=outputs))))
    unknown = next(part for part in told.parts if part.spot.why is Why.NO_QUANTITY)
    assert unknown.spot.into == (DRUM, SISTER)


def test_a_cut_that_does_not_say_what_it_took_took_what_came_out():
    piece = f"{DRUM}a"
    cutting = flow(50, "split", {DRUM: None}, {piece: 100})
    told = count(with_flows(replace(OF_DRUM, site_acts=()), cutting, made=[cut(piece, 100, 50)]))
    assert seen(told) == [(State.HELD, 400, CONTRACTOR), (State.HELD, 100, CONTRACTOR)]


def test_pieces_that_are_put_together_again_are_followed():
    pieces, joined = (f"{DRUM}a", f"{DRUM}b"), f"{DRUM}c"
    flows = (
        flow(50, "split", {DRUM: 500}, dict.fromkeys(pieces, 250)),
        flow(51, "joined", dict.fromkeys(pieces, 250), {joined: 500}),
    )
    made = [*(cut(piece, 250, 50) for piece in pieces), cut(joined, 500, 51)]
    told = count(with_flows(replace(OF_DRUM, site_acts=()), *flows, made=made))
    assert [(part.lot, part.spot.state) for part in told.parts] == [(joined, State.HELD)]


def test_what_is_joined_with_other_lots_is_told_by_what_it_went_into():
    joined = flow(50, "joined", {DRUM: 200, "01/06901234567892/10/Z9": 300}, {f"{DRUM}c": 500})
    told = count(with_flows(replace(OF_DRUM, site_acts=()), joined, made=[cut(f"{DRUM}c", 500, 50)]))
    assert seen(told) == [(State.HELD, 300, CONTRACTOR), (State.MIXED, 200, CONTRACTOR)]
    assert told.parts[1].spot.into == (f"{DRUM}c",)


def test_copper_is_consumed_by_what_was_made_of_it():
    told = count(OF_ROD)
    assert seen(told) == [(State.CONSUMED, 24, MAKER)]
    assert told.parts[0].spot.into == (BATCH,)


def test_a_lot_that_was_there_already_is_not_what_comes_out():
    """A circle: the drum is cut into its own batch. The batch began before it, so its metres are not these."""
    told = count(with_flows(replace(OF_BATCH, site_acts=()), flow(50, "split", {DRUM: 500}, {BATCH: 500})))
    assert (State.MIXED, 500, CONTRACTOR) in seen(told)


def test_what_is_not_believed_moves_no_metre():
    told = count(OF_BATCH, doubted=frozenset({CUTTING.entry}), movements=(), site_acts=())
    assert seen(told) == [(State.HELD, 1000, MAKER)]


# --- recalls ---


def answer(action, lot=DRUM, amount=None):
    return RecallAnswer(60, "ZH-1", lot, CONTRACTOR, action, date(2015, 6, 1), metres(amount) if amount else None)


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        (answer("destroyed", amount=100), [("held", 400), ("destroyed", 100)]),
        (answer("returned"), [("returned", 500)]),
        (answer("quarantined"), [("held", 500)]),
        (answer("destroyed", BATCH), [("destroyed", 500)]),
        (answer("destroyed", BATCH, 1000), [("destroyed", 500)]),
        (answer("destroyed", BATCH, 200), [("held", 500)]),  # which of the drums, nobody said
    ],
)
def test_what_holders_answer_to_a_recall_counts(said, parts):
    told = count(OF_DRUM, site_acts=(), recall_answers=(said,))
    assert [(part.spot.state, part.quantity.value) for part in told.parts] == parts


def test_an_answer_for_a_whole_batch_reaches_what_its_party_holds():
    told = count(OF_BATCH, site_acts=(), recall_answers=(answer("destroyed", BATCH, 1000),))
    assert seen(told) == [(State.DESTROYED, 500, CONTRACTOR), (State.HELD, 500, MAKER)]


# --- where little is known ---


def test_of_a_lot_without_a_quantity_there_is_no_sum():
    told = whereabouts(replace(OF_DRUM, lots={**OF_DRUM.lots, DRUM: replace(LOT, quantity=None)}))
    assert told.whole is None
    assert sums(told) == (0, 0)
    assert seen(told) == [(State.INSTALLED, 500, CONTRACTOR)]


def test_a_lot_that_nobody_made_is_nowhere():
    told = whereabouts(replace(OF_DRUM, lots={}))
    assert (told.whole, told.parts) == (None, ())
