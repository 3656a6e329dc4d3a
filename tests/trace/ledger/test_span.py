"""However the log is cut, and whoever looks at the pieces, the same is found; each depth finds what it says it does."""

import random
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from api.wiring import build_house
from keys.envelope import parse_statement
from keys.keyring import generate_key
from tests.factories import uscc_of
from tests.trace.tampering import COLUMNS, EXPECTED, find_entry, flip, is_row, keys_of, replace_entry, reseal
from tests.world import HONEST, World
from trace.audit import Depth, audit
from trace.ledger import store
from trace.ledger.audit import STRETCH
from trace.ledger.store import CheckpointRow, EntryRow, NodeRow
from trace.ledger.tables import Base

# Of columns that no hash covers, the hashes alone say nothing.
UNHASHED = {"entry.identity", "entry.kind", "entry.issuer", "entry.subject"}


@pytest.fixture(scope="module")
def world(shared_database):
    """Some fifty entries: a drum's life, a batch of several statements, a key that came and went."""
    told = World.found(shared_database)
    told.tell(HONEST)
    told.enroll("owner", "second")
    told.send(*(told.seal("owner", "tender.published", ocid=f"ocds-suzheng-1{number}") for number in range(9)))
    told.say("owner.second", "tender.published", ocid="ocds-suzheng-20")
    told.say("owner", "key.revoked", kid=told.kid("owner.second"))
    told.say("regulator", "spotcheck.reported")
    return told


@pytest.fixture
def session(world):
    with Session(world.database.engine) as session:  # some change what they find, to see what comes of it
        yield session


def look(session, depth=Depth.SIGNATURES, stretch=STRETCH, **more):
    catalogue = build_house().catalogue
    return audit(session, depth=depth, catalogue=catalogue, progress=lambda *_: None, stretch=stretch, **more)


def look_in_all_ways(session, depth=Depth.SIGNATURES):
    """The fault, which must be one and the same for each way to cut the log."""
    results = [look(session, depth, stretch) for stretch in (STRETCH, 8, 2)]
    for one, other in pairwise(results):
        assert one == other
    return results[0].fault


@pytest.mark.parametrize("depth", [Depth.HASHES, Depth.SIGNATURES])
def test_an_honest_ledger_is_sound_however_it_is_cut(session, depth):
    assert look_in_all_ways(session, depth) is None
    result = look(session, depth, 4)
    size = session.scalar(select(func.max(CheckpointRow.size)))
    assert (result.entries, result.root) == (size, session.get(CheckpointRow, size).root)
    assert result.checkpoints == session.scalar(select(func.count()).select_from(CheckpointRow))


