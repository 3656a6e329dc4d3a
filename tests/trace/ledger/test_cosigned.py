"""Cosignatures are kept as they were given, and a checkpoint is served with the latest of each key."""

import pytest

from api.database import Database
from tests.trace.ledger.cosigners import make_signer
from tests.world import World
from trace.ledger.cosigned import CosignatureRow, cosigned_note, find_cosigned, keep_cosignatures, last_cosigned
from trace.ledger.note import MAX_SIGNATURES, parse_note
from trace.ledger.signature import ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, find_signature
from trace.ledger.store import Checkpoint, latest_checkpoint, read_checkpoint

A_ED, A_ML = (make_signer("a.example/w", row) for row in (ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE))
B = make_signer("b.example/w")


@pytest.fixture
def world(database_url):
    database = Database(database_url)
    yield World.told(database)
    database.close()


def newest(session) -> Checkpoint:
    row = latest_checkpoint(session)
    assert row is not None
    return row


def time_of(note, signer) -> int:
    found = find_signature(note, signer.key)
    assert found is not None
    return found.time


def sign(session, *signers, time: int, size: int | None = None) -> None:
    row = read_checkpoint(session, size) if size is not None else newest(session)
    assert row is not None
    note = parse_note(row.note.encode())
    lines = type(note)(note.text, tuple(signer.sign_text(note.text, time) for signer in signers))
    signed = [find_signature(lines, signer.key) for signer in signers]
    keep_cosignatures(session, row.size, [one for one in signed if one is not None])


def test_the_latest_of_each_key_is_served_and_every_one_kept(world):
    with world.database.writing() as session:
        for time in (5, 7, 6):
            sign(session, A_ED, A_ML, time=time)
        sign(session, B, time=3)
        sign(session, B, time=3)
    with world.database.reading() as session:
        row = newest(session)
        note = parse_note(cosigned_note(session, row).encode())
        times = [time_of(note, one) for one in (A_ED, A_ML, B)]
        assert (times, len(note.lines)) == ([7, 7, 3], 4)
        assert str(note).startswith(row.note)
        assert session.query(CosignatureRow).count() == 7
        assert last_cosigned(session, A_ED.key) == (row.size, 7)


def test_the_largest_size_counts_before_the_latest_time(world):
    with world.database.writing() as session:
        first = newest(session).size
        sign(session, B, time=5)
    told = world.say("owner", "tender.published")
    with world.database.writing() as session:
        assert last_cosigned(session, B.key) == (first, 5)
        sign(session, B, time=6)
        sign(session, B, time=9, size=first)
        assert last_cosigned(session, B.key) == (told.position + 1, 6)
        assert last_cosigned(session, A_ED.key) == (0, 0)


def test_the_newest_that_is_enough_is_found_and_no_other(world):
    with world.database.writing() as session:
        first = newest(session).size
        sign(session, A_ED, B, time=5)
    world.say("owner", "tender.published")
    with world.database.writing() as session:
        sign(session, A_ED, time=6)

        def has(signer):
            return lambda note: find_signature(parse_note(note.encode()), signer.key) is not None

        found = [find_cosigned(session, has(signer)) for signer in (A_ED, B, A_ML)]
        assert [row.size if row is not None else None for row in found] == [first + 1, first, None]


def test_a_note_never_holds_more_lines_than_a_reader_takes(world):
    with world.database.writing() as session:
        for number in range(MAX_SIGNATURES + 5):
            sign(session, make_signer(f"w{number}.example"), time=1)
        note = cosigned_note(session, newest(session))
    assert len(parse_note(note.encode()).lines) == MAX_SIGNATURES
