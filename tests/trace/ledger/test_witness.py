"""A witness signs a log that has only grown, and says why it does not in every other case."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import RefusedError
from tests.trace.ledger.cosigners import Log, make_log, make_signer
from trace.ledger.note import Note, encode64, parse_note
from trace.ledger.signature import ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, find_signature
from trace.ledger.tree import EMPTY_ROOT
from trace.ledger.witness import (
    NEVER,
    State,
    cosign,
    is_fork,
    judge,
    read_answer,
    read_request,
    read_state,
    write_answer,
    write_request,
)

LOG = make_log()
SIGNERS = [make_signer("witness.example/w1", row) for row in (ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE)]
OWN = [signer.key for signer in SIGNERS]
NOW = 1_679_315_147


def observe(data: bytes, state: State = NEVER, log: Log = LOG, now: int = NOW) -> Note:
    request = read_request(data)
    return cosign(request, judge(request, [log.vkey], state), SIGNERS, state, now)


def state_at(size: int, log: Log = LOG) -> State:
    return State(size, log.root(size), NOW)


def refusal(data: bytes, state: State = NEVER, log: Log = LOG) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        observe(data, state, log)
    return refused.value


@given(st.integers(0, 70), st.integers(0, 70))
def test_every_step_of_a_log_that_grows_is_signed(one, other):
    old, new = sorted((one, other))
    kept = observe(LOG.request(old, new), state_at(old))
    assert read_state(str(kept).encode(), OWN) == State(new, LOG.root(new), NOW)
    assert find_signature(kept, LOG.vkey) is not None
    answer = write_answer(kept, OWN)
    assert answer.count("\n") == 2
    signed = read_answer(answer.encode(), parse_note(LOG.note(new).encode()), OWN)
    assert [one.key for one in signed] == OWN


@given(st.integers(1, 40), st.integers(0, 40), st.integers(0, 39))
def test_no_fork_is_signed_whatever_its_size(seen, more, forked_at):
    """The witness has seen `seen` entries; the other history departs from one of them."""
    fork = LOG.forked(forked_at % seen)
    for old in {seen, 0}:
        error = refusal(fork.request(old, seen + more), state_at(seen))
        assert error.code == ("tree-inconsistent" if old == seen else "witness-differs")
    if more == 0:
        assert is_fork(read_request(fork.request(seen, seen)), state_at(seen))


def test_the_true_log_with_a_wrong_proof_is_no_fork():
    data = LOG.request(4, 9).replace(b"old 4\n", b"old 4\n" + encode64(bytes(32)).encode() + b"\n")
    assert refusal(data, state_at(4)).code == "tree-inconsistent"
    assert not is_fork(read_request(data), state_at(4))


@pytest.mark.parametrize(("old", "known"), [(0, 5), (3, 5), (6, 5), (5, 0)])
def test_another_old_size_is_told_the_one_that_is_known(old, known):
    error = refusal(LOG.request(old, 9), state_at(known))
    assert (error.code, error.facts["expected"]) == ("witness-differs", known)


def test_an_old_size_beyond_the_checkpoint_is_malformed():
    data = write_request(10, [], LOG.note(9))
    assert refusal(data, state_at(10)).code == "witness-request-malformed"
    assert refusal(data, state_at(9)).code == "witness-request-malformed"


def test_an_unknown_log_is_told_so_before_anything_else():
    request = read_request(write_request(10, [], LOG.note(9)))
    with pytest.raises(RefusedError, match="log-unknown"):
        judge(request, [], NEVER)


def test_a_checkpoint_that_the_log_has_not_signed_is_refused():
    other = make_log()
    assert refusal(other.request(0, 9)).code == "log-signature-missing"


def test_a_trusted_key_that_fails_is_not_made_up_for_by_another():
    """Keys that rotate are trusted both; a line that says to be by one of them has to hold."""
    other = make_log()
    line = other.note(9).partition("\n\n")[2]
    both = LOG.note(9) + line
    request = read_request(write_request(0, [], both))
    assert len(judge(request, [LOG.vkey, other.vkey], NEVER)) == 2
    forged = read_request(write_request(0, [], LOG.note(8) + line))
    assert len(judge(forged, [LOG.vkey], NEVER)) == 1
    with pytest.raises(RefusedError, match="note-signature-invalid"):
        judge(forged, [LOG.vkey, other.vkey], NEVER)


def test_the_same_checkpoint_is_signed_again_and_another_of_its_size_is_not():
    assert read_state(str(observe(LOG.request(7, 7), state_at(7))).encode(), OWN) == state_at(7)
    assert refusal(LOG.forked(3).request(7, 7), state_at(7)).code == "tree-inconsistent"
    proof = write_request(7, [bytes(32)], LOG.note(7))
    assert refusal(proof, state_at(7)).code == "tree-inconsistent"


def test_nothing_is_proved_from_nothing():
    assert refusal(write_request(0, [bytes(32)], LOG.note(7))).code == "tree-inconsistent"


def test_an_empty_tree_has_the_empty_root():
    assert read_state(str(observe(LOG.request(0, 0))).encode(), OWN) == State(0, EMPTY_ROOT, NOW)
    text = LOG.note(0).partition("\n\n")[0] + "\n"
    other = text.replace(encode64(EMPTY_ROOT), encode64(bytes(32)))
    line = Note(other, tuple(parse_note(LOG.note(0).encode()).lines))
    assert refusal(write_request(0, [], str(line))).code == "note-signature-invalid"
    log = make_signer("suzheng.example/test")
    signed = str(Note(other, (log.sign_text(other, 1),)))
    request = read_request(write_request(0, [], signed))
    with pytest.raises(RefusedError, match="tree-inconsistent: where the empty tree"):
        judge(request, [log.key], NEVER)


def test_a_clock_that_went_back_does_not_make_an_earlier_cosignature():
    """Else it would say that at that time, when less had been seen, this was the largest tree."""
    kept = observe(LOG.request(4, 9), state_at(4), now=NOW - 1000)
    assert read_state(str(kept).encode(), OWN).time == NOW
    assert read_state(str(observe(LOG.request(0, 9), now=0)).encode(), OWN).time == 1


def test_only_what_it_signed_itself_is_its_state():
    kept = observe(LOG.request(0, 9))
    stranger = make_signer("witness.example/w1")
    with pytest.raises(RefusedError, match="witness-state-lost"):
        read_state(str(kept).encode(), [stranger.key])
    with pytest.raises(RefusedError, match="note-signature-invalid"):
        read_state(str(kept).replace("\n9\n", "\n8\n").encode(), OWN)


ONE = encode64(bytes(32)) + "\n"
GOOD = LOG.request(4, 9)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"old 4\n",
        b"old 4\n\n",
        b"\n\n",
        GOOD.replace(b"old 4", b"Old 4"),
        GOOD.replace(b"old 4", b"old  4"),
        GOOD.replace(b"old 4", b"old 04"),
        GOOD.replace(b"old 4", b"old +4"),
        GOOD.replace(b"old 4", b"old -4"),
        GOOD.replace(b"old 4", b"old "),
        GOOD.replace(b"old 4", b"old 4 "),
        GOOD.replace(b"old 4", "old ４".encode()),
        GOOD.replace(b"old 4", b"old 4\r"),
        GOOD.replace(b"old 4", b"old 9223372036854775808"),
        GOOD.replace(b"old 4\n", b"old 4\nAAAA\n"),
        GOOD.replace(b"old 4\n", b"old 4\n" + ONE.replace("AA=", "AB=").encode()),
        GOOD.replace(b"old 4\n", b"old 4\n\n"),
        b"old 0\n" + ONE.encode() * 64 + b"\n" + LOG.note(9).encode(),
        GOOD[:-1],
        b"old 0\n\n" + LOG.note(9).replace("\n9\n", "\n09\n").encode(),
    ],
    ids=count(),  # the texts hold fresh keys
)
def test_what_is_no_request_is_refused(data):
    with pytest.raises(RefusedError) as refused:
        read_request(data)
    assert refused.value.code in ("witness-request-malformed", "note-malformed")


def test_63_lines_are_read():
    assert len(read_request(b"old 5\n" + ONE.encode() * 63 + b"\n" + LOG.note(9).encode()).proof) == 63


@given(st.binary(max_size=100) | st.binary(max_size=60).map(lambda data: GOOD[:20] + data + GOOD[20 + len(data) :]))
def test_any_bytes_are_read_or_refused(data):
    try:
        request = read_request(data)
    except RefusedError:
        return
    assert read_request(write_request(request.old_size, request.proof, str(request.note))) == request


def test_an_answer_without_what_was_asked_for_is_refused():
    note = parse_note(LOG.note(9).encode())
    answer = write_answer(observe(LOG.request(0, 9)), OWN).encode()
    stranger = make_signer("witness.example/w2")
    with pytest.raises(RefusedError, match="cosignature-missing"):
        read_answer(answer, note, [stranger.key])
    with pytest.raises(RefusedError, match="note-signature-invalid"):
        read_answer(answer, parse_note(LOG.note(8).encode()), OWN)
    for other in (b"", b"\xff", answer[:-1], b"hello\n"):
        with pytest.raises(RefusedError, match="note-malformed"):
            read_answer(other, note, OWN)
    timeless = str(SIGNERS[1].sign_text(note.text, 0)).encode()
    with pytest.raises(RefusedError, match="cosignature-missing"):
        read_answer(timeless, note, OWN)
