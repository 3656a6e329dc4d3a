"""What a form is read against: who speaks, when, and what the registers know."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from api.desk.answers import Answers
from api.desk.events import Amounts
from api.desk.stock import Item, read_items
from labs.standards.pack import StandardsPack
from trace.epcis.events import Quantity
from trace.parties.register import Party, find_party
from trace.quantities import METRE

T = TypeVar("T")
Sayings = list[tuple[str, dict[str, Any]]]
"""(kind, body) of the statements that a form comes to, in the order in which they are signed."""
# So many units a statement: twice as many would still fit into its 64 KiB.
UNITS_A_STATEMENT = 200


@dataclass(frozen=True, slots=True)
class Scene:
    """The party that fills in the form, and where to look things up. `at` is now, UTC."""

    session: Session
    party: Party
    at: datetime
    pack: StandardsPack

    def items(self, lots: Collection[str]) -> tuple[Item, ...]:
        """These lots as the registers know them."""
        return read_items(self.session, lots)

    def check_party(self, answers: Answers, name: str, uscc: str, *, is_other: bool = False) -> None:
        """The party has to be on record; with `is_other`, it is not the one that speaks."""
        if not uscc:
            return
        if find_party(self.session, uscc) is None:
            answers.fault(name, "party", got=uscc)
        elif is_other and uscc == self.party.uscc:
            answers.fault(name, "own_party")


Reader = Callable[[Answers, Scene], Sayings]


def read_chosen(answers: Answers, scene: Scene, name: str = "lot", *, takes_logistic: bool = False) -> tuple[Item, ...]:
    """The lots that were chosen, as the registers know them; one that nobody has made is a fault, and so is a logistic
    unit where the act is of goods alone.
    """
    lots = answers.lots(name)
    items = tuple(item for item in scene.items(lots) if takes_logistic or not item.is_logistic)
    known = {item.lot_id for item in items}
    for lot in lots:
        if lot not in known:
            answers.fault(name, "lot_unknown", got=lot)
    return items


def amounts_of(items: Collection[Item]) -> Amounts:
    """What is left of each."""
    return {item.lot_id: item.left for item in items}


def read_amounts(answers: Answers, items: Collection[Item], field: str) -> dict[str, Quantity | None]:
    """How much of each, from a field of its own such as `used:01/…`; where that is empty, what is left of it."""
    amounts: dict[str, Quantity | None] = {}
    for item in items:
        unit = item.left.unit if item.left is not None else METRE
        value = answers.amount(f"{field}:{item.lot_id}", required=False)
        amounts[item.lot_id] = Quantity(value, unit) if value is not None else item.left
    return amounts


def cut(items: Sequence[T], size: int = UNITS_A_STATEMENT) -> Iterator[Sequence[T]]:
    """In pieces that fit into a statement each."""
    return (items[start : start + size] for start in range(0, len(items), size))
