"""Tiles and proofs out of the tables, on both databases, against a plain model of the tree."""

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from api.database import Database
from keys.envelope import seal_statement
from keys.errors import RefusedError
from keys.keyring import generate_key
from trace.ledger import shelf, store
from trace.ledger.checkpoint import Sealer, read_note
from trace.ledger.shelf import find_checkpoint_of, read_size, read_tile, show_consistency, show_inclusion
from trace.ledger.tables import Base
from trace.ledger.tiles import ENTRIES, read_path, tiles_of
from trace.ledger.tree import hash_leaf, is_consistent, root_from_inclusion

ORIGIN = "suzheng.example/test"
SEALER = Sealer(ORIGIN, generate_key())
KEY = generate_key()
AT = datetime(2015, 4, 13, 8, tzinfo=UTC)
BATCHES = (1, 255, 1, 300, 43)
SIZE = sum(BATCHES)
# A database that a whole file shares is no state of an example: nothing writes to it.
SHARED = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def said(number):
    return seal_statement(
        KEY,
        kind="test.said",
        issuer="somebody",
        subject=f"thing {number}",
        issued_at=AT,
        payload=b"{}",
        nonce=number.to_bytes(16),
    )


STATEMENTS = [said(number) for number in range(SIZE)]
LEAVES = [statement.leaf for statement in STATEMENTS]


@pytest.fixture(scope="module")
def log(shared_database):
    """A ledger of 600 entries in five batches."""
    with shared_database.writing() as session:
        start = 0
        for count in BATCHES:
            store.append(session, store.read_head(session), STATEMENTS[start : start + count], SEALER, AT)
            start += count
    return shared_database


@pytest.fixture
def session(log):
    with log.reading() as session:
        yield session


def naive_root(leaves):
    """MTH of RFC 9162 §2.1.1, word for word."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def test_every_tile_is_as_the_specification_defines_it(session):
    tiles = list(tiles_of(SIZE))
    assert len(tiles) == 3 + 3 + 1
    for tile in tiles:
        first, span = tile.start, 256 ** max(tile.level, 0)
        if tile.level == ENTRIES:
            expected = b"".join(b"\x00\x20" + leaf for leaf in LEAVES[first : first + tile.width])
        else:
            spans = range(first, first + tile.width)
            expected = b"".join(naive_root(LEAVES[i * span : (i + 1) * span]) for i in spans)
        assert read_tile(session, tile) == expected
        assert len(expected) == tile.size_bytes


@SHARED
@given(st.integers(1, SIZE))
def test_tiles_of_every_smaller_log_can_still_be_cut(session, size):
    for tile in tiles_of(size):
        whole = next(one for one in tiles_of(SIZE) if (one.level, one.index) == (tile.level, tile.index))
        assert read_tile(session, whole).startswith(read_tile(session, tile))


@pytest.mark.parametrize(
    "path", ["0/002", "0/002.p/89", "0/003.p/1", "1/000.p/3", "2/000.p/1", "entries/002.p/89", "63/000.p/1"]
)
def test_tile_that_is_not_there_yet_is_unknown(session, path):
    tile = read_path(path)
    assert tile is not None
    with pytest.raises(RefusedError) as refused:
        read_tile(session, tile)
    assert refused.value.code == "tile-unknown"


@SHARED
@given(st.data())
def test_every_entry_is_proved_in_every_size(session, data):
    size = data.draw(st.integers(1, SIZE))
    position = data.draw(st.integers(0, size - 1))
    proven = show_inclusion(session, position, size)
    assert proven.root == naive_root(LEAVES[:size])
    assert root_from_inclusion(hash_leaf(LEAVES[position]), position, size, proven.path) == proven.root
    assert (proven.leaf, proven.note is not None) == (LEAVES[position], size in (1, 256, 257, 557, 600))


@SHARED
@given(st.data())
def test_every_size_is_proved_to_have_grown_out_of_every_smaller_one(session, data):
    second = data.draw(st.integers(1, SIZE))
    first = data.draw(st.integers(1, second))
    proven = show_consistency(session, first, second)
    assert (proven.first_root, proven.second_root) == (naive_root(LEAVES[:first]), naive_root(LEAVES[:second]))
    assert is_consistent(first, second, proven.first_root, proven.second_root, proven.path)


def test_newest_size_is_meant_where_none_is_named(session):
    assert read_size(session) == SIZE
    assert show_inclusion(session, 3, None).size == SIZE
    proven = show_consistency(session, 256, None)
    assert (proven.first, proven.second) == (256, SIZE)
    notes = proven.first_note or "", proven.second_note or ""
    assert [read_note(note, ORIGIN, SEALER.key.public)[0] for note in notes] == [256, SIZE]


@pytest.mark.parametrize(
    ("ask", "sizes", "code"),
    [
        (show_inclusion, (SIZE, None), "entry-unknown"),
        (show_inclusion, (-1, None), "entry-unknown"),
        (show_inclusion, (5, 5), "size-unknown"),
        (show_inclusion, (5, SIZE + 1), "size-unknown"),
        (show_consistency, (0, 5), "size-unknown"),
        (show_consistency, (6, 5), "size-unknown"),
        (show_consistency, (5, SIZE + 1), "size-unknown"),
        (find_checkpoint_of, (SIZE, None), "entry-unknown"),
        (find_checkpoint_of, (5, 2**63), "checkpoint-unknown"),
        (find_checkpoint_of, (256, 256), "checkpoint-unknown"),
        (find_checkpoint_of, (5, 300), "checkpoint-unknown"),
    ],
)
def test_sizes_that_the_log_never_had_are_refused(session, ask, sizes, code):
    with pytest.raises(RefusedError) as refused:
        ask(session, *sizes)
    assert refused.value.code == code


def test_proof_costs_the_same_few_queries_at_any_size(session):
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_):
        sent.extend([statement] if statement.startswith("SELECT") else [])

    bind, counts = session.get_bind(), []
    event.listen(bind, "before_cursor_execute", note)
    for size in (2, 255, SIZE):
        sent.clear()
        show_inclusion(session, 1, size)
        counts.append(len(sent))
    event.remove(bind, "before_cursor_execute", note)
    assert max(counts) <= 5


def test_nodes_of_a_proof_are_found_by_their_key_however_many_there_are(tmp_path):
    # SQLite alone plans the same for an empty table as for a full one.
    database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    Base.metadata.create_all(database.engine)
    with database.reading() as session:
        query = shelf._query_nodes(30)
        unset = tuple(1 for _ in range(60))
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", unset).all()
    told = [row[3] for row in plan]
    # For each place that is asked for, one look-up by both columns of the key; the table itself is never read through.
    (search,) = (line for line in told if line.startswith("SEARCH node USING"))
    assert "level=? AND index=?" in search
    assert not any(line.startswith("SCAN node") for line in told)
    database.close()
