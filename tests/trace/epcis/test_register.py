"""The index of events: caught up in steps as in one, with every event and identifier; and what its own signer takes
back counts for nothing, and nothing else does.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.event import listen, remove

from api.database import Database
from labs.judge import Word
from tests.factories import BATCH, BODIES, DRUM, SISTER, AcceptedEvent, ShippedEvent, uri_of, uscc_of
from tests.histories import rows_of
from tests.trace.test_replay import rebuild
from tests.world import HONEST, World
from trace.custody.register import read_holders
from trace.doubts import read_doubts
from trace.epcis.queries import read_query
from trace.epcis.register import (
    EventRow,
    Progress,
    TermRow,
    event_kinds,
    find_corrected,
    find_events,
    read_progress,
    read_withdrawn_by,
)
from trace.epcis.search import Scope, search_events
from trace.epcis.terms import name_epc, name_event
from trace.ledger.store import size_of

DECLARATION = {"declarationTime": "2016-01-02T09:00:00+08:00", "reason": "did_not_occur"}


@pytest.fixture
def world(database_url) -> Iterator[World]:
    database = Database(database_url)
    told = World.told(database, HONEST)
    yield told
    database.close()


def withdraw(world: World, alias: str, event: Any, **declaration: object):
    return world.say(alias, "epcis.withdrawn", {**event, "errorDeclaration": {**DECLARATION, **declaration}})


def indexed(world: World):
    with world.database.reading() as session:
        return rows_of(session)


def test_in_steps_or_in_one_the_index_is_the_same(world):
    world.say("maker", "epcis.recorded")
    withdraw(world, "maker", BODIES["epcis.recorded"]())
    whole = indexed(world)
    with world.database.writing() as session:
        rebuild(world, session, session)
    assert indexed(world) == whole
    for table in ("epcis_event", "epcis_epc", "epcis_withdrawn", "epcis_progress"):
        assert whole[table]
    with world.database.writing() as session:
        for model in ("epcis_withdrawn", "epcis_epc", "epcis_event", "epcis_progress"):
            session.execute(EventRow.metadata.tables[model].delete())
    for _ in range(20):
        world.index(3)
    assert indexed(world) == whole


def test_nothing_is_indexed_with_what_is_accepted(world):
    with world.database.reading() as session:
        assert read_progress(session) == Progress(0, size_of(session))
        assert session.query(EventRow).count() == 0
    world.index()
    with world.database.reading() as session:
        assert not read_progress(session).is_behind


def test_the_entries_that_come_next_are_found_by_their_place_however_long_the_ledger(world):
    asked: list[str] = []
    listen(world.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    world.index()
    (question,) = [text for text in asked if "entry.statement" in text]
    if world.database.engine.dialect.name == "sqlite":
        with world.database.reading() as session:
            told = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {question}", (0, 10)).all()
        assert [row.detail for row in told] == [
            "SEARCH entry USING INDEX sqlite_autoindex_entry_1 (position>? AND position<?)"
        ]
    assert "entry.kind IN" not in question


def test_every_event_and_every_identifier_is_in_it(world):
    world.index()
    kinds = event_kinds(world.house.catalogue)
    with world.database.reading() as session:
        said = [tag for _, _, tag, _ in HONEST if tag in kinds]
        assert [row.kind for row in session.query(EventRow).order_by(EventRow.position)] == said
        fields = {row.field for row in session.query(TermRow).filter_by(epc=DRUM)}
        assert fields == {"epcList", "outputEPCList"}
        assert session.query(TermRow).filter_by(epc="urn:suzheng:contract:HT-01", field="bizTransaction_po").count()


def test_an_event_that_is_taken_back_counts_for_nothing(world):
    event = AcceptedEvent()
    before = world.judge(DRUM)
    assert before.word is Word.USE
    accepted = next(entry for gate in before.gates if gate.name == "accepted" for entry in gate.entries)
    declared = withdraw(world, "contractor", event)
    after = world.judge(DRUM)
    # It is built in, and nobody has accepted it.
    assert after.word is Word.STOP
    assert [gate.name for gate in after.gates if not gate.is_passed] == ["accepted"]
    (finding,) = [one for one in after.findings if one.case == "withdrawn"]
    assert (finding.code, finding.severity, finding.entries) == ("C01", "minor", (accepted, declared.position))
    with world.database.reading() as session:
        doubt = read_doubts(session, {accepted})[accepted]
        assert (doubt.entry, doubt.is_withdrawn) == (declared.position, True)
        assert read_withdrawn_by(session, declared.position) == (accepted,)


def test_said_again_it_counts_again(world):
    withdraw(world, "contractor", AcceptedEvent())
    world.say("contractor", "goods.accepted", eventTime="2015-05-13T10:00:00+08:00")
    assert world.judge(DRUM).word is Word.USE


def test_nobody_takes_back_what_another_said(world):
    withdraw(world, "supervisor", AcceptedEvent())
    assert world.judge(DRUM).word is Word.USE


def test_an_event_that_says_something_else_is_not_taken_back(world):
    withdraw(world, "contractor", AcceptedEvent(eventTime="2015-05-13T09:00:01+08:00"))
    assert world.judge(DRUM).word is Word.USE


def test_by_its_id_an_event_is_taken_back_whatever_else_is_said(world):
    world.say("maker", "goods.shipped", ShippedEvent(eventID="urn:uuid:1", amounts={SISTER: 500}))
    with world.database.reading() as session:
        assert read_holders(session, [SISTER])[SISTER].sent_to == uscc_of("contractor")
    withdraw(world, "maker", ShippedEvent(eventID="urn:uuid:1", amounts={SISTER: 500}, receiver=None))
    with world.database.reading() as session:
        assert read_holders(session, [SISTER])[SISTER].sent_to is None


def test_a_making_that_is_taken_back_holds_the_lot_until_it_is_said_again(world):
    lot = BATCH.replace("A1", "A9")
    made = BODIES["lot.commissioned"](amounts={lot: 100}, eventID="urn:uuid:2")
    world.say("smelter", "lot.commissioned", made)
    withdraw(world, "smelter", made)
    verdict = world.judge(lot)
    assert verdict.word is Word.HOLD
    assert "made" in [gate.name for gate in verdict.gates if not gate.is_passed]
    world.say("smelter", "lot.commissioned", BODIES["lot.commissioned"](amounts={lot: 90}, eventID="urn:uuid:3"))
    verdict = world.judge(lot)
    assert "made" not in [gate.name for gate in verdict.gates if not gate.is_passed]
    assert [one.case for one in verdict.findings if one.code == "C01"] == ["withdrawn"]


def test_a_thief_takes_back_nothing(world):
    world.enroll("contractor", "stolen")
    withdraw(world, "contractor.stolen", AcceptedEvent())
    assert world.judge(DRUM).word is Word.STOP
    world.say("contractor", "key.revoked", kid=world.kid("contractor.stolen"), compromised_since="2015-01-01T00:00:00Z")
    with world.database.reading() as session:
        assert not [doubt for doubt in read_doubts(session, range(1, size_of(session))).values() if doubt.is_withdrawn]


def test_corrective_events_are_found_from_both_sides(world):
    event: Any = ShippedEvent(amounts={SISTER: 500}, eventID="urn:uuid:1")
    world.say("maker", "goods.shipped", event)
    right = world.say("maker", "goods.shipped", event | {"eventID": "urn:uuid:9"})
    declared = withdraw(world, "maker", event, correctiveEventIDs=["urn:uuid:9"])
    world.index()
    with world.database.reading() as session:
        assert find_events(session, ["urn:uuid:9"]) == (right.position,)
        assert find_corrected(session, right.position) == (declared.position,)


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        (uri_of(DRUM), DRUM),
        (uri_of(DRUM).replace("id.gs1.org", "example.org/some/where"), DRUM),
        (f"{uri_of(DRUM)}?17=161231", DRUM),
        (DRUM, DRUM),
        ("https://example.org/00/106141412345678908?x=1", "00/106141412345678908"),
        ("urn:epc:id:sscc:0614141.1234567890", "urn:epc:id:sscc:0614141.1234567890"),
        ("https://example.org/places/gate5", "https://example.org/places/gate5"),
    ],
)
def test_an_identifier_has_one_name_whatever_resolver_it_names(uri, name):
    assert name_epc(uri) == name


def test_an_event_without_an_id_is_named_by_what_it_says():
    event = {"type": "ObjectEvent", "quantityList": [{"epcClass": "urn:x:1", "quantity": 1}], "eventTime": "…"}
    assert name_event(event) == name_event({**event, "errorDeclaration": {}, "recordTime": "later"})
    assert name_event(event) != name_event({**event, "eventTime": "another"})
    assert name_event({**event, "eventID": "urn:uuid:1"}) == "urn:uuid:1"


def test_a_pattern_is_a_span_of_the_key_and_finds_what_begins_so(world):
    of = "urn:epc:id:sgtin:0614141"
    said = world.say("maker", "epcis.recorded", childEPCs=[f"{of}.107346.2017", f"{of}.107346.Z"])
    others = [f"{of}.1073460.1", f"{of}.107346-1.1", f"{of}.107345.9", f"{of}.107347.0", f"{of}.107346"]
    world.say("maker", "epcis.recorded", childEPCs=others + [f"{of}.107348.{number}" for number in range(900)])
    world.index()
    asked: list[tuple[str, Any]] = []
    engine = world.database.readers
    note = lambda _connection, _cursor, statement, parameters, *_: asked.append((statement, parameters))  # noqa: E731
    query = read_query({"MATCH_epc": "urn:epc:idpat:sgtin:0614141.107346.*"})
    with world.database.reading() as session:
        listen(engine, "before_cursor_execute", note)
        page = search_events(session, query, Scope(), None, 10)
        remove(engine, "before_cursor_execute", note)
        assert [event.position for event in page.events] == [said.position]
        statement, parameters = asked[-1]
        connection = session.connection()
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE epcis_epc")
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            steps = "\n".join(row[0] for row in plan)
            assert re.search(r"Index Cond: \(.*epc\)?(::text)? >= .*epc\)?(::text)? < ", steps), steps
        else:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            walk = [row[-1] for row in plan]
            assert any("SEARCH epcis_epc" in step and "epc>? AND epc<?" in step for step in walk), walk
            assert not any("SCAN epcis_epc" in step for step in walk)
