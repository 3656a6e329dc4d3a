"""Events come out of the registry as they went in: the query interface of EPCIS 2.0.1.

An answer is an EPCISQueryDocument whose `eventList` are the signed bytes themselves, joined by commas. What the ledger
knows of them stands beside, in `suzheng:entries`: entry, time of record, who signed, and who took it back. As
`application/xml` they are the same events in other words (`trace/epcis/xml_writer.py`).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Response
from marshmallow import INCLUDE, Schema, fields
from sqlalchemy.orm import Session

from api.access import Callers, caller, open_to
from api.cursor import next_address, read_cursor
from api.epcis.media import CONTEXT, JSON, JSON_LD, OURS, XML, choose_media, choose_words, make_blueprint
from api.epcis.xml_document import write_xml_document
from api.fields import Whole
from api.operations import Query, Reply, View, operation
from api.shell import current_shell
from keys.errors import RefusedError
from trace.epcis.queries import STANDARD, EventQuery, Match, read_query
from trace.epcis.register import event_kinds, read_progress
from trace.epcis.search import Found, FoundPage, Place, Scope, search_events
from trace.epcis.terms import ALL_FIELDS, name_epc
from trace.kinds import Readers, Role

blueprint = make_blueprint("events")
MAX_PER_PAGE = 500
_NO_PARAMETERS = ("lang", "perPage", "nextPageToken")
_HEAD = json.dumps(
    {"@context": [CONTEXT, {"suzheng": OURS}], "type": "EPCISQueryDocument", "schemaVersion": "2.0"}
).removesuffix("}")
QUERY_REFUSALS = (
    "not-acceptable",
    "query-parameter-invalid",
    "query-parameter-unknown",
    "query-too-large",
    "database-unavailable",
)


class PagedQuery(Query):
    """How much of a list is answered at once."""

    perPage = Whole(1, MAX_PER_PAGE, load_default=30, metadata={"description": "Most items on the page."})
    nextPageToken = fields.String(
        load_default=None, metadata={"description": "From the Link with rel=next of the page before."}
    )


class _Others(PagedQuery):
    class Meta:
        """Parameters of extensions and types have names that no list can hold; an unknown one is refused by name."""

        unknown = INCLUDE


EventsQuery: type[Query] = _Others.from_dict(  # type: ignore[assignment]
    {name: fields.String(metadata={"description": "EPCIS 2.0.1 §8.2.7.1."}) for name in STANDARD}, name="EventsQuery"
)


class QueryDocumentSchema(Schema):
    """An EPCISQueryDocument."""

    context = fields.List(fields.Raw(), data_key="@context")
    type = fields.String()
    schemaVersion = fields.String()
    creationDate = fields.String()
    epcisBody = fields.Dict()


def answers(summary: str, *refuses: str) -> Callable[[View], Callable[..., Response]]:
    """The declaration of a route that answers with events."""
    declared: Callable[[View], Callable[..., Response]] = operation(
        summary,
        tag="epcis",
        returns={200: None},
        query=EventsQuery,
        media=(JSON, JSON_LD, XML),
        document=QueryDocumentSchema,
        refuses=(*QUERY_REFUSALS, *refuses),
    )
    return declared


@blueprint.get("/events")
@open_to(Callers.ANYONE)
@answers("Events, by the simple event query")
def list_events(query: dict[str, Any]) -> Reply:
    """Without `orderBy` in the order of record, so that whoever follows `next` to its end has missed none."""
    return answer_events(query)


@blueprint.get("/events/<path:event_id>", merge_slashes=False)
@open_to(Callers.ANYONE)
@answers("The event with this ID", "event-unknown")
def show_event(query: dict[str, Any], event_id: str) -> Reply:
    """With the declarations that bear its ID, and whoever else's events do: an ID is its signer's word."""
    return answer_events(query, _named(event_id), is_wanted=True)


@blueprint.get("/epcs/<path:epc>/events", merge_slashes=False)
@open_to(Callers.ANYONE)
@answers("Events that name an EPC")
def list_epc_events(query: dict[str, Any], epc: str) -> Reply:
    """In any field, as a thing or as a class of things, whichever resolver its Digital Link names."""
    return answer_events(query, EventQuery(matches=(Match(ALL_FIELDS, (name_epc(epc),)),)))


@blueprint.get("/eventTypes/<path:event_type>/events", merge_slashes=False)
@open_to(Callers.ANYONE)
@answers("Events of a type")
def list_type_events(query: dict[str, Any], event_type: str) -> Reply:
    """One of the five, or another's URI."""
    return answer_events(query, read_query({"eventType": event_type}))


@blueprint.get("/bizSteps/<path:biz_step>/events", merge_slashes=False)
@open_to(Callers.ANYONE)
@answers("Events of a business step")
def list_step_events(query: dict[str, Any], biz_step: str) -> Reply:
    """In whichever of its spellings."""
    return answer_events(query, read_query({"EQ_bizStep": biz_step}))


@blueprint.get("/dispositions/<path:disposition>/events", merge_slashes=False)
@open_to(Callers.ANYONE)
@answers("Events with a disposition")
def list_disposition_events(query: dict[str, Any], disposition: str) -> Reply:
    """In whichever of its spellings."""
    return answer_events(query, read_query({"EQ_disposition": disposition}))


