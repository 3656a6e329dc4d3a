"""From a cell to a value, by the kind of its column. Each reader raises `BadCellError` with why it can't.

Numbers are plain decimals of at most 15 significant digits, which is what a spreadsheet keeps and a JSON number bears
without loss. Times are year, month, day in this order, by China's clock unless they carry an offset.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from api.bulk.faults import Wrong
from api.bulk.table import Cell, Unreadable
from api.bulk.vocabulary import Vocabulary, normalise
from keys.errors import RefusedError
from trace.days import CHINA
from trace.epcis.identifiers import LotId, gtin_check_digit, make_lot, parse_lot
from trace.uscc import check_uscc

_DIGITS = 15
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}")
_TIME = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?"
    r"(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?)?(?: ?(Z|[+-][0-9]{2}:[0-9]{2}))?"
)
# A contract's number ends a URI, and is read back from its end.
_CONTRACT = re.compile(r"[^\s:/\x00-\x1f\x7f]{1,80}")
_PLACE = re.compile(r"[A-Za-z0-9._~:/?=&%+-]{1,200}")
_LONGEST_TEXT = {"standard": 80, "type": 80, "class": 40, "material": 40, "nominal_area_mm2": 40}


class BadCellError(Exception):
    """A cell that is no value of its column's kind."""

    def __init__(self, wrong: Wrong, **facts: object) -> None:
        super().__init__(wrong)
        self.wrong, self.facts = wrong, facts


@dataclass(frozen=True, slots=True)
class Asked:
    """What readers need to know beside the cell."""

    code: str
    words: Vocabulary
    now: datetime


def read_cell(cell: Cell, kind: str, asked: Asked) -> object:
    """The value of a cell that is not empty. Raises BadCellError."""
    if isinstance(cell, Unreadable):
        raise BadCellError(Wrong(cell.fault))
    return _READERS[kind](cell, asked)


def _as_text(cell: Cell) -> str:
    """A cell as the text that it shows."""
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return cell if isinstance(cell, str) else ""


def _read_text(cell: Cell, asked: Asked) -> str:
    text = _as_text(cell)
    if len(text) > _LONGEST_TEXT.get(asked.code, 120):
        raise BadCellError(Wrong.TEXT_TOO_LONG)
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise BadCellError(Wrong.TEXT_INVALID, got=_short(cell))
    return text


def _read_identifier(cell: Cell, asked: Asked) -> str:
    """A lot number or serial. A number in a spreadsheet keeps 15 digits, and no zeros before them."""
    _check_digits(cell)
    return unicodedata.normalize("NFKC", _as_text(cell))


def _read_gtin(cell: Cell, asked: Asked) -> str:
    _check_digits(cell)
    text = unicodedata.normalize("NFKC", _as_text(cell))
    if not _GTIN.fullmatch(text):
        raise BadCellError(Wrong.GTIN_INVALID, got=_short(cell))
    if text[-1] != (expected := gtin_check_digit(text[:-1])):
        raise BadCellError(Wrong.CHECK_DIGIT, expected=expected, got=text)
    return text.zfill(14)


def _check_digits(cell: Cell) -> None:
    if isinstance(cell, Decimal) and (cell != cell.to_integral() or abs(cell) >= 10**_DIGITS or cell < 0):
        raise BadCellError(Wrong.DIGITS_LOST, got=_short(cell))


def _read_link(cell: Cell, asked: Asked) -> LotId:
    return _make(lambda: parse_lot(_as_text(cell)), Wrong.LINK_INVALID, _short(cell))


def make_unit(gtin: str, lot: str, serial: str | None) -> LotId:
    """The lot or unit of three cells. Raises BadCellError."""
    return _make(lambda: make_lot(gtin, lot, serial), Wrong.IDENTIFIER_INVALID, serial or lot)


def _make(make: Callable[[], LotId], wrong: Wrong, got: str) -> LotId:
    try:
        return make()
    except RefusedError as error:
        raise BadCellError(wrong, got=got[:80]) from error


