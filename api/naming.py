"""How people read what the house names: parties by their name, lots by what is printed on the drum, quantities with
their unit, facts with all of these in them.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from urllib.parse import quote

from flask import Flask

from api.words import knows, language, say, show
from trace.epcis.events import Quantity
from trace.epcis.identifiers import is_logistic
from trace.parties.register import Party
from trace.production.register import Lot

Names = Mapping[str, str]
"""Parties' names in the language of the request, by code."""

_USCC = re.compile(r"(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Z])")
_LOT = re.compile(r"(?<![0-9A-Za-z/])(?:01/[0-9]{14}/10/[^/\s,]+(?:/21/[^/\s,]+)?|00/[0-9]{18}(?![0-9]))")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9:]+)")

# Facts with the words of another list: what a lab tests (ISO 17025's object) is a product family.
_SAME_WORDS = {"object": "family", "next_relation": "relation"}


def register_naming(app: Flask) -> None:
    """Hand the labels to templates."""
    app.jinja_env.globals.update(
        lot_label=lot_label,
        lot_name=lot_name,
        lot_path=lot_path,
        number_label=number_label,
        party_name=party_name,
        place_label=place_label,
        quantity_label=quantity_label,
    )


def party_name(party: Party) -> str:
    """A party's name in this language; the Chinese one where it has no other."""
    return (party.name_en if language() == "en" else None) or party.name_zh


def lot_name(lot: Lot) -> str:
    """What was made, in this language; in Chinese where it has no other name."""
    return (lot.name_en if language() == "en" else None) or lot.name_zh


def party_names(parties: Mapping[str, Party]) -> Names:
    """Names by code."""
    is_english = language() == "en"
    return {uscc: (party.name_en if is_english else None) or party.name_zh for uscc, party in parties.items()}


def lot_label(lot_id: str) -> str:
    """What is printed on the goods: the batch and, for a unit, its own number. Example: 15A0421 · D007. Of a logistic
    unit what stands below its bar code, (00)106901234567890128.
    """
    if is_logistic(lot_id):
        return f"(00){lot_id.removeprefix('00/')}"
    parts = lot_id.split("/")
    return " · ".join(parts[index] for index in (3, 5) if index < len(parts)) or lot_id


# A page links to the same lot time and again.
@lru_cache(maxsize=4096)
def lot_path(lot_id: str, to: str = "") -> str:
    """The address of a lot's page: its scan page, or with `to` such as "/trace" another. Logistic units have one."""
    if is_logistic(lot_id):
        return f"/{lot_id}"
    return f"{to}/" + "/".join(quote(part, safe="") for part in lot_id.split("/"))


def place_label(place: str) -> str:
    """A place as people read it: "station-03" of our own URNs as Station 03, else as its owner's system names it."""
    name = place.removeprefix("urn:suzheng:place:")
    kind, _, number = name.partition("-")
    if number and knows(language(), f"place.{kind}", "title"):
        return say(f"place.{kind}", "title", number=number)
    return name


def unit_label(unit: str) -> str:
    """The unit as people write it; its UN/CEFACT code where the house has no word for it."""
    return say(f"unit.{unit}", "title") if knows(language(), f"unit.{unit}", "title") else unit


def number_label(value: Decimal) -> str:
    """A number without an exponent or idle zeros, thousands apart. Example: 12 500.5 (narrow no-break spaces)."""
    text = f"{value:,f}"
    whole, point, rest = text.partition(".")
    rest = rest.rstrip("0")
    return (whole + (point + rest if rest else "")).replace(",", "\u202f")


def quantity_label(amount: Quantity) -> str:
    """How much, with its unit."""
    return f"{number_label(amount.value)}\u00a0{unit_label(amount.unit)}"


def tell_facts(facts: Mapping[str, object], names: Names) -> dict[str, str]:
    """Facts as people read them in a sentence; those from the register's JSON read like those from a rule."""
    return {name: _tell_fact(name, value, names) for name, value in facts.items()}


def _tell_fact(name: str, value: object, names: Names) -> str:
    if not isinstance(value, str):
        return show(value)
    # A value of a closed list, such as kind "lot.split" or unit "MTR", has a word of its own.
    name = _SAME_WORDS.get(name, name)
    if knows(language(), f"{name}.{value}", "title"):
        return say(f"{name}.{value}", "title")
    # A number that somebody gave a paper may look like a day and be none.
    with suppress(ValueError, OverflowError):
        if _DAY.fullmatch(value):
            return show(date.fromisoformat(value))
        if _INSTANT.fullmatch(value):
            return show(datetime.fromisoformat(value))
    value = _LOT.sub(lambda match: lot_label(match[0]), value)
    return _USCC.sub(lambda match: names.get(match[0], match[0]), value)
