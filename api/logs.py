"""What the service says of its own work, on stderr: a line an event, for people or, with LOG_FORMAT=json, for programs.

An event has a stable name and facts. It names no person, no client's address, no key and no body: what happened to the
material stands in the ledger, and who looked at what stands nowhere.
"""

import json
import logging
import sys
from datetime import UTC, datetime

FORMATS = ("text", "json")
# Flask's own logger for an application of this name, so that one handler serves both.
LOGGER = logging.getLogger("api")
Fact = str | int | float | bool | None


class Lines(logging.Formatter):
    """A record as one line. With `is_json` an object: time (UTC), level, event, its facts, and error where one is."""

    def __init__(self, *, is_json: bool) -> None:
        super().__init__()
        self.is_json = is_json

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever stands in the message; but a traceback for people keeps its lines."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        level, event = record.levelname.lower(), record.getMessage()
        facts: dict[str, Fact] = getattr(record, "facts", {})
        error = self.formatException(record.exc_info) if record.exc_info else None
        if self.is_json:
            told: dict[str, Fact] = {"time": at, "level": level, "logger": record.name, "event": event}
            return json.dumps(told | facts | ({"error": error} if error else {}), ensure_ascii=False)
        line = " ".join([at, level, event.replace("\n", " "), *(f"{name}={value}" for name, value in facts.items())])
        return f"{line}\n{error}" if error else line


def log(event: str, **facts: Fact) -> None:
    """Say that something happened, at level info."""
    LOGGER.info(event, extra={"facts": facts})


def set_up_logs(log_format: str, level: str) -> None:
    """Send what is said from now on to stderr. `level` is one of logging's names, in any case.

    Ends the process with one line where either setting is none of those that there are.
    """
    if log_format not in FORMATS:
        raise SystemExit(f"LOG_FORMAT: expected {' or '.join(FORMATS)}, got {log_format[:20]}")
    if level.upper() not in logging.getLevelNamesMapping():
        raise SystemExit(f"LOG_LEVEL: expected debug, info, warning, error or critical, got {level[:20]}")
    handler = _Stderr()
    handler.setFormatter(Lines(is_json=log_format == "json"))
    LOGGER.handlers[:] = [handler]
    LOGGER.propagate = False
    LOGGER.setLevel(level.upper())


def gunicorn_config(level: str) -> dict[str, object]:
    """gunicorn's own lines as JSON too, in the shape that `logging.config` reads."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "api.logs.Lines", "is_json": True}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {"gunicorn.error": {"handlers": ["stderr"], "level": level.upper(), "propagate": False}},
    }


class _Stderr(logging.StreamHandler):  # type: ignore[type-arg]
    """Whatever stderr is when something is said, not what it was at the start."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)