def _read_amount(cell: Cell, asked: Asked) -> Decimal:
    number = _read_metre(cell, asked)
    if number == 0:
        raise BadCellError(Wrong.NOT_POSITIVE)
    return number


def _read_metre(cell: Cell, asked: Asked) -> Decimal:
    text = unicodedata.normalize("NFKC", _as_text(cell))
    if not _NUMBER.fullmatch(text):
        is_negative = text.startswith("-") and _NUMBER.fullmatch(text[1:])
        raise BadCellError(Wrong.NOT_POSITIVE if is_negative else Wrong.NUMBER_EXPECTED, got=_short(cell))
    if len(text.replace(".", "").strip("0")) > _DIGITS:
        raise BadCellError(Wrong.NUMBER_TOO_LONG, got=_short(cell))
    return Decimal(text)


def _read_unit(cell: Cell, asked: Asked) -> str:
    return _look_up(asked.words.units, cell, Wrong.UNIT_UNKNOWN)


def _read_step(cell: Cell, asked: Asked) -> str:
    return _look_up(asked.words.steps, cell, Wrong.STEP_UNKNOWN)


def _look_up(words: Mapping[str, str], cell: Cell, wrong: Wrong) -> str:
    code = words.get(normalise(_as_text(cell)))
    if code is None:
        raise BadCellError(wrong, got=_short(cell))
    return code


def _read_time(cell: Cell, asked: Asked) -> datetime:
    at = cell.replace(tzinfo=CHINA) if isinstance(cell, datetime) else _parse_time(_as_text(cell))
    if at is None or not 1950 <= at.year < 2200:
        raise BadCellError(Wrong.TIME_EXPECTED, got=_short(cell))
    if at > asked.now:
        raise BadCellError(Wrong.IN_FUTURE, got=at)
    return at


def _parse_time(text: str) -> datetime | None:
    match = _TIME.fullmatch(unicodedata.normalize("NFKC", text))
    if match is None:
        return None
    parts = [int(part or 0) for part in match.groups()[:6]]
    try:
        return datetime(*parts, tzinfo=_zone(match[7]))  # type: ignore[arg-type,misc]
    except ValueError:
        return None


def _zone(offset: str | None) -> timezone:
    if offset is None:
        return CHINA
    if offset == "Z":
        return timezone.utc  # noqa: UP017 - what EPCIS calls an offset
    hours, minutes = int(offset[1:3]), int(offset[4:])
    return timezone((-1 if offset[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def _read_uscc(cell: Cell, asked: Asked) -> str:
    text = unicodedata.normalize("NFKC", _as_text(cell)).upper()
    try:
        return check_uscc(text)
    except RefusedError as error:
        raise BadCellError(Wrong.USCC_INVALID, got=_short(cell)) from error


def _read_contract(cell: Cell, asked: Asked) -> str:
    return _fit(_CONTRACT, cell)


def _read_place(cell: Cell, asked: Asked) -> str:
    return _fit(_PLACE, cell)


def _fit(shape: re.Pattern[str], cell: Cell) -> str:
    _check_digits(cell)
    text = _as_text(cell)
    if not shape.fullmatch(text):
        raise BadCellError(Wrong.TEXT_INVALID, got=_short(cell))
    return text


def _short(cell: Cell) -> str:
    return _as_text(cell)[:80]


_READERS: Mapping[str, Callable[[Cell, Asked], object]] = {
    "text": _read_text,
    "number": _read_contract,
    "place": _read_place,
    "gtin": _read_gtin,
    "lot": _read_identifier,
    "serial": _read_identifier,
    "link": _read_link,
    "amount": _read_amount,
    "metre": _read_metre,
    "unit": _read_unit,
    "step": _read_step,
    "time": _read_time,
    "uscc": _read_uscc,
}
"""How each kind of column is read."""
