"""A list of drums against the registers: each batch's drums become splits of it, and a batch that nobody has put on
record, but whose product the file describes, is commissioned first with the length of all its drums.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from api.bulk.events import Amount, Bundle, Draft, amounts_of, bundle_rows, draft, write_place
from api.bulk.faults import Faults, Wrong
from api.bulk.lines import Line
from api.bulk.registers import Known
from api.desk.events import write_event
from trace.epcis.events import Quantity
from trace.epcis.identifiers import LotId
from trace.production.register import Lot
from trace.quantities import METRE
from trace.tolerances import tolerance

_PRODUCT = ("type", "name_zh", "name_en", "standard", "class", "material", "nominal_area_mm2")
_ATTRIBUTES = ("class", "material", "nominal_area_mm2")
_FAMILY = "cable"


def plan_drums(lines: Sequence[Line], known: Known, signer: str, faults: Faults) -> tuple[list[Draft], set[int]]:
    """The events that put these drums on record, and the rows that stand there already."""
    batches: dict[LotId, list[Line]] = {}
    for line in _once(lines, faults):
        batches.setdefault(_batch_of(line), []).append(line)
    standing: set[int] = set()
    cut = _cut_already(known, signer)
    drafts: list[Draft] = []
    for batch, rows in batches.items():
        stood = {line.number for line in rows if _stands(line, known, cut)}
        standing |= stood
        fresh = [line for line in rows if line.number not in stood]
        drafts += _plan_batch(batch, rows, fresh, known, signer, faults)
    return drafts, standing


def _batch_of(line: Line) -> LotId:
    return LotId(line.lot.gtin, line.lot.lot)


def _once(lines: Sequence[Line], faults: Faults) -> Iterator[Line]:
    met: dict[LotId, int] = {}
    for line in lines:
        first = met.setdefault(line.lot, line.number)
        if first != line.number:
            faults.add(line.number, "serial", Wrong.TWICE, row=first)
        else:
            yield line


def _cut_already(known: Known, signer: str) -> dict[str, tuple[datetime, Quantity | None]]:
    """The units that the signer has cut from these batches, with when and how much."""
    return {
        portion.lot: (flow.at, portion.quantity)
        for flow in known.flows
        if flow.kind == "split" and flow.party == signer
        for portion in flow.outputs
    }


def _stands(line: Line, known: Known, cut: dict[str, tuple[datetime, Quantity | None]]) -> bool:
    at, quantity = cut.get(str(line.lot), (None, None))
    if at is None or quantity is None or str(line.lot) not in known.lots:
        return False
    unit = line.values["unit"] or quantity.unit
    return at == line.values["made_at"] and quantity == Quantity(line.values["length"], unit)


def _plan_batch(
    batch: LotId, rows: list[Line], fresh: list[Line], known: Known, signer: str, faults: Faults
) -> Iterator[Draft]:
    lot = known.lots.get(str(batch))
    before = faults.count
    for line in fresh:
        if (there := known.lots.get(str(line.lot))) is not None:
            faults.add(line.number, "serial", Wrong.ON_RECORD, lot=str(line.lot), entry=there.entry)
    product = _describe(rows, lot, faults)
    if lot is None and product is None:
        for line in fresh:
            faults.add(line.number, "lot", Wrong.BATCH_UNKNOWN, lot=str(batch))
    unit = _unit_of(fresh, lot)
    for line in fresh:
        if (line.values["unit"] or unit) != unit:
            faults.add(line.number, "unit", Wrong.UNIT_DIFFERS, expected=unit)
    if lot is not None:
        _check_held(lot, fresh, known, signer, faults)
        _check_balance(lot, fresh, known, faults)
    if faults.count == before:
        yield from _draft_batch(batch, fresh, product if lot is None else None, unit)


def _unit_of(rows: list[Line], lot: Lot | None) -> str:
    """The batch's own unit; of a new one, the first that a row gives, else metres."""
    if lot is not None and lot.quantity is not None:
        return lot.quantity.unit
    return next((line.values["unit"] for line in rows if line.values["unit"]), METRE)


