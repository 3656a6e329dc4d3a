"""GS1 Application Identifiers (AI) that this registry reads, each with the form of its value.

    check_element("17", "261031")     # fine
    check_element("17", "261332")     # RefusedError digital-link-invalid: AI 17, expected a day YYMMDD

Keys name a thing (00 logistic unit, 01 product, 414 place), qualifiers narrow a key (10 lot, 21 serial, 254 part of a
place), attributes say something of it (11 made on, 17 use by, 3103 net weight in grams …). An AI that is not here is
refused: a value that nobody can check is no identifier. Source: GS1 General Specifications 26, section 3 and figure
7.11-1 (character set 82).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from biip import ParseError
from biip.gs1_messages import GS1Message

from keys.errors import RefusedError
from trace.epcis.identifiers import LOT_TEXT, gtin_check_digit

# Character set 82 whole: attributes stand in a query, where "/" ends nothing.
_TEXT_82 = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+")
_DIGITS = re.compile(r"[0-9]+")
_LAST_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Form:
    """What a value looks like: `shortest` to `longest` characters, digits or text, and what it has to satisfy.

    `is_checked`: its last digit is the GS1 check digit. `is_day`: YYMMDD, DD 00 for the whole month.
    """

    longest: int
    shortest: int = 1
    is_digits: bool = False
    is_checked: bool = False
    is_day: bool = False
    is_path: bool = False
    """Stands in the path of a Digital Link, where "/" can't."""

    @property
    def is_fixed(self) -> bool:
        """Is it always as long?"""
        return self.shortest == self.longest


def _digits(count: int, **facts: bool) -> Form:
    return Form(count, count, is_digits=True, **facts)


KEYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "00": ((),),
    "01": ((), ("10",), ("10", "21"), ("21",)),
    "414": ((), ("254",)),
}
"""Keys, and the qualifiers that may follow each in a path, in this order (GS1 Digital Link URI Syntax 1.4, 4.8).

01 may be followed by 22 there as well, the variant that a consumer is sold; no material that is built in has one, and
a lot under two names would have two histories. So 22 is refused.
"""

FORMS: Mapping[str, Form] = {
    "00": _digits(18, is_checked=True),
    "01": _digits(14, is_checked=True),
    "414": _digits(13, is_checked=True),
    "10": Form(20, is_path=True),
    "21": Form(20, is_path=True),
    "254": Form(20, is_path=True),
    **{ai: _digits(6, is_day=True) for ai in ("11", "12", "13", "15", "16", "17")},
    "20": _digits(2),
    "30": Form(8, is_digits=True),
    "37": Form(8, is_digits=True),
    # Measures: the last digit says how many decimals the value has. 310n kg, 311n m, 330n kg gross, 331n m …
    **{f"{measure}{places}": _digits(6) for measure in (*range(310, 317), *range(330, 338)) for places in range(6)},
    "240": Form(30),
    "241": Form(30),
    "400": Form(30),
}
"""The form of every AI that is read here."""

QUALIFIERS = frozenset(ai for sequences in KEYS.values() for sequence in sequences for ai in sequence)
ATTRIBUTES = frozenset(FORMS) - set(KEYS) - QUALIFIERS


def check_element(ai: str, value: str) -> str:
    """The value itself. Raises RefusedError `digital-link-invalid` naming the AI and what it should look like."""
    form = FORMS.get(ai)
    if form is None:
        raise RefusedError("digital-link-invalid", where=f"AI {ai[:8]}", expected=f"one of {', '.join(FORMS)}"[:120])
    pattern = _DIGITS if form.is_digits else LOT_TEXT if form.is_path else _TEXT_82
    if not form.shortest <= len(value) <= form.longest or not pattern.fullmatch(value):
        raise _refuse(ai, _describe(form), value)
    if form.is_checked and value[-1] != (digit := gtin_check_digit(value[:-1])):
        raise _refuse(ai, f"check digit {digit}", value[-1])
    if form.is_day and not _is_day(value):
        raise _refuse(ai, "a day YYMMDD", value)
    return value


def read_elements(text: str) -> tuple[tuple[str, str], ...]:
    """The (AI, value) of a GS1 element string: with its AIs in brackets, as it stands beneath the symbol, or as a
    scanner sends it, where FNC1 comes as the group separator (U+001D).

    biip cuts the latter. What it lets through and we don't: a wrong check digit, an AI that comes twice, "/" in a lot.
    Raises RefusedError `digital-link-invalid`.
    """
    if not 0 < len(text) <= 200:
        raise RefusedError("digital-link-invalid", expected="1 to 200 characters", got=len(text))
    elements = tuple(_cut(text) if _BRACKETED.fullmatch(text) else _cut_scanned(text))
    if not elements or len({ai for ai, _ in elements}) < len(elements):
        raise RefusedError("digital-link-invalid", expected="each AI once", got=text[:80])
    return tuple((ai, check_element(ai, widen(ai, value))) for ai, value in elements)


def widen(ai: str, value: str) -> str:
    """GTINs of 8, 12 and 13 digits are the same product as with zeros before them; others stay as they are."""
    return value.zfill(14) if ai == "01" and len(value) in (8, 12, 13) else value


# A bracket may stand in a text too; before an AI it stands with two to four digits and another.
_MARK = re.compile(r"\(([0-9]{2,4})\)")
_BRACKETED = re.compile(r"(?:\([0-9]{2,4}\)[!-~]+)+")


def _cut(text: str) -> Iterator[tuple[str, str]]:
    marks = [mark for mark in _MARK.finditer(text) if mark[1] in FORMS or mark.start() == 0]
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=True):
        yield mark[1], text[mark.end() : end]


def _cut_scanned(text: str) -> Iterator[tuple[str, str]]:
    try:
        message = GS1Message.parse(text)
    except ParseError as error:
        raise RefusedError("digital-link-invalid", expected="(01)…(10)…(21)…", got=text[:80]) from error
    for element in message.element_strings:
        yield element.ai.ai, element.value


def _is_day(value: str) -> bool:
    month, day = int(value[2:4]), int(value[4:])
    return 1 <= month <= 12 and day <= _LAST_DAYS[month - 1]


def _describe(form: Form) -> str:
    what = "digits" if form.is_digits else "GS1 characters"
    count = str(form.longest) if form.is_fixed else f"{form.shortest} to {form.longest}"
    return f"{count} {what}"


def _refuse(ai: str, expected: str, got: str) -> RefusedError:
    return RefusedError("digital-link-invalid", where=f"AI {ai}", expected=expected, got=got[:40])
