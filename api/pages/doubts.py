"""How pages show what is not believed: struck out wherever it is evidence, and never left out.

A page asks once for the entries that it names; the macros then mark each of them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from flask import Flask, g
from sqlalchemy.orm import Session

from api.words import show
from trace.days import CHINA, civil_day
from trace.doubts import read_doubts
from trace.parties.belief import Doubt
from trace.parties.register import Key


class Recorded(Protocol):
    """Any fact with the entry that said it."""

    @property
    def entry(self) -> int: ...


def register_doubts(app: Flask) -> None:
    """Hand templates what the macros ask for."""
    app.jinja_env.globals.update(doubt_of=doubt_of, key_state=key_state, show_since=show_since)


def note_doubts(session: Session, positions: Iterable[int]) -> None:
    """Look up which of a page's entries are not believed, for the macros to mark."""
    keep_doubts(read_doubts(session, set(positions)))


def keep_doubts(doubts: Mapping[int, Doubt]) -> None:
    """Take what somebody has looked up already."""
    g.doubts = {**g.get("doubts", {}), **doubts}


def doubt_of(entry: int) -> Doubt | None:
    """Why an entry is not believed, as far as this page has asked."""
    doubt: Doubt | None = g.get("doubts", {}).get(entry)
    return doubt


def key_state(key: Key, at: datetime) -> str:
    """compromised, vouched (by a thief), replaced, revoked, expired or in_use: the gravest that is true at `at`."""
    if key.is_inherited:
        return "vouched"
    if key.compromised_since is not None:
        return "compromised"
    if key.revoked_at is not None:
        return "replaced" if key.replaced_by is not None else "revoked"
    return "expired" if key.valid_to is not None and key.valid_to < civil_day(at) else "in_use"


def show_since(at: datetime) -> str:
    """A day where it begins with midnight in China, else day and time."""
    local = at.astimezone(CHINA)
    return show(local.date()) if (local.hour, local.minute) == (0, 0) else show(at)
