"""A list of deliveries: who holds what, in the order of the file; and every row that can't be."""

import json

import pytest

from tests.api.bulk.conftest import say, told
from tests.factories import BATCH, DRUM, SISTER, lot_at, uri_of, uscc_of

ROW = {
    "step": "shipped",
    "contract": "HT-01",
    "to": uscc_of("contractor"),
    "from": "",
    "time": "2015-05-06 09:00",
    "product": "06901234567892",
    "lot": "A1",
    "serial": "D001",
    "length": "",
    "unit": "",
}
RECEIVED = ROW | {"step": "received", "to": "", "from": uscc_of("maker"), "time": "2015-05-07 09:00"}
DELIVERED = RECEIVED | {"step": "delivered", "time": "2015-05-07 15:00"}


@pytest.fixture
def cut(world):
    """Two drums of 500 m lie at the maker's."""
    world.say("maker", "lot.split")
    return world


def test_drums_that_go_together_are_one_event(check, cut):
    plan = check("deliveries", [ROW, ROW | {"serial": "D002"}])
    assert plan.bad == 0
    (draft,) = plan.drafts
    body = json.loads(draft.payload)
    assert (draft.tag, body["bizStep"], body["epcList"]) == (
        "goods.shipped",
        "shipping",
        [uri_of(DRUM), uri_of(SISTER)],
    )
    assert body["bizTransactionList"][0]["bizTransaction"] == "urn:suzheng:contract:HT-01"
    assert body["destinationList"][0]["destination"] == f"urn:suzheng:party:{uscc_of('contractor')}"
    # What the row does not say is what is on record.
    assert {one["quantity"] for one in body["suzheng:quantities"]} == {500}


def test_what_differs_in_anything_else_is_an_event_of_its_own(check, cut):
    plan = check("deliveries", [ROW, ROW | {"serial": "D002", "contract": "HT-02"}])
    assert [draft.rows for draft in plan.drafts] == [(2,), (3,)]


def test_a_batch_is_delivered_whole(check, world):
    plan = check("deliveries", [ROW | {"serial": "", "length": "1000", "unit": "m"}])
    body = json.loads(plan.drafts[0].payload)
    assert (plan.bad, body["quantityList"]) == (0, [{"epcClass": uri_of(BATCH), "quantity": 1000, "uom": "MTR"}])


def test_received_delivered_and_shipped_on_in_one_file(check, cut):
    say(cut, check("deliveries", [ROW]))
    on = ROW | {"time": "2015-05-08 09:00", "to": uscc_of("owner")}
    plan = check("deliveries", [RECEIVED, DELIVERED | {"invoicer": uscc_of("maker")}, on], "contractor")
    assert plan.bad == 0
    assert [draft.tag for draft in plan.drafts] == ["goods.received", "goods.delivered", "goods.shipped"]
    assert json.loads(plan.drafts[1].payload)["suzheng:invoicer"] == f"urn:suzheng:party:{uscc_of('maker')}"
    say(cut, plan, "contractor")


BAD: list[tuple[dict[str, str], tuple[object, ...]]] = [
    ({"serial": "D009"}, ("lot", "lot_unknown")),
    ({"to": ""}, ("to", "empty")),
    ({"to": uscc_of("maker")}, ("to", "the_signer")),
    ({"from": uscc_of("dealer")}, ("from", "not_the_signer")),
    ({"time": "2015-05-01"}, ("time", "before_made")),
    ({"length": "506"}, ("length", "exceeds_lot")),
    ({"length": "500", "unit": "kg"}, ("unit", "unit_differs")),
    ({"contract": "HT 01"}, ("contract", "text_invalid")),
]


def test_a_row_that_cannot_be_is_named(check, cut):
    found = [told(check("deliveries", [ROW | changes])) for changes, _ in BAD]
    assert found == [[(2, *fault)] for _, fault in BAD]


def test_the_same_drum_is_shipped_once(check, cut):
    assert told(check("deliveries", [ROW, ROW])) == [(3, "serial", "twice")]


def test_nobody_ships_what_he_does_not_hold(check, cut):
    assert told(check("deliveries", [ROW], "dealer"))[0] == (2, "serial", "not_held")
    assert told(check("deliveries", [ROW | {"to": uscc_of("dealer")}], "contractor"))[0][2] == "not_held"


def test_nobody_ships_what_is_on_its_way(check, cut):
    say(cut, check("deliveries", [ROW]))
    assert told(check("deliveries", [ROW | {"time": "2015-05-06 10:00"}]))[0][2] == "on_its_way"


def test_a_receipt_is_held_against_who_holds_it(check, cut):
    assert told(check("deliveries", [RECEIVED | {"from": uscc_of("dealer")}], "contractor")) == [
        (2, "from", "not_held")
    ]
    say(cut, check("deliveries", [ROW | {"to": uscc_of("owner")}]))
    assert told(check("deliveries", [RECEIVED], "contractor")) == [(2, "serial", "on_its_way")]
    say(cut, check("deliveries", [RECEIVED], "owner"), "owner")
    again = check("deliveries", [RECEIVED | {"time": "2015-05-09 09:00"}], "owner")
    assert told(again) == [(2, "serial", "held_already")]


def test_a_delivery_names_its_contract_and_comes_from_who_holds_it(check, cut):
    rows = [DELIVERED | {"contract": ""}, DELIVERED | {"serial": "D002", "from": uscc_of("dealer")}]
    assert told(check("deliveries", rows, "contractor")) == [(2, "contract", "empty"), (3, "from", "not_held")]


def test_what_stands_already_is_counted_and_not_said_again(check, cut):
    say(cut, check("deliveries", [ROW]))
    again = check("deliveries", [ROW, ROW | {"serial": "D002"}])
    assert (again.bad, again.standing, [draft.rows for draft in again.drafts]) == (0, 1, [(3,)])
    say(cut, again)
    for row in (RECEIVED, DELIVERED):
        first = check("deliveries", [row], "contractor")
        assert (first.standing, first.fresh) == (0, 1)
        say(cut, first, "contractor")
        again = check("deliveries", [row], "contractor")
        assert (again.bad, again.standing, again.fresh) == (0, 1, 0)


def test_another_length_than_was_said_does_not_stand(check, cut):
    say(cut, check("deliveries", [ROW]))
    assert told(check("deliveries", [ROW | {"length": "499"}]))[0][2] == "on_its_way"


def test_a_lot_that_is_named_by_its_link_is_faulted_there(check, cut):
    row = {"step": "shipped", "time": "2015-05-06", "to": uscc_of("dealer"), "link": lot_at("A1", "D009")}
    assert told(check("deliveries", [row])) == [(2, "link", "lot_unknown")]
