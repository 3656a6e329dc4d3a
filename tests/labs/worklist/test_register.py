"""The worklist and the searches beside it, on both databases: grouped, counted, in order, a place at a time."""

from dataclasses import replace
from itertools import pairwise

import pytest

from api.database import Database
from labs.accreditation.register import find_accredited
from labs.casework.register import read_stale
from labs.refresh import refresh_lot
from labs.reports.register import find_documents, find_numbers
from labs.worklist.register import Wanted, count_findings, count_made, count_verdicts, read_found_makers, read_groups
from tests.api.pages.conftest import FORGED, MISUSED
from tests.factories import BATCH, DRUM, SISTER, uscc_of
from tests.world import HONEST, World
from trace.chains import find_lots, read_followers, read_mentions
from trace.findings import Severity
from trace.parties.register import find_parties


@pytest.fixture
def session(database_url):
    database = Database(database_url)
    world = World.told(database, HONEST + MISUSED)
    with database.writing() as writing:
        for lot in read_stale(writing, world.at, 1000):
            refresh_lot(writing, lot, world.house.rules, world.house.pack, world.at)
    with database.reading() as reading:
        yield reading
    database.close()


def test_the_list_and_the_searches_beside_it(session):
    """One world for all: making it costs more than asking it."""
    groups = read_groups(session, Wanted(), most=100)
    _is_in_order(groups)
    _goes_on_from_any_place(session, groups)
    _filters(session, groups)
    _counts_agree(session, groups)
    _finds_numbers_whatever_their_case(session)
    _knows_what_follows(session)


def _is_in_order(groups):
    places = [(-group.place[0], -group.place[1], *group.place[2:]) for group in groups]
    assert places == sorted(places)
    assert len(set(places)) == len(places) > 3


def _goes_on_from_any_place(session, groups):
    for index, group in enumerate(groups):
        rest = read_groups(session, Wanted(), most=100, after=group.place)
        assert rest == groups[index + 1 :]


def _filters(session, groups):
    graver = read_groups(session, Wanted(at_least=Severity.CRITICAL.weight), most=100)
    assert {group.severity for group in graver} <= {"critical", "block"}
    assert read_groups(session, Wanted(text=FORGED.lower()), most=100)
    assert read_groups(session, Wanted(text="100%"), most=100) == ()
    assert read_groups(session, Wanted(maker=uscc_of("maker")), most=100) == groups
    newest = read_groups(session, Wanted(), most=100, newest_first=True)
    assert [group.place[1] for group in newest] == sorted((group.place[1] for group in groups), reverse=True)
    assert read_groups(session, replace(Wanted(), code="L99"), most=100) == ()


def _counts_agree(session, groups):
    assert sum(count_findings(session, Wanted()).values()) >= sum(group.count for group in groups)
    assert read_found_makers(session) == (uscc_of("maker"),)
    assert sum(count_made(session, uscc_of("maker"))["BV 2.5"].values()) == 3
    assert sum(count_verdicts(session).values()) >= 3


def _finds_numbers_whatever_their_case(session):
    assert find_lots(session, "d002", 9) == (SISTER,)
    assert find_lots(session, "a1", 9) == (BATCH,)
    assert find_lots(session, "_1", 9) == ()
    assert find_numbers(session, "r-2015-6", 9) == ((uscc_of("lab"), FORGED),)
    assert find_documents(session, "b" * 64) == ((uscc_of("lab"), FORGED),)
    assert find_accredited(session, "L1234") == (uscc_of("lab"),)
    assert [party.uscc for party in find_parties(session, "SUPERV", 9)] == [uscc_of("supervisor")]


def _knows_what_follows(session):
    chain = read_mentions(session, DRUM)
    for here, after in pairwise(chain):
        assert after in read_followers(session, here)
    assert read_followers(session, chain[-1]) == ()
