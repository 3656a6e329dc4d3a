"""The last checkpoint that was signed, kept in VAR_DIR as well as in the database, so that the two can contradict each
other.

    VAR_DIR/ledger/checkpoint          the signed note of the newest checkpoint that was committed
    VAR_DIR/ledger/checkpoint.lock     held while it is compared and replaced
    VAR_DIR/ledger/contradiction       a checkpoint of ours that a witness showed and the database lacks; mostly absent

1. It is written after each commit, so it never says more than the database has held.
2. Several processes write it: under the lock, and only by a larger checkpoint. One that dies before leaves an older
   one, which is as true.
3. Nothing is appended to a database that does not contain it (`trace.ledger.anchor`).
4. It is replaced by a smaller one only by `give_up`, on an operator's word, and is kept beside then.
5. The word of a witness alone stops nothing: `contradiction` is signed by this ledger's own key, or it is not written.
   It stays until the database contains it, or an operator gives it up.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from api.files import write_whole
from api.settings import Settings
from keys.errors import RefusedError
from keys.keyring import PublicKey
from trace.ledger.anchor import check_continues

_log = logging.getLogger(__name__)


def check_anchor(settings: Settings, session: Session, origin: str, key: PublicKey) -> None:
    """Refuse to go on with a database that does not contain the kept checkpoint, or one that a witness has shown.

    Raises RefusedError `ledger-rolled-back` or `ledger-forked`.
    """
    note = read_anchor(settings)
    if note is not None:
        check_continues(session, note, origin, key)
    shown = read_contradiction(settings)
    if shown is not None:
        try:
            check_continues(session, shown, origin, key)
        except RefusedError as error:
            raise RefusedError("ledger-forked", **error.facts) from error


def read_anchor(settings: Settings) -> str | None:
    """The kept note; None before the first."""
    try:
        return settings.anchor_path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None


def read_contradiction(settings: Settings) -> str | None:
    """The checkpoint of ours that a witness showed and the database lacked; None where there was none."""
    try:
        return settings.contradiction_path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None


def keep_contradiction(settings: Settings, note: str) -> bool:
    """Keep a checkpoint that this ledger has signed and does not contain; the caller has seen to both.

    False for a tree that an operator has given up before. Raises OSError.
    """
    aside = _aside(settings.contradiction_path, note)
    if aside.exists() and aside.read_text(encoding="utf-8").partition("\n\n")[0] == note.partition("\n\n")[0]:
        return False
    with _locked(settings):
        write_whole(settings.contradiction_path, [note.encode()])
    return True


def give_up_contradiction(settings: Settings) -> Path | None:
    """Put the checkpoint that a witness showed aside; returns where it lies now, or None where there was none."""
    with _locked(settings):
        note = read_contradiction(settings)
        if note is None:
            return None
        aside = _aside(settings.contradiction_path, note)
        write_whole(aside, [note.encode()])
        settings.contradiction_path.unlink()
    return aside


def keep_anchor(settings: Settings, note: str | None) -> None:
    """Keep the note of a committed checkpoint, unless one as large is kept already. Never raises OSError."""
    kept = read_anchor(settings)
    if note is None or (kept is not None and _size_of(kept) >= _size_of(note)):
        return
    # The entries are committed and will be acknowledged: an older kept checkpoint is weaker, but no less true.
    try:
        with _locked(settings):
            kept = read_anchor(settings)
            if kept is None or _size_of(kept) < _size_of(note):
                write_whole(settings.anchor_path, [note.encode()])
    except OSError as error:
        _log.warning("checkpoint not kept in %s: %s", settings.anchor_path.parent, error)


def give_up(settings: Settings, note: str | None) -> Path | None:
    """Put the kept note aside, and `note` in its place; returns where it lies now, or None where there was none."""
    with _locked(settings):
        kept = read_anchor(settings)
        if kept is None:
            return None
        aside = _aside(settings.anchor_path, kept)
        write_whole(aside, [kept.encode()])
        if note is None:
            settings.anchor_path.unlink()
        else:
            write_whole(settings.anchor_path, [note.encode()])
    return aside


def _aside(path: Path, note: str) -> Path:
    return path.with_name(f"{path.name}.given-up.{_size_of(note)}")


def _size_of(note: str) -> int:
    """The size that a note of our own names; 0 for what is none, so that a true one replaces it."""
    lines = note.split("\n")
    return int(lines[1]) if len(lines) > 1 and lines[1].isdecimal() else 0


@contextmanager
def _locked(settings: Settings) -> Iterator[None]:
    folder = settings.anchor_path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "checkpoint.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        # By open file, so that it keeps threads of one process apart too.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
