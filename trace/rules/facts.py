"""What the rules of this folder look at, and what several of them need to know of it."""

from collections.abc import Collection
from typing import Protocol

from trace.history import History

NOBODY = "-"
"""Stands in a fact where the code of a party belongs and none was said."""


class HasHistory(Protocol):
    """A dossier, as far as these rules may see it."""

    @property
    def history(self) -> History:
        """The lot's history."""
        ...


def covered_lots(history: History) -> frozenset[str]:
    """The lot and the same material above it: what was done to those was done to it."""
    return frozenset((history.lot_id, *history.lineage.same_up))


def list_codes(codes: Collection[str]) -> str:
    """Codes as one fact, in order, each once; NOBODY where there are none."""
    return ", ".join(sorted(set(codes))) or NOBODY
