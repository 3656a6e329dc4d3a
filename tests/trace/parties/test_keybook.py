"""The book of keys says at every entry what the registers said then."""

from dataclasses import replace

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from keys.envelope import parse_statement
from tests.world import World
from trace.audit import read_keys
from trace.intake import apply, check
from trace.ledger.store import size_of, stream_entries
from trace.ledger.tables import Base
from trace.parties.register import find_key


@pytest.fixture(scope="module")
def world(shared_database):
    """Keys enrolled, rotated, revoked, by their owners and by the regulator; a role added."""
    told = World.found(shared_database)
    told.enroll("owner", "second")
    told.enroll("maker", "second")
    told.say("owner.second", "tender.published")
    told.say("owner", "key.revoked", kid=told.kid("owner.second"))
    told.say("regulator", "key.revoked", kid=told.kid("maker.second"), compromised_since="2014-07-02T00:00:00Z")
    told.say("maker", "key.revoked", kid=told.kid("maker.second"))
    return told


def test_at_every_entry_each_key_is_as_the_registers_had_it(world):
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with world.database.reading() as session, Session(engine) as scratch:
        size = size_of(session)
        book = read_keys(session, size, None)
        assert book.refused is None
        assert len(book.keys) > 10
        for entry in stream_entries(session):
            for kid in book.keys:
                there = find_key(scratch, kid)
                assert _plain(book.find_key(kid, entry.position)) == _plain(there), (entry.position, kid.hex())
            statement = parse_statement(entry.statement)
            book.admit(entry.position, statement, entry.recorded_at)
            checked = check(
                scratch, statement, position=entry.position, catalogue=world.house.catalogue, at=entry.recorded_at
            )
            apply(scratch, checked, entry.position, entry.recorded_at)
            scratch.flush()
        ended = [key for kid in book.keys if (key := book.find_key(kid, size)) and key.revoked_at]
        assert len(ended) == 2
    engine.dispose()


def _plain(key):
    """Without what the book doesn't keep: from when on a key is disbelieved is no question of the door's."""
    if key is None:
        return None
    return replace(key, public=key.public.kid, compromised_since=None, revocation_entry=None)
