"""A list of deliveries against the registers: what was shipped, received, or delivered to the site.

Rows are weighed in the order of the file, each on what the ones before it would have left: a party that lists a receipt
and then a shipment of the same drum holds it in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.bulk.events import Bundle, Draft, amounts_of, bundle_rows, draft, write_place
from api.bulk.faults import Faults, Wrong
from api.bulk.lines import Line
from api.bulk.registers import Known
from api.desk.events import party_uri, write_event
from trace.epcis.events import Quantity
from trace.production.register import Lot
from trace.tolerances import tolerance

_KINDS: Mapping[str, str] = {
    "shipped": "goods.shipped",
    "received": "goods.received",
    "delivered": "goods.delivered",
}
_SAME = ("step", "contract", "from", "to", "time", "place", "invoicer")
"""The columns in which rows agree that become one event."""


def plan_deliveries(lines: Sequence[Line], known: Known, signer: str, faults: Faults) -> tuple[list[Draft], set[int]]:
    """The events that say these deliveries, and the rows that stand on record already."""
    standing = {line.number for line in lines if _stands(line, known, signer)}
    hands = _Hands(known, signer, faults)
    good = [line for line in lines if line.number not in standing and hands.weigh(line)]
    rows = [
        (tuple(line.values[code] for code in _SAME), line.number, (line.lot, _amount(line, known))) for line in good
    ]
    return [_draft(bundle) for bundle in bundle_rows(rows)], standing


def _amount(line: Line, known: Known) -> Quantity | None:
    """What the row says, else the whole of what is on record."""
    whole = known.lots[str(line.lot)].quantity
    length = line.values["length"]
    if length is None:
        return whole
    return Quantity(length, line.values["unit"] or (whole.unit if whole else "MTR"))


def _stands(line: Line, known: Known, signer: str) -> bool:
    """Has the signer said the very same of this lot?"""
    values, lot = line.values, str(line.lot)
    if values["step"] == "delivered":
        return any(
            (act.act, act.party, act.at, act.contract) == ("delivered", signer, values["time"], values["contract"])
            and _fits(line, act.quantity)
            for act in known.acts.get(lot, ())
        )
    other = values["to" if values["step"] == "shipped" else "from"]
    said = (values["step"], signer, other, values["time"], values["contract"])
    return any(
        (move.kind, move.party, move.other, move.at, move.contract) == said and _fits(line, move.quantity)
        for move in known.movements.get(lot, ())
    )


def _fits(line: Line, quantity: Quantity | None) -> bool:
    """Is that how much the row says, if it says so?"""
    return line.values["length"] is None or (quantity is not None and quantity.value == line.values["length"])


@dataclass
class _Hands:
    """Who would hold what after the rows so far."""

    known: Known
    signer: str
    faults: Faults
    _moved: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    _met: dict[tuple[str, str], int] = field(default_factory=dict)

    def weigh(self, line: Line) -> bool:
        """Is the row good? Then what it says has happened for those after it."""
        before = self.faults.count
        lot = self.known.lots.get(str(line.lot))
        first = self._met.setdefault((str(line.lot), line.values["step"]), line.number)
        if first != line.number:
            self._fault(line, "serial", Wrong.TWICE, row=first)
        elif lot is None:
            self._fault(line, "lot", Wrong.LOT_UNKNOWN, lot=str(line.lot))
        else:
            self._weigh_lot(line, lot)
            {"shipped": self._ship, "received": self._receive, "delivered": self._deliver}[line.values["step"]](line)
        return self.faults.count == before

    def _fault(self, line: Line, column: str, wrong: Wrong, **facts: object) -> None:
        if column in ("lot", "serial") and column not in self.faults.places:
            column = "link"
        self.faults.add(line.number, column, wrong, **facts)

    def _weigh_lot(self, line: Line, lot: Lot) -> None:
        at: datetime = line.values["time"]
        if at.date() < lot.made_at.astimezone(at.tzinfo).date():
            self._fault(line, "time", Wrong.BEFORE_MADE, made_at=lot.made_at)
        amount = _amount(line, self.known)
        if lot.quantity is None or amount is None:
            return
        if amount.unit != lot.quantity.unit:
            self._fault(line, "unit", Wrong.UNIT_DIFFERS, expected=lot.quantity.unit)
        elif amount.value > lot.quantity.value + tolerance(lot.quantity, lot.family):
            self._fault(line, "length", Wrong.EXCEEDS_LOT, lot=lot.lot_id, left=lot.quantity)

    def _ship(self, line: Line) -> None:
        lot, to = str(line.lot), line.values["to"]
        holder, sent_to = self._holder(lot)
        self._check_signer(line, "from")
        if to is None:
            self._fault(line, "to", Wrong.EMPTY)
        elif to == self.signer:
            self._fault(line, "to", Wrong.THE_SIGNER)
        if holder != self.signer:
            self._fault(line, "serial", Wrong.NOT_HELD, lot=lot, party=self.signer, holder=holder)
        elif sent_to is not None:
            self._fault(line, "serial", Wrong.ON_ITS_WAY, lot=lot, holder=sent_to)
        self._moved[lot] = (self.signer, to)

    def _receive(self, line: Line) -> None:
        lot, sender = str(line.lot), line.values["from"]
        holder, sent_to = self._holder(lot)
        self._check_signer(line, "to")
        if sender == self.signer:
            self._fault(line, "from", Wrong.THE_SIGNER)
        elif holder == self.signer and sent_to is None:
            self._fault(line, "serial", Wrong.HELD_ALREADY, lot=lot)
        elif sender is not None and holder != sender:
            self._fault(line, "from", Wrong.NOT_HELD, lot=lot, party=sender, holder=holder)
        elif sent_to not in (None, self.signer):
            self._fault(line, "serial", Wrong.ON_ITS_WAY, lot=lot, holder=sent_to)
        self._moved[lot] = (self.signer, None)

    def _deliver(self, line: Line) -> None:
        """It changes no hands: whoever brought it, or has received it already, holds it."""
        lot, sender = str(line.lot), line.values["from"]
        holder, _ = self._holder(lot)
        if line.values["contract"] is None:
            self._fault(line, "contract", Wrong.EMPTY)
        if sender is not None and holder not in (sender, self.signer):
            self._fault(line, "from", Wrong.NOT_HELD, lot=lot, party=sender, holder=holder)

    def _holder(self, lot: str) -> tuple[str, str | None]:
        return self._moved.get(lot) or self.known.holder_of(lot) or ("", None)

    def _check_signer(self, line: Line, column: str) -> None:
        if line.values[column] not in (None, self.signer):
            self._fault(line, column, Wrong.NOT_THE_SIGNER, expected=self.signer)


def _draft(bundle: Bundle) -> Draft:
    values: dict[str, Any] = dict(zip(_SAME, bundle.key, strict=True))
    tag = _KINDS[values["step"]]
    is_invoiced = tag == "goods.delivered" and values["invoicer"] is not None
    event = write_event(
        tag,
        values["time"],
        amounts_of(bundle.amounts),
        contract=values["contract"],
        sender=values["from"],
        receiver=values["to"],
        members=write_place(values["place"])
        | ({"suzheng:invoicer": party_uri(values["invoicer"])} if is_invoiced else {}),
    )
    return draft(tag, event, [str(lot) for lot, _ in bundle.amounts], bundle.rows)
