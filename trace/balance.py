"""Where is every metre of this lot now? Its whole quantity, told apart by where it is, so that the parts sum to it.

    whereabouts(material)  →  3000 m = 1500 held by A + 500 on their way from A to B + 970 installed + 30 unknown

1. Whatever happens to a lot takes from somewhere and puts to somewhere: nothing is lost in counting.
2. What cutting did not give out again, and what somebody took without saying how much, is counted as unknown.
3. Where more turns up than there is, the parts sum to the whole and `over` together.
4. Material that was joined with other lots, or made into another product, is told by what it went into: its metres
   can't be told apart there any more.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from trace.epcis.events import Quantity
from trace.quantities import EXACT


class State(StrEnum):
    """What can have become of material, from what may still be used to what nobody knows of."""

    HELD = "held"
    ON_WAY = "on_way"
    INSTALLED = "installed"
    SAMPLED = "sampled"
    RETURNED = "returned"
    DESTROYED = "destroyed"
    CONSUMED = "consumed"
    """Made into another product."""
    MIXED = "mixed"
    """Joined with other lots into one."""
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Why nobody knows where material is."""

    CUTTING = "cutting"
    """More went into a split or a join than came out of it."""
    UNMEASURED = "unmeasured"
    """Somebody took of it and did not say how much."""
    NO_QUANTITY = "no_quantity"
    """It went into lots of which nobody said how much each is."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where material can be. `party` holds it, has sent it, built it in, cut it or used it.

    `from_m` and `to_m` are metres along the drum's cable, where an installation, a sample or scrap says them.
    """

    state: State
    party: str | None = None
    to: str | None = None
    """On its way to whom."""
    place: str | None = None
    """Where it is held; of what is installed, the station."""
    circuit: str | None = None
    from_m: Decimal | None = None
    to_m: Decimal | None = None
    into: tuple[str, ...] = ()
    """The lots that it went into."""
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """So much of the material, and where it is. `quantity` is in the unit of the lot that was asked for.

    `since` and `entries` are of what put it there, the newest last.
    """

    lot: str
    """The lot or unit that it is in, or was in last."""
    quantity: Quantity
    spot: Spot
    since: datetime | None = None
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """All parts of one lot's material. Their sum is `whole` and `over` together; where `whole` is None nobody has said
    how much the lot is, and the parts are what is known.
    """

    lot: str
    whole: Quantity | None
    parts: tuple[Part, ...]
    over: Decimal = Decimal(0)
    """How much more turns up than there is, in the unit of `whole`."""
    is_cut: bool = False
    """The lineage is larger than what is followed."""

    def total(self, *states: State) -> Decimal:
        """How much is in any of these states, in the unit of the parts."""
        total = Decimal(0)
        for part in self.parts:
            if part.spot.state in states:
                total = EXACT.add(total, part.quantity.value)
        return total

    @property
    def unknown(self) -> Decimal:
        """How much of it nobody can place."""
        return self.total(State.UNKNOWN)
