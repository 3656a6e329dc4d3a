"""Lists by the page. A cursor is opaque: the place of the last item, signed, and bound to the list and its filters.

A place is what the list is ordered by, so pages neither skip nor repeat an item when others are added meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer
from marshmallow import fields, validate

from api.fields import Whole
from api.operations import Query
from keys.errors import RefusedError

T = TypeVar("T")
Place = tuple[int | str, ...]
MAX_PAGE = 200
_NO_FILTERS = frozenset({"cursor", "limit", "lang", "nextPageToken", "perPage"})


class PageQuery(Query):
    """The query parameters of every list."""

    cursor = fields.String(
        load_default=None,
        validate=validate.Length(1, 1000),
        metadata={"description": "The `next` of the page before; nothing for the first page."},
    )
    limit = Whole(1, MAX_PAGE, load_default=50, metadata={"description": "Most items on the page."})


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of a list, and the path and query of the next page where there is one."""

    items: Sequence[Any]
    next: str | None


def read_cursor(text: str | None, *shape: type, where: str = "cursor") -> Place | None:
    """The place that a cursor of this list names, or None at the beginning. Raises RefusedError `request-malformed`.

    `where` is the name of the parameter that it came in.
    """
    if text is None:
        return None
    try:
        scope, *place = _serializer().loads(text)
    except (BadData, ValueError, TypeError) as error:
        raise _refused(where) from error
    if scope != _scope() or [type(value) for value in place] != list(shape):
        raise _refused(where)
    return tuple(place)


def cut_page(items: Sequence[T], most: int, place_of: Callable[[T], Place]) -> Page:
    """A page out of the up to `most` + 1 items that were read for it."""
    if len(items) <= most:
        return Page(items, None)
    kept = items[:most]
    return Page(kept, next_address(place_of(kept[-1])))


def next_address(place: Place, name: str = "cursor") -> str:
    """The path and query of the page that begins after a place, under the name of its parameter."""
    cursor = str(_serializer().dumps([_scope(), *place]))
    arguments = [(key, value) for key, value in request.args.items(multi=True) if key != name]
    return f"{quote(request.path)}?{urlencode([*arguments, (name, cursor)])}"


def _scope() -> list[Any]:
    filters = sorted((name, value) for name, value in request.args.items(multi=True) if name not in _NO_FILTERS)
    return [request.path, [list(item) for item in filters]]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="cursor")


def _refused(where: str) -> RefusedError:
    return RefusedError("request-malformed", where=where, expected="the `next` of the page before, with its filters")


def read_entry_number(text: str | None) -> int | None:
    """Where a page of a time line ends: `?before=` an entry. Raises RefusedError `request-malformed`."""
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise RefusedError("request-malformed", where="before", expected="an entry number", got=text[:40])
    return int(text)
