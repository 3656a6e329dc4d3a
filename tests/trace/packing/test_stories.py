"""What is said of a pallet holds for what is on it, at that entry and no other; whatever contradicts is recorded."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import delete

from api.database import Database
from keys.errors import RefusedError
from labs.casework.register import StaleRow, read_stale
from tests.factories import BODIES, CONTAINER, DRUM, PALLET, SISTER, lot_at, pallet_at, uri_of, uscc_of
from tests.world import MADE, PREPARED, World
from trace.chains import read_heads, read_mentions
from trace.custody.register import read_coming, read_flags, read_held, read_holders, read_movements
from trace.findings import Severity
from trace.history import gather_history, gather_material
from trace.packing.register import read_contents
from trace.site.register import read_site_acts
from trace.whereabouts import whereabouts


@pytest.fixture
def world(database_url):
    database = Database(database_url)
    told = World.found(database)
    told.tell(PREPARED + MADE)
    told.at = datetime(2015, 5, 8, tzinfo=UTC)
    yield told
    database.close()


def of_pallet(world: World, *units: str) -> dict[str, str]:
    with world.database.reading() as session:
        return {one.lot: one.parent for one in read_contents(session, units or (PALLET,))}


def holder_of(world: World, lot: str) -> tuple[str, str | None]:
    with world.database.reading() as session:
        holder = read_holders(session, [lot])[lot]
    return holder.party, holder.sent_to


def found(world: World, code: str, lot: str = DRUM) -> list[str]:
    return [finding.case for finding in world.judge(lot).findings if finding.code == code]


def test_a_drum_travels_with_its_pallet(world):
    world.say("maker", "goods.packed")
    shipped = world.say("maker", "goods.shipped", amounts={PALLET: None})
    assert set(shipped.lots) == {PALLET, DRUM, SISTER}
    assert holder_of(world, DRUM) == (uscc_of("maker"), uscc_of("contractor"))
    received = world.say("contractor", "goods.received", amounts={PALLET: None})
    delivered = world.say("contractor", "goods.delivered", amounts={PALLET: None})
    assert holder_of(world, DRUM) == holder_of(world, PALLET) == (uscc_of("contractor"), None)
    with world.database.reading() as session:
        moves, acts = read_movements(session, [DRUM]), read_site_acts(session, [DRUM])
        held = {holder.lot for holder in read_held(session, uscc_of("contractor"), 10)}
    assert [(move.kind, move.entry, move.contract) for move in moves] == [
        ("shipped", shipped.position, "HT-01"),
        ("received", received.position, "HT-01"),
    ]
    assert [act.entry for act in acts] == [delivered.position]
    assert held == {PALLET, DRUM, SISTER}


def test_what_is_taken_out_stays_where_it_is(world):
    packed = world.say("maker", "goods.packed")
    world.say("maker", "goods.unpacked", amounts={SISTER: None})
    assert of_pallet(world) == {DRUM: PALLET}
    world.say("maker", "goods.shipped", amounts={PALLET: None})
    world.say("contractor", "goods.received", amounts={PALLET: None})
    with world.database.reading() as session:
        assert read_movements(session, [SISTER]) == ()
        assert [move.packings for move in read_movements(session, [DRUM])] == [(packed.position,)] * 2
    world.say("contractor", "goods.unpacked")
    assert of_pallet(world) == {}
    world.say("contractor", "goods.shipped", amounts={PALLET: None}, receiver=uscc_of("dealer"))
    assert holder_of(world, DRUM) == (uscc_of("contractor"), None)
    assert holder_of(world, PALLET) == (uscc_of("contractor"), uscc_of("dealer"))


def test_drums_on_a_pallet_in_a_container(world):
    on_pallet = world.say("maker", "goods.packed")
    in_container = world.say("maker", "goods.packed", amounts={PALLET: None}, unit=CONTAINER)
    assert of_pallet(world, CONTAINER) == {PALLET: CONTAINER, DRUM: PALLET, SISTER: PALLET}
    world.say("maker", "goods.shipped", amounts={CONTAINER: None})
    with world.database.reading() as session:
        (move,) = read_movements(session, [DRUM])
        assert move.packings == (in_container.position, on_pallet.position)
        assert [holder.lot for holder in read_coming(session, uscc_of("contractor"), 9)] == sorted(
            [CONTAINER, DRUM, SISTER, PALLET]
        )
    world.say("contractor", "goods.received", amounts={CONTAINER: None})
    world.say("contractor", "goods.unpacked", unit=CONTAINER)
    assert of_pallet(world, CONTAINER) == {}
    assert of_pallet(world) == {DRUM: PALLET, SISTER: PALLET}


def test_depth_is_bounded(world):
    units = [pallet_at(number) for number in range(10, 20)]
    world.say("maker", "goods.packed", amounts={DRUM: None}, unit=units[0])
    for inner, outer in pairwise(units):
        world.say("maker", "goods.packed", amounts={inner: None}, unit=outer)
    assert DRUM in of_pallet(world, units[7])
    assert DRUM not in of_pallet(world, units[8])


def test_number_is_bounded(world, monkeypatch):
    monkeypatch.setattr("trace.packing.register.MAX_CONTENTS", 1)
    world.say("maker", "goods.packed")
    shipped = world.say("maker", "goods.shipped", amounts={PALLET: None})
    assert shipped.lots == (PALLET, DRUM)


def test_part_of_a_batch_travels_and_every_metre_is_somewhere(world):
    batch = lot_at("B1")
    world.say("maker", "lot.commissioned", amounts={batch: 900})
    world.say("maker", "goods.packed", amounts={batch: 200})
    world.say("maker", "goods.packed", amounts={batch: 300}, unit=CONTAINER)
    world.say("maker", "goods.packed", amounts={PALLET: None}, unit=CONTAINER)
    world.say("maker", "goods.unpacked", amounts={batch: 50})
    world.say("maker", "goods.shipped", amounts={CONTAINER: None})
    with world.database.reading() as session:
        where = whereabouts(gather_material(session, batch))
    parts = {(part.spot.state.value, part.spot.to): int(part.quantity.value) for part in where.parts}
    assert parts == {("held", None): 450, ("on_way", uscc_of("contractor")): 450}
    assert where.over == 0


# --- chains ---


def test_the_chain_of_a_drum_goes_through_its_pallets(world):
    packed = world.say("maker", "goods.packed")
    shipped = world.say("maker", "goods.shipped", amounts={PALLET: None})
    with world.database.reading() as session:
        assert read_mentions(session, DRUM)[-2:] == [packed.position, shipped.position]
        assert read_heads(session, [DRUM]) == read_heads(session, [PALLET]) == (shipped.leaf,)
    world.say("contractor", "goods.received", amounts={PALLET: None})
    world.say("contractor", "goods.unpacked")
    world.say("contractor", "goods.shipped", receiver=uscc_of("dealer"))
    assert found(world, "C01") == []


def test_what_was_said_of_the_drum_itself_stays_a_head(world):
    world.say("maker", "goods.packed")
    alone = world.say("maker", "goods.stored")
    shipped = world.say("maker", "goods.shipped", amounts={PALLET: None})
    with world.database.reading() as session:
        assert set(read_heads(session, [DRUM])) == {alone.leaf, shipped.leaf}
    stale = world.try_saying("maker", "goods.stored", header={"follows": (alone.leaf,)})
    assert isinstance(stale, RefusedError)
    assert stale.code == "head-stale"
    world.say("maker", "goods.stored")
    assert found(world, "C01") == []


def test_packing_and_shipping_may_come_in_one_batch(world):
    packed = world.seal("maker", "goods.packed")
    shipped = world.seal("maker", "goods.shipped", amounts={PALLET: None}, header={"follows": (packed.leaf,)})
    world.send(packed, shipped)
    assert holder_of(world, DRUM) == (uscc_of("maker"), uscc_of("contractor"))


# --- bad news ---


def test_what_is_wrong_with_the_pallet_is_wrong_with_the_drum(world):
    world.say("maker", "goods.packed")
    world.say("contractor", "goods.flagged", amounts={PALLET: None})
    with world.database.reading() as session:
        assert [flag.lot for flag in read_flags(session, [DRUM])] == [DRUM]
    assert found(world, "C15") == [""]


def test_a_packing_that_is_taken_back_carried_nothing(world):
    packed = world.seal("maker", "goods.packed", eventID="urn:uuid:6d3ea1d0-5b0f-4c0f-8f4b-000000000001")
    world.send(packed)
    world.say("maker", "goods.shipped", amounts={PALLET: None})
    world.say("contractor", "goods.received", amounts={PALLET: None})
    assert holder_of(world, DRUM) == (uscc_of("contractor"), None)
    declaration = {"declarationTime": "2015-05-08T09:00:00+08:00", "reason": "did_not_occur"}
    body = {
        "type": "AggregationEvent",
        "eventTime": "2015-05-05T18:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "eventID": "urn:uuid:6d3ea1d0-5b0f-4c0f-8f4b-000000000001",
        "action": "ADD",
        "parentID": uri_of(PALLET),
        "childEPCs": [uri_of(DRUM), uri_of(SISTER)],
        "errorDeclaration": declaration,
    }
    world.say("maker", "epcis.withdrawn", body)
    assert holder_of(world, PALLET) == (uscc_of("contractor"), None)
    with world.database.reading() as session:
        history = gather_history(session, DRUM, world.at)
        holder = read_holders(session, [DRUM])[DRUM]
        waiting = read_stale(session, world.at, 1000)
    assert (holder.party, holder.sent_to) == (uscc_of("maker"), None)
    assert DRUM in waiting
    assert history.movements == ()
    assert found(world, "C01") == ["withdrawn"]


def test_a_packing_under_a_stolen_key_carried_nothing(world):
    world.enroll("maker", "second")
    world.say("maker", "goods.packed", amounts={DRUM: None})
    world.say("maker.second", "goods.packed", amounts={PALLET: None}, unit=CONTAINER)
    world.say("maker", "goods.shipped", amounts={CONTAINER: None})
    assert holder_of(world, DRUM)[1] == holder_of(world, CONTAINER)[1] == uscc_of("contractor")
    world.say("maker", "key.revoked", kid=world.kid("maker.second"), compromised_since="2015-05-08T00:00:00Z")
    with world.database.reading() as session:
        holders = read_holders(session, [DRUM, PALLET, CONTAINER])
        history = gather_history(session, DRUM, world.at)
    assert holders[CONTAINER].sent_to == uscc_of("contractor")
    assert (PALLET in holders, holders[DRUM].sent_to) == (False, None)
    assert history.movements == ()
    assert [packing.parent for packing in history.packings] == [PALLET]


def test_whoever_is_on_a_pallet_is_judged_again(world):
    world.say("maker", "goods.packed")
    with world.database.writing() as session:
        waiting = set(read_stale(session, world.at, 1000))
        assert {DRUM, SISTER} <= waiting
        assert PALLET not in waiting
        session.execute(delete(StaleRow))
    world.say("maker", "goods.shipped", amounts={PALLET: None})
    with world.database.reading() as session:
        assert {DRUM, SISTER} <= set(read_stale(session, world.at, 1000))


# --- what is odd is recorded, and found ---


def test_a_drum_on_two_pallets(world):
    first = world.say("maker", "goods.packed")
    second = world.say("maker", "goods.packed", amounts={DRUM: None}, unit=CONTAINER)
    finding = next(each for each in world.judge(DRUM).findings if each.code == "C13")
    assert (finding.case, finding.severity) == ("in_two", Severity.MAJOR)
    assert finding.entries == (first.position, second.position)
    assert (finding.facts["first"], finding.facts["unit"]) == (PALLET, CONTAINER)
    assert found(world, "C13", SISTER) == []
    world.say("maker", "goods.shipped", amounts={PALLET: None})
    world.say("maker", "goods.shipped", amounts={CONTAINER: None}, receiver=uscc_of("dealer"))
    assert set(found(world, "C13")) == {"in_two", "sent"}


def test_a_drum_that_moves_by_itself_while_it_is_packed(world):
    packed = world.say("maker", "goods.packed")
    moved = world.say("maker", "goods.shipped")
    (finding,) = [each for each in world.judge(DRUM).findings if each.code == "C13"]
    assert (finding.case, finding.severity) == ("moved_alone", Severity.MINOR)
    assert finding.entries == (packed.position, moved.position)


def test_a_drum_taken_out_of_what_it_was_never_in(world):
    world.say("maker", "goods.packed", amounts={SISTER: None})
    world.say("maker", "goods.unpacked", amounts={DRUM: None})
    assert found(world, "C13") == ["never_in"]


def test_packed_by_somebody_who_does_not_have_it(world):
    world.say("dealer", "goods.packed")
    assert found(world, "C13") == ["by_other"]


def test_packed_by_whoever_has_it_now(world):
    world.say("maker", "goods.shipped")
    world.say("contractor", "goods.received")
    late = "2015-05-07T18:00:00+08:00"
    world.say("contractor", "goods.packed", amounts={DRUM: None}, eventTime=late)
    assert found(world, "C13") == []
    world.say("maker", "goods.packed", amounts={DRUM: None}, eventTime=late)
    assert found(world, "C13") == ["by_other"]


def test_a_unit_that_is_inside_itself(world):
    world.say("maker", "goods.packed")
    world.say("maker", "goods.packed", amounts={PALLET: None}, unit=CONTAINER)
    closing = world.say("maker", "goods.packed", amounts={CONTAINER: None})
    (finding,) = [each for each in world.judge(DRUM).findings if each.code == "C13"]
    assert (finding.case, finding.entries) == ("circle", (closing.position,))
    world.say("maker", "goods.shipped", amounts={CONTAINER: None})
    assert holder_of(world, DRUM) == (uscc_of("maker"), uscc_of("contractor"))


def test_packed_before_it_was_made(world):
    world.say("maker", "goods.packed", eventTime="2015-05-01T09:00:00+08:00")
    assert found(world, "C11") == ["moved"]


# --- what the schema refuses ---


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"amounts": {PALLET: None}}, "childEPCs"),
        ({"unit": DRUM}, "parentID"),
        ({"parentID": None}, "parentID"),
        ({"parentID": "https://id.gs1.org/00/106901234567890120"}, "parentID"),
        ({"amounts": {}}, "childEPCs"),
        ({"action": "DELETE"}, "action"),
        ({"childEPCs": ["https://id.gs1.org/01/06901234567892/21/7"]}, "childEPCs"),
    ],
)
def test_a_packing_that_says_nothing_is_refused(world, changes, where):
    refused = world.try_saying("maker", "goods.packed", header={"subject": PALLET, "follows": ()}, **changes)
    assert isinstance(refused, RefusedError)
    assert (refused.code, refused.facts["where"]) == ("schema-violated", where)


@pytest.mark.parametrize("kind", ["goods.packed", "goods.unpacked"])
def test_a_packing_in_nothing_is_refused(world, kind):
    body = {name: value for name, value in BODIES[kind]().items() if name != "parentID"}
    refused = world.try_saying("maker", kind, body, header={"subject": PALLET, "follows": ()})
    assert isinstance(refused, RefusedError)
    assert (refused.code, refused.facts["where"]) == ("schema-violated", "parentID")


@pytest.mark.parametrize("kind", ["goods.accepted", "lot.installed", "lot.inspected", "lot.commissioned"])
def test_what_is_of_goods_alone_is_not_said_of_a_pallet(world, kind):
    header = {"subject": PALLET, "follows": ()}
    more = {"product": {"family": "cable"}} if kind == "lot.commissioned" else {}
    refused = world.try_saying("contractor", kind, amounts={PALLET: None}, header=header, **more)
    assert isinstance(refused, RefusedError)
    assert refused.code == "schema-violated"
