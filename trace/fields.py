"""The marshmallow fields that statements are made of. Each reads one JSON type strictly and hands on a domain value."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from marshmallow import RAISE, ValidationError, fields

from keys.errors import RefusedError
from keys.keyring import PublicKey, read_jwk
from trace.epcis.identifiers import parse_lot
from trace.reading import QuickSchema, Text
from trace.uscc import check_uscc

T = TypeVar("T")
D = TypeVar("D", bound=date)
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Body(QuickSchema):
    """A statement's body: unknown members are refused, since nobody would answer for them."""

    class Meta:
        """Strict."""

        unknown = RAISE


class Words(Text):
    """Text of 1 to `longest` characters, without control characters."""

    def __init__(self, longest: int = 200, **options: Any) -> None:
        super().__init__(longest, pattern=r"[^\x00-\x1f\x7f]+", **options)


class Exact(fields.Field[Decimal]):
    """A decimal as a JSON string, up to 15 digits before and 9 after the point; becomes Decimal."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Decimal:
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            raise ValidationError(f'expected a decimal in a string such as "7.41", got {value!r:.60}')
        return Decimal(value)


class Day(fields.Field[date]):
    """A calendar day, ISO 8601 `YYYY-MM-DD`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> date:
        try:
            if isinstance(value, str) and _DATE.fullmatch(value):
                return _within_reach(date.fromisoformat(value))
        except ValueError:
            pass
        raise ValidationError(f"expected a day YYYY-MM-DD, got {value!r:.60}")


class Instant(fields.Field[datetime]):
    """An instant with its offset, RFC 3339; becomes aware UTC."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> datetime:
        try:
            if isinstance(value, str) and _INSTANT.fullmatch(value):
                return _within_reach(datetime.fromisoformat(value).astimezone(UTC))
        except (ValueError, OverflowError):
            pass
        raise ValidationError(f"expected an instant such as 2015-04-13T08:00:00+08:00, got {value!r:.60}")


class Flag(fields.Field[bool]):
    """JSON true or false, nothing that merely looks like it."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError(f"expected true or false, got {value!r:.40}")
        return value


class Uscc(fields.Field[str]):
    """A unified social credit code, both check characters verified."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        return _read_or_invalidate(check_uscc, value)


class LotRef(fields.Field[str]):
    """A GS1 Digital Link URI of a lot or unit; becomes the canonical lot id."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        return _read_or_invalidate(lambda uri: str(parse_lot(uri)), value)


class Sha256(fields.Field[str]):
    """A SHA-256 as 64 lower-case hexadecimal digits."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        if not isinstance(value, str) or not _SHA256.fullmatch(value):
            raise ValidationError(f"expected 64 lower-case hexadecimal digits, got {value!r:.80}")
        return value


class Jwk(fields.Field[PublicKey]):
    """A public key as JWK."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> PublicKey:
        return _read_or_invalidate(read_jwk, value)


class Name(Body):
    """What something is called, in Chinese and, where it has one, in English."""

    zh = Words(120, required=True)
    en = Words(120, load_default=None)


def _within_reach(when: D) -> D:
    """Years in which a time can be moved to any zone and back."""
    if not 1900 <= when.year < 3000:
        raise ValueError(f"expected a year from 1900 to 2999, got {when.year}")
    return when


def _read_or_invalidate(read: Callable[[object], T], value: object) -> T:
    try:
        return read(value)
    except RefusedError as error:
        raise ValidationError(str(error)) from error
