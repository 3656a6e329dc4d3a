"""Searching the index of events: a page of events, with their bytes, in one question; and the values that a column has.

A question is made once for each shape that a query has, and asked with its values. What the index does not know is
tested on the events as they are read, in spans of `_SPAN`, and at most `MAX_LOOKED_AT` for one page: then the page ends
where the looking did, and the next begins there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal, or_, select
from sqlalchemy.orm import Session

from keys.envelope import reread_payload
from keys.payload import read_json
from trace.epcis.queries import EventQuery
from trace.epcis.register import EventRow, TermRow, WithdrawnRow
from trace.epcis.terms import EPC_FIELDS
from trace.ledger.asking import any_of, ask
from trace.ledger.store import EntryRow

_SPAN = 200
MAX_LOOKED_AT = 2000
_EVENT, _TERM = EventRow.__table__.c, TermRow.__table__.c
_ENTRY, _WITHDRAWN = EntryRow.__table__.c, WithdrawnRow.__table__.c
Place = tuple[str, int]
"""Where a page ended: what it is ordered by (a time in ISO 8601, or "") and the entry."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reader may see: events of these kinds, and all that `issuer` has signed. None means all kinds."""

    kinds: tuple[str, ...] | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An event as it was signed, with its place in the ledger. Times are UTC."""

    position: int
    name: str
    issuer: str
    event_at: datetime
    recorded_at: datetime
    withdrawn_by: int | None
    payload: bytes


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Events, and where the next page begins; None at the end."""

    events: tuple[Found, ...]
    next: Place | None


def search_events(session: Session, query: EventQuery, scope: Scope, after: Place | None, most: int) -> FoundPage:
    """Up to `most` events of a query that come after a place."""
    found: list[Found] = []
    looked_at = 0
    while True:
        span = most + 1 if not query.tests else _SPAN
        rows = _ask(session, query, scope, after, span)
        for row in rows:
            if len(found) == most:
                return FoundPage(tuple(found), _place_of(query, found[-1]))
            event = _found(row)
            after = _place_of(query, event)
            looked_at += 1
            if not query.tests or _passes(query, event.payload):
                found.append(event)
            if query.tests and looked_at >= MAX_LOOKED_AT:
                return FoundPage(tuple(found), after)
        if len(rows) < span:
            return FoundPage(tuple(found), None)


def list_values(session: Session, column: str, scope: Scope, after: str, most: int) -> list[str]:
    """Up to `most` values of a column (`epc` for all identifiers of things) after one, in order, each once."""
    question = _values_question(column, scope.kinds is not None)
    bound: dict[str, Any] = {"after": after, "most": most}
    if scope.kinds is not None:
        bound |= {"kinds": list(scope.kinds), "issuer": scope.issuer}
    return [value for value in ask(session, question, **bound).scalars() if value is not None]


def _passes(query: EventQuery, payload: bytes) -> bool:
    event = read_json(payload)
    return all(test(event) for test in query.tests)


def _place_of(query: EventQuery, event: Found) -> Place:
    key = {"event_at": event.event_at, "recorded_at": event.recorded_at}.get(query.order_by or "")
    return (key.isoformat() if key is not None else "", event.position)


def _found(row: Any) -> Found:
    # Bytes that were changed in the database are for C01 and the audit to find.
    payload = reread_payload(row.statement)
    return Found(row.position, row.name, row.issuer, row.event_at, row.recorded_at, row.withdrawn_by, payload)


def _ask(session: Session, query: EventQuery, scope: Scope, after: Place | None, most: int) -> Sequence[Any]:
    values: dict[str, Any] = {"most": most}
    for number, (how, _, value) in enumerate(query.columns):
        values[f"column_{number}"] = list(value) if how == "in" else value
    for number, match in enumerate(query.matches):
        values |= {f"fields_{number}": list(match.fields), f"names_{number}": list(match.names)}
        for place, prefix in enumerate(match.prefixes):
            # A prefix ends with its dot, and the character after the dot is the slash.
            values |= {f"from_{number}_{place}": prefix, f"below_{number}_{place}": prefix.removesuffix(".") + "/"}
    if scope.kinds is not None:
        values |= {"kinds": list(scope.kinds), "issuer": scope.issuer}
    if after is not None:
        values["after"] = after[1]
        if query.order_by is not None:
            values["after_at"] = datetime.fromisoformat(after[0])
    shape = (
        tuple((how, column) for how, column, _ in query.columns),
        tuple(len(match.prefixes) for match in query.matches),
        query.is_declared,
        query.order_by,
        query.is_descending,
        scope.kinds is not None,
        after is not None,
    )
    return ask(session, _question(*shape), **values).rows


