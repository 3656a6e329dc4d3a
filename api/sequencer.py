"""Group commit: requests that wait at the same time are let in together, and pay for one commit.

Whoever comes while nobody commits has the database's write lock taken, takes all that waits by then, in the order of
coming, and commits for everybody; the others wait until their own is done. So there is no thread to keep alive, a
request that is alone waits for nobody, and the busier it is the larger the batches. Each worker has one of these; among
workers the write lock decides (`api/turn.py`, or the head's row on PostgreSQL).

1. What waits is bounded, in statements and in bytes: beyond it a request is refused with `too-busy`, at once.
2. A group is never divided between two commits, and its outcomes come when its commit is durable.
3. What refuses a commit as a whole refuses each of its groups.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from keys.errors import RefusedError
from trace.intake import MAX_BATCH, Outcome, Prepared

Group = Sequence[Prepared | RefusedError]
Take = Callable[[], Group]
"""What is to be let in, in order; asked for once, when nobody else can write any more."""
# Ours to choose: some seconds of work, and memory that no machine misses.
MOST_WAITING, MOST_WAITING_BYTES = 5 * MAX_BATCH, 32 * 1024 * 1024
# When a refused client does well to come again.
RETRY_AFTER_S = 1
# How long a commit waits for those whose statements are being read and verified at this moment.
_PATIENCE_S = 0.005
_GLANCE_S = 0.0005


@dataclass(eq=False)
class _Ticket:
    """A group's place in the queue. Whoever commits it writes it, `is_done` last; its own thread reads it after that.

    `wake` is set when it is done, and when it is its thread's turn to commit.
    """

    group: Group
    size_bytes: int
    wake: threading.Event = field(default_factory=threading.Event)
    is_done: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    error: BaseException | None = None


class Sequencer:
    """The queue of one process. `commit` lets in what it takes, and returns the outcomes when they are durable."""

    def __init__(
        self, commit: Callable[[Take], list[Outcome]], observe: Callable[[int], None] = lambda waiting: None
    ) -> None:
        self._commit, self._observe = commit, observe
        # Guards what is below. Held for a moment only, never while committing.
        self._lock = threading.Lock()
        self._queue: deque[_Ticket] = deque()
        self._statements, self._bytes = 0, 0
        self._coming = self._beside = 0
        self._is_committing = False

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Around what comes before `submit`: a commit that is about to begin waits a moment for it."""
        with self._lock:
            self._coming += 1
        try:
            yield
        finally:
            with self._lock:
                self._coming -= 1

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Around what is let in past the queue, from its reading to its commit: nobody waits for it, but it is busy."""
        with self._lock:
            self._beside += 1
        try:
            yield
        finally:
            with self._lock:
                self._beside -= 1

    @property
    def is_busy(self) -> bool:
        """Is anybody coming, waiting to be let in, or being let in?"""
        return self._is_committing or bool(self._queue or self._coming or self._beside)

    def submit(self, group: Group) -> list[Outcome]:
        """The outcomes of a group, final when this returns. Raises RefusedError `too-busy`, or what refused the
        commit.
        """
        ticket = self._enter(group)
        while not ticket.is_done:
            if self._lead():
                self._commit_next()
            else:
                ticket.wake.wait()
                ticket.wake.clear()
        if isinstance(ticket.error, RefusedError):
            # Each thread raises one of its own: an exception gathers the places that it passes.
            raise RefusedError(ticket.error.code, **ticket.error.facts) from ticket.error
        if ticket.error is not None:
            raise ticket.error
        return ticket.outcomes

    def _enter(self, group: Group) -> _Ticket:
        size_bytes = sum(len(each.statement.to_bytes()) for each in group if isinstance(each, Prepared))
        with self._lock:
            # Whoever comes to an empty queue is let in whatever its size: requests are bounded elsewhere.
            if self._queue and (
                self._statements + len(group) > MOST_WAITING or self._bytes + size_bytes > MOST_WAITING_BYTES
            ):
                raise RefusedError(
                    "too-busy",
                    expected=f"at most {MOST_WAITING} statements waiting",
                    got=self._statements,
                    retry_after_s=RETRY_AFTER_S,
                )
            ticket = _Ticket(group, size_bytes)
            self._queue.append(ticket)
            self._count(len(group), size_bytes)
        return ticket

    def _lead(self) -> bool:
        """Is it the caller's turn to commit? Not while somebody else does, who will wake the next."""
        with self._lock:
            is_leader = not self._is_committing and bool(self._queue)
            self._is_committing = self._is_committing or is_leader
        return is_leader

    def _commit_next(self) -> None:
        batch: list[_Ticket] = []

        def take() -> Group:
            batch.extend(self._take())
            return [each for ticket in batch for each in ticket.group]

        self._wait_for_those_who_come()
        try:
            outcomes = self._commit(take)
            for ticket in batch:
                ticket.outcomes, outcomes = outcomes[: len(ticket.group)], outcomes[len(ticket.group) :]
        except BaseException as error:
            batch.extend(self._take() if not batch else ())
            for ticket in batch:
                ticket.error = error
            if not isinstance(error, Exception):
                raise
        finally:
            self._hand_on()
            for ticket in batch:
                ticket.is_done = True
                ticket.wake.set()

    def _take(self) -> list[_Ticket]:
        with self._lock:
            batch: list[_Ticket] = []
            statements = 0
            while self._queue and (not batch or statements + len(self._queue[0].group) <= MAX_BATCH):
                ticket = self._queue.popleft()
                batch.append(ticket)
                statements += len(ticket.group)
                self._count(-len(ticket.group), -ticket.size_bytes)
            return batch

    def _wait_for_those_who_come(self) -> None:
        until = time.monotonic() + _PATIENCE_S
        while self._coming and time.monotonic() < until:
            time.sleep(_GLANCE_S)

    def _hand_on(self) -> None:
        """Let the first of those that wait commit for the next batch."""
        with self._lock:
            self._is_committing = False
            if self._queue:
                self._queue[0].wake.set()

    def _count(self, statements: int, size_bytes: int) -> None:
        self._statements += statements
        self._bytes += size_bytes
        self._observe(self._statements)
