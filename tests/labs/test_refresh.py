"""What an entry touches, or a date that passes, is judged again; nothing that waits is forgotten."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from api.database import Database
from keys.keyring import generate_key
from labs.casework.register import count_stale, read_stale, read_words
from labs.refresh import list_judged, look_at, refresh_lot
from tests.factories import BATCH, DRUM, ROD, ROD_GTIN, SISTER, RowBody, TimedRowBody, lot_at, uri_of, uscc_of
from tests.world import HONEST, World

ALL = {ROD, BATCH, DRUM, SISTER}
LINE = {ROD, BATCH, DRUM}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The honest drum's whole life, judged."""
    database = Database(database_url)
    world = World.told(database, HONEST)
    judge_waiting(world)
    yield world
    database.close()


def waiting(world: World) -> set[str]:
    """The lots that wait now."""
    with world.database.reading() as session:
        lots = read_stale(session, world.at, 1000)
        assert count_stale(session, world.at) == len(lots)
        return set(lots)


def judge_waiting(world: World) -> None:
    """Judge all that waits, as of the world's present."""
    for lot in waiting(world):
        with world.database.writing() as session:
            refresh_lot(session, lot, world.house.rules, world.house.pack, world.at)
    assert waiting(world) == set()


def word(world: World, lot: str) -> str:
    """The word on the list."""
    with world.database.reading() as session:
        return read_words(session, [lot])[lot]


def test_statement_on_a_drum_touches_its_lineage(world: World) -> None:
    world.say("contractor", "lot.removed")
    assert waiting(world) == {ROD, BATCH, DRUM}


def test_lots_that_a_batch_itself_makes_touch_what_it_made_them_of(world: World) -> None:
    """Of a lot that is new with the batch nothing need be looked up: whatever it hangs on is in the batch."""
    cut, joined = lot_at("A1", "D001-1"), lot_at("J1")
    first = world.seal("maker", "lot.split", taken={DRUM: 500}, given={cut: 500})
    follows = tuple(sorted({first.leaf, *world.heads([SISTER])}))
    header = {"subject": joined, "follows": follows}
    second = world.seal("maker", "lot.joined", taken={cut: 500, SISTER: 500}, given={joined: 1000}, header=header)
    world.send(first, second)
    assert waiting(world) == {*ALL, cut, joined}


def test_new_lots_alone_touch_nothing_else(world: World) -> None:
    rod, cable = lot_at("R9", gtin=ROD_GTIN), lot_at("A9")
    first = world.seal("smelter", "lot.commissioned", amounts={rod: 24})
    header = {"subject": cable, "follows": (first.leaf,)}
    second = world.seal("maker", "lot.transformed", taken={rod: 24}, given={cable: 1000}, header=header)
    world.send(first, second)
    assert waiting(world) == {rod, cable}


def test_failed_check_of_a_drum_touches_its_makers_type(world: World) -> None:
    world.say("regulator", "spotcheck.reported", lots=[f"/{DRUM}"], is_passed=False)
    assert waiting(world) == ALL
    judge_waiting(world)
    assert (word(world, DRUM), word(world, BATCH), word(world, SISTER)) == ("STOP", "STOP", "HOLD")


@pytest.mark.parametrize(
    ("alias", "tag", "changes", "touched"),
    [
        ("regulator", "penalty.imposed", {"party": uscc_of("maker")}, {BATCH, DRUM, SISTER, ROD}),
        ("regulator", "ban.imposed", {"party": uscc_of("contractor")}, LINE),
        ("regulator", "accreditation.suspended", {"lab": uscc_of("lab")}, LINE),
        ("regulator", "accreditation.reinstated", {}, LINE),
        ("lab", "signatory.authorised", {}, LINE),
        ("lab", "authorisation.ended", {}, LINE),
        ("lab", "instrument.calibrated", {}, LINE),
        ("lab", "instrument.retired", {}, set()),
        ("lab", "analyst.authorised", {}, set()),
        ("regulator", "relation.stated", {}, LINE),
        ("regulator", "relation.stated", {"party": uscc_of("maker")}, set()),
        ("supervisor", "post.held", {}, LINE),
        ("supervisor", "post.ended", {"person": "witness-1", "duty": "witness"}, LINE),
        ("owner", "suppliers.qualified", {}, LINE),
        ("lab", "hosts.stated", {}, LINE),
        ("contractor", "paper.examined", {}, LINE),
        ("regulator", "anchor.trusted", {}, set()),
        ("owner", "tender.published", {"ocid": "ocds-of-nothing"}, set()),
    ],
)
def test_statement_without_lots_touches_those_of_its_parties(
    world: World, alias: str, tag: str, changes: dict[str, object], touched: set[str]
) -> None:
    world.say(alias, tag, **changes)  # type: ignore[arg-type]
    assert waiting(world) == touched


