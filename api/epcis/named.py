"""Named queries: a simple event query under a name, asked anew by whoever names it.

Nothing is sent by itself: subscriptions are not here, since a registry that calls strangers' addresses from inside its
network is a danger to its neighbours, and whoever follows `next` in the order of record misses nothing.
"""

import re
from datetime import datetime
from typing import Any

from flask import request
from marshmallow import Schema, fields

from api.access import Callers, caller, check_same_site, open_to
from api.cursor import next_address, read_cursor
from api.epcis.events import PagedQuery, answer_events, answers
from api.epcis.media import JSON, make_blueprint
from api.fields import Time
from api.operations import Reply, operation
from api.shell import current_shell
from keys.errors import RefusedError
from keys.payload import read_json
from trace.captures.register import NamedQuery, add_query, drop_query, find_query, list_queries
from trace.epcis.queries import read_query
from trace.kinds import Role

blueprint = make_blueprint("named")
_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,100}")
_RESERVED = "SimpleEventQuery"


class NamedQuerySchema(Schema):
    """A query under its name."""

    name = fields.String()
    query = fields.Dict()
    createdAt = Time()
    party = fields.String()


class WantedQuerySchema(Schema):
    """A query to be kept under a name."""

    name = fields.String(required=True)
    query = fields.Dict(required=True)


class NamedQueriesSchema(Schema):
    """Named queries."""

    queries = fields.List(fields.Nested(NamedQuerySchema))


@blueprint.get("/queries")
@open_to(Callers.SIGNED_IN)
@operation(
    "Named queries, in order of name",
    tag="epcis",
    returns={200: NamedQueriesSchema},
    query=PagedQuery,
    refuses=("not-signed-in", "not-acceptable"),
)
def list_named(query: dict[str, Any]) -> Reply:
    """Everybody's."""
    place = read_cursor(query["nextPageToken"], str, where="nextPageToken")
    most = query["perPage"]
    with current_shell().database.reading() as session:
        found = list_queries(session, str(place[0]) if place else "", most + 1)
    page = found[:most]
    more = {"Link": f'<{next_address((page[-1].name,), "nextPageToken")}>; rel="next"'} if len(found) > most else {}
    return Reply({"queries": [_write(one) for one in page]}, headers=more, is_private=True)


@blueprint.post("/queries")
@open_to(Callers.SIGNED_IN)
@operation(
    "Keep a query under a name",
    tag="epcis",
    returns={201: NamedQuerySchema},
    takes={JSON: WantedQuerySchema},
    refuses=(
        "media-type-unknown",
        "not-acceptable",
        "not-signed-in",
        "origin-foreign",
        "payload-malformed",
        "query-known",
        "query-parameter-invalid",
        "query-parameter-unknown",
    ),
)
def name_query() -> Reply:
    """It is read before it is kept: what can't be asked is refused here."""
    check_same_site()
    party = caller()
    if party is None:
        raise RefusedError("not-signed-in", expected="a session that proves possession of a key")
    named = _read_wanted(party.uscc, current_shell().clock())
    with current_shell().database.writing() as session:
        if named.name == _RESERVED or not add_query(session, named):
            raise RefusedError("query-known", expected="a name that is free", got=named.name)
    return Reply(_write(named), 201, headers={"Location": f"/epcis/queries/{named.name}"}, is_private=True)


@blueprint.get("/queries/<name>")
@open_to(Callers.SIGNED_IN)
@operation(
    "A named query",
    tag="epcis",
    returns={200: NamedQuerySchema},
    refuses=("not-signed-in", "query-unknown", "not-acceptable"),
)
def show_named(name: str) -> Reply:
    """Its parameters as they were given."""
    return Reply(_write(_find(name)), is_private=True)


@blueprint.delete("/queries/<name>")
@open_to(Callers.SIGNED_IN)
@operation(
    "Forget a named query",
    tag="epcis",
    returns={204: None},
    refuses=("not-signed-in", "not-your-party", "origin-foreign", "query-unknown", "not-acceptable"),
)
def forget_named(name: str) -> Reply:
    """Whoever made it may, and a regulator."""
    check_same_site()
    named, party = _find(name), caller()
    if party is None or (party.uscc != named.party and Role.REGULATOR not in party.roles):
        raise RefusedError("not-your-party", expected=named.party, got=party.uscc if party else "nobody")
    with current_shell().database.writing() as session:
        drop_query(session, name)
    return Reply(status=204)


@blueprint.get("/queries/<name>/events")
@open_to(Callers.SIGNED_IN)
@answers("Events of a named query", "not-signed-in", "query-unknown")
def list_named_events(query: dict[str, Any], name: str) -> Reply:
    """As of now; further parameters narrow it."""
    return answer_events(query, read_query(_as_text(_find(name).query)), name=name)


@blueprint.post("/queries/<name>/subscriptions")
@open_to(Callers.SIGNED_IN)
@operation(
    "Subscribe to a named query",
    tag="epcis",
    returns={},
    refuses=("not-implemented", "not-signed-in", "not-acceptable"),
)
def subscribe(name: str) -> Reply:
    """None are kept: whoever follows `next` in the order of record misses nothing."""
    raise RefusedError(
        "not-implemented", expected=f"GET /epcis/queries/{name[:100]}/events, followed by its next pages"
    )


def _find(name: str) -> NamedQuery:
    with current_shell().database.reading() as session:
        found = find_query(session, name[:200])
    if found is None:
        raise RefusedError("query-unknown", expected="the name of a query", got=name[:100])
    return found


def _read_wanted(party: str, at: datetime) -> NamedQuery:
    if request.mimetype != JSON:
        raise RefusedError("media-type-unknown", expected=JSON, got=request.mimetype[:80])
    body = read_json(request.get_data())
    name, query = body.get("name"), body.get("query")
    if body.keys() != {"name", "query"} or not isinstance(name, str) or not isinstance(query, dict):
        raise RefusedError("request-malformed", where="the request", expected='{"name": …, "query": {…}}')
    if not _NAME.fullmatch(name):
        raise RefusedError("request-malformed", where="name", expected="1 to 100 of A-Z a-z 0-9 _ . -", got=name[:100])
    read_query(_as_text(query))
    return NamedQuery(name, party, at, _as_text(query))


def _as_text(query: Any) -> dict[str, str]:
    """Parameters as an address has them: lists between "|", numbers and flags as text."""
    return {name: _text(name, value) for name, value in query.items()}


def _text(name: str, value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return "|".join(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, list | dict):
        raise RefusedError("query-parameter-invalid", where=name[:120], expected="text, a number, a flag or texts")
    return str(value)


def _write(named: NamedQuery) -> dict[str, Any]:
    return {"name": named.name, "query": dict(named.query), "createdAt": named.created_at, "party": named.party}
