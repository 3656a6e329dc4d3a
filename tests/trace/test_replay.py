"""Registers built again from the ledger are those that were there; as of an earlier day, those of that day.

Whatever a test writes into the story's database is rolled back, so that one story serves them all.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, func, insert, select, update
from sqlalchemy.orm import Session

from api.database import Database
from keys.errors import RefusedError
from labs.judge import Word
from labs.refresh import judge_lot
from tests.databases import fresh_sqlite
from tests.factories import (
    BODIES,
    CAST,
    CONTAINER,
    DRUM,
    PALLET,
    SISTER,
    RowBody,
    TimedRowBody,
    jwk_of_stranger,
    uscc_of,
)
from tests.histories import rows_of
from tests.world import HONEST, Act, World
from trace.audit import Depth, audit
from trace.kinds import Catalogue
from trace.ledger.issuing import issue_receipt
from trace.ledger.store import CheckpointRow, EntryRow, size_of
from trace.ledger.tables import Base, register_tables
from trace.parties.register import PartyRow
from trace.replay import copy_ledger, empty_registers, replay, sealed_size

FOUNDING = len(CAST)
"""How many entries `World.found` makes, in one batch."""
PIECE = f"{SISTER}a"
COPIED = [RowBody(value=value, limit=None) for value in ("7.290", "7.312", "7.284", "7.326")]
REST: tuple[Act, ...] = (
    ("2015-06-01", "regulator", "spotcheck.reported", {}),
    ("2015-06-02", "contractor", "lot.removed", {}),
    ("2015-06-02", "maker", "goods.packed", {"amounts": {SISTER: None}}),
    ("2015-06-02", "maker", "goods.packed", {"amounts": {PALLET: None}, "unit": CONTAINER}),
    ("2015-06-02", "maker", "goods.shipped", {"amounts": {CONTAINER: None}, "receiver": uscc_of("dealer")}),
    ("2015-06-02", "dealer", "goods.received", {"amounts": {CONTAINER: None}}),
    ("2015-06-02", "dealer", "goods.flagged", {"amounts": {PALLET: None}}),
    ("2015-06-02", "dealer", "goods.unpacked", {}),
    ("2015-06-03", "maker", "lot.split", {"taken": {SISTER: 500}, "given": {PIECE: 200, f"{PIECE}b": 300}}),
    ("2015-06-03", "maker", "lot.joined", {"taken": {PIECE: 200, f"{PIECE}b": 300}}),
    ("2015-06-04", "contractor", "goods.rejected", {}),
    ("2015-06-04", "owner", "site.bounded", {}),
    ("2015-06-04", "supervisor", "draw.announced", {}),
    ("2015-06-04", "contractor", "sample.handed", {}),
    ("2015-06-04", "lab", "sample.retained", {}),
    ("2015-06-04", "regulator", "sample.sought", {}),
    ("2015-06-04", "lab", "sample.destroyed", {}),
    ("2015-06-05", "maker", "goods.stored", {"amounts": {SISTER: 500}}),
    ("2015-06-05", "dealer", "goods.flagged", {"amounts": {f"{PIECE}b": 300}}),
    ("2015-06-05", "maker", "lot.destroyed", {"amounts": {f"{PIECE}b": 300}}),
    ("2015-06-05", "maker", "epcis.recorded", {}),
    ("2015-06-06", "maker", "epcis.withdrawn", {}),
    ("2015-06-06", "lab", "report.amended", {"rows": [TimedRowBody(instrument="B-7")]}),
    ("2015-06-06", "lab", "report.issued", {"number": "R-A", "sample": "S-A", "rows": COPIED}),
    ("2015-06-06", "lab", "report.issued", {"number": "R-B", "sample": "S-B", "rows": COPIED}),
    ("2015-06-07", "lab", "report.withdrawn", {}),
    ("2015-06-08", "lab", "report.denied", {}),
    ("2015-06-08", "regulator", "anchor.trusted", {}),
    ("2015-06-08", "regulator", "anchor.withdrawn", {}),
    ("2015-06-08", "lab", "hosts.stated", {}),
    ("2015-06-08", "contractor", "paper.examined", {}),
    # The lot is there already: kept as a repeat.
    ("2015-06-09", "maker", "lot.commissioned", {"amounts": {DRUM: 500}}),
    ("2015-11-09", "regulator", "penalty.imposed", {}),
    ("2015-12-31", "contractor", "post.ended", {}),
    ("2017-03-21", "regulator", "recall.ordered", {}),
    ("2017-03-22", "regulator", "certificate.withdrawn", {}),
    ("2017-03-28", "contractor", "recall.answered", {}),
    ("2017-04-01", "regulator", "accreditation.suspended", {}),
    ("2017-05-01", "regulator", "accreditation.reinstated", {"scope": [{"object": "cable"}]}),
    ("2017-05-02", "lab", "analyst.authorised", {}),
    ("2017-05-02", "lab", "instrument.calibrated", {}),
    ("2017-05-03", "regulator", "relation.stated", {}),
    ("2017-06-01", "regulator", "ban.imposed", {}),
    ("2017-06-02", "regulator", "finding.confirmed", {}),
    ("2017-06-02", "regulator", "recall.closed", {}),
    ("2017-06-03", "regulator", "finding.dismissed", {"code": "B05"}),
    ("2017-06-30", "lab", "authorisation.ended", {}),
    ("2017-06-30", "lab", "instrument.retired", {}),
)
"""With HONEST, the founding and the keys below: every kind of statement there is."""


@pytest.fixture(scope="module")
def world(shared_database) -> World:
    told = World.found(shared_database)
    told.tell(HONEST)
    told.tell(REST)
    told.enroll("owner", "second")
    told.say("owner", "key.revoked", kid=told.kid("owner.second"), compromised_since="2017-06-01T00:00:00Z")
    told.say("contractor", "key.rotated", key=jwk_of_stranger())
    told.index()
    return told


@pytest.fixture
def session(world) -> Iterator[Session]:
    with Session(world.database.engine) as session:  # some change what they find, to see what comes of it
        yield session


@pytest.fixture
def other(tmp_path, shared_folder) -> Iterator[Session]:
    """An empty database of the present schema, on SQLite whatever the world's is on."""
    folder = tmp_path / "other"
    folder.mkdir()
    database = Database(fresh_sqlite(folder, shared_folder, is_migrated=True))
    with database.writing() as session:
        yield session
    database.close()


