"""The three templates, a row a column: what it is called in code, how its cells are read, and an example.

Headings in Chinese and English stand in `api/translations/*/bulk.po` under `column.<code>`.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `kind` names how its cells are read (`cells`); where it `is_required`, none may be empty."""

    code: str
    kind: str
    is_required: bool = False
    example: str = ""
    is_of_new: bool = False
    """Is it needed where the row's batch is not on record yet?"""


@dataclass(frozen=True, slots=True)
class Template:
    """A template: `either` are sets of columns of which one must be there, and filled in, whole."""

    name: str
    columns: tuple[Column, ...]
    kinds: tuple[str, ...]
    """The kinds of statement that its rows become."""
    either: tuple[frozenset[str], ...] = ()

    def column(self, code: str) -> Column:
        """One of its columns."""
        return next(column for column in self.columns if column.code == code)

    def needed(self, column: Column) -> str:
        """Has it to be filled in: `yes`, `no`, `new` (for a batch that is not on record), `either` (or others)?"""
        if column.is_required:
            return "yes"
        if any(column.code in some for some in self.either):
            return "either"
        return "new" if column.is_of_new else "no"


# A drum is named by what is printed on it, or by the link that its code holds.
_NAMED = (
    Column("link", "link"),
    Column("product", "gtin", example="06901234567892"),
    Column("lot", "lot", example="15A0421"),
    Column("serial", "serial", example="D001"),
)
_EITHER = (frozenset({"link"}), frozenset({"product", "lot"}))
_INSTALLED_EITHER = (frozenset({"link"}), frozenset({"product", "lot", "serial"}))

DRUMS = Template(
    "drums",
    (
        Column("product", "gtin", True, "06901234567892"),
        Column("lot", "lot", True, "15A0421"),
        Column("serial", "serial", True, "D001"),
        Column("length", "amount", True, "500"),
        Column("unit", "unit", example="MTR"),
        Column("made_at", "time", True, "2015-05-05 14:00"),
        Column("place", "place", example="works-1"),
        Column("type", "text", example="WDZ-BYJ-450/750V 1×2.5", is_of_new=True),
        Column("name_zh", "text", example="低烟无卤阻燃电线 1×2.5", is_of_new=True),
        Column("name_en", "text", example="Halogen-free wire 1×2.5"),
        Column("standard", "text", example="JB/T 10491.2-2004"),
        Column("class", "text", example="1"),
        Column("material", "text", example="Cu"),
        Column("nominal_area_mm2", "text", example="2.5"),
    ),
    ("lot.commissioned", "lot.split"),
)
DELIVERIES = Template(
    "deliveries",
    (
        Column("step", "step", True, "shipped"),
        Column("contract", "number", example="HT-01"),
        Column("from", "uscc", example="91110000600037341L"),
        Column("to", "uscc", example="91110000600037341L"),
        Column("time", "time", True, "2015-05-06 09:00"),
        Column("place", "place", example="station-03"),
        Column("invoicer", "uscc"),
        *_NAMED,
        Column("length", "amount", example="500"),
        Column("unit", "unit", example="MTR"),
    ),
    ("goods.shipped", "goods.received", "goods.delivered"),
    _EITHER,
)
INSTALLATIONS = Template(
    "installations",
    (
        *_NAMED,
        Column("station", "text", True, "示范3号线 03号站"),
        Column("circuit", "text", example="AL1"),
        Column("from_m", "metre", True, "0"),
        Column("to_m", "metre", True, "260"),
        Column("time", "time", True, "2015-05-20 09:00"),
    ),
    ("lot.installed",),
    _INSTALLED_EITHER,
)
TEMPLATES: Mapping[str, Template] = {one.name: one for one in (DRUMS, DELIVERIES, INSTALLATIONS)}
