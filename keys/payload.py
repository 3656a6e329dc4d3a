"""JSON as this registry reads it: I-JSON (RFC 7493) with decimals, bounded, and never written back.

What is signed is bytes; this module only reads them. Refused: duplicate names, NaN and Infinity, integers beyond
2**53-1, numbers whose exponent would not fit a register, lone surrogates, U+0000, nesting over 32, more than 100,000
values, a byte order mark, trailing bytes.

Numbers with a fraction become `Decimal`, never float.
"""

import json
import re
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from keys.errors import RefusedError

MAX_DEPTH = 32
# Ours to choose: no statement has room for more, and a stranger's `[{},{},…]` grows twentyfold in memory.
MAX_VALUES = 100_000
MAX_INTEGER = 2**53 - 1  # RFC 7493 §2.2
# Ours to choose: more digits than any measurement or price carries, few enough that arithmetic stays cheap.
MAX_DIGITS, MAX_EXPONENT = 40, 40
# Possessive, and content with a string that never ends: nothing is tried twice, so that time and memory stay in
# proportion to what a stranger sends.
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
# A lone surrogate is no character (RFC 7493 §2.1); a NUL can't be kept as text by every database.
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def read_json(data: bytes) -> dict[str, Any]:
    """Read one JSON object. Raises RefusedError `payload-malformed` with `where` (byte or name) and what was
    expected.
    """
    try:
        text = data.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        raise RefusedError("payload-malformed", where=f"byte {error.start}", expected="UTF-8") from error
    _bound(data)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise RefusedError(
            "payload-malformed", where=f"character {error.pos}", expected="JSON", got=error.msg
        ) from error
    if not isinstance(value, dict):
        raise RefusedError("payload-malformed", where="the payload", expected="an object", got=type(value).__name__)
    if b"\\u" in data:
        _check_text(value)
    return value


def _bound(data: bytes) -> None:
    # No more of anything than there are signs that it begins with: for nearly every document that settles it.
    if data.count(b"{") + data.count(b"[") <= MAX_DEPTH and data.count(b",") <= MAX_VALUES - MAX_DEPTH:
        return
    structure = _STRINGS.sub(b"", data)
    # Each value but the first of a list or an object stands behind a comma.
    if sum(map(structure.count, (b"[", b"{", b","))) > MAX_VALUES:
        raise RefusedError("payload-malformed", expected=f"at most {MAX_VALUES} values", got="more")
    depth = 0
    # First all that can't be a bracket goes, so that the loop sees brackets alone.
    for byte in structure.translate(None, _NO_BRACKETS):
        if byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise RefusedError("payload-malformed", expected=f"nesting of at most {MAX_DEPTH}", got="deeper")
        else:
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise RefusedError("payload-malformed", where=twice, expected="each name once", got="a duplicate name")
    return members


def _check_text(value: Any) -> None:
    """Every string in it, names too. The document's own bytes are UTF-8 without control characters (json's `strict`),
    so only an escape can bring a lone surrogate or U+0000 in.
    """
    if isinstance(value, str):
        if _NO_TEXT.search(value):
            raise RefusedError("payload-malformed", expected="Unicode scalar values but U+0000", got="another")
    elif isinstance(value, list):
        for item in value:
            _check_text(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            _check_text(name)
            _check_text(item)


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        raise RefusedError("payload-malformed", expected="an integer within ±(2**53-1)", got=text[:24])
    return int(text)


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:  # its exponent is beyond what even Decimal holds
        number = Decimal("NaN")
    _, digits, exponent = number.as_tuple()
    if len(digits) > MAX_DIGITS or not isinstance(exponent, int) or abs(exponent) > MAX_EXPONENT:
        raise RefusedError(
            "payload-malformed", expected=f"at most {MAX_DIGITS} digits and exponent {MAX_EXPONENT}", got=text[:24]
        )
    return number


def _constant(text: str) -> NoReturn:
    raise RefusedError("payload-malformed", expected="a finite number", got=text)


# Made once: making one costs as much as reading a small statement with it.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_decimal, parse_constant=_constant
)