@pytest.mark.parametrize(
    ("changes", "is_touched"),
    [
        ({}, True),
        ({"raw_sha256": ["f" * 64]}, True),
        ({"instrument": "bridge-2", "analyst": "analyst-2"}, True),
        ({"raw_sha256": ["f" * 64], "instrument": "bridge-2", "analyst": "analyst-2"}, False),
    ],
)
@pytest.mark.parametrize("tag", ["report.issued", "report.withdrawn"])
def test_report_touches_the_lots_of_those_that_it_contradicts(
    world: World, tag: str, changes: dict[str, object], is_touched: bool
) -> None:
    world.say("lab", "report.amended", rows=[TimedRowBody()])
    other: dict[str, Any] = {"number": "R-2", "lots": [f"/{SISTER}"]}
    if tag == "report.withdrawn":
        world.say("lab", "report.issued", None, sample="S-2", rows=[TimedRowBody(**changes)], **other)
    judge_waiting(world)
    if tag == "report.withdrawn":
        world.say("lab", tag, None, **other)
    else:
        world.say("lab", tag, None, sample="S-2", rows=[TimedRowBody(**changes)], **other)
    assert (DRUM in waiting(world)) is is_touched


def test_report_on_a_sample_touches_the_lots_of_other_reports_on_it(world: World) -> None:
    world.say("lab", "report.issued", None, number="R-2", lots=[f"/{SISTER}"])
    assert waiting(world) == ALL


def test_revoked_lab_touches_the_lots_of_other_labs_reports_with_its_raw_files(world: World) -> None:
    world.say("lab", "report.amended", rows=[TimedRowBody()])
    lots = [f"/{SISTER}"]
    world.say("other_lab", "report.issued", None, number="R-2", lots=lots, sample="S-2", rows=[TimedRowBody()])
    judge_waiting(world)
    world.say("regulator", "key.revoked", kid=world.kid("lab"), compromised_since="2015-05-01T00:00:00Z")
    assert SISTER in waiting(world)


def test_revocation_touches_the_lots_of_the_keys_party_not_of_the_regulator(world: World) -> None:
    world.say(
        "regulator", "key.revoked", kid=world.kid("lab"), reason="stolen", compromised_since="2015-05-01T00:00:00Z"
    )
    assert DRUM in waiting(world)
    judge_waiting(world)
    assert word(world, DRUM) == "STOP"


def test_a_regulators_stolen_key_touches_all_that_it_decided(world: World) -> None:
    """The thief bans the contractor. When it turns out that he did, the contractor's lots are judged again."""
    world.enroll("regulator", "spare")
    since = world.at.isoformat()
    world.say("regulator.spare", "ban.imposed", party=uscc_of("contractor"), banned_from="2015-01-01", banned_to=None)
    judge_waiting(world)
    assert word(world, DRUM) == "STOP"
    world.say("regulator", "key.revoked", kid=world.kid("regulator.spare"), compromised_since=since)
    assert DRUM in waiting(world)
    judge_waiting(world)
    assert word(world, DRUM) == "USE"


def test_a_confirmed_key_touches_what_it_had_signed_and_a_new_one_nothing(world: World) -> None:
    world.enroll("regulator", "spare")
    since = world.at.isoformat()
    world.keys["supervisor.new"] = generate_key()
    key: dict[str, Any] = {"party": uscc_of("supervisor"), "key": world.jwk("supervisor.new")}
    judge_waiting(world)
    world.say("regulator.spare", "key.enrolled", **key)
    assert waiting(world) == set()
    world.say("supervisor.new", "drum.measured", resistance_ohm="4.400")
    world.say("regulator", "key.revoked", kid=world.kid("regulator.spare"), compromised_since=since)
    judge_waiting(world)
    assert word(world, DRUM) == "HOLD"
    world.say("regulator", "key.enrolled", **key)
    assert DRUM in waiting(world)
    judge_waiting(world)
    assert word(world, DRUM) == "STOP"


def test_deadline_that_passes_is_noticed_though_nobody_speaks(world: World) -> None:
    """A paper nobody registers: a question at first, and after three working days a stop."""
    world.say("contractor", "paper.presented", number="R-UNHEARD-OF", lots=[f"/{DRUM}"], pdf_sha256=None)
    judge_waiting(world)
    assert word(world, DRUM) == "HOLD"
    for days, told in ((2, "HOLD"), (5, "STOP")):
        # How many days its lab has been asked is told too.
        world.at += timedelta(days=days)
        assert DRUM in waiting(world)
        judge_waiting(world)
        assert word(world, DRUM) == told


