"""A draw as pages, JSON and command show it: what was announced, what it picks, and the evidence to check it by.

`read_told` reads back what `/api/v1/draws/{entry}` answers, which may come from anybody: nothing of it is believed.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from keys.errors import RefusedError
from labs.drawing.checking import Evidence
from labs.drawing.draw import Pick
from labs.drawing.register import Draw, complete_draws, read_draws
from trace.ledger.note import parse_note
from trace.ledger.shelf import show_consistency, show_inclusion
from trace.ledger.store import read_entry
from trace.ledger.tree_head import read_head


@dataclass(frozen=True, slots=True)
class Shown:
    """A draw on record, with its evidence."""

    draw: Draw
    evidence: Evidence


def show_draw(session: Session, entry: int) -> Shown:
    """The draw that an entry announces. Raises RefusedError `not-found`."""
    draws = complete_draws(session, read_draws(session, (), (entry,)))
    if not draws:
        raise RefusedError("not-found", where="draws", expected="an entry that announces a draw", got=entry)
    (draw,) = draws
    included = show_inclusion(session, entry, None)
    is_known = draw.root is not None
    path = show_consistency(session, draw.ledger_size, included.size).path if is_known else ()
    statement = read_entry(session, entry).statement
    # The newest size is that of a checkpoint.
    note = included.note or ""
    head = included.root
    picks = draw.picks if is_known else None
    return Shown(draw, Evidence(entry, statement, note, included.size, head, draw.root, included.path, path, picks))


def read_told(told: Mapping[str, Any]) -> Evidence:
    """The evidence in an answer of `/api/v1/draws/{entry}`. Raises RefusedError `draw-invalid` for another shape."""
    try:
        head = read_head(parse_note(told["checkpoint"].encode()).text)
        return Evidence(
            entry=_whole(told["entry"]),
            statement=base64.b64decode(told["statement"], validate=True),
            note=told["checkpoint"],
            size=head.size,
            head=head.root,
            root=bytes.fromhex(told["root"]) if told["root"] is not None else None,
            inclusion=tuple(map(bytes.fromhex, told["inclusion"])),
            consistency=tuple(map(bytes.fromhex, told["consistency"])),
            picks=tuple(Pick(str(one["lot"]), _whole(one["metre"])) for one in told["picks"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        expected = "what /api/v1/draws/{entry} answers"
        raise RefusedError("draw-invalid", where="the evidence", expected=expected, got=repr(error)[:80]) from error


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(f"no whole number: {value!r}")
    return value
