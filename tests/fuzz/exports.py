"""Targets for whole ledgers as text: brought in, and laid out and audited."""

from contextlib import suppress
from functools import cache

from api.database import Database
from tests import databases
from tests.fuzz.api import application
from tests.fuzz.target import Target
from tests.world import ORIGIN, World
from trace.audit import Depth, audit, import_ledger
from trace.ledger.export import write_ledger
from trace.ledger.importing import import_log
from trace.ledger.layout import lay_out
from trace.ledger.store import size_of


class _UndoError(Exception):
    """Takes what was brought in back."""


@cache
def _scratch() -> Database:
    """An empty database that every run starts from."""
    return _open("scratch")


def _open(name: str) -> Database:
    url = f"sqlite:///{application().extensions['fuzz-folder'].name}/{name}.sqlite3"
    databases.migrate(url)
    return Database(url)


def _import(data: bytes) -> object:
    lines = iter(data.splitlines(keepends=True))
    catalogue = application().extensions["suzheng"].house.catalogue
    entries = 0
    with suppress(_UndoError), _scratch().writing() as session:
        entries = import_ledger(session, lines, catalogue=catalogue, progress=lambda *_: None)
        raise _UndoError
    return entries


def _verify(data: bytes) -> object:
    """As `flask ledger verify FILE` does."""
    catalogue = application().extensions["suzheng"].house.catalogue
    found = None
    with suppress(_UndoError), _scratch().writing() as session:
        opening = lay_out(session, iter(data.splitlines(keepends=True)))
        session.flush()
        found = audit(session, depth=Depth.SIGNATURES, catalogue=catalogue, progress=lambda *_: None)
        if found.is_sound:
            # The first line's origin is compared by the command; all else has one spelling, so it is the true ledger's.
            lines = data.splitlines(keepends=True)[1:]
            assert opening.entries == found.entries
            assert lines == _LINES[1 : len(lines) + 1], "a forged ledger is sound"
        raise _UndoError
    return found


def _write_export() -> bytes:
    """A ledger of two entries: what an import costs grows with what it believes before it refuses."""
    database = _open("small")
    World.found(database, cast=("regulator", "owner"))
    with database.reading() as session:
        return "".join(write_ledger(session, ORIGIN, size_of(session))).encode()


_EXPORT = _write_export()
_LINES = _EXPORT.splitlines(keepends=True)
_WORDS = (
    *(b"\t", b"\n", b"sha-256:", b"add-item", b"append-entry", b"assert-root-hash", b"2014-07-01T01:00:00Z"),
    *(b"oGEB", b"0oRA", b"/w=="),
)
TARGETS = (
    Target("ledger-import", _import, (_EXPORT,), _WORDS, (import_log,), is_guided=False),
    Target("ledger-verify", _verify, (_EXPORT,), (*_WORDS, *_LINES), (lay_out,), is_guided=False),
)
