"""What is known of a lot and of all that is the same material, as far as counting its metres needs it."""

from collections.abc import Mapping
from dataclasses import dataclass

from trace.custody.register import Holder, Movement
from trace.lineage import Lineage
from trace.oversight.register import RecallAnswer
from trace.production.register import Lot
from trace.site.register import SiteAct


@dataclass(frozen=True, slots=True)
class Material:
    """A lot with its lineage. What is not believed is left out of movements, acts, holders and answers; `doubted` are
    the entries of the lineage's flows of which that is so. All tuples are in order of record.
    """

    lot_id: str
    lineage: Lineage
    lots: Mapping[str, Lot]
    """The known lots of the lineage."""
    holders: Mapping[str, Holder]
    movements: tuple[Movement, ...] = ()
    """Of the same material, as are the acts."""
    site_acts: tuple[SiteAct, ...] = ()
    recall_answers: tuple[RecallAnswer, ...] = ()
    doubted: frozenset[int] = frozenset()

    @property
    def lot(self) -> Lot | None:
        """The lot asked for, where it is known."""
        return self.lots.get(self.lot_id)
