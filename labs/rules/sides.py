"""Who stands on the supplier's side of a lot: what S01 and L21 ask alike. Nothing here judges."""

from labs.dossier import Dossier
from trace.kinds import Role

_SELLING = frozenset({Role.PRODUCER, Role.DEALER})


def supplier_side(dossier: Dossier) -> dict[str, int]:
    """Makers, suppliers by contract, those who act for them and dealers that shipped the lot; with the entry that
    shows it.
    """
    history = dossier.history
    side: dict[str, int] = {}
    for lot_id in (history.lot_id, *history.lineage.same_up):
        if (lot := history.lots.get(lot_id)) is not None:
            side.setdefault(lot.maker, lot.entry)
    for contract in history.contracts:
        for party in (contract.supplier, contract.maker, *contract.authorised):
            side.setdefault(party, contract.entry)
    for move in history.movements:
        known = dossier.parties.get(move.party)
        if move.kind == "shipped" and known is not None and known.roles & _SELLING:
            side.setdefault(move.party, move.entry)
    return side