@pytest.mark.parametrize("row", ["first", "middle", "last"])
@pytest.mark.parametrize(("name", "column"), COLUMNS, ids=lambda value: value)
@pytest.mark.parametrize("depth", [Depth.HASHES, Depth.SIGNATURES])
def test_a_change_in_any_column_is_found_and_its_row_named(session, depth, name, column, row):
    keys = keys_of(session, name)
    key = {"first": keys[0], "middle": keys[len(keys) // 2], "last": keys[-1]}[row]
    table = Base.metadata.tables[name]
    value = session.scalar(select(table.c[column]).where(*is_row(name, key)))
    session.execute(update(table).where(*is_row(name, key)).values({column: flip(value)}))
    fault = look_in_all_ways(session, depth)
    if depth is Depth.HASHES and f"{name}.{column}" in UNHASHED and row != "first":
        assert fault is None
        return
    met = (value + 1000,) if (name, column) == ("checkpoint", "size") else tuple(key)
    assert (fault.code, fault.table, fault.key) == (EXPECTED[f"{name}.{column}"], name, met), str(fault)


@pytest.mark.parametrize("seed", range(40))
def test_of_several_faults_the_first_is_reported_however_the_log_is_cut(session, seed):
    chance = random.Random(seed)
    for _ in range(3):
        name, column = chance.choice([one for one in COLUMNS if one[1] not in ("position", "size", "level", "index")])
        table, key = Base.metadata.tables[name], chance.choice(keys_of(session, name))
        if chance.random() < 0.2:
            session.execute(delete(table).where(*is_row(name, key)))
            continue
        value = session.scalar(select(table.c[column]).where(*is_row(name, key)))
        session.execute(update(table).where(*is_row(name, key)).values({column: flip(value)}))
    assert look_in_all_ways(session) is not None
    look_in_all_ways(session, Depth.HASHES)


# --- rows that are right by themselves ---


def test_a_statement_under_a_key_that_nobody_enrolled_is_found(session, world):
    row = find_entry(session, "goods.shipped")
    world.keys["maker.stranger"] = generate_key()
    replace_entry(session, row.position, reseal(world, row, "maker.stranger"))
    fault = look_in_all_ways(session)
    assert (fault.code, fault.key, fault.facts["refusal"]) == ("entry-refused", (row.position,), "key-unknown")


def test_a_statement_under_another_partys_key_is_found(session, world):
    row = find_entry(session, "goods.shipped")
    replace_entry(session, row.position, reseal(world, row, "contractor"))
    assert look_in_all_ways(session).facts["refusal"] == "issuer-mismatch"


def test_a_statement_after_its_keys_revocation_is_found(session, world):
    row = find_entry(session, "spotcheck.reported")
    body = parse_statement(find_entry(session, "tender.published").statement).payload
    late = world.seal("owner.second", "tender.published", body, header={"subject": "ocds-suzheng-0001", "follows": ()})
    replace_entry(session, row.position, late)
    fault = look_in_all_ways(session)
    assert (fault.key, fault.facts["refusal"]) == ((row.position,), "key-revoked")


def test_a_statement_before_its_keys_enrolment_is_found(session, world):
    row = find_entry(session, "award.made")
    early = world.seal("owner.second", "tender.published", header={"follows": ()})
    replace_entry(session, row.position, early)
    fault = look_in_all_ways(session)
    assert (fault.key, fault.facts["refusal"]) == ((row.position,), "key-unknown")


def test_a_false_signature_is_found(session):
    row = find_entry(session, "goods.shipped")
    said = parse_statement(row.statement)
    forged = parse_statement(row.statement[:-1] + bytes([row.statement[-1] ^ 1]))
    assert forged.signature != said.signature
    replace_entry(session, row.position, forged)
    assert look_in_all_ways(session).facts["refusal"] == "signature-invalid"
    assert look_in_all_ways(session, Depth.HASHES).code in ("node-differs", "checkpoint-root-differs")


@pytest.mark.parametrize("whose", ["nobody", "itself", "a later one"])
def test_a_statement_that_follows_what_does_not_stand_before_it_is_found(session, world, whose):
    row = find_entry(session, "goods.shipped")
    later = session.scalar(select(EntryRow.leaf).where(EntryRow.position == row.position + 3))
    followed = {"nobody": b"\1" * 32, "itself": row.leaf, "a later one": later}[whose]
    replace_entry(session, row.position, reseal(world, row, "maker", follows=(followed,)))
    fault = look_in_all_ways(session)
    assert (fault.code, fault.key, fault.facts["got"]) == ("followed-missing", (row.position,), followed.hex())


def test_a_hidden_enrolment_is_itself_the_fault(session, world):
    """Its column says otherwise, so that the book of keys lacks it; but then that entry is named, and no later one."""
    row = next(one for one in all_of(session, "key.enrolled") if parse_statement(one.statement).issuer)
    session.execute(update(EntryRow).where(EntryRow.position == row.position).values(kind="goods.shipped"))
    fault = look_in_all_ways(session)
    assert (fault.code, fault.key) == ("kind-differs", (row.position,))


def test_a_hidden_revocation_is_itself_the_fault(session):
    (row,) = all_of(session, "key.revoked")
    session.execute(update(EntryRow).where(EntryRow.position == row.position).values(kind="key.enrolled"))
    fault = look_in_all_ways(session)
    assert (fault.code, fault.key) == ("kind-differs", (row.position,))


def test_a_key_that_the_wrong_party_enrolled_is_found(session, world):
    """Signed by whom it says, and still no word of the party whose key it is to be."""
    (row,) = all_of(session, "key.enrolled")
    public = generate_key().public
    body: dict[str, Any] = {"party": uscc_of("owner"), "key": public.to_jwk()}
    forged = world.seal("maker", "key.enrolled", body, header={"subject": uscc_of("owner"), "follows": ()})
    replace_entry(session, row.position, forged)
    fault = look_in_all_ways(session)
    assert (fault.key, fault.facts["refusal"]) == ((row.position,), "not-your-party")


def test_a_statement_that_stands_twice_is_found(session, world):
    """In a tree that the ledger's own key has signed: only that each is said once tells."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("ALTER TABLE entry RENAME TO old_entry")
        session.connection().exec_driver_sql("CREATE TABLE entry AS SELECT * FROM old_entry")
    else:
        for name in ("leaf", "identity"):
            session.connection().exec_driver_sql(f"ALTER TABLE entry DROP CONSTRAINT uq_entry_{name}")
    again = [parse_statement(find_entry(session, kind).statement) for kind in ("award.made", "tender.published")]
    head = store.read_head(session)
    store.append(session, head, again, world.sealer, world.at)
    fault = look_in_all_ways(session)
    assert (fault.code, fault.key) == ("entry-repeated", (head.size,))
    assert look_in_all_ways(session, Depth.HASHES) is None


def all_of(session, kind):
    return session.scalars(select(EntryRow).where(EntryRow.kind == kind).order_by(EntryRow.position)).all()


def test_text_that_the_driver_cannot_read_is_named(session):
    if session.get_bind().dialect.name != "sqlite":
        return  # PostgreSQL takes no such text
    session.connection().exec_driver_sql("UPDATE entry SET kind = CAST(x'ff' AS TEXT) WHERE position = 9")
    fault = look_in_all_ways(session)
    assert (fault.code, fault.key, fault.facts["where"]) == ("row-unreadable", (9,), "kind")


def test_a_place_between_two_is_no_place(session):
    if session.get_bind().dialect.name != "sqlite":
        return  # PostgreSQL keeps whole numbers whole
    session.connection().exec_driver_sql('UPDATE node SET "index" = 0.5 WHERE level = 1 AND "index" = 1')
    fault = look_in_all_ways(session)
    assert (fault.code, fault.key) == ("node-missing", (1, 1))


# --- from a kept checkpoint on ---


@pytest.fixture
def kept(session):
    """The checkpoint after the drum's life."""
    size = find_entry(session, "key.enrolled").position
    return session.get(CheckpointRow, size)


@pytest.mark.parametrize("stretch", [STRETCH, 16, 1])
@pytest.mark.parametrize("depth", [Depth.HASHES, Depth.SIGNATURES])
def test_what_came_after_a_kept_checkpoint_is_sound(session, kept, depth, stretch):
    for since in (kept.note, kept.size):
        result = look(session, depth, stretch, since=since)
        assert result.is_sound, str(result.fault)
        assert result.since == kept.size - kept.size % stretch
        assert result.root == look(session, depth).root


def test_the_newest_checkpoint_leaves_nothing_to_look_at(session):
    note = session.scalar(select(CheckpointRow.note).order_by(CheckpointRow.size.desc()).limit(1))
    assert look(session, stretch=1, since=note).is_sound


def test_a_fault_after_the_kept_checkpoint_is_the_same_with_and_without_it(session, kept):
    session.execute(update(EntryRow).where(EntryRow.position == kept.size + 5).values(subject="another"))
    fault = look_in_all_ways(session)
    assert fault.key == (kept.size + 5,)
    assert all(look(session, stretch=stretch, since=kept.note).fault == fault for stretch in (STRETCH, 16, 1))


def test_a_log_that_lacks_the_kept_entries_is_found(session, kept):
    note, size = kept.note, kept.size
    for table, column in ((EntryRow, EntryRow.position), (CheckpointRow, CheckpointRow.size - 1)):
        session.execute(delete(table).where(column >= size - 3))
    sealed = session.scalar(select(func.max(CheckpointRow.size)))
    fault = look(session, since=note).fault
    assert (fault.code, fault.key, fault.facts["got"]) == ("entries-cut-off", (size,), sealed)


def test_another_tree_than_the_kept_one_is_found(session, kept):
    session.execute(update(NodeRow).where(NodeRow.level == 5, NodeRow.index == 0).values(hash=b"\1" * 32))
    fault = look(session, stretch=1, since=kept.note).fault
    assert (fault.code, fault.key) == ("kept-root-differs", (kept.size,))


def test_an_old_statement_about_keys_is_believed_only_if_it_stands_in_the_kept_tree(session, world, kept):
    row = session.scalar(select(EntryRow).where(EntryRow.kind == "party.admitted").order_by(EntryRow.position).limit(1))
    assert row.position < kept.size - 16
    replace_entry(session, row.position, reseal(world, row, "regulator"))
    fault = look(session, stretch=4, since=kept.note).fault
    # Entry 0, which is proved first, has it for a neighbour.
    assert (row.position, fault.code, fault.key) == (1, "entry-unproven", (0,))


@pytest.mark.parametrize("at", ["2014-01-01 00:00:00.000000", "2099-01-01 00:00:00.000000", "never"])
def test_an_old_statement_about_keys_bears_the_time_that_was_signed(session, at):
    """No kept root says so, and by times it is decided which keys are believed."""
    if session.get_bind().dialect.name != "sqlite" and at == "never":
        return  # PostgreSQL takes no such time
    (row,) = all_of(session, "key.revoked")
    note = session.get(CheckpointRow, row.position + 1).note
    session.connection().exec_driver_sql(f"UPDATE entry SET recorded_at = '{at}' WHERE position = {row.position}")
    fault = look(session, stretch=1, since=note).fault
    assert (fault.code, fault.key) == ("row-unreadable" if at == "never" else "recorded-at-differs", (row.position,))


def test_nor_does_it_help_to_take_the_checkpoint_over_it_away_or_to_write_another(session):
    (row,) = all_of(session, "key.revoked")
    note = session.get(CheckpointRow, row.position + 1).note
    later = session.get(CheckpointRow, row.position + 2)
    assert look(session, stretch=1, since=later.note).is_sound
    changed = update(CheckpointRow).where(CheckpointRow.size == row.position + 1)
    session.execute(changed.values(recorded_at=later.recorded_at))
    session.execute(update(EntryRow).where(EntryRow.position == row.position).values(recorded_at=later.recorded_at))
    fault = look(session, stretch=1, since=later.note).fault
    assert (fault.code, fault.key) == ("recorded-at-differs", (row.position + 1,))
    session.execute(delete(CheckpointRow).where(CheckpointRow.size > row.position))
    assert look(session, stretch=1, since=note).fault.code == "entries-cut-off"


def test_a_statement_after_an_old_revocation_is_found(session, world):
    (row,) = all_of(session, "key.revoked")
    last, note = row.position + 1, session.get(CheckpointRow, row.position + 1).note
    body = parse_statement(find_entry(session, "tender.published").statement).payload
    late = world.seal("owner.second", "tender.published", body, header={"subject": "ocds-suzheng-0001", "follows": ()})
    replace_entry(session, last, late)
    fault = look(session, stretch=1, since=note).fault
    assert (fault.key, fault.facts["refusal"]) == ((last,), "key-revoked")


def test_another_ledgers_checkpoint_is_refused(session, kept):
    with pytest.raises(Exception, match="checkpoint-invalid"):
        look(session, since=kept.note.replace("suzheng.example", "another.example"))
    with pytest.raises(Exception, match="checkpoint-unknown"):
        look(session, since=10**6)