@blueprint.get("/bizLocations/<path:biz_location>/events", merge_slashes=False)
@open_to(Callers.ANYONE)
@answers("Events at a business location")
def list_location_events(query: dict[str, Any], biz_location: str) -> Reply:
    """The location itself: no master data says what lies in it."""
    return answer_events(query, read_query({"EQ_bizLocation": biz_location}))


@blueprint.get("/readPoints/<path:read_point>/events", merge_slashes=False)
@open_to(Callers.ANYONE)
@answers("Events at a read point")
def list_point_events(query: dict[str, Any], read_point: str) -> Reply:
    """The point itself: no master data says what lies in it."""
    return answer_events(query, read_query({"EQ_readPoint": read_point}))


def answer_events(
    given: dict[str, Any], base: EventQuery | None = None, *, name: str = "SimpleEventQuery", is_wanted: bool = False
) -> Reply:
    """A page of the events of `base` that the parameters leave; `is_wanted`: that there are none is an error."""
    media = choose_media()
    query = _join(base, read_query({key: text for key, text in given.items() if key not in _NO_PARAMETERS}))
    token = read_cursor(given["nextPageToken"], str, int, int, where="nextPageToken")
    after = (str(token[0]), int(token[1])) if token is not None else None
    left = int(token[2]) if token is not None else query.limit or 0
    most = min(given["perPage"], left) if left else given["perPage"]
    shell, seen = current_shell(), scope()
    with shell.database.reading() as session:
        progress = read_progress(session)
        page = None if progress.is_behind else _search(session, query, seen, after, most)
    if page is None:
        progress = shell.catch_up()
        with shell.database.reading() as session:
            page = _search(session, query, seen, after, most)
    if is_wanted and not page.events and page.next is None and after is None:
        raise RefusedError("event-unknown", expected="the ID of an event")
    headers = _link(page, query, left)
    told = [_tell(event) for event in page.events]
    behind = {"entries": progress.indexed, "of": progress.of} if progress.is_behind else {}
    if media == XML:
        body = write_xml_document(page.events, told, behind, name, _now(), choose_words())
    else:
        body = _write(page.events, told, behind, name)
    return Reply(body, 200, media, headers, is_private=seen.kinds is not None)


def _search(session: Session, query: EventQuery, seen: Scope, after: Place | None, most: int) -> FoundPage:
    if query.most is not None and after is None:
        whole = search_events(session, query, seen, None, query.most)
        if whole.next is not None:
            raise RefusedError("query-too-large", where="maxEventCount", expected=query.most, got="more")
    return search_events(session, query, seen, after, most)


def scope() -> Scope:
    """What the caller may read; no condition at all where that is everything, as it is for regulators."""
    party = caller()
    if party is not None and Role.REGULATOR in party.roles:
        return Scope()
    catalogue = current_shell().house.catalogue
    readers = {Readers.ANYONE} if party is None else {Readers.ANYONE, Readers.PARTIES}
    kinds = event_kinds(catalogue)
    open_kinds = {tag for tag in kinds if catalogue.find(tag).readers in readers}
    return Scope() if open_kinds == kinds else Scope(tuple(sorted(open_kinds)), party.uscc if party else None)


def _named(event_id: str) -> EventQuery:
    return EventQuery(columns=(("in", "name", (event_id,)),))


def _join(base: EventQuery | None, query: EventQuery) -> EventQuery:
    if base is None:
        return query
    return replace(
        query,
        columns=(*base.columns, *query.columns),
        matches=(*base.matches, *query.matches),
        tests=(*base.tests, *query.tests),
        is_declared=base.is_declared or query.is_declared,
        order_by=query.order_by or base.order_by,
        is_descending=query.is_descending if query.order_by else base.is_descending,
        limit=query.limit or base.limit,
        most=query.most or base.most,
    )


def _link(page: FoundPage, query: EventQuery, left: int) -> dict[str, str]:
    left_then = left - len(page.events) if query.limit is not None else 0
    if page.next is None or (query.limit is not None and left_then <= 0):
        return {}
    return {"Link": f'<{next_address((*page.next, left_then), "nextPageToken")}>; rel="next"'}


def _write(events: Sequence[Found], told: Sequence[Mapping[str, Any]], behind: Mapping[str, int], name: str) -> bytes:
    """The document around the events, none of which is written anew."""
    rest = json.dumps({"suzheng:entries": told} | ({"suzheng:indexed": behind} if behind else {}), ensure_ascii=False)
    return b"".join(
        (
            f'{_HEAD}, "creationDate": "{_now()}", "epcisBody": {{"queryResults": '.encode(),
            f'{{"queryName": {json.dumps(name)}, "resultsBody": {{"eventList": ['.encode(),
            b",".join(event.payload for event in events),
            f"], {rest[1:-1]}}}}}}}}}".encode(),
        )
    )


def _now() -> str:
    return current_shell().clock().isoformat(timespec="seconds").replace("+00:00", "Z")


def _tell(event: Found) -> dict[str, Any]:
    return {
        "entry": event.position,
        "eventID": event.name,
        "recordTime": event.recorded_at.isoformat().replace("+00:00", "Z"),
        "party": event.issuer,
        "withdrawnBy": event.withdrawn_by,
        "url": f"/api/v1/entries/{event.position}",
    }