def nothing(done: int, total: int) -> None:
    """Tells nobody."""


def rebuild(world, source, target, until=None):
    return replay(source, target, catalogue=world.house.catalogue, until=until, progress=nothing)


def test_the_story_says_everything_that_can_be_said(session):
    assert set(session.scalars(select(EntryRow.kind))) == set(BODIES)


def test_every_register_has_rows_to_compare(session):
    assert [name for name, rows in rows_of(session).items() if not rows] == []


def test_registers_built_again_are_the_same_row_for_row(world, session):
    before, steps = rows_of(session), []
    done = replay(session, session, catalogue=world.house.catalogue, progress=lambda *step: steps.append(step))
    assert rows_of(session) == before
    assert done.entries == done.of == size_of(session)
    assert steps[-1] == (done.of, done.of)


def test_a_changed_register_is_put_right(world, session):
    before = rows_of(session)
    session.execute(update(PartyRow).values(name_zh="nobody"))
    session.execute(insert(PartyRow).values(uscc="X", name_zh="an intruder", entry=1))
    assert rows_of(session) != before
    rebuild(world, session, session)
    assert rows_of(session) == before


def test_another_database_gets_the_same_registers(world, session, other):
    rebuild(world, session, other)
    assert rows_of(other) == rows_of(session)


def test_verdicts_after_it_are_the_same(world, session):
    def verdicts():
        return [judge_lot(session, lot, world.house.rules, world.house.pack, world.at)[1] for lot in (DRUM, SISTER)]

    before = verdicts()
    rebuild(world, session, session)
    assert verdicts() == before


