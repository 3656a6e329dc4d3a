"""What a PDF's text says, beside what the lab's report says: number, day of issue, values and units, conclusion.

The text is found, not understood. A thing of the report is `same` where the text has it, `differs` where the line in
which it should stand has something else, and `missing` where nothing can be told. A difference is shown to people side
by side and judged by a rule only once somebody has signed it. Only what the file gives as text is read: a picture laid
over it says what nobody reads here.

It stands in `api/` for it knows what things are called on paper in two languages, and below nobody knows any.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from labs.papers.pages import MOST_CHARACTERS

# What stands for a unit of the registry on paper: letters folded by `_fold`.
_UNITS: Mapping[str, tuple[str, ...]] = {
    "ohm/km": ("ω/km", "ohm/km", "欧/千米", "欧姆/千米", "ω/千米"),
    "ohm": ("ω", "ohm", "欧姆"),
    "mm": ("mm", "毫米"),
    "m": ("m", "米"),
    "kg": ("kg", "千克", "公斤"),
    "mpa": ("mpa", "n/mm2", "兆帕"),
    "n/mm2": ("mpa", "n/mm2", "兆帕"),
    "%": ("%",),
}
_NUMBER = re.compile(r"(?<![\w.\-/])[+-]?\d{1,12}(?:\.\d{1,9})?(?![\w]*\d)(?!\.\d)")
_TEMPERATURE = re.compile(r"[+-]?\d+(?:\.\d+)?\s*(?:°\s*c|℃|度)")
_DAY = re.compile(r"(?<!\d)(\d{4})\s*(?:[-./]|年)\s*(\d{1,2})\s*(?:[-./]|月)\s*(\d{1,2})(?!\d)")
_ISSUED = re.compile(r"签发日期|发布日期|报告日期|批准日期|date of issue|issue date|issued")
_CONCLUDED = re.compile(r"结论|conclusion")
_FAIL = re.compile(r"不合格|不符合|\bfail|not conform|not comply|nonconform")
_PASS = re.compile(r"(?<!不)合格|(?<!不)符合|\bpass|\bconform|\bcompl(?:y|ies)")


@dataclass(frozen=True, slots=True)
class Claim:
    """A value of the report, with the names that it may go by on paper (in any language)."""

    parameter: str
    names: tuple[str, ...]
    value: Decimal
    unit: str
    limit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One thing compared. `field` is number, issued_on, conclusion, or a parameter. `printed` is the text's, as it
    stands there; "" where nothing can be told.
    """

    field: str
    state: str
    """same, differs or missing."""
    registered: str
    printed: str


def compare(
    text: str, *, number: str, issued_on: date | None, conclusion: str | None, claims: Collection[Claim]
) -> tuple[Field, ...]:
    """Side by side, in the order of a report. An empty text gives nothing: a scan without text was not checked."""
    if not text.strip():
        return ()
    lines = [_fold(line) for line in text[:MOST_CHARACTERS].splitlines()]
    return tuple(_compare(lines, number, issued_on, conclusion, claims))


def _compare(
    lines: list[str], number: str, issued_on: date | None, conclusion: str | None, claims: Collection[Claim]
) -> Iterator[Field]:
    squeezed = "".join(lines).replace(" ", "")
    yield Field("number", "same" if _fold(number).replace(" ", "") in squeezed else "missing", number, "")
    if issued_on is not None:
        yield _compare_day(lines, issued_on)
    for claim in claims:
        yield _compare_value(lines, claim)
    if conclusion in ("pass", "fail"):
        yield _compare_conclusion(lines, conclusion)


def _compare_day(lines: list[str], issued_on: date) -> Field:
    days = [_read_days(line) for line in lines]
    registered = issued_on.isoformat()
    if any(issued_on in found for found in days):
        return Field("issued_on", "same", registered, registered)
    # Only a day that the line calls the day of issue contradicts it.
    for line, found in zip(lines, days, strict=True):
        if found and _ISSUED.search(line):
            return Field("issued_on", "differs", registered, found[-1].isoformat())
    return Field("issued_on", "missing", registered, "")


def _read_days(line: str) -> list[date]:
    found = []
    for year, month, day in _DAY.findall(line):
        try:
            found.append(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return found


def _compare_value(lines: list[str], claim: Claim) -> Field:
    registered = f"{claim.value:f} {claim.unit}"
    spoken = [line for line in lines if any(_fold(name) in line for name in claim.names)]
    if not spoken:
        spoken = [line for line in lines if _has_unit(line, claim.unit)]
    # A limit that equals the value stands on the line as well: then the value has to be there once more.
    wanted = 2 if claim.limit == claim.value else 1
    told = [_read_numbers(line) for line in spoken]
    if sum(found.count(claim.value) for found in told) >= wanted:
        return Field(claim.parameter, "same", registered, registered)
    others = [value for found in told for value in found if value != claim.limit]
    if not others:
        return Field(claim.parameter, "missing", registered, "")
    # The nearest is what most likely was put in its place.
    near = min(others, key=lambda value: abs(value - claim.value))
    is_alike = claim.value == 0 or abs(near - claim.value) <= abs(claim.value)
    return Field(claim.parameter, "differs" if is_alike else "missing", registered, f"{near:f}" if is_alike else "")


def _read_numbers(line: str) -> list[Decimal]:
    """The numbers of a line that can be values: no temperatures, days, names of standards or item numbers."""
    line = _DAY.sub(" ", _TEMPERATURE.sub(" ", line))
    line = re.sub(r"(?:gb/?t?|iec|iso|yb|jg|jb)[/t\s]*\d+(?:\.\d+)*(?:\s*[-—–:]\s*\d{2,4})?", " ", line)
    return [Decimal(found) for found in _NUMBER.findall(line)]


def _has_unit(line: str, unit: str) -> bool:
    folded = _fold(unit)
    words = _UNITS.get(folded, (folded,))
    return any(re.search(rf"(?<![a-zω]){re.escape(word)}(?![a-zω/])", line) for word in words)


def _compare_conclusion(lines: list[str], conclusion: str) -> Field:
    spoken = [line for line in lines if _CONCLUDED.search(line)]
    told = {word for line in spoken for word, pattern in (("fail", _FAIL), ("pass", _PASS)) if pattern.search(line)}
    if len(told) != 1:  # nothing, or a form that prints both words
        return Field("conclusion", "missing", conclusion, "")
    (printed,) = told
    return Field("conclusion", "same" if printed == conclusion else "differs", conclusion, printed)


def _fold(text: str) -> str:
    """Full-width, ligatures, Ohm and micro signs, case and runs of spaces: all one (Unicode NFKC, UAX #15)."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"\s+", " ", folded.replace("−", "-").replace("–", "-"))
