"""Each target for a second in every run of the suite, other inputs each day; and the thrower itself is watched."""

import os
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys.errors import RefusedError
from tests.fuzz.engine import Run, fuzz, keep, make_input, read_kept
from tests.fuzz.every import TARGETS
from tests.fuzz.target import Target, judge, judge_memory

# Twenty seconds in all, however many targets there are.
SECONDS = 20 / len(TARGETS)
# The same for all processes of a run, which collect their tests alone; the day's failures can be had again all day.
SEED = int(os.environ.get("SUZHENG_FUZZ_SEED", f"{datetime.now(UTC):%Y%m%d}"))


# A form that is cut off within a file leaves that file to Python, which closes it at once and warns (werkzeug 3.1).
@pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")
@pytest.mark.parametrize("name", TARGETS)
def test_parser_refuses_or_reads_and_never_breaks(name: str) -> None:
    run = fuzz(TARGETS[name], SECONDS, SEED)
    failing = None if run.failing is None else run.failing.hex()
    assert failing is None, f"bin/fuzz 0 {name} --again {failing}  ({run.error!r:.300}; SUZHENG_FUZZ_SEED={SEED})"
    assert run.inputs >= len(TARGETS[name].seeds)


@pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")
@pytest.mark.parametrize("name", TARGETS)
def test_hypothesis_breaks_no_parser_either(name: str) -> None:
    """Slower, and with an idea of its own of what is worth trying next and of what is simplest."""
    target = TARGETS[name]
    run = Run(target, list(target.seeds))
    edited = st.randoms(use_true_random=False).map(lambda random: make_input(random, run))

    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=400) | edited)
    def throw(data: bytes) -> None:
        judge(target, data)

    throw()


# --- would it see a fault? ---


def _broken(data: bytes) -> object:
    """Breaks on a letter behind two that are each a step on the way."""
    if data[:1] == b"a":
        if data[1:2] == b"b":
            if data[2:3] == b"c":
                raise KeyError(data)
            return 2
        return 1
    raise RefusedError("cbor-malformed")


def test_fault_is_found_shortened_kept_and_tried_first(tmp_path) -> None:
    target = Target("broken", _broken, (b"xxxxxxxxxxxx",), (b"a", b"b", b"c"))
    run = fuzz(target, 60, 1)
    assert isinstance(run.error, KeyError)
    assert run.failing == b"abc"
    path = keep(run, tmp_path)
    assert read_kept(tmp_path, target) == (b"abc",)
    assert path.read_text() == "616263\n"
    again = fuzz(target, 60, 2, read_kept(tmp_path, target))
    assert (again.failing, again.inputs) == (b"abc", 1)


def test_same_seed_is_the_same_run() -> None:
    seen: list[bytes] = []
    target = Target("told", lambda data: seen.append(data), (b"seed",), is_guided=False)
    runs = []
    for _ in range(2):
        seen.clear()
        fuzz(target, 0.2, 7)
        runs.append(seen[:100])
    assert runs[0] == runs[1]


def test_line_that_was_not_run_before_is_worth_keeping() -> None:
    found = fuzz(TARGETS["envelope"], 2, 3)
    assert len(found.corpus) > len(found.target.seeds)


def _count(calls: list[int]) -> int:
    calls.append(0)
    return len(calls)


def test_judge_objects_to_what_no_parser_may_do() -> None:
    calls: list[int] = []

    def refuse_oddly(_data: bytes) -> object:
        raise RefusedError("no-such-problem")

    for read, complaint in ((lambda _: _count(calls), "two readings"), (refuse_oddly, "no problem that anybody knows")):
        with pytest.raises(AssertionError, match=complaint):
            judge(Target("odd", read, (b"",)), b"")
    with pytest.raises(AssertionError, match="bytes of memory"):
        judge_memory(Target("large", lambda _: len(bytes(50_000_000)), (b"",)), b"x")
    with pytest.raises(ZeroDivisionError):
        judge(Target("broken", lambda _: 1 // 0, (b"",)), b"")


def test_run_tells_what_it_did() -> None:
    assert Run(TARGETS["cbor"], []).inputs == 0