@lru_cache(maxsize=512)
def _question(
    columns: tuple[tuple[str, str], ...],
    prefixes: tuple[int, ...],
    is_declared: bool,
    order_by: str | None,
    is_descending: bool,
    is_scoped: bool,
    has_place: bool,
) -> Select[Any]:
    conditions = [_condition(number, how, column) for number, (how, column) in enumerate(columns)]
    conditions += [_matching(number, count) for number, count in enumerate(prefixes)]
    if is_declared:
        conditions.append(_EVENT.declared_at.is_not(None))
    if is_scoped:
        conditions.append(or_(_EVENT.kind.in_(any_of("kinds")), _EVENT.issuer == bindparam("issuer")))
    ordered = [_EVENT[order_by], _EVENT.position] if order_by is not None else [_EVENT.position]
    if has_place:
        conditions.append(_beyond(order_by, is_descending))
    withdrawn = select(func.min(_WITHDRAWN.declaration)).where(_WITHDRAWN.position == _EVENT.position)
    shown = (_EVENT.position, _EVENT.name, _EVENT.issuer, _EVENT.event_at, _EVENT.recorded_at)
    return (
        select(*shown, withdrawn.scalar_subquery().label("withdrawn_by"), _ENTRY.statement)
        .join_from(EventRow.__table__, EntryRow.__table__, _ENTRY.position == _EVENT.position)
        .where(and_(True, *conditions))
        .order_by(*(column.desc() if is_descending else column for column in ordered))
        .limit(bindparam("most"))
    )


def _condition(number: int, how: str, column: str) -> ColumnElement[bool]:
    of = _EVENT[column]
    if how == "in":
        return of.in_(any_of(f"column_{number}"))
    value = bindparam(f"column_{number}", type_=of.type)
    return of >= value if how == "ge" else of < value


def _matching(number: int, prefixes: int) -> ColumnElement[bool]:
    named: list[ColumnElement[bool]] = [_TERM.epc.in_(any_of(f"names_{number}"))]
    named += [
        and_(_TERM.epc >= bindparam(f"from_{number}_{place}"), _TERM.epc < bindparam(f"below_{number}_{place}"))
        for place in range(prefixes)
    ]
    stands = _TERM.field.in_(any_of(f"fields_{number}"))
    return _EVENT.position.in_(select(_TERM.position).where(or_(*named), stands))


def _beyond(order_by: str | None, is_descending: bool) -> ColumnElement[bool]:
    beyond: Callable[[Any, Any], Any] = (lambda a, b: a < b) if is_descending else (lambda a, b: a > b)
    later: ColumnElement[bool] = beyond(_EVENT.position, bindparam("after"))
    if order_by is None:
        return later
    of = _EVENT[order_by]
    at = bindparam("after_at", type_=of.type)
    return or_(beyond(of, at), and_(of == at, later))


@lru_cache(maxsize=32)
def _values_question(column: str, is_scoped: bool) -> Select[Any]:
    """Jumping from value to value through the column's index: a register has a million events and thirty steps."""
    of = _TERM.epc if column == "epc" else _EVENT[column]

    def least(beyond: Any) -> Select[Any]:
        question = select(func.min(of).label("value")).where(of > beyond)
        if column == "epc":
            question = question.where(_TERM.field.in_(EPC_FIELDS))
        if is_scoped and column == "epc":
            question = question.join(EventRow.__table__, _EVENT.position == _TERM.position)
        if is_scoped:
            question = question.where(or_(_EVENT.kind.in_(any_of("kinds")), _EVENT.issuer == bindparam("issuer")))
        return question

    steps = least(bindparam("after")).add_columns(literal(1).label("number")).cte("steps", recursive=True)
    following = least(steps.c.value).scalar_subquery()
    steps = steps.union_all(
        select(following, steps.c.number + 1).where(steps.c.value.is_not(None), steps.c.number < bindparam("most"))
    )
    return select(steps.c.value).order_by(steps.c.number)
