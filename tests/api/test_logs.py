"""A line an event, on whatever stderr is; as JSON an object that a program can read back."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest

from api.logs import LOGGER, Lines, log, set_up_logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = (LOGGER.handlers[:], LOGGER.propagate, LOGGER.level)
    yield
    LOGGER.handlers[:], LOGGER.propagate = before[0], before[1]
    LOGGER.setLevel(before[2])


def test_an_event_is_an_object_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json", "info")
    log("batch.accepted", statements=3, seconds=0.25)
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert told.pop("time").endswith("Z")
    assert told == {"level": "info", "logger": "api", "event": "batch.accepted", "statements": 3, "seconds": 0.25}


def test_for_people_it_is_a_line_with_its_facts(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("text", "INFO")
    log("batch.accepted", statements=3)
    assert capsys.readouterr().err.rstrip().endswith(" info batch.accepted statements=3")


def test_below_its_level_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json", "warning")
    log("batch.accepted", statements=3)
    assert capsys.readouterr().err == ""


def test_an_error_keeps_to_its_line_with_its_traceback() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = logging.LogRecord("api", logging.ERROR, __file__, 1, "unexpected\nerror", (), sys.exc_info())
    line = Lines(is_json=True).format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert told["event"] == "unexpected\nerror"
    assert told["error"].splitlines()[-2:] == ["ValueError: two", "lines"]


def test_a_message_for_people_forges_no_second_line() -> None:
    record = logging.LogRecord("api", logging.INFO, __file__, 1, "first\n2026-01-01 info second", (), None)
    assert "\n" not in Lines(is_json=False).format(record)


@pytest.mark.parametrize(("log_format", "level"), [("xml", "info"), ("json", "loud")])
def test_a_setting_that_is_none_ends_the_start(log_format: str, level: str) -> None:
    with pytest.raises(SystemExit, match="expected"):
        set_up_logs(log_format, level)
