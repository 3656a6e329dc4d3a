"""What is said of labs reads back as it was said, old words too; and what can't be meant is refused at the door."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from api.database import Database
from keys.errors import RefusedError
from labs.accreditation.register import (
    ScopePart,
    Site,
    find_labs,
    read_accreditations,
    read_analysts,
    read_authorisation_endings,
    read_reinstatements,
    read_signatories,
    read_suspensions,
)
from labs.instruments.register import read_calibrations, read_retirements
from labs.relations.register import find_related, read_relations
from tests.factories import AccreditedBody, CalibratedBody, RelationBody, uscc_of
from tests.world import PREPARED, World

LAB = uscc_of("lab")
BODY: dict[str, Any] = dict(AccreditedBody())  # type: ignore[call-overload]
LINE = BODY["scope"][0]


@pytest.fixture
def world(database_url):
    database = Database(database_url)
    yield World.told(database, PREPARED)
    database.close()


def test_a_scope_line_keeps_its_range_and_site(world):
    line = LINE | {"range_from": "0.10", "range_to": "20", "range_unit": "ohm/km", "site": "1"}
    world.say("regulator", "lab.accredited", scope=[line])
    with world.database.reading() as session:
        first, second = read_accreditations(session, [LAB])
    (known,) = second.scope
    assert (known.range_from, known.range_to, known.range_unit, known.site) == (
        *(Decimal("0.10"), Decimal(20)),
        *("ohm/km", "1"),
    )
    assert second.sites == (Site("1", "1 Test Road, hall 2", "hall 2"),)
    assert (first.scope[0].range_unit, first.scope[0].site) == (None, None)


def test_an_accreditation_of_before_sites_is_read(world):
    body = {name: value for name, value in BODY.items() if name != "sites"}
    world.say("regulator", "lab.accredited", json.dumps(body).encode())
    with world.database.reading() as session:
        assert read_accreditations(session, [LAB])[-1].sites == ()


def test_suspensions_in_part_and_whole_and_what_lifts_them(world):
    part = {"object": "cable", "parameter": "voltage_test"}
    world.say("regulator", "accreditation.suspended")
    world.say("regulator", "accreditation.suspended", scope=[part])
    world.say("regulator", "accreditation.reinstated", scope=[part], suspended_from="2017-04-01")
    world.say("regulator", "accreditation.reinstated")
    with world.database.reading() as session:
        whole, partly = read_suspensions(session, [LAB])
        first, second = read_reinstatements(session, [LAB])
    assert (whole.scope, partly.scope) == (None, (ScopePart("cable", "voltage_test"),))
    assert (first.scope, first.suspended_from) == (partly.scope, date(2017, 4, 1))
    assert (second.scope, second.suspended_from, second.reinstated_on) == (None, None, date(2017, 5, 1))


def test_people_and_instruments(world):
    world.say("lab", "signatory.authorised", objects=["cable"])
    world.say("lab", "analyst.authorised", site="1")
    world.say("lab", "instrument.calibrated")
    world.say("lab", "instrument.retired")
    with world.database.reading() as session:
        assert [one.objects for one in read_signatories(session, [LAB])] == [None, ("cable",)]
        assert [(one.person, one.site) for one in read_analysts(session, [LAB])] == [("analyst-1", "1")]
        (calibration,) = read_calibrations(session, [LAB])
        assert (calibration.certificate, calibration.due_on) == ("CAL-2015-0042", date(2016, 1, 9))
        assert [one.retired_on for one in read_retirements(session, [LAB])] == [date(2017, 6, 30)]


@pytest.mark.parametrize(("days", "kept"), [(-400, 0), (0, 0), (30, 30)])
def test_an_authorisation_never_ends_before_the_day_on_which_it_is_said(world, days, kept):
    today = (world.at + timedelta(hours=8)).date()
    world.say("lab", "authorisation.ended", ended_on=(today + timedelta(days=days)).isoformat())
    with world.database.reading() as session:
        (ending,) = read_authorisation_endings(session, [LAB])
    assert ending.ended_on == today + timedelta(days=kept)


@pytest.mark.parametrize("tag", ["lab.accredited", "accreditation.suspended", "accreditation.reinstated"])
def test_a_lab_can_not_speak_of_its_own_accreditation(world, tag):
    with pytest.raises(RefusedError) as refused:
        world.say("lab", tag)
    assert refused.value.code == "role-not-allowed"


@pytest.mark.parametrize(
    ("alias", "tag", "changes"),
    [
        ("regulator", "lab.accredited", {"scope": [LINE | {"range_from": "1"}]}),
        ("regulator", "lab.accredited", {"scope": [LINE | {"range_unit": "mm"}]}),
        ("regulator", "lab.accredited", {"scope": [LINE | {"range_from": "2", "range_to": "1", "range_unit": "mm"}]}),
        ("regulator", "lab.accredited", {"scope": [LINE | {"site": "7"}]}),
        ("regulator", "lab.accredited", {"sites": [{"site": "1", "address": "a"}, {"site": "1", "address": "b"}]}),
        ("regulator", "accreditation.suspended", {"scope": []}),
        ("lab", "authorisation.ended", {"duty": "sampler"}),
        ("lab", "instrument.calibrated", {"due_on": "2015-01-09"}),
        ("regulator", "relation.stated", {"reference": None}),
        ("regulator", "relation.stated", {"other": uscc_of("maker")}),
        ("regulator", "relation.stated", {"reference": None, "other": uscc_of("maker")}),
        ("regulator", "relation.stated", {"relation": "friend"}),
        ("regulator", "relation.stated", {"reference": "13900000001"}),
        ("regulator", "relation.stated", {"relation": "controller", "reference": None, "other": uscc_of("lab")}),
    ],
)
def test_what_can_not_be_meant_is_refused(world, alias, tag, changes):
    with pytest.raises(RefusedError) as refused:
        world.say(alias, tag, **changes)
    assert refused.value.code == "schema-violated"


def test_an_instrument_is_due_on_its_first_day_at_the_earliest(world):
    world.say("lab", "instrument.calibrated", CalibratedBody(due_on="2015-01-10"))
    with world.database.reading() as session:
        assert len(read_calibrations(session, [LAB])) == 1


@pytest.mark.parametrize(
    ("text", "parameters", "is_found"),
    [
        ("1400", (), True),
        ("l12", (), True),
        ("t 3048", (), True),
        ("x", ("conductor_resistance",), True),
        ("_", (), True),
        ("x", (), False),
        ("%", (), False),
        ("000001", (), False),
    ],
)
def test_labs_are_found_by_number_and_scope(world, text, parameters, is_found):
    with world.database.reading() as session:
        assert find_labs(session, text, parameters) == ({LAB} if is_found else set())


def test_relations_come_with_all_that_share_a_reference(world):
    maker, dealer = uscc_of("maker"), uscc_of("dealer")
    world.say("regulator", "relation.stated")
    world.say("regulator", "relation.stated", party=maker)
    world.say("regulator", "relation.stated", party=dealer, reference="b" * 64)
    shares = RelationBody(party=uscc_of("owner"), relation="shareholder", reference=None, other=dealer)
    world.say("regulator", "relation.stated", shares, share_pct="12.5")
    with world.database.reading() as session:
        assert {one.party for one in read_relations(session, {LAB})} == {LAB, maker}
        found = read_relations(session, {dealer, uscc_of("owner")})
        assert [(one.party, one.share_pct) for one in found] == [(dealer, None), (uscc_of("owner"), Decimal("12.5"))]
        assert read_relations(session, {uscc_of("smelter")}) == ()
        assert find_related(session, maker, None) == {maker, LAB}
        assert find_related(session, uscc_of("smelter"), "b" * 64) == {uscc_of("smelter"), dealer, uscc_of("owner")}
