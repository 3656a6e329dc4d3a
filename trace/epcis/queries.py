"""The simple event query (EPCIS 2.0.1 §8.2.7.1): its parameters, as conditions on the index and tests of events.

    read_query({"EQ_bizStep": "shipping|receiving", "MATCH_anyEPC": "urn:epc:id:sscc:0614141.1234567890"})

1. Every condition MUST hold; of the values of one any. A list's values stand between "|".
2. A parameter that is not named here is refused by its name, never passed over: a query with a slip of the pen would
   answer with too much.
3. What the index has is asked of it. All else, of sensors, amounts, master data and extensions, is looked for in the
   events themselves, member by member.
4. "With descendants" (WD_) is the place itself: no master data is kept that would say what lies in it.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from keys.errors import RefusedError
from trace.epcis.terms import ALL_FIELDS, CLASS_LISTS, EPC_FIELDS, name_epc, typed_field
from trace.epcis.vocabulary import cbv_word, is_uri

MAX_VALUES = 100
MAX_COUNT = 10_000
Event = Mapping[str, Any]
Test = Callable[[Event], bool]


@dataclass(frozen=True, slots=True)
class Match:
    """One of these identifiers stands in one of these fields. `prefixes` are those of patterns that end in `.*`, and
    end with the dot.
    """

    fields: tuple[str, ...]
    names: tuple[str, ...]
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventQuery:
    """What is asked. Of `columns` each is (`in`, `ge` or `lt`; column; values or value), of the index."""

    columns: tuple[tuple[str, str, Any], ...] = ()
    matches: tuple[Match, ...] = ()
    tests: tuple[Test, ...] = ()
    order_by: str | None = None
    """event_at, recorded_at, or None: as recorded, oldest first."""
    is_descending: bool = False
    limit: int | None = None
    """`eventCountLimit`: only the first so many."""
    most: int | None = None
    """`maxEventCount`: more than that is refused."""
    is_declared: bool = False
    """Only events with an error declaration."""


_COLUMNS = {
    "eventType": "type",
    "EQ_action": "action",
    "EQ_bizStep": "biz_step",
    "EQ_disposition": "disposition",
    "EQ_errorReason": "error_reason",
}
_PLACES = {
    "EQ_readPoint": "read_point",
    "WD_readPoint": "read_point",
    "EQ_bizLocation": "biz_location",
    "WD_bizLocation": "biz_location",
}
_TIMES = {
    "eventTime": "event_at",
    "recordTime": "recorded_at",
    "errorDeclarationTime": "declared_at",
}
_MATCHES = {
    "MATCH_epc": ("epcList", "childEPCs"),
    "MATCH_parentID": ("parentID",),
    "MATCH_inputEPC": ("inputEPCList",),
    "MATCH_outputEPC": ("outputEPCList",),
    "MATCH_anyEPC": EPC_FIELDS,
    "MATCH_epcClass": ("quantityList", "childQuantityList"),
    "MATCH_inputEPCClass": ("inputQuantityList",),
    "MATCH_outputEPCClass": ("outputQuantityList",),
    "MATCH_anyEPCClass": CLASS_LISTS,
    # Ours: an event that names it anywhere, as a thing or as a class of things.
    "MATCH_any": ALL_FIELDS,
}
_TERMS = {
    "EQ_transformationID": "transformationID",
    "EQ_correctiveEventID": "correctiveEventIDs",
    "EQ_persistentDisposition_set": "persistentDisposition_set",
    "EQ_persistentDisposition_unset": "persistentDisposition_unset",
}
_TYPED = re.compile(r"EQ_(bizTransaction|source|destination)_(.+)")
# Of a sensor's report: what is compared as text, and what as a number.
_SENSOR_TEXTS = (
    "type",
    "deviceID",
    "dataProcessingMethod",
    "microorganism",
    "chemicalSubstance",
    "bizRules",
    "stringValue",
    "uriValue",
)
_SENSOR_NUMBERS = "value minValue maxValue meanValue sDev percRank percValue"
_COMPARED = re.compile(r"(EQ|GT|GE|LT|LE)_(.+)")
_SENSOR_NUMBER = re.compile(rf"({_SENSOR_NUMBERS.replace(' ', '|')})(?:_(.+))?")
_EXTENSION = re.compile(r"(EQ|GT|GE|LT|LE|EXISTS)_(INNER_)?(ILMD_|ERROR_DECLARATION_|SENSORELEMENT_)?(.+)")
_ORDERS = {"eventTime": "event_at", "recordTime": "recorded_at"}
STANDARD = tuple(
    dict.fromkeys(
        (
            *_COLUMNS,
            *_PLACES,
            *(f"{how}_{what}" for what in _TIMES for how in ("GE", "LT")),
            *(name for name in _MATCHES if name != "MATCH_any"),
            *_TERMS,
            *(f"{how}_quantity" for how in ("EQ", "GT", "GE", "LT", "LE")),
            "EQ_eventID",
            "EXISTS_errorDeclaration",
            *(f"{how}_{what}" for what in ("startTime", "endTime") for how in ("GE", "LT")),
            *(f"EQ_{name}" for name in _SENSOR_TEXTS),
            "EQ_hexBinaryValue",
            "EQ_booleanValue",
            "orderBy",
            "orderDirection",
            "eventCountLimit",
            "maxEventCount",
        )
    )
)
"""The parameters that have a name of their own in the standard. Those of extensions and types come besides."""


def read_query(parameters: Mapping[str, str]) -> EventQuery:
    """The query of these parameters.

    Raises RefusedError `query-parameter-unknown`, `query-parameter-invalid`, with the parameter's name.
    """
    columns: list[tuple[str, str, Any]] = []
    matches: list[Match] = []
    tests: list[Test] = []
    is_declared = False
    for name, text in parameters.items():
        how, _, what = name.partition("_")
        if name in _COLUMNS:
            columns.append(("in", _COLUMNS[name], tuple(cbv_word(word) or word for word in _values(name, text))))
        elif name in _PLACES:
            columns.append(("in", _PLACES[name], tuple(map(name_epc, _values(name, text)))))
        elif name == "EQ_eventID":
            columns.append(("in", "name", _values(name, text)))
        elif what in _TIMES and how in ("GE", "LT"):
            columns.append((how.lower(), _TIMES[what], _moment(name, text)))
        elif name in _MATCHES:
            matches.append(_match(_MATCHES[name], _values(name, text)))
        elif name in _TERMS:
            matches.append(Match((_TERMS[name],), tuple(cbv_word(one) or one for one in _values(name, text))))
        elif name == "EXISTS_errorDeclaration":
            is_declared = _flag(name, text)
        elif typed := _TYPED.fullmatch(name):
            matches.append(Match((typed_field(typed[1], typed[2]),), _values(name, text)))
        elif name not in ("orderBy", "orderDirection", "eventCountLimit", "maxEventCount"):
            tests.append(_read_test(name, text))
    query = EventQuery(tuple(columns), tuple(matches), tuple(tests), is_declared=is_declared)
    return _read_order(query, parameters)


def _read_order(query: EventQuery, parameters: Mapping[str, str]) -> EventQuery:
    by, direction = parameters.get("orderBy"), parameters.get("orderDirection", "DESC")
    if by is not None and by not in _ORDERS:
        _refuse("orderBy", " or ".join(_ORDERS), by)
    if direction not in ("ASC", "DESC"):
        _refuse("orderDirection", "ASC or DESC", direction)
    limit = _count("eventCountLimit", parameters)
    most = _count("maxEventCount", parameters)
    if limit is not None and (by is None or most is not None):
        _refuse("eventCountLimit", "orderBy with it, and no maxEventCount", limit)
    order = _ORDERS[by] if by is not None else None
    return replace(query, order_by=order, is_descending=by is not None and direction == "DESC", limit=limit, most=most)


def _read_test(name: str, text: str) -> Test:
    """A condition on what the event itself says."""
    compared = _COMPARED.fullmatch(name)
    if compared is not None:
        how, what = compared[1], compared[2]
        if what == "quantity":
            return _AnyOf(_quantities, how, (_number(name, text),))
        if how == "EQ" and what in (*_SENSOR_TEXTS, "hexBinaryValue"):
            return _AnyOf(_Sensed(what), "EQ", _values(name, text))
        if name == "EQ_booleanValue":
            return _AnyOf(_Sensed(what), "EQ", (_flag(name, text),))
        if what in ("startTime", "endTime") and how in ("GE", "LT"):
            return _AnyOf(_Sensed(what), how, (_moment(name, text),))
        if number := _SENSOR_NUMBER.fullmatch(what):
            return _AnyOf(_Sensed(number[1], number[2]), how, (_number(name, text),))
    extension = _EXTENSION.fullmatch(name)
    if extension is None or is_uri(extension[4]) is None:
        raise RefusedError("query-parameter-unknown", where=name[:120], expected="one of the simple event query")
    how, inner, part, member = extension.groups()
    found = _Members(member, part or "", is_inner=inner is not None)
    if how == "EXISTS":
        _flag(name, text)
        return _AnyOf(found, "EXISTS", ())
    return _AnyOf(found, how, _values(name, text) if how == "EQ" else (_comparable(text),))


@dataclass(frozen=True, slots=True)
class _AnyOf:
    """Does any of what is found compare so with any of the values?"""

    find: Callable[[Event], Iterator[Any]]
    how: str
    values: tuple[Any, ...]

    def __call__(self, event: Event) -> bool:
        found = self.find(event)
        if self.how == "EXISTS":
            return next(found, _NOTHING) is not _NOTHING
        return any(_compares(self.how, one, value) for one in found for value in self.values)


_NOTHING = object()


@dataclass(frozen=True, slots=True)
class _Sensed:
    """A member of sensors' reports or their metadata; with `unit`, of the reports in that unit."""

    member: str
    unit: str | None = None

    def __call__(self, event: Event) -> Iterator[Any]:
        for element in event.get("sensorElementList", ()):
            reports = element.get("sensorReport", ())
            for part in (element.get("sensorMetadata", {}), *reports):
                if self.member in part and (self.unit is None or part.get("uom") == self.unit):
                    yield part[self.member]


