"""The limits that bind a lot, by the standards that its contracts name; and values that nobody can hold against them.

Nothing here judges.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from labs.dossier import Dossier
from labs.standards.pack import Limit
from trace.days import civil_day
from trace.production.register import Lot

# Why a rule could not look where a limit lies within a value's uncertainty. It holds the lot, whichever rule says it:
# what is not known to keep a limit has not passed.
INDETERMINATE = "inside_guard_band"


@dataclass(frozen=True, slots=True)
class Bound:
    """The limit for the lot, and the entries that it follows from: the lot's own and the contract that names it."""

    limit: Limit
    entries: tuple[int, ...]


def find_bounds(dossier: Dossier, lot: Lot, parameter: str) -> tuple[Bound, ...]:
    """The strictest limit, of each side, among the standards that the lot's contracts name, else the one that its maker
    names.

    The strictest, since whoever sold under two standards has to keep both. An edition that is named but not in the
    pack gives way to the one in force on the day of making.
    """
    strictest: dict[tuple[str, str], Bound] = {}
    for standard, proof in _standards(dossier, lot):
        made_on = civil_day(lot.made_at)
        for limit in dossier.pack.find_all(lot.family, parameter, lot.attributes, made_on, standard):
            known = strictest.get((limit.limit_kind, limit.unit))
            # Where a value keeps the stricter one it keeps the other; so the other's limit lies beyond it.
            if known is None or limit.excess(known.limit.limit) > 0:
                strictest[limit.limit_kind, limit.unit] = Bound(limit, proof)
    return tuple(strictest.values())


def _standards(dossier: Dossier, lot: Lot) -> Iterator[tuple[str | None, tuple[int, ...]]]:
    """Each standard that binds, with the entries that say so."""
    named = [contract for contract in dossier.history.contracts if contract.standard]
    for contract in named:
        yield contract.standard, (lot.entry, contract.entry)
    if not named:
        yield lot.standard, (lot.entry,)