def _describe(rows: list[Line], lot: Lot | None, faults: Faults) -> dict[str, Any] | None:
    """The product that the rows of a batch give it, the first that gives one; the others have to agree."""
    first: Line | None = None
    for line in rows:
        given = {code: line.values[code] for code in _PRODUCT if line.values[code]}
        if lot is not None:
            if given.get("type", lot.type) != lot.type:
                faults.add(line.number, "type", Wrong.TYPE_DIFFERS, expected=lot.type)
        elif first is None and given.keys() >= {"type", "name_zh"}:
            first = line
        elif first is not None:
            for code, value in given.items():
                if value != first.values[code]:
                    faults.add(line.number, code, Wrong.PRODUCT_DIFFERS, row=first.number)
    return _product(first) if first is not None else None


def _product(line: Line) -> dict[str, Any]:
    values = line.values
    name = {"zh": values["name_zh"]} | ({"en": values["name_en"]} if values["name_en"] else {})
    product = {"family": _FAMILY, "type": values["type"], "name": name}
    attributes = {code: values[code] for code in _ATTRIBUTES if values[code]}
    product |= {"standard": values["standard"]} if values["standard"] else {}
    return product | ({"attributes": attributes} if attributes else {})


def _check_held(lot: Lot, fresh: list[Line], known: Known, signer: str, faults: Faults) -> None:
    """Only who holds a batch can cut it."""
    holder, sent_to = known.holder_of(lot.lot_id) or ("", None)
    for line in fresh:
        if holder != signer:
            faults.add(line.number, "lot", Wrong.NOT_HELD, lot=lot.lot_id, party=signer, holder=holder)
        elif sent_to is not None:
            faults.add(line.number, "lot", Wrong.ON_ITS_WAY, lot=lot.lot_id, holder=sent_to)
        elif line.values["made_at"].date() < lot.made_at.astimezone(line.values["made_at"].tzinfo).date():
            faults.add(line.number, "made_at", Wrong.BEFORE_MADE, made_at=lot.made_at)


def _check_balance(lot: Lot, fresh: list[Line], known: Known, faults: Faults) -> None:
    """No more can come out than went in (rule P10, with its tolerance): every row from the first that is too much."""
    if lot.quantity is None:
        return
    left = lot.quantity.value + tolerance(lot.quantity, lot.family) - _taken(lot, known)
    for line in fresh:
        length: Decimal = line.values["length"]
        if length > left:
            rest = Quantity(max(left - tolerance(lot.quantity, lot.family), Decimal(0)), lot.quantity.unit)
            faults.add(line.number, "length", Wrong.EXCEEDS_LOT, lot=lot.lot_id, left=rest)
        else:
            left -= length


def _taken(lot: Lot, known: Known) -> Decimal:
    assert lot.quantity is not None  # noqa: S101 - its caller has looked
    portions = [portion for flow in known.flows for portion in flow.inputs if portion.lot == lot.lot_id]
    amounts = [one.quantity.value for one in portions if one.quantity and one.quantity.unit == lot.quantity.unit]
    return sum(amounts, Decimal(0))


def _draft_batch(batch: LotId, fresh: list[Line], product: dict[str, Any] | None, unit: str) -> Iterator[Draft]:
    if not fresh:
        return
    if product is not None:
        yield _draft_commissioning(batch, fresh, product, unit)
    rows = [
        ((line.values["made_at"], line.values["place"]), line.number, (line.lot, Quantity(line.values["length"], unit)))
        for line in fresh
    ]
    for bundle in bundle_rows(rows):
        yield _draft_split(batch, bundle, unit)


def _draft_commissioning(batch: LotId, fresh: list[Line], product: dict[str, Any], unit: str) -> Draft:
    whole: Amount = (batch, Quantity(sum((line.values["length"] for line in fresh), Decimal(0)), unit))
    first = min(fresh, key=lambda line: line.values["made_at"])
    members = write_place(first.values["place"]) | {"ilmd": {"suzheng:product": product}}
    event = write_event("lot.commissioned", first.values["made_at"], amounts_of([whole]), members=members)
    return draft("lot.commissioned", event, [str(batch)], ())


def _draft_split(batch: LotId, bundle: Bundle, unit: str) -> Draft:
    at, place = bundle.key
    taken = sum((amount.value for _, amount in bundle.amounts if amount), Decimal(0))
    whole = {str(batch): Quantity(taken, unit)}
    event = write_event("lot.split", at, whole, outputs=amounts_of(bundle.amounts), members=write_place(place))
    return draft("lot.split", event, [str(batch), *(str(lot) for lot, _ in bundle.amounts)], bundle.rows)