_PARTS = {"": None, "ILMD_": "ilmd", "ERROR_DECLARATION_": "errorDeclaration"}


@dataclass(frozen=True, slots=True)
class _Members:
    """An extension's member: at the top of the event or of a part of it, or `is_inner` at any depth below that."""

    member: str
    part: str
    is_inner: bool

    def __call__(self, event: Event) -> Iterator[Any]:
        if self.part == "SENSORELEMENT_":
            holders = [part for element in event.get("sensorElementList", ()) for part in _sensor_parts(element)]
        else:
            inside = _PARTS[self.part]
            holders = [event.get(inside, {}) if inside else event]
        for holder in holders:
            if not self.is_inner and self.member in holder:
                yield from _each(holder[self.member])
            elif self.is_inner:
                extensions = (value for key, value in holder.items() if is_uri(key) is not None)
                yield from (one for value in extensions for one in _inside(value, self.member))


def _sensor_parts(element: Event) -> tuple[Event, ...]:
    return (element, element.get("sensorMetadata", {}), *element.get("sensorReport", ()))


def _inside(value: Any, member: str) -> Iterator[Any]:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict) and member in value:
        yield from _each(value[member])
    for item in items:
        yield from _inside(item, member)


def _each(value: Any) -> Iterator[Any]:
    """A list's items, and of a JSON-LD value what it is the value of."""
    for item in value if isinstance(value, list) else (value,):
        yield item.get("@value", item) if isinstance(item, dict) else item


