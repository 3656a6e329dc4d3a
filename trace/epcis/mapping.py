"""Which kind an event of somebody else's system is: its type, action, business step and disposition (CBV 2.0), and the
kind that stands for them here. All others are recorded and shown, and change no register.

That a row fits is not enough: the event has to say all that the kind's schema asks for, else the next is tried.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trace.epcis.vocabulary import cbv_word

# Dispositions by which somebody says that something is wrong with the goods.
FLAGS = ("recalled", "non_conformant", "mismatch_instance", "mismatch_class", "mismatch_quantity")


@dataclass(frozen=True, slots=True)
class Row:
    """One row. Empty tuples stand for whichever; `has_product`: does it bring a new product's master data?"""

    tag: str
    type: str
    steps: tuple[str, ...] = ()
    dispositions: tuple[str, ...] = ()
    has_product: bool | None = None

    def fits(self, event: Mapping[str, Any]) -> bool:
        """Is the event of this row's type, step and disposition?"""
        return (
            event["type"] == self.type
            and (not self.steps or cbv_word(event.get("bizStep")) in self.steps)
            and (not self.dispositions or cbv_word(event.get("disposition")) in self.dispositions)
            and self.has_product in (None, "ilmd" in event)
        )


_OBJECT, _FLOW, _PACKING = "ObjectEvent", "TransformationEvent", "AggregationEvent"
ROWS = (
    Row("goods.accepted", _OBJECT, ("accepting",), ("conformant",)),
    Row("goods.rejected", _OBJECT, ("accepting",), ("non_conformant",)),
    Row("lot.commissioned", _OBJECT, ("commissioning",)),
    Row("lot.transformed", _FLOW, has_product=True),
    # One lot into several, or several into one, of the same GTIN on both sides: the material stays what it is.
    Row("lot.split", _FLOW, has_product=False),
    Row("lot.joined", _FLOW, has_product=False),
    Row("lot.inspected", _OBJECT, ("inspecting",)),
    Row("goods.packed", _PACKING, ("packing", "loading")),
    Row("goods.unpacked", _PACKING, ("unpacking", "unloading")),
    Row("goods.shipped", _OBJECT, ("shipping",)),
    Row("goods.received", _OBJECT, ("receiving",)),
    Row("goods.delivered", _OBJECT, ("arriving",)),
    Row("goods.stored", _OBJECT, ("storing", "stocking")),
    Row("lot.installed", _OBJECT, ("installing",)),
    Row("lot.removed", _OBJECT, ("removing",)),
    Row("lot.destroyed", _OBJECT, ("destroying", "decommissioning"), ("destroyed", "disposed", "inactive")),
    Row("lot.destroyed", _OBJECT, ("destroying",)),
    # A movement flags its lots by itself; of all else that is not a kind of its own the disposition is what counts.
    Row("goods.flagged", _OBJECT, (), FLAGS),
)
"""First come, first tried."""