def test_recalls_deadline_is_noticed(world: World) -> None:
    today = world.at.date()
    world.say(
        "regulator",
        "recall.ordered",
        lots=[f"/{DRUM}"],
        ordered_on=today.isoformat(),
        deadline_on=(today + timedelta(days=10)).isoformat(),
    )
    judge_waiting(world)
    world.at += timedelta(days=12)
    assert DRUM in waiting(world)
    assert world.at.date() > today + timedelta(days=10) > date(2015, 1, 1)


def test_goods_that_do_not_arrive_are_noticed_after_a_month(world: World) -> None:
    world.say("contractor", "goods.shipped", receiver=uscc_of("dealer"), eventTime=world.at.isoformat())
    judge_waiting(world)
    world.at += timedelta(days=29)
    assert DRUM not in waiting(world)
    world.at += timedelta(days=3)
    assert DRUM in waiting(world)


def test_a_lot_that_was_touched_while_it_was_looked_at_still_waits(world: World) -> None:
    world.say("contractor", "lot.removed")
    with world.database.reading() as session:
        looked = look_at(session, DRUM, world.house.rules, world.house.pack, world.at)
    world.say("regulator", "spotcheck.reported", lots=[f"/{DRUM}"], is_passed=False)
    with world.database.writing() as session:
        assert not list_judged(session, looked)
    assert (DRUM in waiting(world), word(world, DRUM)) == (True, "USE")
    with world.database.reading() as session:
        looked = look_at(session, DRUM, world.house.rules, world.house.pack, world.at)
    with world.database.writing() as session:
        assert list_judged(session, looked)
    assert (DRUM in waiting(world), word(world, DRUM)) == (False, "STOP")


def test_a_calibration_touches_what_was_measured_with_the_instrument(world: World) -> None:
    """The first one of a lab touches all that it tested: what has none is found from then on."""
    world.say("lab", "report.issued", number="R-2", lots=[uri_of(SISTER)], rows=[RowBody(instrument="B-8")])
    judge_waiting(world)
    world.send(world.seal("lab", "instrument.calibrated"), world.seal("lab", "instrument.calibrated"))
    assert waiting(world) == ALL
    judge_waiting(world)
    world.say("lab", "instrument.calibrated", instrument="B-9")
    assert waiting(world) == set()
    world.say("lab", "instrument.calibrated", instrument="B-8", calibrated_on="2015-05-10")
    assert waiting(world) == {ROD, BATCH, SISTER}
    judge_waiting(world)
    world.say("lab", "instrument.retired", instrument="B-8")
    assert waiting(world) == {ROD, BATCH, SISTER}


def test_a_relation_touches_the_lots_of_labs_two_steps_away(world: World) -> None:
    """The lab's owner is on record; that the owner rents with the maker puts the lab's reports in another light."""
    shares: dict[str, Any] = {"relation": "shareholder", "reference": None, "other": uscc_of("dealer")}
    world.say("regulator", "relation.stated", **shares)
    world.say("regulator", "relation.stated", party=uscc_of("maker"), relation="address", reference="b" * 64)
    judge_waiting(world)
    assert word(world, DRUM) == "USE"
    world.say("regulator", "relation.stated", party=uscc_of("dealer"), relation="address", reference="b" * 64)
    assert waiting(world) == LINE
    judge_waiting(world)
    assert word(world, DRUM) == "STOP"


def test_a_stolen_key_takes_its_relations_with_it(world: World) -> None:
    world.enroll("regulator", "spare")
    since = world.at.isoformat()
    for party in ("lab", "maker"):
        world.say("regulator.spare", "relation.stated", party=uscc_of(party))
    judge_waiting(world)
    assert word(world, DRUM) == "STOP"
    world.say("regulator", "key.revoked", kid=world.kid("regulator.spare"), compromised_since=since)
    assert DRUM in waiting(world)
    judge_waiting(world)
    assert word(world, DRUM) == "USE"


def test_a_stolen_samplers_key_touches_all_that_reports_on_its_samples_stand_for(world: World) -> None:
    """The report speaks for the batch; the sister drum was never near the sampler."""
    world.say("lab", "report.issued", number="R-2", lots=[uri_of(BATCH)], sample="S-1")
    judge_waiting(world)
    world.say("regulator", "key.revoked", kid=world.kid("contractor"), compromised_since="2015-05-08T00:00:00Z")
    assert SISTER in waiting(world)
