"""Schemas that read what is in order quickly, and leave what is not to marshmallow.

Marshmallow's loading keeps account of every fault as it goes, which costs more than checking a signature. A schema
here first walks its own fields and lets each read its value; the first fault ends that walk, and marshmallow's own
`load` begins anew and names every fault. So what is accepted, and as which values, is marshmallow's word alone:
`tests/trace/test_reading.py` holds the two against each other for the body of every kind.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeVar

from marshmallow import Schema, ValidationError, fields, missing, validate, validates_schema

T = TypeVar("T")


class QuickSchema(Schema):
    """A schema whose only hook is `check_whole`. Its `Meta.unknown` is RAISE or INCLUDE."""

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
        if isinstance(data, dict) and not any(options.values()):
            # An extension must not stand for what a field of ours was read into under another name.
            if not self._inner_names.isdisjoint(data):
                data = {key: value for key, value in data.items() if key not in self._inner_names}
            try:
                return self._read(data)
            except ValidationError:
                pass
        return super().load(data, **options)

    def _read(self, data: Mapping[str, Any]) -> dict[str, Any]:
        read: dict[str, Any] = {}
        met = 0
        for name, field in self.load_fields.items():
            key = field.data_key or name
            if key in data:
                met += 1
                read[name] = field.deserialize(data[key], key, data)
            elif field.required:
                raise ValidationError("missing", key)
            elif field.load_default is not missing:
                read[name] = field.load_default() if callable(field.load_default) else field.load_default
        if met != len(data):
            if self.unknown == "raise":
                raise ValidationError("unknown")
            named = {field.data_key or name for name, field in self.load_fields.items()}
            read |= {key: value for key, value in data.items() if key not in named}
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
