"""What is appended stays where it is, under a checkpoint, with a receipt that holds."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.database import Database
from keys.envelope import seal_statement
from keys.errors import RefusedError
from keys.keyring import generate_key
from trace.ledger import store
from trace.ledger.checkpoint import Sealer, read_note
from trace.ledger.issuing import issue_receipt
from trace.ledger.receipt import verify_receipt
from trace.ledger.store import CheckpointRow, NodeRow, stored_nodes
from trace.ledger.tree import is_consistent, prove_consistency, root_of

ORIGIN = "suzheng.example/test"
SEALER = Sealer(ORIGIN, generate_key())
KEY = generate_key()
AT = datetime(2015, 4, 13, 8, 0, 0, 123456, tzinfo=UTC)


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


STATEMENTS = [said(number) for number in range(23)]
BATCHES = (1, 1, 4, 2, 7, 8)


@pytest.fixture
def session(database_url):
    """A ledger of 23 entries in six batches, a minute apart. Rolled back at the end."""
    database = Database(database_url)
    with Session(database.engine) as session:
        start = 0
        for minute, count in enumerate(BATCHES):
            batch = STATEMENTS[start : start + count]
            store.append(session, store.read_head(session), batch, SEALER, AT + timedelta(minutes=minute))
            start += count
        yield session
    database.close()


def sizes():
    return [sum(BATCHES[: number + 1]) for number in range(len(BATCHES))]


def test_entries_stand_in_order_and_keep_their_bytes(session):
    entries = list(store.stream_entries(session))
    assert [entry.position for entry in entries] == list(range(23))
    assert [entry.statement for entry in entries] == [one.to_bytes() for one in STATEMENTS]
    assert store.size_of(session) == 23
    assert store.read_entry(session, 7).leaf == STATEMENTS[7].leaf
    assert [entry.position for entry in store.stream_entries(session, 3, 6)] == [3, 4, 5]
    assert [entry.position for entry in store.read_entries(session, [9, 2, 99])] == [2, 9]


def test_each_batch_is_closed_by_one_checkpoint(session):
    rows = session.scalars(select(CheckpointRow).order_by(CheckpointRow.size)).all()
    assert [row.size for row in rows] == sizes()
    for row in rows:
        assert row.root == root_of(row.size, stored_nodes(session))
        assert read_note(row.note, ORIGIN, SEALER.key.public) == (row.size, row.root)
    latest = store.latest_checkpoint(session)
    assert latest is not None
    assert latest.size == 23


def test_a_time_of_record_has_whole_seconds_and_is_the_checkpoints(session):
    for number, size in enumerate(sizes()):
        at = (AT + timedelta(minutes=number)).replace(microsecond=0)
        assert store.read_entry(session, size - 1).recorded_at == at
        assert session.get(CheckpointRow, size).recorded_at == at


def test_every_perfect_subtree_is_kept_and_nothing_else(session):
    # A tree of n leaves has n - popcount(n) perfect subtrees of two leaves or more.
    assert session.scalar(select(func.count()).select_from(NodeRow)) == 23 - (23).bit_count()


def test_every_entry_has_a_receipt_at_every_checkpoint_over_it(session):
    for position, statement in enumerate(STATEMENTS):
        first = next(size for size in sizes() if size > position)
        assert issue_receipt(session, position) == issue_receipt(session, position, first)
        for size in sizes():
            if size > position:
                shown = verify_receipt(issue_receipt(session, position, size), statement.leaf, SEALER.key.public)
                assert (shown.position, shown.size) == (position, size)


def test_each_checkpoint_grew_out_of_those_before(session):
    nodes = stored_nodes(session)
    roots = {row.size: row.root for row in session.scalars(select(CheckpointRow))}
    for first in sizes():
        for second in sizes():
            if first <= second:
                proof = prove_consistency(first, second, nodes)
                assert is_consistent(first, second, roots[first], roots[second], proof)


def test_a_statement_is_found_by_what_it_says(session):
    found = store.find_identity(session, STATEMENTS[4].identity)
    assert found is not None
    assert found.position == 4
    assert store.find_identity(session, said(99).identity) is None


@pytest.mark.parametrize(
    ("position", "size", "code"),
    [
        (23, None, "entry-unknown"),
        (5, 5, "checkpoint-unknown"),
        (5, 7, "checkpoint-unknown"),
        (2, 2, "checkpoint-unknown"),
    ],
)
def test_there_is_no_receipt_of_what_is_not_there(session, position, size, code):
    with pytest.raises(RefusedError, match=code):
        issue_receipt(session, position, size)


def test_an_entry_that_is_not_there_is_refused(session):
    with pytest.raises(RefusedError, match="entry-unknown"):
        store.read_entry(session, 23)


def test_the_clock_may_stand_still_but_not_go_back(session):
    last = AT + timedelta(minutes=len(BATCHES) - 1)
    store.append(session, store.read_head(session), [said(100)], SEALER, last)
    with pytest.raises(RefusedError, match="clock-went-back"):
        store.append(session, store.read_head(session), [said(101)], SEALER, last - timedelta(seconds=1))
    assert store.size_of(session) == 24
