"""Asking one witness to sign the newest checkpoint, and what to make of a witness that will not.

A witness that is behind is normal: it gets the proof from its size. One that says it is ahead, or on another tree, is
asked for the checkpoint that it holds (tlog-witness, "Monitor Retrieval Mechanism"). Only where **this ledger's own
key** has signed that one, and the database does not contain it, has the ledger two histories: then it is kept, and
nothing is appended any more (`api/anchor.py`). A witness that lies, or can't show what it claims, is one witness less
and no more.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from api.anchor import keep_contradiction
from api.shell import Shell
from api.witnessing.client import PATIENCE_SECONDS, ask
from keys.errors import RefusedError
from trace.ledger.anchor import check_continues
from trace.ledger.checkpoint import read_note
from trace.ledger.cosigned import keep_cosignatures, last_cosigned
from trace.ledger.note import parse_note
from trace.ledger.policy import Party
from trace.ledger.shelf import show_consistency
from trace.ledger.signature import Signed
from trace.ledger.store import latest_checkpoint
from trace.ledger.tree_head import read_size
from trace.ledger.witness import read_answer, write_request

_log = logging.getLogger(__name__)
# Once with what we think it knows, once with what it says; a third time where somebody else asked in between.
_MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest checkpoint, and the last that a witness has signed: its size and when (0 for never)."""

    size: int
    note: str
    known: int
    time: int


def read_standing(shell: Shell, parties: Sequence[Party]) -> Standing | None:
    """Where a witness stands, by what it has given us; None while the ledger is empty."""
    with shell.database.reading() as session:
        latest = latest_checkpoint(session)
        if latest is None:
            return None
        known, time = max(last_cosigned(session, party.key) for party in parties)
        return Standing(latest.size, latest.note, known, time)


def collect(shell: Shell, url: str, parties: Sequence[Party]) -> list[Signed]:
    """Have the newest checkpoint signed by the witness at `url`, and keep what it gives.

    Raises RefusedError: `witness-unreachable`, `cosignature-refused`, `cosignature-missing`, `note-malformed`,
    `note-signature-invalid`; `ledger-forked` where the witness has shown that the ledger has two histories.
    """
    standing = read_standing(shell, parties)
    if standing is None:
        raise RefusedError("not-founded", expected="a ledger with a checkpoint")
    known = standing.known
    for _ in range(_MOST_TRIES):
        answer = ask("POST", url, "add-checkpoint", _write(shell, standing, known))
        if answer.status == 200:
            signed = read_answer(answer.body, parse_note(standing.note.encode()), [party.key for party in parties])
            with shell.database.writing() as session:
                keep_cosignatures(session, standing.size, signed)
            return signed
        told = _read_size(answer.body) if answer.status == 409 else None
        if told is None or told > standing.size or told == known:
            break
        known = told
    look_back(shell, url)
    said = " ".join(answer.body[:120].decode("utf-8", "replace").split())
    raise RefusedError("cosignature-refused", where=url, expected=f"{standing.size} entries signed", got=said)


def look_back(shell: Shell, url: str, patience_s: float = PATIENCE_SECONDS) -> None:
    """Hold the checkpoint that a witness has of this ledger against the database.

    Quiet where the witness has none, shows none or shows one that is contained. Raises RefusedError `ledger-forked`, or
    `witness-unreachable`.
    """
    origin, key = shell.registry.origin, shell.registry.ledger_key
    answer = ask("GET", url, f"{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint", patience_s=patience_s)
    if answer.status != 200:
        return
    note = answer.body.decode("utf-8", "replace")
    try:
        read_note(note, origin, key)
    except RefusedError as error:
        # Whoever can stop a registry by saying something unsigned will.
        _log.warning("%s shows a checkpoint that this ledger has not signed: %s", url, error)
        return
    with shell.database.reading() as session:
        try:
            check_continues(session, note, origin, key)
        except RefusedError as error:
            # Any other refusal says that the database could not be asked.
            if error.code != "ledger-rolled-back":
                raise
            if keep_contradiction(shell.settings, note):
                raise RefusedError("ledger-forked", **({"where": url} | error.facts)) from error


def _write(shell: Shell, standing: Standing, known: int) -> bytes:
    if known == 0:
        return write_request(0, (), standing.note)
    with shell.database.reading() as session:
        return write_request(known, show_consistency(session, known, standing.size).path, standing.note)


def _read_size(body: bytes) -> int | None:
    try:
        return read_size(body.decode("ascii").removesuffix("\n"))
    except ValueError:
        return None