def _quantities(event: Event) -> Iterator[Any]:
    return (element["quantity"] for name in CLASS_LISTS for element in event.get(name, ()) if "quantity" in element)


_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "EQ": operator.eq,
    "GT": operator.gt,
    "GE": operator.ge,
    "LT": operator.lt,
    "LE": operator.le,
}


def _compares(how: str, found: Any, value: Any) -> bool:
    """Text with text, numbers with numbers, times with times; what does not compare is not equal, and not more or
    less.
    """
    if how == "EQ" and isinstance(value, str):
        if isinstance(found, bool | int | Decimal):
            return found is (value == "true") if isinstance(found, bool) else _as_number(value) == found
        return isinstance(found, str) and (found == value or cbv_word(found) == cbv_word(value))
    if isinstance(value, datetime):
        found = _as_moment(found)
    elif isinstance(value, Decimal) and isinstance(found, str):
        found = _as_number(found)
    if isinstance(found, bool) != isinstance(value, bool) or found is None:
        return False
    try:
        return bool(_COMPARISONS[how](found, value))
    except TypeError:
        return False


def _match(fields: tuple[str, ...], uris: tuple[str, ...]) -> Match:
    """§8.2.7.1.1: a pure identity pattern, all of whose last components are `*`, matches what begins as it does."""
    patterns = [uri for uri in uris if uri.startswith("urn:epc:idpat:") and uri.endswith(".*")]
    prefixes = []
    for pattern in patterns:
        start = pattern
        while start.endswith(".*"):
            start = start.removesuffix(".*")
        if "*" in start:
            _refuse("MATCH", "a pattern whose last components alone are *", pattern)
        prefixes.append(start.replace("urn:epc:idpat:", "urn:epc:id:", 1) + ".")
    return Match(fields, tuple(map(name_epc, uris)), tuple(prefixes))


def _values(name: str, text: str) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(text.split("|")))
    if not all(values) or len(values) > MAX_VALUES:
        _refuse(name, f"1 to {MAX_VALUES} values between |", text)
    return values


def _count(name: str, parameters: Mapping[str, str]) -> int | None:
    text = parameters.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text) or int(text) > MAX_COUNT:
        _refuse(name, f"1 to {MAX_COUNT}", text)
    return int(text)


def _flag(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        _refuse(name, "true or false", text)
    return text == "true"


def _number(name: str, text: str) -> Decimal:
    number = _as_number(text)
    if number is None:
        _refuse(name, "a number", text)
    return number


def _moment(name: str, text: str) -> datetime:
    moment = _as_moment(text)
    if moment is None:
        _refuse(name, "a time such as 2015-04-13T08:00:00+08:00", text)
    return moment


def _comparable(text: str) -> Decimal | datetime | str:
    number = _as_number(text)
    return number if number is not None else _as_moment(text) or text


def _as_number(text: object) -> Decimal | None:
    if not isinstance(text, str) or not re.fullmatch(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?", text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _as_moment(text: object) -> datetime | None:
    try:
        # A "+" that was not encoded in an address has become a space.
        moment = datetime.fromisoformat(text.replace(" ", "+")) if isinstance(text, str) and "T" in text else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _refuse(name: str, expected: str, got: object) -> NoReturn:
    raise RefusedError("query-parameter-invalid", where=name[:120], expected=expected, got=str(got)[:120])
