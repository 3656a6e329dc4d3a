"""A list of installations: metres within the drum, none twice."""

import json

import pytest

from tests.api.bulk.conftest import say, told
from tests.factories import DRUM, uri_of

ROW = {
    "product": "06901234567892",
    "lot": "A1",
    "serial": "D001",
    "station": "示范3号线 03号站",
    "circuit": "AL1",
    "from_m": "0",
    "to_m": "260",
    "time": "2015-05-20 09:00",
}


@pytest.fixture
def cut(world):
    world.say("maker", "lot.split")
    return world


def installed(check, *rows):
    return check("installations", rows, "contractor")


def test_a_stretch_of_a_drum_is_an_event_at_its_place(check, cut):
    plan = installed(check, ROW, ROW | {"from_m": "260", "to_m": "499.5", "circuit": ""})
    assert plan.bad == 0
    first, second = (json.loads(draft.payload) for draft in plan.drafts)
    assert first["epcList"] == [uri_of(DRUM)]
    assert first["suzheng:quantities"][0]["quantity"] == 260
    assert first["suzheng:place"] == {"station": "示范3号线 03号站", "from_m": "0", "to_m": "260", "circuit": "AL1"}
    assert second["suzheng:place"] == {"station": "示范3号线 03号站", "from_m": "260", "to_m": "499.5"}
    say(cut, plan, "contractor")
    assert installed(check, ROW).standing == 1


BAD: list[tuple[dict[str, str], tuple[object, ...]]] = [
    ({"serial": "D009"}, ("serial", "lot_unknown")),
    ({"serial": ""}, ("serial", "unit_needed")),
    ({"to_m": "0"}, ("to_m", "range_empty")),
    ({"from_m": "300", "to_m": "200"}, ("to_m", "range_empty")),
    ({"to_m": "503"}, ("to_m", "beyond_length")),
    ({"time": "2015-05-01"}, ("time", "before_made")),
    ({"station": ""}, ("station", "empty")),
]


def test_a_row_that_cannot_be_is_named(check, cut):
    found = [told(installed(check, ROW | changes)) for changes, _ in BAD]
    assert found == [[(2, *fault)] for _, fault in BAD]


def test_what_is_within_the_tolerance_of_a_length_is_no_fault(check, cut):
    assert installed(check, ROW | {"to_m": "502.5"}).bad == 0


def test_metres_are_laid_once(check, cut):
    rows = [
        ROW,
        ROW | {"from_m": "259", "to_m": "300"},
        ROW | {"serial": "D002"},
        ROW | {"from_m": "300", "to_m": "310"},
    ]
    assert told(installed(check, *rows)) == [(3, "from_m", "overlaps_row")]
    say(cut, installed(check, ROW), "contractor")
    plan = installed(check, ROW | {"from_m": "100", "to_m": "300"}, ROW | {"from_m": "260", "to_m": "300"})
    assert told(plan) == [(2, "from_m", "overlaps"), (3, "from_m", "overlaps_row")]
    assert plan.faults[0].facts["to_m"] == 260


def test_what_was_taken_out_can_be_laid_anew(check, cut):
    say(cut, installed(check, ROW), "contractor")
    place = {"station": ROW["station"], "from_m": "0", "to_m": "260"}
    cut.say("contractor", "lot.removed", place=place)
    assert installed(check, ROW | {"time": "2015-06-21"}).bad == 0


def test_drums_laid_alike_are_one_event(check, cut):
    plan = installed(check, ROW, ROW | {"serial": "D002"})
    assert [draft.rows for draft in plan.drafts] == [(2, 3)]
