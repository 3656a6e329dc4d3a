"""Schemas that read what is in order quickly, and leave what is not to marshmallow.

Marshmallow's loading keeps account of every fault as it goes, which costs more than checking a signature. A schema
here first walks what it is given and lets each field read its value; the first fault ends that walk, and marshmallow's
own `load` begins anew and names every fault. So what is accepted, and as which values, is marshmallow's word alone:
`tests/trace/test_reading.py` holds the two against each other for the body of every kind.
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from marshmallow import Schema, ValidationError, fields, missing, validate, validates_schema

T = TypeVar("T")


class QuickSchema(Schema):
    """A schema whose only hooks are `check_whole` and `check_names`. Its `Meta.unknown` is RAISE or INCLUDE."""

    def check_names(self, data: Mapping[str, Any]) -> None:
        """What can be said of an object before its members are read: which they are. Raises ValidationError."""

    def check_whole(self, data: dict[str, Any]) -> None:
        """What no field can say alone. Raises ValidationError with the field's name."""

    @validates_schema
    def _check_whole(self, data: dict[str, Any], **options: Any) -> None:
        self.check_whole(data)

    @cached_property
    def _inner_names(self) -> frozenset[str]:
        return frozenset(name for name, field in self.load_fields.items() if field.data_key not in (None, name))

    def load(self, data: Any, **options: Any) -> Any:
        """As marshmallow's: values by attribute name. Raises ValidationError with every fault."""
        if isinstance(data, dict):
            if self._has_names:
                self.check_names(data)
            if options and any(options.values()):
                return super().load(data, **options)
            # An extension must not stand for what a field of ours was read into under another name.
            if not self._inner_names.isdisjoint(data):
                data = {key: value for key, value in data.items() if key not in self._inner_names}
            try:
                return self._read(data)
            except ValidationError:
                pass
        return super().load(data, **options)

    @cached_property
    def _has_names(self) -> bool:
        return type(self).check_names is not QuickSchema.check_names

    @cached_property
    def _readers(self) -> dict[str, tuple[str, Any]]:
        """Of each key that a field reads, the field's name and how it reads."""
        return {field.data_key or name: (name, field.deserialize) for name, field in self.load_fields.items()}

    @cached_property
    def _required(self) -> frozenset[str]:
        return frozenset(field.data_key or name for name, field in self.load_fields.items() if field.required)

    @cached_property
    def _constants(self) -> dict[str, Any]:
        """What fields are that are not there."""
        given = {name: field.load_default for name, field in self.load_fields.items()}
        return {name: default for name, default in given.items() if default is not missing and not callable(default)}

    @cached_property
    def _made(self) -> tuple[tuple[str, Any], ...]:
        """What is made anew for each field that is not there."""
        return tuple((name, f.load_default) for name, f in self.load_fields.items() if callable(f.load_default))

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset(self._readers)

    def _read(self, data: Mapping[str, Any]) -> dict[str, Any]:
        if not self._required <= data.keys():
            raise ValidationError("missing")
        read, readers = self._constants.copy(), self._readers
        for key, value in data.items():
            if key in readers:
                name, deserialize = readers[key]
                read[name] = deserialize(value, key, data)
            elif self.unknown == "raise":
                raise ValidationError("unknown")
            else:
                read[key] = value
        for name, make in self._made:
            if name not in read:
                read[name] = make()
        self.check_whole(read)
        return read


class Text(fields.String):
    """Text of `shortest` to `longest` characters that fits `pattern` whole, where one is given."""

    def __init__(self, longest: int, *, shortest: int = 1, pattern: str | None = None, **options: Any) -> None:
        checks: list[Any] = [validate.Length(shortest, longest)]
        if pattern is not None:
            checks.append(validate.Regexp(rf"(?:{pattern})\Z"))
        super().__init__(validate=checks, **options)
        self._shortest, self._longest = shortest, longest
        self._fits = re.compile(pattern).fullmatch if pattern is not None else None

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """The text itself; whatever is not in order is marshmallow's to refuse."""
        is_text = type(value) is str and self._shortest <= len(value) <= self._longest
        if is_text and (self._fits is None or self._fits(value) is not None):
            return value
        return super().deserialize(value, attr, data, **options)


class Choice(fields.String):
    """One of a few words."""

    def __init__(self, words: Collection[str], **options: Any) -> None:
        super().__init__(validate=validate.OneOf(words), **options)
        self._words = frozenset(words)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """The word itself; whatever is not in order is marshmallow's to refuse."""
        if type(value) is str and value in self._words:
            return value
        return super().deserialize(value, attr, data, **options)


class Moment(fields.AwareDateTime):
    """An ISO 8601 time with its offset, between two times, both included."""

    def __init__(self, earliest: datetime, latest: datetime, **options: Any) -> None:
        super().__init__(format="iso", validate=validate.Range(earliest, latest), **options)
        self._earliest, self._latest = earliest, latest

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """The aware time; whatever is not in order is marshmallow's to refuse."""
        if type(value) is str:
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                moment = None
            if moment is not None and moment.tzinfo is not None and self._earliest <= moment <= self._latest:
                return moment
        return super().deserialize(value, attr, data, **options)


class Pairs(fields.Dict):
    """At most `most` names with a value each; both are read by fields of their own."""

    def __init__(self, names: Any, values: Any, most: int, **options: Any) -> None:
        super().__init__(names, values, validate=validate.Length(max=most), **options)
        self._name, self._value, self._most = names.deserialize, values.deserialize, most

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """The pairs; whatever is not in order is marshmallow's to refuse."""
        if type(value) is dict and len(value) <= self._most:
            try:
                return {self._name(name): self._value(item) for name, item in value.items()}
            except ValidationError:
                pass
        return super().deserialize(value, attr, data, **options)


class Part(fields.Nested):
    """A schema within a schema."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """The part as its schema reads it; whatever is not in order is marshmallow's to refuse."""
        if type(value) is dict and not options and not self.validators:
            try:
                return self.schema.load(value)
            except ValidationError:
                pass
        return super().deserialize(value, attr, data, **options)


class Items(fields.List[T]):
    """A list of at most `most` values, each read by the field `inner`."""

    def __init__(self, inner: Any, most: int | None = None, **options: Any) -> None:
        if most is not None:
            options["validate"] = validate.Length(max=most)
        super().__init__(inner, **options)
        self._most = most

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """The values; whatever is not in order is marshmallow's to refuse."""
        if type(value) is list and (self._most is None or len(value) <= self._most) and not options:
            try:
                return [self.inner.deserialize(item) for item in value]
            except ValidationError:
                pass
        return super().deserialize(value, attr, data, **options)
