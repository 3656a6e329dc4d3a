"""Which keys are believed: each case as a handful of endings, and any mixture of them without a contradiction."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from trace.parties.belief import Doubt, Ending, Voucher, direct_doubts, find_doubt

ROOT, A, B, N, M = b"root", b"a", b"b", b"n", b"m"


def day(number: int) -> datetime:
    """The time of record of entry `number`: a day each."""
    return datetime(2016, 1, 1, tzinfo=UTC) + timedelta(days=number)


def vouched(by: bytes | None, entry: int) -> Voucher:
    return Voucher(by, day(entry), day(entry))


def ended(entry: int, kid: bytes, signer: bytes, since: int | None) -> Ending:
    return Ending(entry, kid, signer, day(entry), None if since is None else day(since))


KEYS = {ROOT: vouched(None, 0), A: vouched(ROOT, 1), B: vouched(A, 2), N: vouched(A, 20), M: vouched(N, 21)}
"""The regulator's root key; a party's key A, which enrolled B and, on day 20, N, which enrolled M."""


def doubts(*endings: Ending) -> dict[bytes, Doubt]:
    direct = direct_doubts(KEYS, endings)
    found = {kid: find_doubt(kid, KEYS, direct) for kid in KEYS}
    return {kid: doubt for kid, doubt in found.items() if doubt is not None}


def test_a_key_that_was_lost_or_replaced_takes_nothing_with_it():
    assert doubts(ended(30, A, B, None), ended(31, B, B, None)) == {}


def test_what_a_stolen_key_enrolled_falls_with_it_and_what_it_enrolled_before_stays():
    assert doubts(ended(31, A, B, since=15)) == {
        A: Doubt(day(15), 31),
        N: Doubt(day(20), 31),
        M: Doubt(day(21), 31),
    }


def test_a_theft_after_the_enrolment_leaves_the_enrolled_key_alone():
    assert set(doubts(ended(31, A, B, since=21))) == {A}


def test_the_moment_of_the_theft_itself_is_not_believed():
    assert set(doubts(ended(31, A, B, since=20))) == {A, N, M}


def test_the_earliest_time_counts_and_a_later_one_takes_nothing_back():
    assert doubts(ended(31, A, B, since=25), ended(32, A, B, since=22))[A] == Doubt(day(22), 32)
    assert doubts(ended(31, A, B, since=22), ended(32, A, B, since=25))[A] == Doubt(day(22), 31)


def test_a_thief_who_calls_the_owners_past_a_lie_is_not_believed_himself():
    """With A he says on day 25 that B was never the owner's; on day 31 the regulator says that A is stolen since 15."""
    assert set(doubts(ended(25, B, A, since=0), ended(31, A, ROOT, since=15))) == {A, N, M}


def test_nor_is_what_he_says_of_the_stolen_key_itself():
    assert doubts(ended(25, A, A, since=0), ended(31, A, ROOT, since=15))[A] == Doubt(day(15), 31)


def test_an_accusation_by_a_key_that_the_accused_had_enrolled_stands():
    """The owner rotates from A to N and finds out then that A was stolen before: the door believed N when it spoke."""
    assert set(doubts(ended(31, A, N, since=15))) == {A, N, M}


def test_of_two_that_accuse_each_other_the_later_stands():
    assert set(doubts(ended(31, A, B, since=15), ended(32, B, A, since=15))) == {B}


def test_accusations_are_taken_back_and_stand_again_along_a_line():
    first = ended(30, M, N, since=21)
    second = ended(31, N, B, since=20)
    third = ended(32, B, ROOT, since=10)
    assert M in doubts(first)
    assert doubts(first, second)[M] == Doubt(day(21), 31)
    assert set(doubts(first, second, third)) == {B, M}


endings = st.builds(
    ended,
    st.integers(22, 60),
    st.sampled_from([A, B, N, M]),
    st.sampled_from(list(KEYS)),
    st.none() | st.integers(0, 60),
)


@given(st.lists(endings, max_size=8, unique_by=lambda ending: ending.entry))
def test_the_order_in_which_they_are_read_is_nothing(told):
    assert doubts(*told) == doubts(*reversed(told))


@given(st.lists(endings, max_size=8, unique_by=lambda ending: ending.entry))
def test_every_doubt_has_a_revocation_that_stands_behind_it(told):
    by_entry = {ending.entry: ending for ending in told}
    direct = direct_doubts(KEYS, told)
    for doubt in doubts(*told).values():
        proof = by_entry[doubt.entry]
        assert proof.since is not None
        # What stands was not taken back by anything later that stands.
        later = {kid: other for kid, other in direct.items() if other.entry > proof.entry}
        taken = find_doubt(proof.signer, KEYS, later)
        assert taken is None or not taken.reaches(proof.at)