def test_emptying_leaves_the_ledger_alone(session):
    size = size_of(session)
    empty_registers(session)
    left = {table.name: session.scalar(select(func.count()).select_from(table)) for table in register_tables()}
    assert not any(left.values())
    assert size_of(session) == size


# --- as of an earlier day ---


@pytest.mark.parametrize(
    ("until", "word"),
    [
        (datetime(2015, 5, 12, tzinfo=UTC), Word.HOLD),  # neither reported nor accepted
        (datetime(2015, 5, 31, tzinfo=UTC), Word.USE),
        (datetime(2017, 3, 31, tzinfo=UTC), Word.STOP),  # recalled
    ],
)
def test_what_could_be_known_on_a_day_is_what_was_known_then(world, session, other, until, word):
    rebuild(world, session, other, until)
    assert judge_lot(other, DRUM, world.house.rules, world.house.pack, until)[1].word is word


def test_registers_as_of_an_entry_are_those_that_stood_then(database_url, other):
    database = Database(database_url)
    told = World.found(database)
    told.tell(HONEST[:15])
    told.index()
    with database.reading() as session:
        then, size = rows_of(session), size_of(session)
    told.tell(HONEST[15:])
    with database.reading() as session:
        assert rows_of(session) != then
        done = rebuild(told, session, other, until=size - 1)
    database.close()
    assert rows_of(other) == then
    assert (done.entries, done.of) == (size, FOUNDING + len(HONEST))


def test_a_batch_that_the_limit_cuts_through_is_left_out(session):
    # Founding and admissions are one batch.
    assert [sealed_size(session, until) for until in (-1, 0, 7, 8, 9)] == [0, 0, 0, FOUNDING, FOUNDING + 1]


def test_the_time_of_record_is_included(session):
    at = session.scalar(select(CheckpointRow.recorded_at).where(CheckpointRow.size == FOUNDING))
    assert sealed_size(session, at) == FOUNDING
    assert sealed_size(session, at - timedelta(seconds=1)) == 0
    assert sealed_size(session, None) == size_of(session)


def test_an_earlier_day_may_not_replace_the_present_one(world, session):
    with pytest.raises(ValueError, match="another database"):
        rebuild(world, session, session, until=9)


def test_a_statement_that_the_door_would_refuse_stops_the_rebuild(world, session, other):
    # A catalogue that has lost a kind stands for any entry that does not pass.
    catalogue = Catalogue(kind for kind in world.house.catalogue if kind.tag != "goods.shipped")
    with pytest.raises(RefusedError) as refused:
        replay(session, other, catalogue=catalogue, progress=nothing)
    assert refused.value.code == "kind-unknown"
    shipped = session.scalar(select(EntryRow.position).where(EntryRow.kind == "goods.shipped"))
    assert refused.value.facts["entry"] == shipped


# --- with its ledger ---


@pytest.fixture
def copy(world, session, other) -> Session:
    """The registry as of the end of May 2015, ledger and all."""
    size = sealed_size(session, datetime(2015, 5, 31, tzinfo=UTC))
    copy_ledger(session, other, size)
    rebuild(world, session, other, until=size - 1)
    return other


def test_a_copied_ledger_passes_the_audit(world, copy):
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as scratch:
        result = audit(copy, depth=Depth.DOOR, scratch=scratch, catalogue=world.house.catalogue, progress=nothing)
    engine.dispose()
    assert result.is_sound, str(result.fault)
    assert result.entries == size_of(copy) == FOUNDING + len(HONEST)


def test_a_copied_ledger_gives_the_receipts_of_that_day(session, copy):
    for position in (0, 8, 20):
        assert issue_receipt(copy, position) == issue_receipt(session, position)


def test_a_ledger_is_copied_into_an_empty_one_only(session, copy):
    with pytest.raises(ValueError, match="entries"):
        copy_ledger(session, copy, FOUNDING)
