"""The audit finds what was changed in the database, by whoever can write to it, and names the first row that is wrong.

Each test changes something in a transaction that is rolled back, so that one story serves them all.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from api.wiring import build_house
from keys.envelope import parse_statement
from keys.keyring import generate_key
from labs.casework.register import StaleRow
from tests.factories import DRUM, uscc_of
from tests.trace.tampering import (
    COLUMNS,
    EXPECTED,
    TABLES,
    find_entry,
    flip,
    is_row,
    keys_of,
    replace_entry,
    reseal,
    swap,
)
from tests.world import HONEST, ORIGIN, World
from trace.audit import Depth, audit
from trace.ledger.checkpoint import Sealer, sign_root, write_note
from trace.ledger.store import CheckpointRow, EntryRow, HeadRow, NodeRow
from trace.ledger.tables import Base
from trace.ledger.tree import hash_children, hash_leaf, root_of
from trace.parties.register import KeyEndingRow, KeyRow, RoleRow


@pytest.fixture(scope="module")
def world(shared_database):
    """The honest drum's whole life, a batch of several statements, rotated and revoked keys."""
    told = World.found(shared_database)
    told.tell(HONEST)
    told.enroll("owner", "second")
    told.send(*(told.seal("owner", "tender.published", ocid=f"ocds-suzheng-1{number}") for number in range(4)))
    told.say("owner", "key.revoked", kid=told.kid("owner.second"))
    told.say("regulator", "spotcheck.reported")
    told.say("regulator", "penalty.imposed")
    return told


@pytest.fixture
def session(world):
    with Session(world.database.engine) as session:  # some change what they find, to see what comes of it
        yield session


