"""What can be asked for under /epcis, and the values that events have: types, steps, dispositions, places, EPCs."""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields

from api.access import Callers, open_to
from api.cursor import next_address, read_cursor
from api.epcis.events import PagedQuery, scope
from api.epcis.media import CONTEXT, make_blueprint
from api.operations import Reply, operation
from api.shell import current_shell
from keys.errors import RefusedError
from trace.epcis.events import EVENT_TYPES
from trace.epcis.search import list_values
from trace.epcis.vocabulary import BIZ_STEPS, DISPOSITIONS

blueprint = make_blueprint("resources")
TOP_LEVEL = (
    "queries",
    "capture",
    "events",
    "eventTypes",
    "epcs",
    "readPoints",
    "bizLocations",
    "dispositions",
    "bizSteps",
)


class CollectionSchema(Schema):
    """A list of names, as JSON-LD."""

    context = fields.Raw(data_key="@context")
    type = fields.String()
    member = fields.List(fields.String())


@blueprint.get("")
@open_to(Callers.ANYONE)
@operation("What is here", tag="epcis", returns={200: CollectionSchema}, refuses=("not-acceptable",))
def list_resources() -> Reply:
    """The resources of the standard's interface."""
    return _collection(TOP_LEVEL)


@blueprint.delete("/nextPageToken/<path:token>")
@open_to(Callers.ANYONE)
@operation("Forget a page's token", tag="epcis", returns={}, refuses=("not-acceptable", "not-implemented"))
def forget_token(token: str) -> Reply:
    """A token says where the next page begins and is kept nowhere: there is nothing to forget, and none expires."""
    raise RefusedError("not-implemented", expected="a token that is kept", got=token[:40])


def _collection(members: Any, headers: dict[str, str] | None = None) -> Reply:
    data = {"context": CONTEXT, "type": "Collection", "member": list(members)}
    return Reply(data, headers=headers or {})


def _hang(path: str, view: Callable[..., Any]) -> Callable[..., Any]:
    """Serve a view to anyone at a path, whose slashes stand as they are."""
    hung: Callable[..., Any] = blueprint.get(path, merge_slashes=False)(open_to(Callers.ANYONE)(view))
    return hung


def _values(path: str, column: str, known: frozenset[str], what: str) -> Callable[..., Any]:
    """A route that lists a column's values: those of the standard first, then others' that some event has."""

    def show(query: dict[str, Any]) -> Reply:
        shell = current_shell()
        shell.catch_up()
        place = read_cursor(query["nextPageToken"], str, where="nextPageToken")
        most = query["perPage"]
        with shell.database.reading() as session:
            found = list_values(session, column, scope(), str(place[0]) if place else "", most + 1)
        page = found[:most]
        more = {"Link": f'<{next_address((page[-1],), "nextPageToken")}>; rel="next"'} if len(found) > most else {}
        standard = sorted(known) if place is None else []
        return _collection([*standard, *(value for value in page if value not in known)], more)

    show.__name__ = f"list_{column}_values"
    show.__doc__ = f"{what} Others that some event has come in order, `perPage` of them a page."
    declared = operation(
        what, tag="epcis", returns={200: CollectionSchema}, query=PagedQuery, refuses=("not-acceptable",)
    )
    return _hang(path, declared(show))


_values("/eventTypes", "type", frozenset(EVENT_TYPES), "Types of events.")
_values("/bizSteps", "biz_step", BIZ_STEPS, "Business steps.")
_values("/dispositions", "disposition", DISPOSITIONS, "Dispositions.")
_values("/bizLocations", "biz_location", frozenset(), "Business locations.")
_values("/readPoints", "read_point", frozenset(), "Read points.")
_values("/epcs", "epc", frozenset(), "EPCs that events name.")


def _sub(path: str) -> Callable[..., Any]:
    def show(**names: str) -> Reply:
        """Its events."""
        return _collection(["events"])

    show.__name__ = f"show_{path.split('<path:')[1].rstrip('>')}"
    declared = operation(
        "What is here of it", tag="epcis", returns={200: CollectionSchema}, refuses=("not-acceptable",)
    )
    return _hang(path, declared(show))


for _path in (
    "/eventTypes/<path:event_type>",
    "/epcs/<path:epc>",
    "/bizSteps/<path:biz_step>",
    "/dispositions/<path:disposition>",
    "/bizLocations/<path:biz_location>",
    "/readPoints/<path:read_point>",
):
    _sub(_path)
