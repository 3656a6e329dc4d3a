"""While a registry is served, each checkpoint is signed soon by whoever lives, and none waits for whoever does not."""

import logging
import threading
import time
from collections.abc import Iterator

import pytest

from api.witnessing import background
from api.witnessing.background import Collector
from api.witnessing.policy_file import load_policy
from tests.api.commands.test_resume import send
from tests.api.witnessing.conftest import serving, use_policy, write_policy
from trace.ledger.cosigned import cosigned_note, last_cosigned
from trace.ledger.note import parse_note
from trace.ledger.policy import judge_note
from trace.ledger.store import latest_checkpoint

PATIENCE_SECONDS = 20.0


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(background, "_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(background, "_SPACING_SECONDS", 0.05)


@pytest.fixture
def collectors(shell) -> Iterator[list[Collector]]:
    """Two worker processes' worth of threads."""
    made = [Collector(shell), Collector(shell)]
    yield made
    for one in made:
        one.stop()


def wait_until(is_so) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def newest(shell, policy):
    with shell.database.reading() as session:
        latest = latest_checkpoint(session)
        assert latest is not None
        return judge_note(load_policy(policy), parse_note(cosigned_note(session, latest).encode()))


def test_new_checkpoints_are_signed_by_themselves(shell, world, court, university, collectors, tmp_path):
    policy = write_policy(tmp_path / "policy", court, university)
    use_policy(shell, policy)
    for one in collectors:
        one.start()
    wait_until(lambda: newest(shell, policy).is_met)
    told = send(shell, world)
    wait_until(lambda: newest(shell, policy).is_met)
    assert newest(shell, policy).head.size == told.position + 1


def test_a_witness_that_hangs_holds_up_neither_statements_nor_the_other(
    shell, world, court, university, collectors, tmp_path
):
    """And it is asked one thing at a time, though two processes would like to."""
    is_over = threading.Event()
    asked: list[None] = []
    most: list[int] = []

    def hang(_environ, start_response):
        asked.append(None)
        most.append(len(asked))
        is_over.wait(PATIENCE_SECONDS)
        asked.pop()
        start_response("503 Service Unavailable", [])
        return []

    with serving(hang) as url:
        policy = write_policy(tmp_path / "policy", court, university, demanded=1)
        policy.write_text(policy.read_text().replace(court.url, url))
        use_policy(shell, policy)
        for one in collectors:
            one.start()
        wait_until(lambda: newest(shell, policy).operators == ("university",))
        wait_until(lambda: bool(asked))
        began = time.monotonic()
        send(shell, world)
        assert time.monotonic() - began < PATIENCE_SECONDS / 4
        wait_until(lambda: newest(shell, policy).operators == ("university",))
        assert max(most) == 1
        is_over.set()
        for one in collectors:
            one.stop()


def test_a_dead_witness_is_asked_ever_more_seldom(shell, court, collectors, tmp_path, caplog):
    with serving(lambda *_: []) as gone:
        pass
    policy = write_policy(tmp_path / "policy", court)
    policy.write_text(policy.read_text().replace(court.url, gone))
    use_policy(shell, policy)
    with caplog.at_level(logging.WARNING, logger="api.witnessing.background"):
        collectors[0].start()
        wait_until(lambda: len(caplog.records) >= 4)
    waits = [record.args[2] for record in caplog.records if isinstance(record.args, tuple)]
    assert waits[:4] == [0.05, 0.1, 0.2, 0.4]


def test_an_idle_ledgers_checkpoint_is_signed_again_when_its_cosignatures_are_old(
    shell, world, court, collectors, tmp_path, monkeypatch
):
    policy = write_policy(tmp_path / "policy", court)
    use_policy(shell, policy)
    collectors[0].start()
    wait_until(lambda: newest(shell, policy).is_met)
    (key, *_) = load_policy(policy).witnesses.values()

    def signed_at() -> int:
        with shell.database.reading() as session:
            return last_cosigned(session, key.key)[1]

    first = signed_at()
    day_s = 24 * 3600 + 1
    court.clock[0] += day_s
    time.sleep(0.3)
    assert signed_at() == first
    monkeypatch.setattr(shell, "clock", lambda: world.at.replace(year=world.at.year + 1))
    wait_until(lambda: signed_at() == first + day_s)


@pytest.mark.parametrize("text", [None, "", "quorum nobody\n"])
def test_without_a_policy_that_can_be_read_nobody_is_asked(shell, collectors, tmp_path, text):
    if text is not None:
        (tmp_path / "policy").write_text(text)
        use_policy(shell, tmp_path / "policy")
    collectors[0].start()
    assert collectors[0].threads == []
