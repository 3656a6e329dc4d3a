"""What is kept in memory is what the registers say at the ledger's size, and for readers alone."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from api.database import Database
from tests.factories import uscc_of
from tests.world import World
from trace.ledger.kept import Kept, kept_by
from trace.oversight.register import read_bans

ASKED: list[list[str]] = []


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    database = Database(database_url)
    yield World.found(database, cast=("regulator", "maker"))
    database.close()


@kept_by(lambda fact: fact[0], lambda fact: fact[1])
def read_facts(session: Session, keys):
    """Two facts a key, told in no order."""
    ASKED.append(sorted(keys))
    return [(key, at) for at in (2, 1) for key in keys if key != "nobody"]


def look(world, *keys):
    """The facts, and for which keys the database was asked."""
    ASKED.clear()
    with world.database.reading() as session:
        return read_facts(session, keys), [key for asked in ASKED for key in asked]


def test_a_key_is_asked_for_once_and_facts_come_in_order(world):
    assert look(world, "a") == ((("a", 1), ("a", 2)), ["a"])
    told, asked = look(world, "b", "a", "nobody")
    assert ([at for _, at in told], asked) == ([1, 1, 2, 2], ["b", "nobody"])
    assert look(world, "nobody", "a") == ((("a", 1), ("a", 2)), [])


def test_what_was_kept_is_forgotten_when_the_ledger_has_grown(world):
    look(world, "a")
    world.say("regulator", "party.admitted")
    assert look(world, "a")[1] == ["a"]


def test_who_may_write_keeps_nothing(world):
    ASKED.clear()
    with world.database.writing() as session:
        assert read_facts(session, ["a"]) == read_facts(session, ["a"]) == (("a", 2), ("a", 1))
    assert ASKED == [["a"], ["a"]]


def test_a_reader_of_an_older_size_leaves_the_newer_facts_alone():
    kept = Kept()
    kept.at(5)["reader"] = {"a": ("new",)}
    assert kept.at(4) == {}
    assert kept.at(5) == {"reader": {"a": ("new",)}}


def test_a_ban_is_seen_by_the_next_verdict(world):
    maker = uscc_of("maker")
    with world.database.reading() as session:
        assert read_bans(session, {maker}) == ()
    world.say("regulator", "ban.imposed", party=maker)
    with world.database.reading() as session:
        assert [ban.party for ban in read_bans(session, {maker})] == [maker]
