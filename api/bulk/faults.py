"""What is wrong with a file's rows: which row, which column, why; all of it counted, a thousand kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# Ours to choose: more than anybody corrects before trying again.
MAX_SHOWN = 1_000


class Wrong(StrEnum):
    """Why a row is bad. Words for each stand in `api/translations/*/bulk.po` under `wrong.<code>`."""

    # a cell by itself
    EMPTY = "empty"
    FORMULA = "formula"
    CELL_ERROR = "cell_error"
    TEXT_TOO_LONG = "text_too_long"
    TEXT_INVALID = "text_invalid"
    NUMBER_EXPECTED = "number_expected"
    NUMBER_TOO_LONG = "number_too_long"
    NOT_POSITIVE = "not_positive"
    DIGITS_LOST = "digits_lost"
    TIME_EXPECTED = "time_expected"
    IN_FUTURE = "in_future"
    GTIN_INVALID = "gtin_invalid"
    CHECK_DIGIT = "check_digit"
    IDENTIFIER_INVALID = "identifier_invalid"
    LINK_INVALID = "link_invalid"
    USCC_INVALID = "uscc_invalid"
    UNIT_UNKNOWN = "unit_unknown"
    STEP_UNKNOWN = "step_unknown"
    NO_HEADING = "no_heading"
    # a row among the others
    TWICE = "twice"
    UNIT_NEEDED = "unit_needed"
    NAMES_DIFFER = "names_differ"
    PRODUCT_DIFFERS = "product_differs"
    TYPE_DIFFERS = "type_differs"
    UNIT_DIFFERS = "unit_differs"
    RANGE_EMPTY = "range_empty"
    NOT_THE_SIGNER = "not_the_signer"
    THE_SIGNER = "the_signer"
    # a row and what is on record
    LOT_UNKNOWN = "lot_unknown"
    BATCH_UNKNOWN = "batch_unknown"
    ON_RECORD = "on_record"
    EXCEEDS_LOT = "exceeds_lot"
    NOT_HELD = "not_held"
    ON_ITS_WAY = "on_its_way"
    HELD_ALREADY = "held_already"
    BEFORE_MADE = "before_made"
    BEYOND_LENGTH = "beyond_length"
    OVERLAPS = "overlaps"
    OVERLAPS_ROW = "overlaps_row"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one row is bad. `column` is a template's code, `place` where it stands in the sheet, from 0; None where the
    fault is of the row.
    """

    row: int
    column: str | None
    place: int | None
    wrong: Wrong
    facts: Mapping[str, object]

    @property
    def letter(self) -> str:
        """The column's name in a spreadsheet; "" where the fault is of the row."""
        return letter_of(self.place) if self.place is not None else ""


def letter_of(place: int) -> str:
    """A column's name in a spreadsheet, from its place (0 to 63): A, B, … BL."""
    first, last = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)


@dataclass
class Faults:
    """The faults of one file, as they are met."""

    shown: list[Fault] = field(default_factory=list)
    count: int = 0
    rows: set[int] = field(default_factory=set)
    """The numbers of the rows that are bad."""
    places: Mapping[str, int] = field(default_factory=dict)
    """Where the template's columns stand in this file, from 0."""

    def add(self, row: int, column: str | None, wrong: Wrong, /, **facts: object) -> None:
        """A row is bad, in a column of the template or as a whole."""
        self._keep(Fault(row, column, self.places.get(column) if column else None, wrong, facts))

    def add_at(self, row: int, place: int, wrong: Wrong) -> None:
        """A row is bad at a place that no column of the template stands at."""
        self._keep(Fault(row, None, place, wrong, {}))

    def _keep(self, fault: Fault) -> None:
        self.count += 1
        self.rows.add(fault.row)
        if len(self.shown) < MAX_SHOWN:
            self.shown.append(fault)
