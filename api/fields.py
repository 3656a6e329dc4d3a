"""The fields of requests and replies: how each kind of value is written in JSON.

Numbers that measure or trade are strings of plain digits, times are RFC 3339 UTC, hashes are lower-case hexadecimal.
"""

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from marshmallow import ValidationError, fields

from keys.keyring import PublicKey
from labs.casework.register import write_fact
from trace.kinds import Role


class Whole(fields.Field[int]):
    """A whole number in plain digits, between `least` and `most`."""

    def __init__(self, least: int = 0, most: int = 2**63 - 1, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> int | None:
        return None if value is None else int(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"0|[1-9][0-9]{0,18}", value):
            raise ValidationError(f"expected a whole number, got {value!r:.40}")
        number = int(value)
        if not self.least <= number <= self.most:
            raise ValidationError(f"expected {self.least} to {self.most}, got {number}")
        return number


class Amount(fields.Field[Decimal]):
    """A Decimal as its plain digits in a string."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> str | None:
        return None if value is None else format(value, "f")


class Time(fields.Field[datetime]):
    """An instant, RFC 3339 in UTC."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Hex(fields.Field[bytes]):
    """Bytes in lower-case hexadecimal; as a parameter, a hash of 32."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> str | None:
        return None if value is None else value.hex()

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> bytes:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{64}", value):
            raise ValidationError(f"expected 64 lower-case hexadecimal digits, got {value!r:.80}")
        return bytes.fromhex(value)


class Base64(fields.Field[bytes]):
    """Bytes in base64 (RFC 4648 §4), padded."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> str | None:
        return None if value is None else base64.b64encode(value).decode("ascii")


class Facts(fields.Field[Mapping[str, Any]]):
    """The facts of a finding or a reason: decimals and dates as text."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> dict[str, Any]:
        return {name: write_fact(fact) for name, fact in value.items()}


class Jwk(fields.Field[PublicKey]):
    """A public key as JWK (RFC 7517, RFC 8037)."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> dict[str, str]:
        jwk: dict[str, str] = value.to_jwk()
        return jwk


class Roles(fields.Field[frozenset[Role]]):
    """Roles, in alphabetical order."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> list[str]:
        return sorted(value)


class LotUrl(fields.Field[str]):
    """The address of the state of the lot that an object is about, from its `lot`."""

    _CHECK_ATTRIBUTE = False

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> str:
        return lot_url(obj.lot)


def lot_url(lot: str) -> str:
    """Where the API answers about a lot; its characters are percent-encoded."""
    return "/api/v1/lots/" + quote(lot, safe="/")
