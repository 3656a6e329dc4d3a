"""A verdict costs PostgreSQL a bounded number of messages: what can be asked together is, and nothing in vain."""

from contextlib import contextmanager

import psycopg
import pytest

from api.database import Database
from labs.refresh import judge_lot
from tests.databases import fresh_postgresql
from tests.factories import DRUM
from tests.world import HONEST, World
from trace.ledger import asking


@pytest.fixture
def world(postgresql_server):
    with fresh_postgresql(postgresql_server, is_migrated=True) as url:
        database = Database(url)
        world = World.found(database)
        world.tell(HONEST)
        yield world
        database.close()


@pytest.fixture
def messages(monkeypatch):
    """What is sent, a line each: a question, or how many together."""
    sent: list[object] = []
    execute, pipeline = psycopg.Connection.execute, psycopg.Connection.pipeline

    def note(connection, query, *rest, **named):
        sent.append(query)
        return execute(connection, query, *rest, **named)

    @contextmanager
    def note_together(connection):
        before = len(sent)
        with pipeline(connection) as together:
            yield together
        sent[before:] = [len(sent) - before]

    monkeypatch.setattr(psycopg.Connection, "execute", note)
    monkeypatch.setattr(psycopg.Connection, "pipeline", note_together)
    return sent


@pytest.mark.postgres
def test_a_verdict_takes_a_few_messages_and_asks_nothing_that_it_does_not_want(world, messages):
    with world.database.reading() as session:
        first = judge_lot(session, DRUM, world.house.rules, world.house.pack, world.at)
    messages.clear()
    with world.database.reading() as session:
        assert judge_lot(session, DRUM, world.house.rules, world.house.pack, world.at) == first
        assert session.info[asking._AHEAD].answers == {}
    assert len(messages) <= 10
    assert sum(sent for sent in messages if isinstance(sent, int)) >= 20
