"""How labs have done: counted from what is on record, disagreements from both sides."""

import pytest

from api.database import Database
from labs.performance.register import Performance, count_performance, read_disagreements
from tests.factories import DRUM, SISTER, uri_of, uscc_of
from tests.world import HONEST, World

LAB, OTHER = uscc_of("lab"), uscc_of("other_lab")


@pytest.fixture
def world(database_url):
    database = Database(database_url)
    yield World.told(database, HONEST)
    database.close()


def disagreements(world, *labs):
    with world.database.reading() as session:
        return read_disagreements(session, labs)


def test_reports_are_counted_by_number_and_by_what_became_of_them(world):
    world.say("lab", "report.issued", number="R-2")
    world.say("lab", "report.amended", number="R-2")
    world.say("lab", "report.withdrawn", number="R-2")
    world.say("lab", "report.denied", number="R-9")
    with world.database.reading() as session:
        counts = count_performance(session, [LAB, OTHER])
    assert counts == {LAB: Performance(2, 1, 1, 1, 0), OTHER: Performance()}


def test_another_labs_report_with_the_other_conclusion_disagrees_on_both_sides(world):
    assert disagreements(world, LAB, OTHER) == ()
    world.say("other_lab", "report.issued", number="X-1", conclusion="fail")
    (one,) = disagreements(world, LAB)
    assert (one.number, one.conclusion, one.lot, one.other, one.other_number) == (
        *("R-2015-001", "pass", DRUM),
        *(OTHER, "X-1"),
    )
    (other,) = disagreements(world, OTHER)
    assert (other.number, other.conclusion, other.other) == ("X-1", "fail", LAB)
    with world.database.reading() as session:
        assert count_performance(session, [LAB])[LAB].disagreements == 1


@pytest.mark.parametrize(
    ("alias", "changes"),
    [
        ("other_lab", {"conclusion": "pass"}),
        ("other_lab", {"conclusion": "none"}),
        ("other_lab", {"conclusion": "fail", "lots": [uri_of(SISTER)]}),
        ("lab", {"conclusion": "fail"}),  # its own second test
    ],
)
def test_what_is_no_other_conclusion_of_another_on_the_lot_is_none(world, alias, changes):
    world.say(alias, "report.issued", number="X-1", **changes)
    assert disagreements(world, LAB, OTHER) == ()


@pytest.mark.parametrize(("is_passed", "count"), [(False, 1), (True, 0)])
def test_a_spot_check_that_finds_otherwise_disagrees(world, is_passed, count):
    world.say("regulator", "spotcheck.reported", lots=[uri_of(DRUM)], is_passed=is_passed)
    found = disagreements(world, LAB)
    assert [(one.other, one.other_number) for one in found] == [(uscc_of("regulator"), None)] * count


def test_a_report_that_was_withdrawn_disagrees_with_nobody(world):
    world.say("other_lab", "report.issued", number="X-1", conclusion="fail")
    world.say("other_lab", "report.withdrawn", number="X-1")
    assert disagreements(world, LAB, OTHER) == ()


def test_a_thiefs_report_disagrees_with_nobody(world):
    since = world.at.isoformat()
    world.say("other_lab", "report.issued", number="X-1", conclusion="fail")
    world.say("regulator", "key.revoked", kid=world.kid("other_lab"), compromised_since=since)
    assert disagreements(world, LAB, OTHER) == ()
