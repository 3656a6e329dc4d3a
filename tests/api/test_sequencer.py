"""What waits together is committed together; nothing is lost, reordered or kept waiting for ever."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api import sequencer
from api.sequencer import Sequencer, Take
from keys.errors import RefusedError
from trace.intake import MAX_BATCH, Accepted, Outcome


def refusal(number: int) -> RefusedError:
    """Stands for a statement: the sequencer hands on what it is given, and a refusal is its own outcome."""
    return RefusedError("a-test", number=number)


def places(outcomes: list[Outcome]) -> list[int]:
    return [one.position for one in outcomes if isinstance(one, Accepted)]


class Ledger:
    """Numbers what it is given, in batches that it remembers; each commit takes as long as the test says."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.size = 0
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.is_inside = False

    def commit(self, take: Take) -> list[Any]:
        group = take()
        assert not self.is_inside, "two commits at a time"
        self.is_inside = True
        self.may_go_on.wait(10)
        numbers: list[Any] = [one.facts["number"] for one in group if isinstance(one, RefusedError)]
        self.batches.append(numbers)
        outcomes = [Accepted(self.size + offset, bytes([number % 256]), True) for offset, number in enumerate(numbers)]
        self.size += len(group)
        self.is_inside = False
        return outcomes


def wait_for(condition: Any) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.002)


def test_whoever_is_alone_waits_for_nobody():
    ledger = Ledger()
    (outcome,) = places(Sequencer(ledger.commit).submit([refusal(7)]))
    assert (outcome, ledger.batches) == (0, [[7]])


def test_what_comes_during_a_commit_is_the_next_batch_in_the_order_of_coming():
    ledger, waiting = Ledger(), [0]
    line = Sequencer(ledger.commit, lambda count: waiting.__setitem__(0, count))
    ledger.may_go_on.clear()
    with ThreadPoolExecutor(5) as threads:
        first = threads.submit(line.submit, [refusal(0)])
        wait_for(lambda: ledger.is_inside)
        others = []
        for number in range(1, 5):
            others.append(threads.submit(line.submit, [refusal(number)]))
            wait_for(lambda number=number: waiting[0] == number)
        assert line.is_busy
        ledger.may_go_on.set()
        positions = [place for future in (first, *others) for place in places(future.result(10))]
    assert ledger.batches == [[0], [1, 2, 3, 4]]
    assert positions == [0, 1, 2, 3, 4]
    assert not line.is_busy


def test_each_of_many_gets_its_own_outcomes():
    ledger = Ledger()
    line = Sequencer(ledger.commit)

    def say(number: int) -> None:
        outcomes = line.submit([refusal(number), refusal(number), refusal(number)])
        assert [one.leaf for one in outcomes if isinstance(one, Accepted)] == [bytes([number % 256])] * 3

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(say, range(400)))
    assert ledger.size == 1200
    assert max(map(len, ledger.batches)) <= MAX_BATCH


def test_a_group_is_never_divided():
    ledger, waiting = Ledger(), [0]
    line = Sequencer(ledger.commit, lambda count: waiting.__setitem__(0, count))
    ledger.may_go_on.clear()
    with ThreadPoolExecutor(4) as threads:
        futures = [threads.submit(line.submit, [refusal(0)])]
        wait_for(lambda: ledger.is_inside)
        for number, count in ((1, MAX_BATCH - 1), (2, 2), (3, 1)):
            before = waiting[0]
            futures.append(threads.submit(line.submit, [refusal(number)] * count))
            wait_for(lambda before=before, count=count: waiting[0] == before + count)
        ledger.may_go_on.set()
        for future in futures:
            future.result(10)
    assert [sorted(set(batch)) for batch in ledger.batches] == [[0], [1], [2, 3]]


@pytest.mark.parametrize("is_late", [False, True], ids=["before the lock", "after it"])
def test_what_refuses_a_commit_refuses_everybody_in_it_and_nobody_after(is_late):
    broken = [True]

    def commit(take: Take) -> list[Any]:
        group = take() if is_late else []
        if broken[0]:
            raise RefusedError("clock-went-back", expected="later")
        return [Accepted(0, b"", True) for _ in group or take()]

    line = Sequencer(commit)
    with ThreadPoolExecutor(8) as threads:
        futures = [threads.submit(line.submit, [refusal(number)]) for number in range(8)]
        errors = [future.exception(10) for future in futures]
    assert [getattr(error, "code", None) for error in errors] == ["clock-went-back"] * 8
    assert len(set(map(id, errors))) == 8
    broken[0] = False
    assert len(line.submit([refusal(1)])) == 1


def test_too_many_waiting_are_refused_at_once_and_told_when_to_come_again(monkeypatch):
    monkeypatch.setattr(sequencer, "MOST_WAITING", 3)
    ledger, waiting = Ledger(), [0]
    line = Sequencer(ledger.commit, lambda count: waiting.__setitem__(0, count))
    ledger.may_go_on.clear()
    with ThreadPoolExecutor(3) as threads:
        futures = [threads.submit(line.submit, [refusal(0)])]
        wait_for(lambda: ledger.is_inside)
        futures.append(threads.submit(line.submit, [refusal(1)] * 3))
        wait_for(lambda: waiting[0] == 3)
        with pytest.raises(RefusedError) as refused:
            line.submit([refusal(2)])
        ledger.may_go_on.set()
        assert [len(future.result(10)) for future in futures] == [1, 3]
    assert refused.value.code == "too-busy"
    assert refused.value.facts["retry_after_s"] == sequencer.RETRY_AFTER_S
    # What was refused has left nothing behind, and there is room again.
    assert ledger.batches == [[0], [1, 1, 1]]
    assert len(line.submit([refusal(3)])) == 1


def test_whoever_waits_for_the_lock_takes_what_has_come_by_then():
    ledger, may_take = Ledger(), threading.Event()

    def commit(take: Take) -> list[Any]:
        may_take.wait(10)
        return ledger.commit(take)

    waiting = [0]
    line = Sequencer(commit, lambda count: waiting.__setitem__(0, count))
    with ThreadPoolExecutor(4) as threads:
        futures = [threads.submit(line.submit, [refusal(number)]) for number in range(4)]
        wait_for(lambda: waiting[0] == 4)
        may_take.set()
        for future in futures:
            future.result(10)
    assert [len(batch) for batch in ledger.batches] == [4]


def test_a_commit_waits_a_moment_for_those_who_are_coming(monkeypatch):
    monkeypatch.setattr(sequencer, "_PATIENCE_S", 10.0)
    ledger = Ledger()
    line = Sequencer(ledger.commit)
    with ThreadPoolExecutor(1) as threads:
        with line.coming():
            first = threads.submit(line.submit, [refusal(0)])
            time.sleep(0.05)
            assert ledger.batches == []
        assert places(first.result(10)) == [0]


def test_whoever_comes_or_is_let_in_beside_the_queue_makes_it_busy_too():
    line = Sequencer(Ledger().commit)
    for around in (line.coming, line.beside):
        with around():
            assert line.is_busy
        assert not line.is_busy
