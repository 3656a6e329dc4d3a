"""A list of drums: cut from a batch that is there, or with it; and every row that can't be."""

import json
from decimal import Decimal

import pytest
from sqlalchemy import event

from api.bulk.events import MAX_LOTS
from keys.errors import RefusedError
from tests.api.bulk.conftest import say, told
from tests.factories import BATCH, lot_at, uri_of

ROW = {"product": "06901234567892", "lot": "A1", "serial": "D1", "length": "500", "made_at": "2015-05-05 14:00"}
NEW = ROW | {"lot": "B1", "type": "BV 2.5", "name_zh": "电线"}


def drums(count, row=ROW, length="5"):
    return [row | {"serial": f"D{number:05d}", "length": length} for number in range(count)]


def test_drums_are_cut_from_their_batch(check):
    plan = check("drums", [ROW, ROW | {"serial": "D2", "length": "499.5"}])
    assert (plan.count, plan.bad, plan.standing, plan.fresh) == (2, 0, 0, 2)
    (draft,) = plan.drafts
    body = json.loads(draft.payload)
    assert (draft.tag, draft.rows) == ("lot.split", (2, 3))
    assert body["inputQuantityList"] == [{"epcClass": uri_of(BATCH), "quantity": 999.5, "uom": "MTR"}]
    assert body["outputEPCList"] == [uri_of(lot_at("A1", "D1")), uri_of(lot_at("A1", "D2"))]
    assert [one["quantity"] for one in body["suzheng:quantities"]] == [500, 499.5]
    assert plan.heads[BATCH]


def test_a_batch_that_nobody_made_is_put_on_record_first(check):
    plan = check("drums", [NEW, ROW | {"lot": "B1", "serial": "D2", "made_at": "2015-05-04 14:00"}])
    commissioned, first, second = plan.drafts
    body = json.loads(commissioned.payload)
    assert (commissioned.tag, first.tag, second.tag) == ("lot.commissioned", "lot.split", "lot.split")
    assert body["quantityList"] == [{"epcClass": uri_of(lot_at("B1")), "quantity": 1000, "uom": "MTR"}]
    assert body["eventTime"] == "2015-05-04T14:00:00+08:00"
    assert body["ilmd"] == {"suzheng:product": {"family": "cable", "type": "BV 2.5", "name": {"zh": "电线"}}}


def test_so_many_units_to_an_event(check):
    plan = check("drums", drums(2 * MAX_LOTS + 1, NEW))
    assert [len(draft.rows) for draft in plan.drafts] == [0, MAX_LOTS, MAX_LOTS, 1]


def test_long_names_make_shorter_events(check):
    rows = [ROW | {"lot": "B" * 20, "serial": f"{number:03d}" + "%" * 17, "length": "1"} for number in range(200)]
    rows[0] |= {"type": "BV", "name_zh": "电线"}
    plan = check("drums", rows)
    assert plan.bad == 0
    assert max(len(draft.payload) for draft in plan.drafts) < 60_000


BAD: list[tuple[dict[str, str], tuple[object, ...]]] = [
    ({"serial": "D1"}, (3, "serial", "twice")),
    ({"lot": "NONE"}, (3, "lot", "batch_unknown")),
    ({"unit": "kg"}, (3, "unit", "unit_differs")),
    ({"type": "BV 4"}, (3, "type", "type_differs")),
    ({"length": "506"}, (3, "length", "exceeds_lot")),
    ({"made_at": "2015-05-01"}, (3, "made_at", "before_made")),
]


def test_a_row_that_cannot_be_is_named(check):
    found = [told(check("drums", [ROW, ROW | {"serial": "D2"} | changes])) for changes, _ in BAD]
    assert found == [[fault] for _, fault in BAD]


def test_what_is_too_much_counts_what_was_cut_before(check, world):
    world.say("maker", "lot.split", taken={BATCH: 600}, given={lot_at("A1", "X1"): 600})
    plan = check("drums", drums(3, length="200"))
    assert told(plan) == [(4, "length", "exceeds_lot")]
    assert plan.faults[0].facts["left"].value == Decimal(0)


def test_who_does_not_hold_a_batch_cannot_cut_it(check, world):
    assert [wrong for _, _, wrong in told(check("drums", [ROW], "dealer"))] == ["not_held"]
    world.say("maker", "goods.shipped", amounts={BATCH: 1000})
    assert [wrong for _, _, wrong in told(check("drums", [ROW]))] == ["on_its_way"]


def test_the_product_of_a_new_batch_is_one(check):
    assert told(check("drums", [NEW, NEW | {"serial": "D2", "type": "BV 4"}])) == [(3, "type", "product_differs")]


def test_what_stands_already_is_counted_and_not_said_again(check, world):
    plan = check("drums", drums(3))
    say(world, plan)
    again = check("drums", drums(4))
    assert (again.bad, again.standing, again.fresh) == (0, 3, 1)
    assert [draft.rows for draft in again.drafts] == [(5,)]


def test_a_unit_on_record_with_other_facts_is_named(check, world):
    plan = check("drums", drums(1))
    say(world, plan)
    assert told(check("drums", drums(1, length="6"))) == [(2, "serial", "on_record")]


def test_a_party_that_may_not_make_is_told_before_anything_else(check):
    with pytest.raises(RefusedError) as refused:
        check("drums", [NEW], "lab")
    assert refused.value.code == "role-not-allowed"


def test_ten_thousand_rows_ask_the_registers_as_often_as_ten(check, world):
    def asked(count: int) -> int:
        seen: list[str] = []

        def note(_connection, _cursor, statement, *_):
            seen.append(statement)

        event.listen(world.database.readers, "before_cursor_execute", note)
        plan = check("drums", drums(count, NEW))
        event.remove(world.database.readers, "before_cursor_execute", note)
        assert plan.bad == 0
        return len(seen)

    few, many = asked(10), asked(10_000)
    # 10,001 lots are asked for in three parts.
    assert many <= 3 * few
