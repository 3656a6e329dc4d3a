"""The short names that the chapters use, and what they stand for.

1. "@maker_a" is the USCC of a party of `story/00-names.toml`.
2. "#a25/15A0421/D01" is the Digital Link URI of unit D01 of lot 15A0421 of the product `a25`; in a list,
   "#a25/15A0421/D01..D06" stands for six of them.
3. "key:maker_a" and "kid:maker_a" are a public key and its name: `replay.py` knows them, when it has made the keys.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from trace.epcis.identifiers import make_lot

STORY = Path(__file__).parent / "story"
_RANGE = re.compile(r"(?P<head>.*?)(?P<first>\d+)\.\.\D*(?P<last>\d+)")


@dataclass(frozen=True, slots=True)
class Names:
    """Codes of parties and master data of products, by alias; the keys that are P-256; the pages worth opening."""

    parties: Mapping[str, str]
    products: Mapping[str, Mapping[str, Any]]
    browser_keys: frozenset[str]
    addresses: Mapping[str, tuple[str, ...]]

    def spell_out(self, value: Any) -> Any:
        """A body with its abbreviations replaced, and days in ISO 8601."""
        if isinstance(value, dict):
            return {name: self.spell_out(item) for name, item in value.items()}
        if isinstance(value, list):
            return [one for item in value for one in self._spell_item(item)]
        if isinstance(value, date):
            return value.isoformat()
        return self._spell_item(value)[0] if isinstance(value, str) else value

    def spell_lots(self, short: str) -> list[str]:
        """The Digital Link URIs that "a25/15A0421/D01..D06" stands for."""
        product, lot, *serial = short.split("/")
        serials: list[str | None] = list(_spread(serial[0])) if serial else [None]
        return [make_lot(self.products[product]["gtin"], lot, one).uri() for one in serials]

    def _spell_item(self, item: Any) -> list[Any]:
        if isinstance(item, str) and item.startswith("#"):
            return list(self.spell_lots(item[1:]))
        if isinstance(item, str) and item.startswith("@"):
            return [self.parties[item[1:]]]
        return [item if isinstance(item, str) else self.spell_out(item)]


def read_names(path: Path = STORY / "00-names.toml") -> Names:
    """Read the table of names."""
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    addresses = {label: tuple(parts) for label, parts in given["addresses"].items()}
    return Names(given["parties"], given["products"], frozenset(given["browser_keys"]), addresses)


def _spread(serial: str) -> Iterator[str]:
    """D01..D06 is D01, D02 and so on to D06; anything else is itself."""
    match = _RANGE.fullmatch(serial)
    if match is None:
        yield serial
        return
    width = len(match["first"])
    for number in range(int(match["first"]), int(match["last"]) + 1):
        yield f"{match['head']}{number:0{width}}"
