"""What an API route says of itself, in one declaration that both runs the route and writes its documentation.

    @blueprint.get("/entries/<int:position>")
    @open_to(Callers.ANYONE)
    @operation("One entry", tag="entries", returns={200: EntrySchema}, refuses=("entry-unknown",))
    def show_entry(position: int) -> Reply: ...

1. The view MUST answer with a `Reply` whose status and media type the declaration names; anything else is an error.
2. JSON is written by the schema declared for the status, so a member that the document does not know can't get out.
3. Query parameters are read by the declared schema; one that it does not name is refused (`request-malformed`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, wraps
from typing import Any

from flask import Response, json, request
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from api.words import LANGUAGES
from keys.errors import RefusedError

JSON, XML = "application/json", "application/xml"
View = Callable[..., "Reply"]


class Query(Schema):
    """The query parameters that every operation takes."""

    class Meta:
        """A parameter with a slip of the pen must not silently filter nothing."""

        unknown = RAISE

    lang = fields.String(
        validate=validate.OneOf(LANGUAGES), metadata={"description": "Language of the words in problems."}
    )


@dataclass(frozen=True, slots=True)
class Operation:
    """The declaration. `returns` and `takes` map statuses and media types to schemas, or to None for bytes or nothing.

    `media` are the media types other than JSON that a successful reply may have. `document` is what bytes are that were
    JSON before they came here.
    """

    summary: str
    tag: str
    returns: Mapping[int, type[Schema] | None]
    query: type[Query] = Query
    media: tuple[str, ...] = ()
    document: type[Schema] | None = None
    takes: Mapping[str, type[Schema] | None] = field(default_factory=dict)
    refuses: tuple[str, ...] = ()
    """The codes of the problems that are this operation's own."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before it is written. `tag` names content that never changes (an ETag); `is_private` where it depends
    on who asks.
    """

    data: Any = None
    status: int = 200
    media: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    tag: str | None = None
    is_private: bool = False
    afterwards: Callable[[], object] | None = None
    """Runs when the reply has left."""


def operation(
    summary: str, *, tag: str, returns: Mapping[int, type[Schema] | None], **more: Any
) -> Callable[[View], Any]:
    """Declare the decorated view; `more` are the other fields of `Operation`. A view with a `query` gets it first."""
    declared = Operation(summary, tag, returns, **more)

    def declare(view: View) -> Callable[..., Response]:
        @wraps(view)
        def answer(**path: Any) -> Response:
            query = read_query(declared.query)
            return write(declared, view(query, **path) if declared.query is not Query else view(**path))

        answer.operation = declared  # type: ignore[attr-defined]
        return answer

    return declare


def read_query(schema: type[Query]) -> dict[str, Any]:
    """The query parameters of this request as the schema reads them. Raises RefusedError `request-malformed`."""
    reader = _made(schema)
    given: dict[str, Any] = {}
    for name, values in request.args.lists():
        if isinstance(reader.fields.get(name), fields.List):
            given[name] = values
        elif len(values) == 1:
            given[name] = values[0]
        else:
            raise RefusedError("request-malformed", where=name, expected="the parameter once", got=len(values))
    try:
        read: dict[str, Any] = reader.load(given) if given else dict(_unasked(schema))
    except ValidationError as error:
        name, said = next(iter(dict(error.messages_dict).items()))
        raise RefusedError("request-malformed", where=str(name)[:60], got=json.dumps(said)[:200]) from error
    return read


def write(declared: Operation, reply: Reply) -> Response:
    """The response of a reply. Raises LookupError where the declaration does not know its status or media type."""
    schema = declared.returns[reply.status]
    if reply.media == JSON and schema is not None:
        body: Any = json.dumps(_made(schema).dump(reply.data), ensure_ascii=False)
    elif reply.data is None or reply.media in declared.media:
        body = reply.data
    else:
        raise LookupError(f"{reply.media} is not declared for {declared.summary!r}")
    response = Response(body, reply.status, dict(reply.headers), mimetype=reply.media if body is not None else None)
    if reply.afterwards is not None:
        response.call_on_close(reply.afterwards)
    return _keep(response, reply)


@cache
def _made(schema: type[Schema]) -> Schema:
    """One instance a class: neither reading nor writing keeps anything in it, and making one costs more than both."""
    return schema()


@cache
def _unasked(schema: type[Query]) -> Mapping[str, Any]:
    """What a schema reads where there are no parameters at all: always the same, and of some schemas much."""
    read: dict[str, Any] = _made(schema).load({})
    return read


def _keep(response: Response, reply: Reply) -> Response:
    """Say how long it may be kept and by whom; answer 304 to whoever has it already."""
    if reply.tag is None:
        response.headers.setdefault("Cache-Control", "no-store" if reply.is_private else "no-cache")
        return response
    if reply.is_private:
        response.headers["Cache-Control"] = "private, no-cache"
        response.vary.update(["Cookie", "Authorization"])
    else:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.set_etag(reply.tag)
    response.make_conditional(request)
    return response
