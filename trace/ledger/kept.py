"""What registers say of those who speak, kept in memory for as long as the ledger has not grown.

    @kept_by(lambda ban: ban.party, lambda ban: ban.entry)
    def read_bans(session, parties): …

Registers are a function of the ledger: at the same size they say the same. So what was read at a size holds for every
session that finds that size, and is forgotten with the first that finds another. It suits what many lots have in common
(parties, keys, bans, accreditations, contracts), whose rows each verdict would ask for and freeze again.

1. The size is read first, so that what is kept under it is at least as new.
2. A session that may write keeps nothing: only those with a `Kept` in their `info` do (`KEPT`).
3. Facts are frozen values, never rows.
"""

from collections.abc import Callable, Collection, Iterable
from functools import wraps
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from trace.ledger.asking import KEPT, is_noting
from trace.ledger.store import size_of

F = TypeVar("F")
K = TypeVar("K")
_FOUND = "facts kept at the size that this session found"
# Ours to choose: some hundred bytes each; a district has fewer parties and contracts.
_MOST_KEYS = 20_000
Reader = Callable[[Session, Collection[K]], Iterable[F]]
Facts = dict[str, dict[Any, tuple[Any, ...]]]


class Kept:
    """The facts of one ledger at its newest size, by who read them and by key. Threads may share it."""

    def __init__(self) -> None:
        self._lock, self._size, self._facts = Lock(), -1, Facts()

    def at(self, size: int) -> Facts:
        """Those of a ledger of this size; of an older one none are kept."""
        with self._lock:
            if size > self._size:
                self._size, self._facts = size, Facts()
            return self._facts if size == self._size else Facts()


def kept_by(
    key_of: Callable[[Any], K], order: Callable[[Any], Any]
) -> Callable[[Reader[K, F]], Callable[[Session, Collection[K]], tuple[F, ...]]]:
    """Keep what a reader `(session, keys) -> facts` finds for each key; `key_of` tells whose a fact is, `order` where
    it comes among others.
    """

    def keep(read: Reader[K, F]) -> Callable[[Session, Collection[K]], tuple[F, ...]]:
        @wraps(read)
        def look(session: Session, keys: Collection[K]) -> tuple[F, ...]:
            if is_noting(session):
                unknown = _unknown(session, read.__qualname__, keys)
                return tuple(read(session, unknown)) if unknown else ()
            facts = _facts_of(session)
            if facts is None:
                return tuple(read(session, keys))
            told = facts.setdefault(read.__qualname__, {})
            found = {key: told[key] for key in keys if key in told}
            missing = set(keys) - found.keys()
            if missing:
                fresh: dict[K, tuple[F, ...]] = dict.fromkeys(missing, ())
                for fact in read(session, missing):
                    fresh[key_of(fact)] += (fact,)
                found |= fresh
                if len(told) < _MOST_KEYS:
                    told.update(fresh)
            return tuple(sorted((fact for of_key in found.values() for fact in of_key), key=order))

        return look

    return keep


def _unknown(session: Session, reader: str, keys: Collection[K]) -> Collection[K]:
    """The keys that nothing is kept for. Before the size is known that can't be told, and it is taken for none."""
    told = session.info[_FOUND].get(reader, {}) if _FOUND in session.info else dict.fromkeys(keys)
    return [key for key in keys if key not in told]


def note_size(session: Session) -> None:
    """What is asked before the first fact that may be kept; for `asking.ask_ahead`."""
    if _FOUND not in session.info:
        size_of(session)


def _facts_of(session: Session) -> Facts | None:
    kept: Kept | None = session.info.get(KEPT)
    if kept is None:
        return None
    facts: Facts | None = session.info.get(_FOUND)
    if facts is None:
        facts = session.info[_FOUND] = kept.at(size_of(session))
    return facts
