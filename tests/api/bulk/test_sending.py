"""Each drum stands once: after a break at any place, and when two send the same file at the same time."""

from datetime import UTC, datetime

import pytest

from api.bulk import sending
from api.bulk.events import Draft
from api.bulk.plan import Plan, plan_file
from api.bulk.sending import Signer, send_plan
from api.bulk.templates import DRUMS
from keys.errors import RefusedError
from tests.api.bulk.files import dicts_to_csv
from tests.factories import lot_at, uscc_of
from trace.intake import Accepted, accept
from trace.production.register import read_lots_and_repeats, read_lots_by_id

NOW = datetime(2016, 1, 1, tzinfo=UTC)
ROWS = [
    {
        "product": "06901234567892",
        "lot": "B1",
        "serial": f"D{number:04d}",
        "length": "5",
        "made_at": f"2015-05-05 {number % 7 + 8:02d}:00",
        "type": "BV 2.5",
        "name_zh": "电线",
    }
    for number in range(210)
]
FILE = dicts_to_csv(ROWS)


class BrokenError(Exception):
    """The machine has stopped."""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Seven events and the batch's own, in three batches."""
    monkeypatch.setattr(sending, "_LOTS_AT_ONCE", 100)


@pytest.fixture
def plan(world):
    def make() -> Plan:
        with world.database.reading() as session:
            return plan_file(session, world.house.catalogue, DRUMS, FILE, uscc_of("maker"), NOW)

    return make


@pytest.fixture
def send(world):
    """Send a plan; the door breaks down before its nth batch, or after it has committed it."""

    def run(plan: Plan, *, breaks_at: int = -1, is_committed: bool = False):
        batches = 0

        def door(envelopes):
            nonlocal batches
            batches += 1
            if batches == breaks_at and not is_committed:
                raise BrokenError
            with world.database.writing() as session:
                outcomes = accept(session, envelopes, catalogue=world.house.catalogue, sealer=world.sealer, at=NOW)
            if batches == breaks_at:
                raise BrokenError
            return outcomes

        signer = Signer(world.house.catalogue, world.keys["maker"], uscc_of("maker"), lambda: NOW)
        return list(send_plan(plan, signer, door))

    return run


def stand_once(world) -> bool:
    lots = [lot_at("B1", row["serial"]) for row in ROWS]
    with world.database.reading() as session:
        return len(read_lots_by_id(session, lots)) == len(lots) and not read_lots_and_repeats(session, lots)[1]


def test_all_rows_go_in_batches_over_the_heads_of_those_before(world, plan, send):
    sent = send(plan())
    assert all(isinstance(one.outcome, Accepted) for one in sent)
    assert sum(len(one.draft.rows) for one in sent) == len(ROWS)
    assert stand_once(world)
    assert (plan().standing, plan().fresh, plan().drafts) == (len(ROWS), 0, ())


@pytest.mark.parametrize("breaks_at", [1, 2, 3])
@pytest.mark.parametrize("is_committed", [False, True])
def test_after_a_break_each_drum_stands_once(world, plan, send, breaks_at, is_committed):
    with pytest.raises(BrokenError):
        send(plan(), breaks_at=breaks_at, is_committed=is_committed)
    rest = plan()
    assert rest.bad == 0
    assert (rest.standing > 0) == (breaks_at > 1 or is_committed)
    assert all(isinstance(one.outcome, Accepted) for one in send(rest))
    assert stand_once(world)


def test_of_two_who_send_the_same_file_one_is_told_that_it_is_late(world, plan, send):
    first, second = plan(), plan()
    send(first)
    sent = send(second)
    assert all(one.is_stale for one in sent)
    assert stand_once(world)
    assert plan().standing == len(ROWS)


def test_what_the_kind_refuses_is_refused_before_it_is_signed(world):
    signer = Signer(world.house.catalogue, world.keys["maker"], uscc_of("maker"), lambda: NOW)
    with pytest.raises(RefusedError):
        signer.sign(Draft("goods.shipped", b"{}", (), ()))
