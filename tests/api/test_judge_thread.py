"""Judging in the background: all that waits, in one process, and giving way to statements."""

import fcntl
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from api.judge_thread import JudgeThread


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.005)


class Waiting:
    """Lots that wait to be judged; each takes a moment."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.fails = 0

    def judge_one(self) -> bool:
        if self.fails:
            self.fails -= 1
            raise OSError("a database that is gone")
        if not self.count:
            return False
        self.count -= 1
        return True


def test_it_begins_with_what_waits_and_goes_on_when_it_is_woken(tmp_path: Path) -> None:
    lots = Waiting(25)
    judge = JudgeThread(lots.judge_one, lambda: False, tmp_path / "lock")
    judge.start()
    wait_for(lambda: lots.count == 0)
    lots.count = 3
    time.sleep(0.05)
    assert lots.count == 3, "nobody has woken it"
    judge.wake()
    wait_for(lambda: lots.count == 0)


def test_a_process_that_is_not_alone_leaves_it_to_the_other(tmp_path: Path) -> None:
    lots = Waiting(5)
    judge = JudgeThread(lots.judge_one, lambda: False, tmp_path / "lock")
    with (tmp_path / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        judge.start()
        judge.wake()
        time.sleep(0.1)
        assert lots.count == 5
    judge.wake()
    wait_for(lambda: lots.count == 0)


def test_it_rests_while_statements_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    real = time.sleep
    monkeypatch.setattr(time, "sleep", rests.append)
    is_busy = threading.Event()
    is_busy.set()
    lots = Waiting(4)
    judge = JudgeThread(lambda: real(0.01) is None and lots.judge_one(), is_busy.is_set, tmp_path / "lock")
    judge.start()
    judge.wake()
    until = time.monotonic() + 10
    while lots.count and time.monotonic() < until:
        real(0.005)
    assert len(rests) == 4
    assert min(rests) >= 9 * 0.01


def test_a_failure_ends_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lots = Waiting(2)
    lots.fails = 1
    judge = JudgeThread(lots.judge_one, lambda: False, tmp_path / "lock")
    judge.start()
    judge.wake()
    wait_for(lambda: lots.fails == 0)
    judge.wake()
    wait_for(lambda: lots.count == 0)
    assert "they wait" in caplog.text
