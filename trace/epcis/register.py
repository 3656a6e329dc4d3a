"""The index of EPCIS events: what queries ask for, by entry; and which entries their own signers have taken back.

Both are caught up after entries have been accepted: a statement pays nothing for being found. Events that are captured
in bulk are indexed with their batch, since what they are found by is read before their turn has come. Whoever catches
up holds the write lock and goes on where the last one ended, so the rows are those that reading the ledger from its
beginning gives, in whatever steps.

An event with an error declaration takes back the events of the same name (`terms.name_event`) that the same party said
before, and no other's (EPCIS 2.0, error declarations).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import BigInteger, Index, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from keys.envelope import reread_payload
from keys.payload import read_json
from trace.epcis.events import EventSchema
from trace.epcis.terms import index_columns, index_terms
from trace.kinds import Catalogue
from trace.ledger.asking import any_of, ask, find_rows
from trace.ledger.ink import insert_rows
from trace.ledger.kept import kept_by
from trace.ledger.store import EntryRow, HeadRow
from trace.ledger.tables import BY_KEY, Base

_THE_ONE = 1
# Ours to choose: some megabytes of statements in memory.
_BATCH = 1000


class EventRow(Base):
    """An entry whose payload is an EPCIS event."""

    __tablename__ = "epcis_event"
    __table_args__ = (
        Index("ix_epcis_event_step", "biz_step", "position"),
        Index("ix_epcis_event_disposition", "disposition", "position"),
        Index("ix_epcis_event_read_point", "read_point", "position"),
        Index("ix_epcis_event_biz_location", "biz_location", "position"),
        Index("ix_epcis_event_event_at", "event_at", "position"),
        Index("ix_epcis_event_recorded_at", "recorded_at", "position"),
        Index("ix_epcis_event_type", "type", "position"),
    )
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(80))
    issuer: Mapped[str] = mapped_column(String(256))
    name: Mapped[str] = mapped_column(String(300), index=True)
    type: Mapped[str] = mapped_column(String(300))
    event_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    action: Mapped[str | None] = mapped_column(String(7))
    biz_step: Mapped[str | None] = mapped_column(String(300))
    disposition: Mapped[str | None] = mapped_column(String(300))
    read_point: Mapped[str | None] = mapped_column(String(300))
    biz_location: Mapped[str | None] = mapped_column(String(300))
    declared_at: Mapped[datetime | None] = mapped_column(index=True)
    error_reason: Mapped[str | None] = mapped_column(String(300))


class TermRow(Base):
    """An identifier that stands in a field of an event."""

    __tablename__ = "epcis_epc"
    __table_args__ = BY_KEY
    # In the order of its bytes on either database, so that what begins alike stands together and is found by the key.
    epc: Mapped[str] = mapped_column(
        String(300).with_variant(String(300, collation="C"), "postgresql"), primary_key=True
    )
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(String(80), primary_key=True)


class WithdrawnRow(Base):
    """An entry that its own party has taken back, by which entry, recorded when."""

    __tablename__ = "epcis_withdrawn"
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    declaration: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)
    recorded_at: Mapped[datetime]


class ProgressRow(Base):
    """How many entries the index has looked at."""

    __tablename__ = "epcis_progress"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)


_EVENT, _WITHDRAWN = EventRow.__table__.c, WithdrawnRow.__table__.c
_ENTRY, _PROGRESS, _HEAD = EntryRow.__table__.c, ProgressRow.__table__.c, HeadRow.__table__.c
_SIZE = select(_PROGRESS.size).where(_PROGRESS.number == _THE_ONE)
_SIZES = select(_SIZE.scalar_subquery(), select(_HEAD.size).scalar_subquery())
# Of all kinds: asked for some, SQLite looks through the index of kinds, which is as long as the ledger.
_NEXT = (
    select(_ENTRY.position, _ENTRY.kind, _ENTRY.issuer, _ENTRY.recorded_at, _ENTRY.statement)
    .where(_ENTRY.position >= bindparam("start"), _ENTRY.position < bindparam("end"))
    .order_by(_ENTRY.position)
)
_SAID_BEFORE = (
    select(_EVENT.position, _EVENT.name, _EVENT.issuer)
    .where(_EVENT.name.in_(any_of("names")), _EVENT.declared_at.is_(None))
    .order_by(_EVENT.position)
)
_ANY = ("any",)
_ANY_WITHDRAWN = select(_WITHDRAWN.position).limit(1)
_BY = select(WithdrawnRow.__table__).where(_WITHDRAWN.declaration == bindparam("declaration"))
_CORRECTED_BY = (
    select(_EVENT.position)
    .where(_EVENT.name.in_(any_of("names")), _EVENT.declared_at.is_(None))
    .order_by(_EVENT.position)
)
_DECLARATIONS_FOR = (
    select(TermRow.__table__.c.position)
    .where(TermRow.__table__.c.epc == bindparam("name"), TermRow.__table__.c.field == "correctiveEventIDs")
    .order_by(TermRow.__table__.c.position)
)
_NAME_OF = select(_EVENT.name).where(_EVENT.position == bindparam("position"))


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An entry was taken back by `declaration`, an entry recorded at `recorded_at` (UTC)."""

    position: int
    declaration: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How many entries are indexed, of how many."""

    indexed: int
    of: int

    @property
    def is_behind(self) -> bool:
        """Are there entries that the index has not looked at?"""
        return self.indexed < self.of


@dataclass(frozen=True, slots=True)
class Handles:
    """What an event is found by: its columns of the index, and the (term, field) that stand in it."""

    columns: Mapping[str, Any]
    terms: Collection[tuple[str, str]]


def read_handles(event: Mapping[str, Any]) -> Handles:
    """What an event is found by, as `keys.payload.read_json` reads it."""
    return Handles(index_columns(event), index_terms(event))


@cache
def event_kinds(catalogue: Catalogue) -> frozenset[str]:
    """The tags of the kinds whose payload is an EPCIS event."""
    return frozenset(kind.tag for kind in catalogue if issubclass(kind.schema, EventSchema))


def read_progress(session: Session) -> Progress:
    """How far the index has come."""
    indexed, size = ask(session, _SIZES).one()
    return Progress(indexed or 0, size or 0)


def index_events(
    session: Session,
    catalogue: Catalogue,
    most: int,
    *,
    source: Session | None = None,
    known: Mapping[int, Handles] = MappingProxyType({}),
) -> dict[int, int]:
    """Index up to `most` entries more, those of `source` where the ledger is in another database. `known`: what
    events at these positions are found by, where that has been read already.

    The caller holds the write lock. Returns the entries that were taken back on the way, each
    with the last that takes it back.
    """
    ledger = source if source is not None else session
    indexed = ask(session, _SIZE).scalar() or 0
    size = ask(ledger, select(_HEAD.size)).scalar() or 0
    return index_span(session, ledger, event_kinds(catalogue), indexed, min(size, indexed + most), known)


def index_span(
    session: Session,
    ledger: Session,
    kinds: Collection[str],
    start: int,
    end: int,
    known: Mapping[int, Handles] = MappingProxyType({}),
) -> dict[int, int]:
    """Index the entries from `start` up to but without `end`; the index has come as far as `start`."""
    withdrawn: dict[int, int] = {}
    for first in range(start, end, _BATCH):
        last = min(first + _BATCH, end)
        rows = ask(ledger, _NEXT, start=first, end=last)
        withdrawn |= _index(session, [row for row in rows if row.kind in kinds], known)
    if end > start:
        insert_rows(session, ProgressRow, [{"number": _THE_ONE, "size": end}], replaces=True)
    return withdrawn


def _index(session: Session, rows: Collection[Any], known: Mapping[int, Handles]) -> dict[int, int]:
    events: list[dict[str, Any]] = []
    terms: list[dict[str, Any]] = []
    for row in rows:
        # Bytes that were changed in the database are for the audit to find.
        found_by = known.get(row.position) or read_handles(read_json(reread_payload(row.statement)))
        head = {"position": row.position, "kind": row.kind, "issuer": row.issuer, "recorded_at": row.recorded_at}
        events.append({**head, **found_by.columns})
        terms += [{"epc": term, "position": row.position, "field": name} for term, name in found_by.terms]
    insert_rows(session, EventRow, events)
    insert_rows(session, TermRow, terms)
    declarations = [event for event in events if event["declared_at"] is not None]
    return _withdraw(session, declarations) if declarations else {}


def _withdraw(session: Session, declarations: Collection[Mapping[str, Any]]) -> dict[int, int]:
    said: dict[tuple[str, str], list[int]] = {}
    for row in ask(session, _SAID_BEFORE, names=sorted({each["name"] for each in declarations})):
        said.setdefault((row.name, row.issuer), []).append(row.position)
    rows = [
        {"position": position, "declaration": each["position"], "recorded_at": each["recorded_at"]}
        for each in declarations
        for position in said.get((each["name"], each["issuer"]), ())
        if position < each["position"]
    ]
    insert_rows(session, WithdrawnRow, rows)
    return {row["position"]: row["declaration"] for row in rows}


def has_withdrawals(session: Session) -> bool:
    """Has anybody taken anything back?"""
    return bool(_read_any_withdrawn(session, _ANY))


# Each verdict asks.
@kept_by(lambda _: _ANY[0], lambda position: position)
def _read_any_withdrawn(session: Session, _: Collection[str]) -> Iterable[int]:
    return ask(session, _ANY_WITHDRAWN).scalars()


def read_withdrawals(session: Session, positions: Collection[int]) -> tuple[Withdrawal, ...]:
    """Who took these entries back, in order of entry and declaration."""
    rows = find_rows(session, WithdrawnRow, {"position": positions}, "position", "declaration")
    return tuple(Withdrawal(row.position, row.declaration, row.recorded_at) for row in rows)


def read_withdrawn_by(session: Session, declaration: int) -> tuple[int, ...]:
    """The entries that an entry takes back, in order."""
    return tuple(sorted(row.position for row in ask(session, _BY, declaration=declaration)))


def find_events(session: Session, names: Collection[str]) -> tuple[int, ...]:
    """The entries of the events with these names that are no declarations, in order."""
    return tuple(ask(session, _CORRECTED_BY, names=sorted(names)).scalars()) if names else ()


def find_corrected(session: Session, position: int) -> tuple[int, ...]:
    """The declarations that name the event of this entry as the right one, in order."""
    name = ask(session, _NAME_OF, position=position).scalar()
    return tuple(ask(session, _DECLARATIONS_FOR, name=name).scalars()) if name is not None else ()
