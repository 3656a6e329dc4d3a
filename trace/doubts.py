"""Which entries are not believed any more: recorded, shown, and counted for nothing.

Registers hold what was said, for good. Whether it is believed can change long afterwards, when a key turns out to have
been stolen; so it is asked when facts are gathered, and answered from the keys alone (`parties/belief.py`). A key that
is in doubt signs no more, so nothing is added to what it takes with it.

A party may also take back an event of its own (`epcis/register.py`), unless its word to that effect is not believed.
"""

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.envelope import parse_statement
from keys.errors import RefusedError
from trace.epcis.register import has_withdrawals, read_withdrawals
from trace.ledger.store import EntryRow
from trace.parties.belief import Doubt
from trace.parties.register import Key, read_doubted_keys

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

F = TypeVar("F", bound="DataclassInstance")
R = TypeVar("R", bound="Recorded")
# Positions that one query asks for; SQLite takes 32,766 parameters.
_CHUNK = 10_000


class Recorded(Protocol):
    """A record of what an entry says. Some have `packings` too: the entries without which its lot is not meant."""

    @property
    def entry(self) -> int:
        """The entry."""
        ...


def read_doubts(session: Session, positions: Collection[int]) -> dict[int, Doubt]:
    """Of these entries those that are not believed, each with the reason.

    One query where no key is in doubt and nothing is taken back, and none in a session that has asked it before. The
    founding entry is never doubted: its key is the reader's own to trust.
    """
    doubts = _read_stolen(session, positions)
    if not positions or not has_withdrawals(session):
        return doubts
    wanted = sorted(set(positions) - doubts.keys())
    chunks = (wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK))
    told = [one for chunk in chunks for one in read_withdrawals(session, chunk)]
    liars = _read_stolen(session, {one.declaration for one in told})
    for one in reversed(told):
        if one.declaration not in liars:
            # The first that stands: from then on.
            doubts[one.position] = Doubt(one.recorded_at, one.declaration, is_withdrawn=True)
    return doubts


def _read_stolen(session: Session, positions: Collection[int]) -> dict[int, Doubt]:
    """Those under keys that are in doubt."""
    keys = {key.kid: key for key in read_doubted_keys(session)}
    if not keys:
        return {}
    found: dict[int, Doubt] = {}
    wanted = sorted(set(positions) - {0})
    for start in range(0, len(wanted), _CHUNK):
        query = select(EntryRow.position, EntryRow.recorded_at, EntryRow.statement).where(
            EntryRow.position.in_(wanted[start : start + _CHUNK]),
            EntryRow.issuer.in_({key.party for key in keys.values()}),
        )
        for position, recorded_at, statement in session.execute(query.order_by(EntryRow.position)):
            doubt = _doubt_of(keys, statement)
            if doubt is not None and doubt.reaches(recorded_at):
                found[position] = doubt
    return found


def drop_unbelieved(session: Session, said: tuple[R, ...]) -> tuple[R, ...]:
    """What is believed of some records: no cable lies where a thief says that he built it in."""
    doubts = read_doubts(session, {entry for one in said for entry in _rests_on(one)}) if said else {}
    return tuple(one for one in said if doubts.keys().isdisjoint(_rests_on(one)))


def entries_of(facts: "DataclassInstance") -> set[int]:
    """The entries of all records that stand in the tuples of a history or dossier, and those that they rest on."""
    return {entry for value in _tuples(facts).values() for record in value for entry in _rests_on(record)}


def drop_doubted(facts: F, doubts: Mapping[int, Doubt]) -> F:
    """The same facts without the records of these entries."""
    if not doubts:
        return facts
    kept = {
        name: tuple(record for record in value if doubts.keys().isdisjoint(_rests_on(record)))
        for name, value in _tuples(facts).items()
    }
    return replace(facts, **kept)


def _rests_on(record: Any) -> tuple[int, ...]:
    """The entry of a record, and the packings by which what it says holds for the lot."""
    packings: tuple[int, ...] | None = getattr(record, "packings", None)
    return (record.entry, *packings) if packings else (record.entry,)


def _tuples(facts: "DataclassInstance") -> dict[str, tuple[Any, ...]]:
    """Its tuples of records of what was said. Keys are not among them: a key in doubt has to be seen to be doubted."""
    values = {field.name: getattr(facts, field.name) for field in fields(facts)}
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, tuple) and value and hasattr(value[0], "entry") and not isinstance(value[0], Key)
    }


def _doubt_of(keys: Mapping[bytes, Key], statement: bytes) -> Doubt | None:
    try:
        key = keys.get(parse_statement(statement).kid)
    except RefusedError:
        # Bytes that were changed in the database are for C01 and the audit to find.
        return None
    return key.doubt if key is not None else None
