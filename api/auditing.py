"""An audit on all cores: stretches of the log looked through by processes of their own, and reported on in order.

Each process reads with a connection of its own and is told the terms once. They are started afresh (`spawn`), never
forked: a fork would copy the connections of this one, and whatever its threads hold.
"""

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.orm import Session

from api.database import Database
from trace.ledger.audit import Look
from trace.ledger.rowcheck import Terms
from trace.ledger.span import Report, Span, check_span

# Stretches asked for ahead of the one that is waited for, for each process: none is idle, and no work is done far
# beyond a fault.
_AHEAD = 2


@contextmanager
def looking_by_processes(url: str, processes: int) -> Iterator[Look]:
    """A way for `trace.audit.audit` to look, with up to so many processes; they end with the block.

    Raises BrokenProcessPool where one of them dies.
    """
    pools: list[ProcessPoolExecutor] = []

    def look(spans: Iterable[Span], terms: Terms) -> Iterator[Report]:
        pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin, (url, terms))
        pools.append(pool)
        waiting: deque[Future[Report]] = deque()
        coming = iter(spans)
        while True:
            waiting.extend(pool.submit(_look, span) for span in islice(coming, processes * _AHEAD - len(waiting)))
            if not waiting:
                return
            yield waiting.popleft().result()

    try:
        yield look
    finally:
        for pool in pools:
            pool.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Place:
    """What one process works with."""

    session: Session
    terms: Terms


_place: _Place | None = None


def _begin(url: str, terms: Terms) -> None:
    # Ctrl-C is for the process that was started; it ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    global _place
    _place = _Place(Session(Database(url).engine), terms)


def _look(span: Span) -> Report:
    assert _place is not None  # noqa: S101 - the pool has begun with it
    try:
        return check_span(_place.session, span, _place.terms)
    finally:
        # Each stretch in a transaction of its own: a long one would keep SQLite's log from being folded in.
        _place.session.rollback()
