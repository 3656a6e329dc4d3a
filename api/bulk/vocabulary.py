"""The words of templates: headings, units and steps in both languages, whichever the clerk's file is in."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from api.bulk.templates import Template
from api.words import LANGUAGES, load, say

# UN/CEFACT Recommendation 20, as far as the house has words for them.
UNITS = ("MTR", "KGM", "H87")
_STEPS = {"shipped": "move.shipped", "received": "move.received", "delivered": "act.delivered"}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words, as `normalise` leaves them, and the codes that they mean."""

    headings: Mapping[str, str]
    units: Mapping[str, str]
    steps: Mapping[str, str]


def normalise(text: str) -> str:
    """A word without what people type differently: width, case, space and punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(mark for mark in folded if mark.isalnum())


@cache
def vocabulary_of(template: Template) -> Vocabulary:
    """What may be written in a file of this template. Raises ValueError where one word would mean two things."""
    return Vocabulary(
        _fold((column.code, f"column.{column.code}") for column in template.columns),
        _fold((unit, f"unit.{unit}") for unit in UNITS),
        _fold(_STEPS.items()),
    )


def heading_of(code: str) -> str:
    """A column's heading in the language of the request."""
    return say(f"column.{code}", "title")


def word_of(kind: str, code: str) -> str:
    """An example as people write it: a unit or a step in the language of the request, all else as it is."""
    if kind == "unit":
        return say(f"unit.{code}", "title")
    if kind == "step":
        return say(_STEPS[code], "title")
    return code


def sheet_name(template: Template) -> str:
    """What the template's sheet and file are called in the language of the request."""
    return say(f"template.{template.name}", "title")


def _fold(words: Iterable[tuple[str, str]]) -> dict[str, str]:
    folded: dict[str, str] = {}
    for code, context in words:
        for text in (code, *(load(tongue).pgettext(context, "title") for tongue in LANGUAGES)):
            word = normalise(str(text))
            if folded.setdefault(word, code) != code:
                raise ValueError(f"{text} means {folded[word]} and {code}")
    return folded
