"""The ledger's own policy, `POLICY_FILE`: which witnesses it asks, and when a checkpoint counts as witnessed."""

import logging
from functools import lru_cache
from pathlib import Path

from sqlalchemy.orm import Session

from api.settings import Settings
from keys.errors import RefusedError
from trace.ledger.cosigned import find_cosigned
from trace.ledger.note import parse_note
from trace.ledger.policy import Policy, check_operators, judge_note
from trace.ledger.policy_text import parse_policy
from trace.ledger.store import Checkpoint

_log = logging.getLogger(__name__)


def read_policy(settings: Settings) -> Policy | None:
    """The policy of this ledger; None where it has none. Raises RefusedError `policy-malformed`, OSError."""
    return load_policy(settings.policy_path) if settings.policy_path is not None else None


def load_policy(path: Path) -> Policy:
    """The policy of a file, in which no operator counts twice. Raises RefusedError `policy-malformed`, OSError."""
    try:
        return _parse(path.read_bytes())
    except RefusedError as error:
        where = f"{path.name}, {error.facts.get('where', 'the policy')}"
        raise RefusedError(error.code, **(error.facts | {"where": where})) from error


def find_witnessed(settings: Settings, session: Session) -> Checkpoint | None:
    """The newest checkpoint that meets the policy of this ledger; None where none does, or nobody is asked for.

    A policy that can't be read is met by none, and said so in the log: proofs are to be had without it.
    """
    if settings.policy_path is None:
        return None
    try:
        data = settings.policy_path.read_bytes()
        policy = _parse(data)
    except (RefusedError, OSError) as error:
        _log.warning("no checkpoint counts as witnessed: %s", error)
        return None
    if not policy.operators:
        return None
    return find_cosigned(session, lambda note: _is_met(data, note))


@lru_cache(maxsize=4)
def _parse(data: bytes) -> Policy:
    """The file is read for every question, so that a change counts at once; it is understood once."""
    return check_operators(parse_policy(data))


@lru_cache(maxsize=256)
def _is_met(data: bytes, note: str) -> bool:
    """The same note is judged for every proof that is asked for: a millisecond with an ML-DSA-44 signature or two."""
    return judge_note(_parse(data), parse_note(note.encode())).is_met
