"""The parts of an EPCIS event (EPCIS 2.0.1, JSON binding), as its JSON Schema has them.

Where the schema names its members and lets in URIs besides, an extension is a name with a prefix, or a whole URI; a
bare name that nobody knows is refused, with its place. What is stricter here than there: bounds on length, number and
time, and no amount of a thing below 0.
"""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar

from marshmallow import INCLUDE, RAISE, ValidationError, fields

from trace.epcis.vocabulary import (
    ALERTS,
    COMPONENTS,
    DISPOSITIONS,
    ERROR_REASONS,
    MEASUREMENTS,
    PARTY_TYPES,
    TRANSACTION_TYPES,
    is_other_measure,
    is_other_word,
    is_uri,
)
from trace.reading import Items, Moment, Part, QuickSchema, Text

# Times that can be moved to any zone and back.
_EARLIEST, _LATEST = datetime(1900, 1, 2, tzinfo=UTC), datetime(2999, 12, 30, tzinfo=UTC)
_ABOVE_ANY = 10**15
_LONGEST = 300
_MOST = 1000
_UNIT = r"[A-Z0-9]{2,3}"
# RFC 3339 §5.6.
_is_moment = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
).fullmatch


class JsonNumber(fields.Field[Decimal]):
    """A JSON number, 0 or more; becomes Decimal."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """The number; whatever is not in order is marshmallow's to refuse."""
        if type(value) in (int, Decimal) and 0 <= value < _ABOVE_ANY:
            return Decimal(value)
        return super().deserialize(value, attr, data, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value < _ABOVE_ANY:
            raise ValidationError(f"expected a number from 0 to 10^15, got {value!r:.40}")
        return Decimal(value)


class Measured(fields.Field[Decimal]):
    """A JSON number of a sensor, below or above 0."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ValidationError(f"expected a number, got {value!r:.40}")
        return Decimal(value)


class Flag(fields.Field[bool]):
    """JSON true or false."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError(f"expected true or false, got {value!r:.40}")
        return value


class When(Moment):
    """A time of an event, RFC 3339, with its offset."""

    def __init__(self, **options: Any) -> None:
        super().__init__(_EARLIEST, _LATEST, **options)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """The aware time; whatever is not in order is marshmallow's to refuse."""
        if type(value) is str:
            if _is_moment(value) is None:
                raise ValidationError(f"expected a time such as 2015-04-13T08:00:00+08:00, got {value[:40]!r}")
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                return super().deserialize(value, attr, data, **options)
            if _EARLIEST <= moment <= _LATEST:
                return moment
        return super().deserialize(value, attr, data, **options)


class Uri(Text):
    """A URI (RFC 3986)."""

    def __init__(self, longest: int = _LONGEST, **options: Any) -> None:
        super().__init__(longest, **options)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """The URI itself; whatever is not in order is marshmallow's to refuse."""
        if type(value) is str:
            if is_uri(value) is None:
                raise ValidationError(f"expected a URI, got {value[:60]!r}")
            if len(value) <= self._longest:
                return value
        return super().deserialize(value, attr, data, **options)


class Word(Text):
    """One of a vocabulary's words, or a URI that is not of that vocabulary."""

    def __init__(self, words: Collection[str], is_other: Any = is_other_word, **options: Any) -> None:
        super().__init__(_LONGEST, **options)
        self._words, self._is_other = frozenset(words), is_other

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """The word itself; whatever is not in order is marshmallow's to refuse."""
        if type(value) is str:
            if value in self._words:
                return value
            if not self._is_other(value):
                raise ValidationError(f"expected a word of the vocabulary or another's URI, got {value[:60]!r}")
        return super().deserialize(value, attr, data, **options)


class Uris(fields.List[str]):
    """A list of at most 1000 URIs, each once where `is_set`."""

    def __init__(self, *, is_set: bool = False, **options: Any) -> None:
        super().__init__(Uri(), **options)
        self._is_set = is_set

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """The URIs; whatever is not in order is marshmallow's to refuse."""
        if type(value) is list:
            if len(value) > _MOST:
                raise ValidationError(f"expected at most {_MOST} items, got {len(value)}")
            try:
                is_good = None not in map(is_uri, value) and (not value or len(max(value, key=len)) <= _LONGEST)
            except TypeError:  # something in it is no text
                is_good = False
            if not is_good:
                return super().deserialize(value, attr, data, **options)
            if self._is_set and len(set(value)) != len(value):
                raise ValidationError("expected each once, got one twice")
            return value
        return super().deserialize(value, attr, data, **options)


class Extended(QuickSchema):
    """Members that the standard names, and extensions under names with a prefix."""

    class Meta:
        """Extensions are let through, those that `check_names` lets through."""

        unknown = INCLUDE

    names: ClassVar[frozenset[str]] = frozenset()
    """What the standard names; where it is empty, the schema's own fields."""

    def check_names(self, data: Mapping[str, Any]) -> None:
        """Raises ValidationError at the first bare name that is nobody's."""
        check_extensions(data.keys() - (self.names or self._keys))


# The same few in nearly every event.
@lru_cache(maxsize=1024)
def _is_extension(name: str) -> bool:
    return is_uri(name) is not None


def check_extensions(names: Collection[str]) -> None:
    """Names that the standard does not know have a prefix, or are URIs. Raises ValidationError at one that is not."""
    for name in names:
        if not _is_extension(name):
            raise ValidationError(
                {name[:60]: ["expected a member of the standard, or an extension's with a prefix, got another"]}
            )


class Closed(QuickSchema):
    """Members that the standard names, and no other."""

    class Meta:
        """Strict."""

        unknown = RAISE


class QuantityElement(Closed):
    """EPCIS QuantityElement."""

    epcClass = Uri(required=True)
    quantity = JsonNumber(load_default=None, allow_none=False)
    uom = Text(3, pattern=_UNIT, load_default=None, allow_none=False)


class BizTransaction(Closed):
    """EPCIS BizTransaction: a document that the event belongs to, such as a purchase order."""

    type = Word(TRANSACTION_TYPES, load_default=None, allow_none=False)
    bizTransaction = Uri(required=True)


class Source(Closed):
    """EPCIS Source: from whom."""

    type = Word(PARTY_TYPES, required=True)
    source = Uri(required=True)


class Destination(Closed):
    """EPCIS Destination: to whom."""

    type = Word(PARTY_TYPES, required=True)
    destination = Uri(required=True)


class Location(QuickSchema):
    """EPCIS ReadPoint or BusinessLocation."""

    class Meta:
        """What else is said of the place is let through, as the JSON Schema does."""

        unknown = INCLUDE

    id = Uri(required=True)


class PersistentDisposition(Closed):
    """Dispositions that hold until they are taken away again, and those that are."""

    set: Items[Any] = Items(Word(DISPOSITIONS), 100)
    unset: Items[Any] = Items(Word(DISPOSITIONS), 100)

    def check_whole(self, data: dict[str, Any]) -> None:
        """At least one of the two, and each with something, once."""
        if not data:
            raise ValidationError("expected set or unset, got neither", "set")
        for name, words in data.items():
            if not words or len({*words}) != len(words):
                raise ValidationError("expected at least one disposition, each once", name)


class ErrorDeclaration(Extended):
    """That an event is taken back, when, why, and by which events it is put right."""

    declarationTime = When(required=True)
    reason = Word(ERROR_REASONS)
    correctiveEventIDs = Uris()


class SensorMetadata(Extended):
    """When, by which device and how it was measured."""

    time = When()
    startTime = When()
    endTime = When()
    deviceID = Uri()
    deviceMetadata = Uri()
    rawData = Uri()
    dataProcessingMethod = Uri()
    bizRules = Uri()


class SensorReport(Extended):
    """One thing that was measured."""

    type = Word(MEASUREMENTS, is_other_measure, required=True)
    exception = Word(ALERTS, is_other_measure)
    component = Word(COMPONENTS)
    time = When()
    deviceID = Uri()
    deviceMetadata = Uri()
    rawData = Uri()
    dataProcessingMethod = Uri()
    bizRules = Uri()
    microorganism = Uri()
    chemicalSubstance = Uri()
    coordinateReferenceSystem = Uri()
    uriValue = Uri()
    value = Measured()
    minValue = Measured()
    maxValue = Measured()
    meanValue = Measured()
    sDev = Measured()
    percRank = Measured()
    percValue = Measured()
    stringValue = Text(10_000, shortest=0)
    booleanValue = Flag()
    hexBinaryValue = Text(10_000, pattern=r"[A-Fa-f0-9]+")
    uom = Text(_LONGEST, shortest=0)


class SensorElement(Extended):
    """What sensors told."""

    sensorMetadata = Part(SensorMetadata)
    sensorReport: Items[Any] = Items(Part(SensorReport), _MOST, required=True)

    def check_whole(self, data: dict[str, Any]) -> None:
        """At least one report."""
        if not data["sensorReport"]:
            raise ValidationError("expected at least one report, got none", "sensorReport")


class Context(fields.Field[Any]):
    """A JSON-LD context: a URI, an object, or a list of these, each once."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Any:
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, dict) or (isinstance(item, str) and is_uri(item)) for item in items):
            raise ValidationError(f"expected a URI, an object or a list of these, got {value!r:.60}")
        if any(item in items[:at] for at, item in enumerate(items)):
            raise ValidationError("expected each once, got one twice")
        return value


class Certification(fields.Field[Any]):
    """A URI, or a list of URIs."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Any:
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) and is_uri(item) for item in items):
            raise ValidationError(f"expected a URI or a list of URIs, got {value!r:.60}")
        return value
