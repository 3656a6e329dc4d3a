"""What a monitor asks: counted by every process, added up over all of them, told in Prometheus' text format.

Each is one name with few labels, and none of them names a party, a lot or a person. What stands in the database (size,
age of the checkpoint, lots that wait) is read when it is asked for. Under gunicorn the processes keep their numbers in
files of `VAR_DIR/metrics` (`api/gunicorn.conf.py`); else they are those of this process alone.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from api.database import Database
from keys.errors import RefusedError
from labs.casework.register import count_stale
from trace.intake import Outcome
from trace.ledger.store import latest_checkpoint

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# From a statement alone in its batch to a slow disk under a full one; from a cached page to a printed trace.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_registry = CollectorRegistry()
_requests = Counter(
    "suzheng_http_requests", "Requests answered, by route and status.", ("endpoint", "status"), registry=_registry
)
_request_seconds = Histogram(
    "suzheng_http_request_seconds", "Time to answer a request.", ("endpoint",), buckets=_SECONDS, registry=_registry
)
_problems = Counter("suzheng_problems", "Requests answered with a problem, by code.", ("code",), registry=_registry)
_statements = Counter("suzheng_statements", "Statements accepted and new.", registry=_registry)
_refusals = Counter("suzheng_refusals", "Statements that the door refused, by code.", ("code",), registry=_registry)
_batch = Histogram(
    "suzheng_batch_statements",
    "Statements in a batch that was appended.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
    registry=_registry,
)
_append_seconds = Histogram(
    "suzheng_append_seconds", "Time from a batch's start to its commit.", buckets=_SECONDS, registry=_registry
)
_publish_seconds = Histogram(
    "suzheng_publish_seconds", "Time to write the tiles that a batch completed.", buckets=_SECONDS, registry=_registry
)
_queue = Gauge(
    "suzheng_queue_statements",
    "Statements that wait to be appended.",
    multiprocess_mode="livesum",
    registry=_registry,
)


def count_request(endpoint: str | None, status: int, seconds: float, problem: str | None) -> None:
    """One request answered. `endpoint` is the route's name, None where there is none: never the address."""
    name = endpoint or "none"
    _requests.labels(name, str(status)).inc()
    _request_seconds.labels(name).observe(seconds)
    if problem is not None:
        _problems.labels(problem).inc()


def count_refusal(code: str) -> None:
    """One statement that the door refused."""
    _refusals.labels(code).inc()


def count_outcomes(outcomes: Iterable[Outcome]) -> int:
    """Count a batch's outcomes by what became of them; returns how many statements are new."""
    fresh = 0
    for outcome in outcomes:
        if isinstance(outcome, RefusedError):
            count_refusal(outcome.code)
        elif outcome.is_new:
            fresh += 1
    _statements.inc(fresh)
    return fresh


def observe_batch(size: int, seconds: float) -> None:
    """A batch of `size` new statements was committed, `seconds` after its start."""
    _batch.observe(size)
    _append_seconds.observe(seconds)


def observe_publish(seconds: float) -> None:
    """A batch's tiles were written."""
    _publish_seconds.observe(seconds)


def set_queue(depth: int) -> None:
    """So many statements wait in this process."""
    _queue.set(depth)


def tell_metrics(database: Database, at: datetime) -> bytes:
    """All metrics as of `at` (UTC), in Prometheus' text format."""
    told = _registry
    if values.ValueClass.__name__ == "MmapedValue":
        told = CollectorRegistry()
        MultiProcessCollector(told)  # type: ignore[no-untyped-call]
    stored = CollectorRegistry()
    stored.register(_Stored(database, at))
    return bytes(generate_latest(told) + generate_latest(stored))


class _Stored(Collector):
    """What the database says of itself."""

    def __init__(self, database: Database, at: datetime) -> None:
        self._database, self._at = database, at

    def collect(self) -> Iterator[Metric]:
        with self._database.reading() as session:
            last, waiting = latest_checkpoint(session), count_stale(session, self._at)
        yield GaugeMetricFamily("suzheng_ledger_size", "Entries in the ledger.", last.size if last is not None else 0)
        yield GaugeMetricFamily("suzheng_lots_waiting", "Lots that wait to be judged again.", waiting)
        if last is not None:
            age = (self._at - last.recorded_at).total_seconds()
            yield GaugeMetricFamily("suzheng_checkpoint_age_seconds", "Since the last signed checkpoint.", age)