@pytest.fixture(scope="module")
def empty_engine() -> Iterator[Engine]:
    """Empty registers, in memory. Nobody commits to them."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def scratch(empty_engine) -> Iterator[Session]:
    with Session(empty_engine) as session:
        yield session


@pytest.fixture
def look(session, scratch):
    """Audits the ledger as the session sees it."""

    def look(progress=lambda done, total: None):
        return audit(session, depth=Depth.DOOR, scratch=scratch, catalogue=build_house().catalogue, progress=progress)

    return look


def fault_of(look):
    fault = look().fault
    assert fault is not None
    return fault


# --- sound ---


def test_an_honest_ledger_is_sound(session, look, world):
    steps = []
    result = look(lambda done, total: steps.append((done, total)))
    size = session.scalar(select(func.count()).select_from(EntryRow))
    assert result.is_sound, str(result.fault)
    assert (result.entries, steps[-1]) == (size, (size, size))
    assert result.checkpoints == session.scalar(select(func.count()).select_from(CheckpointRow))
    assert result.root == session.get(CheckpointRow, size).root
    assert (result.origin, result.ledger_kid) == (ORIGIN, world.sealer.key.public.kid)


def test_an_empty_database_has_nothing_wrong_in_it(session, look):
    for table in (*TABLES.values(), HeadRow):
        session.execute(delete(table))
    result = look()
    assert (result.is_sound, result.entries, result.origin, result.root) == (True, 0, None, None)


def test_registers_are_not_believed(session, look):
    # Whoever takes all keys and roles out of the registers can't make the ledger look false, nor the other way round.
    session.execute(delete(RoleRow))
    session.execute(delete(KeyEndingRow))
    session.execute(delete(KeyRow))
    assert look().is_sound


def test_a_scratch_that_is_not_empty_is_refused(look):
    assert look().is_sound
    with pytest.raises(ValueError, match="scratch"):
        look()


# --- any byte of any row ---


@pytest.mark.parametrize("row", ["first", "middle", "last"])
@pytest.mark.parametrize(("name", "column"), COLUMNS, ids=lambda value: value)
def test_a_change_in_any_column_is_found_and_its_row_named(session, look, name, column, row):
    keys = keys_of(session, name)
    key = {"first": keys[0], "middle": keys[len(keys) // 2], "last": keys[-1]}[row]
    table = Base.metadata.tables[name]
    value = session.scalar(select(table.c[column]).where(*is_row(name, key)))
    session.execute(update(table).where(*is_row(name, key)).values({column: flip(value)}))
    fault = fault_of(look)
    # A checkpoint is known by its size, so one whose size was changed is met under the other.
    met = (value + 1000,) if (name, column) == ("checkpoint", "size") else tuple(key)
    assert (fault.code, fault.table, fault.key) == (EXPECTED[f"{name}.{column}"], name, met), str(fault)


@pytest.mark.parametrize("column", ["statement", "leaf", "identity"])
def test_each_byte_of_an_entry_counts(session, look, scratch, column):
    value = session.scalar(select(getattr(EntryRow, column)).where(EntryRow.position == 9))
    for place in range(0, len(value), max(1, len(value) // 8)):
        session.execute(update(EntryRow).where(EntryRow.position == 9).values({column: flip(value, place)}))
        assert fault_of(look).key == (9,)
        scratch.rollback()


@pytest.mark.parametrize("place", [0, -1, -2, -5])
def test_each_character_of_a_note_counts(session, look, place):
    row = session.get(CheckpointRow, keys_of(session, "checkpoint")[1][0])
    note = row.note
    session.execute(
        update(CheckpointRow).where(CheckpointRow.size == row.size).values(note=flip(note, place % len(note)))
    )
    assert fault_of(look).code == "checkpoint-note-differs"


@pytest.mark.parametrize("more", ["\n", "— witness.example AAAA\n"])
def test_nothing_may_be_added_to_a_note(session, look, more):
    size = keys_of(session, "checkpoint")[1][0]
    session.execute(
        update(CheckpointRow).where(CheckpointRow.size == size).values(note=CheckpointRow.note.concat(more))
    )
    assert fault_of(look).code == "checkpoint-note-differs"


def test_a_microsecond_of_an_entry_counts(session, look):
    at = session.get(EntryRow, 9).recorded_at + timedelta(microseconds=1)
    session.execute(update(EntryRow).where(EntryRow.position == 9).values(recorded_at=at))
    assert fault_of(look).code == "recorded-at-differs"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE entry SET recorded_at = replace(recorded_at, ' ', 'T') WHERE position = 9", "recorded-at-differs"),
        ("UPDATE entry SET recorded_at = 'yesterday' WHERE position = 9", "row-unreadable"),
        ("UPDATE entry SET statement = 'text' WHERE position = 9", "row-unreadable"),
        ("UPDATE entry SET kind = CAST(kind AS BLOB) WHERE position = 9", "row-unreadable"),
        ("UPDATE entry SET position = 'nine' WHERE position = 9", "entry-missing"),
    ],
)
def test_what_only_sqlite_can_store_is_found(session, look, change, code):
    if session.get_bind().dialect.name != "sqlite":
        # PostgreSQL keeps a column to its type. Nothing is left out here, so nothing is skipped.
        return
    session.execute(text(change))
    fault = fault_of(look)
    assert (fault.code, fault.table, fault.key) == (code, "entry", (9,))


# --- rows away, rows too many, rows in another order ---


@pytest.mark.parametrize("row", [0, 1, 9, -1])
def test_a_deleted_entry_is_missed(session, look, row):
    position = keys_of(session, "entry")[row][0]
    session.execute(delete(EntryRow).where(EntryRow.position == position))
    fault = fault_of(look)
    assert (fault.code, fault.key) == ("entry-missing", (position,))


@pytest.mark.parametrize("row", [0, 5, -1])
def test_a_deleted_node_is_missed(session, look, row):
    key = keys_of(session, "node")[row]
    session.execute(delete(NodeRow).where(*is_row("node", key)))
    fault = fault_of(look)
    assert (fault.code, fault.key) == ("node-missing", tuple(key))


def test_a_deleted_checkpoint_is_missed_where_its_batch_begins(session, look):
    sizes = [size for (size,) in keys_of(session, "checkpoint")]
    session.execute(delete(CheckpointRow).where(CheckpointRow.size == sizes[5]))
    fault = fault_of(look)
    assert (fault.code, fault.table, fault.key) == ("recorded-at-differs", "entry", (sizes[4],))


def test_entries_after_the_last_checkpoint_are_not_sealed(session, look):
    sizes = [size for (size,) in keys_of(session, "checkpoint")]
    session.execute(delete(CheckpointRow).where(CheckpointRow.size == sizes[-1]))
    fault = fault_of(look)
    assert (fault.code, fault.key) == ("entry-unsealed", (sizes[-2],))


@pytest.mark.parametrize("place", [-1, 1000])
def test_an_added_entry_is_found(session, look, place):
    last = session.scalar(select(func.max(EntryRow.position)))
    row = dict(session.execute(select(*EntryRow.__table__.columns).where(EntryRow.position == last)).mappings().one())
    row |= {"position": place, "leaf": flip(row["leaf"]), "identity": flip(row["identity"])}
    session.execute(insert(EntryRow).values(row))
    fault = fault_of(look)
    assert (fault.code, fault.key) == ("entry-unsealed", (place,))


@pytest.mark.parametrize("key", [(1, 999), (40, 0), (0, 3), (1, -1)])
def test_an_added_node_is_found(session, look, key):
    session.execute(insert(NodeRow).values(level=key[0], index=key[1], hash=b"\0" * 32))
    fault = fault_of(look)
    assert (fault.code, fault.key) == ("node-superfluous", key)


@pytest.mark.parametrize(("size", "code"), [(0, "checkpoint-superfluous"), (12, "checkpoint-header-differs")])
def test_an_added_checkpoint_is_found(session, look, size, code):
    whole = select(*CheckpointRow.__table__.columns).where(CheckpointRow.size == 11)
    row = dict(session.execute(whole).mappings().one())
    session.execute(delete(CheckpointRow).where(CheckpointRow.size == size))
    session.execute(insert(CheckpointRow).values(row | {"size": size}))
    fault = fault_of(look)
    assert (fault.code, fault.table, fault.key) == (code, "checkpoint", (size,))


@pytest.mark.parametrize("positions", [(2, 3), (3, 12)])
def test_two_entries_in_each_others_place_are_found(session, look, positions):
    swap(session, EntryRow, EntryRow.position, *positions)
    fault = fault_of(look)
    if positions == (2, 3):
        # Two admissions of one batch: each is right by itself, the tree above them is not.
        assert (fault.code, fault.key, fault.facts["first"]) == ("node-differs", (1, 1), 2)
    else:
        assert (fault.code, fault.key) == ("recorded-at-differs", (3,))


def test_two_checkpoints_in_each_others_place_are_found(session, look):
    swap(session, CheckpointRow, CheckpointRow.size, 11, 12)
    fault = fault_of(look)
    assert (fault.code, fault.table, fault.key) == ("checkpoint-header-differs", "checkpoint", (11,))


# --- rows that are right by themselves ---


def test_a_statement_under_a_key_that_nobody_enrolled_is_found(session, look, world):
    row = find_entry(session, "goods.shipped")
    world.keys["maker.stranger"] = generate_key()
    replace_entry(session, row.position, reseal(world, row, "maker.stranger"))
    session.execute(insert(KeyRow).values(_stranger_in_the_register(world)))
    fault = fault_of(look)
    assert (fault.code, fault.key, fault.facts["refusal"]) == ("entry-refused", (row.position,), "key-unknown")


def _stranger_in_the_register(world):
    public = world.keys["maker.stranger"].public
    return {
        "kid": public.kid,
        "party": uscc_of("maker"),
        "jwk": public.to_jwk(),
        "enrolled_at": world.at,
        "entry": 1,
        "voucher": public.kid,
        "vouched_at": world.at,
    }


def test_a_statement_under_another_partys_key_is_found(session, look, world):
    row = find_entry(session, "goods.shipped")
    replace_entry(session, row.position, reseal(world, row, "contractor"))
    assert fault_of(look).facts["refusal"] == "issuer-mismatch"


def test_a_statement_on_another_head_is_found(session, look, world):
    row = find_entry(session, "goods.shipped")
    replace_entry(session, row.position, reseal(world, row, "maker", follows=()))
    assert fault_of(look).facts["refusal"] == "head-stale"


def test_a_statement_after_its_keys_revocation_is_found(session, look, world):
    row = find_entry(session, "spotcheck.reported")
    body = parse_statement(find_entry(session, "tender.published").statement).payload
    late = world.seal("owner.second", "tender.published", body, header={"subject": "ocds-suzheng-0001", "follows": ()})
    replace_entry(session, row.position, late)
    assert fault_of(look).facts["refusal"] == "key-revoked"


def test_a_signers_own_second_version_is_found_by_the_tree(session, look, world):
    """The signer and whoever runs the database have agreed to say something else: only the tree knows."""
    row = find_entry(session, "drum.measured")
    other = parse_statement(row.statement).payload.replace(b"3.650", b"3.649")
    claims = parse_statement(row.statement)
    again = world.seal(
        "supervisor",
        "drum.measured",
        other,
        header={"subject": claims.subject, "follows": claims.follows, "issued_at": claims.issued_at},
    )
    assert again.payload != claims.payload
    replace_entry(session, row.position, again)
    fault = fault_of(look)
    assert row.position % 2 == 0, "a batch of its own that completes no subtree"
    assert (fault.code, fault.key) == ("checkpoint-root-differs", (row.position + 1,))


def test_a_whole_tree_built_again_needs_the_ledgers_key(session, look, world):
    """The last entry replaced, with all nodes above it and a checkpoint by another key."""
    last = session.scalar(select(func.max(EntryRow.position)))
    row = session.get(EntryRow, last)
    replace_entry(session, last, reseal(world, row, "regulator"))
    leaves = session.scalars(select(EntryRow.leaf).order_by(EntryRow.position)).all()

    def node(level, index):
        if level == 0:
            return hash_leaf(leaves[index])
        return hash_children(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))

    for level, index in keys_of(session, "node"):
        here = (NodeRow.level == level, NodeRow.index == index)
        session.execute(update(NodeRow).where(*here).values(hash=node(level, index)))
    root, forger = root_of(last + 1, node), Sealer(ORIGIN, generate_key())
    signed = sign_root(forger, last + 1, root, row.recorded_at)
    values: dict[str, Any] = {"root": root, "protected": signed.protected, "signature": signed.signature}
    values["note"] = write_note(forger, last + 1, root)
    session.execute(update(CheckpointRow).where(CheckpointRow.size == last + 1).values(values))
    fault = fault_of(look)
    assert (fault.code, fault.key) == ("checkpoint-signature-invalid", (last + 1,))


def test_the_same_tree_with_the_old_root_is_found(session, look, world):
    last = session.scalar(select(func.max(EntryRow.position)))
    assert last % 2 == 0, "the last entry completes no subtree, so that only the root can tell"
    replace_entry(session, last, reseal(world, session.get(EntryRow, last), "regulator"))
    fault = fault_of(look)
    assert (fault.code, fault.key) == ("checkpoint-root-differs", (last + 1,))


def test_other_registers_are_no_business_of_the_audit(session, look):
    session.add(StaleRow(lot=DRUM + "X", entry=1))
    assert look().is_sound


@pytest.mark.parametrize("column", ["size", "root", "range"])
def test_a_changed_head_is_found(session, look, column):
    changed = {"size": 3, "root": bytes(32), "range": bytes(8)}[column]
    session.execute(update(HeadRow).values({column: changed}))
    fault = fault_of(look)
    assert (fault.code, fault.table) == ("head-differs", "head")


def test_a_head_that_is_gone_is_found(session, look):
    session.execute(delete(HeadRow))
    assert fault_of(look).code == "head-missing"
