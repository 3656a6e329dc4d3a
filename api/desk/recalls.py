"""Which recalls a party has to answer: those that reach something it holds, until it has answered them."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.desk.stock import Item, Stock
from trace.lineage import trace_lot
from trace.oversight.register import Recall, read_newest_recalls, read_recall_answers

# Ours to choose: each is followed downwards, some questions a recalled lot.
_MOST = 40


@dataclass(frozen=True, slots=True)
class OpenRecall:
    """A recalled lot, and what of it the party holds and has not answered for."""

    order: Recall
    items: tuple[Item, ...]


def read_open_recalls(session: Session, party: str, stock: Stock) -> tuple[OpenRecall, ...]:
    """The newest first. What is on its way away is still the party's; what is coming is not yet."""
    held = {item.lot_id: item for item in (*stock.held, *stock.sent) if not item.is_used_up or item.installed}
    if not held:
        return ()
    orders = read_newest_recalls(session, _MOST)
    answers = read_recall_answers(session, {order.number for order in orders})
    answered = {(answer.number, answer.lot) for answer in answers if answer.party == party}
    found = []
    for order in orders:
        if (order.number, order.lot) in answered:
            continue
        below = (order.lot, *trace_lot(session, order.lot).down)
        items = tuple(held[lot] for lot in below if lot in held and (order.number, lot) not in answered)
        if items:
            found.append(OpenRecall(order, items))
    return tuple(found)
