"""Names of lots and units, and of the logistic units that they are packed in: GS1 Digital Link URIs, whatever host they
carry.

Example: https://id.gs1.org/01/06901234567892/10/A1-2015/21/D007 is unit D007 of lot A1-2015, and
https://id.gs1.org/00/106901234567890128 a pallet, case or container. Its id is the path without the leading slash,
percent-decoded. Sources: GS1 Digital Link URI Syntax 1.4, GS1 General Specifications (AI 00, 01, 10, 21).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

from biip.gtin import Gtin

from keys.errors import RefusedError

CANONICAL_HOST = "https://id.gs1.org"
LOGISTIC = "00/"
_LONGEST = 300
# GS1 General Specifications figure 7.11-1: character set 82, without "/" which would end a path segment in too many
# tools: proxies and frameworks decode %2F before they route, and then the same label is another unit's.
LOT_TEXT = re.compile(r"[!\"%&'()*+,\-.0-9:;<=>?A-Z_a-z]{1,20}")
# How nearly everybody writes one. Without signs that a URI's parts have to be taken apart for.
_PLAIN = re.compile(
    r"(?:https?://[a-z0-9.\-]+(?::[0-9]+)?)?/?01/([0-9]+)/10/([A-Za-z0-9_.\-]+)(?:/21/([A-Za-z0-9_.\-]+))?"
)


@dataclass(frozen=True, slots=True, order=True)
class LotId:
    """A lot (batch of a product), or one serialised unit of it. `gtin` has 14 digits."""

    gtin: str
    lot: str
    serial: str | None = None

    def __str__(self) -> str:
        unit = f"/21/{self.serial}" if self.serial is not None else ""
        return f"01/{self.gtin}/10/{self.lot}{unit}"

    @property
    def path(self) -> str:
        """The percent-encoded path of the Digital Link URI, with its leading slash."""
        unit = f"/21/{quote(self.serial, safe='')}" if self.serial is not None else ""
        return f"/01/{self.gtin}/10/{quote(self.lot, safe='')}{unit}"

    def uri(self, host: str = CANONICAL_HOST) -> str:
        """The Digital Link URI at a resolver."""
        return host.rstrip("/") + self.path

    @property
    def parent(self) -> "LotId | None":
        """The lot that a unit belongs to by its name."""
        return LotId(self.gtin, self.lot) if self.serial is not None else None


def parse_lot(uri: object) -> LotId:
    """Read a Digital Link URI, its path, or a lot id. Raises RefusedError `digital-link-invalid`."""
    if not isinstance(uri, str) or len(uri) > _LONGEST:
        raise _invalid(uri)
    return _parse(uri)


# An event is read several times on its way into the ledger, and before its turn comes so is its whole batch: as many as
# some hundred events have that name dozens each.
@lru_cache(maxsize=32_768)
def name_lot(uri: str) -> str:
    """The lot id that a URI names, as text. Raises RefusedError as `parse_lot` does."""
    return str(parse_lot(uri))


@lru_cache(maxsize=4096)
def _parse(uri: str) -> LotId:
    plain = _PLAIN.fullmatch(uri)
    if plain is not None:
        return make_lot(*plain.groups())
    match _split(uri):
        case ["01", gtin, "10", lot]:
            return make_lot(gtin, lot)
        case ["01", gtin, "10", lot, "21", serial]:
            return make_lot(gtin, lot, serial)
    raise _invalid(uri)


def parse_goods(uri: object) -> str:
    """The id of a lot, a unit or a logistic unit. Raises RefusedError `digital-link-invalid`."""
    if isinstance(uri, str) and len(uri) <= _LONGEST and "/00/" in f"/{uri}":
        match _split(uri):
            case ["00", sscc]:
                return make_logistic(sscc)
    return str(parse_lot(uri))


@lru_cache(maxsize=32_768)
def name_goods(uri: str) -> str:
    """As `parse_goods`, remembered as `name_lot` is."""
    return parse_goods(uri)


def make_logistic(sscc: str) -> str:
    """The id of a logistic unit from its SSCC: 18 digits, the last a check digit."""
    _check_number(sscc, "AI 00", r"[0-9]{18}", "18 digits")
    return LOGISTIC + sscc


def _check_number(number: str, where: str, pattern: str, expected: str) -> None:
    """Raises RefusedError `digital-link-invalid` for a GS1 key of another length, or with a wrong check digit."""
    if not re.fullmatch(pattern, number):
        raise RefusedError("digital-link-invalid", where=where, expected=expected, got=number[:40])
    digit = gtin_check_digit(number[:-1])
    if number[-1] != digit:
        raise RefusedError("digital-link-invalid", where=where, expected=f"check digit {digit}", got=number[-1])


def is_logistic(goods: str) -> bool:
    """Is it the id of a logistic unit, and of no lot or unit of goods?"""
    return goods.startswith(LOGISTIC)


def _split(uri: str) -> list[str]:
    """The segments of its path, decoded."""
    try:
        split = urlsplit(uri)
        segments = [unquote(segment, errors="strict") for segment in split.path.removeprefix("/").split("/")]
    except ValueError as error:
        raise _invalid(uri) from error
    if (
        split.scheme not in ("", "http", "https")
        # `urlsplit` drops ends of lines and tabs, and what stands before an @ is no host.
        or any(mark <= " " for mark in uri)
        or "@" in split.netloc
        or split.query
        or split.fragment
        or bool(split.scheme) != bool(split.netloc)
    ):
        raise _invalid(uri)
    return segments


def make_lot(gtin: str, lot: str, serial: str | None = None) -> LotId:
    """A lot id from its parts, the GTIN's check digit verified and its length brought to 14."""
    gtin_14 = _read_gtin(gtin)
    for identifier, value in (("AI 10", lot), ("AI 21", serial)):
        if value is not None and not LOT_TEXT.fullmatch(value):
            raise RefusedError(
                "digital-link-invalid", where=identifier, expected="1 to 20 GS1 characters", got=value[:40]
            )
    return LotId(gtin_14, lot, serial)


@lru_cache(maxsize=1024)
def _read_gtin(gtin: str) -> str:
    _check_number(gtin, "AI 01", r"[0-9]{8}|[0-9]{12,14}", "8, 12, 13 or 14 digits")
    return Gtin.parse(gtin).as_gtin_14()


def gtin_check_digit(digits: str) -> str:
    """The GS1 mod-10 check digit, weights 3 and 1 from the right."""
    total = sum(int(digit) * (3, 1)[index % 2] for index, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _invalid(uri: object) -> RefusedError:
    return RefusedError("digital-link-invalid", expected="/01/{gtin}/10/{lot}[/21/{serial}]", got=str(uri)[:80])
