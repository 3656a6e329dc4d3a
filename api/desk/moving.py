"""Forms of hands: shipped, received, split, joined."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from api.desk.answers import Answers
from api.desk.events import write_event
from api.desk.scene import Sayings, Scene, amounts_of, cut, read_amounts, read_chosen
from api.desk.stock import Item
from keys.errors import RefusedError
from trace.custody.register import Movement, read_movements
from trace.epcis.events import Quantity
from trace.epcis.identifiers import make_lot, parse_lot
from trace.production.register import read_lots_by_id
from trace.quantities import METRE, add_up

MAX_PIECES = 10


def read_ship(answers: Answers, scene: Scene) -> Sayings:
    """Lots leave for another party, with all that is left of them; logistic units with all that is in them."""
    items = read_chosen(answers, scene, takes_logistic=True)
    to, contract = answers.party("to"), answers.text("contract", 80, required=False)
    at, place = answers.moment("at"), answers.text("place", 120, required=False)
    scene.check_party(answers, "to", to, is_other=True)
    answers.check()
    return [
        (
            "goods.shipped",
            write_event("goods.shipped", at, amounts_of(some), place=place, contract=contract, receiver=to),
        )
        for some in cut(items)
    ]


def read_receive(answers: Answers, scene: Scene) -> Sayings:
    """Lots have arrived, each with the quantity that was found; one statement for each sender and contract."""
    items = read_chosen(answers, scene, takes_logistic=True)
    at, place = answers.moment("at"), answers.text("place", 120, required=False)
    found = read_amounts(answers, items, "found")
    answers.check()
    shipments = shipments_of(scene, items)
    groups: dict[tuple[str | None, str | None], list[str]] = {}
    for item in items:
        sent = shipments.get(item.lot_id)
        groups.setdefault((sent.party, sent.contract) if sent else (None, None), []).append(item.lot_id)
    return [
        (
            "goods.received",
            write_event(
                "goods.received",
                at,
                {lot: found[lot] for lot in some},
                place=place,
                contract=contract,
                sender=sender,
            ),
        )
        for (sender, contract), lots in groups.items()
        for some in cut(lots)
    ]


def shipments_of(scene: Scene, items: tuple[Item, ...]) -> Mapping[str, Movement]:
    """The last shipment of each lot to the party that speaks."""
    moves = read_movements(scene.session, [item.lot_id for item in items])
    return {move.lot: move for move in moves if move.kind == "shipped" and move.other == scene.party.uscc}


def read_pack(answers: Answers, scene: Scene) -> Sayings:
    """Drums, batches and logistic units are put into a logistic unit."""
    items = read_chosen(answers, scene, takes_logistic=True)
    unit, at = answers.sscc("unit"), answers.moment("at")
    place = answers.text("place", 120, required=False)
    if unit in {item.lot_id for item in items}:
        answers.fault("unit", "own_unit")
    answers.check()
    kind = "goods.packed"
    return [(kind, write_event(kind, at, _packed(some), parent=unit, place=place)) for some in cut(items)]


def read_unpack(answers: Answers, scene: Scene) -> Sayings:
    """All that is in a logistic unit is taken out of it."""
    units = [item.lot_id for item in read_chosen(answers, scene, takes_logistic=True) if item.is_logistic]
    at, place = answers.moment("at"), answers.text("place", 120, required=False)
    if not units:
        answers.fault("lot", "none_chosen")
    answers.check()
    return [("goods.unpacked", write_event("goods.unpacked", at, {}, parent=unit, place=place)) for unit in units]


def _packed(items: Sequence[Item]) -> Mapping[str, Quantity | None]:
    """A drum is packed as it is; of a batch what is left of it."""
    return {item.lot_id: None if item.is_unit else item.left for item in items}


def read_split(answers: Answers, scene: Scene) -> Sayings:
    """Pieces are cut from one drum; what is not cut stays on it under its own number."""
    items = read_chosen(answers, scene)
    at, place = answers.moment("at"), answers.text("place", 120, required=False)
    pieces = _read_pieces(answers, scene, items[0]) if len(items) == 1 else {}
    if len(items) > 1:
        answers.fault("lot", "one_only")
    answers.check()
    taken = Quantity(sum((piece.value for piece in pieces.values() if piece), Decimal(0)), METRE)
    return [("lot.split", write_event("lot.split", at, {items[0].lot_id: taken}, outputs=pieces, place=place))]


def read_join(answers: Answers, scene: Scene) -> Sayings:
    """Lots of one product become one, under a number of its own, each with as much as goes into it."""
    items = read_chosen(answers, scene)
    at, place = answers.moment("at"), answers.text("place", 120, required=False)
    taken = read_amounts(answers, items, "taken")
    for item in items:
        amount = taken[item.lot_id]
        if amount is not None and item.left is not None and amount.value > item.left.value:
            answers.fault(f"taken:{item.lot_id}", "more_than_left", left=item.left.value, got=amount.value)
    if len(items) == 1:
        answers.fault("lot", "several")
    joined = _read_joined(answers, scene, items) if items else ""
    answers.check()
    amounts = [amount for amount in taken.values() if amount is not None]
    whole = add_up(amounts, amounts[0].unit) if len(amounts) == len(taken) else None
    return [("lot.joined", write_event("lot.joined", at, taken, outputs={joined: whole}, place=place))]


def _read_joined(answers: Answers, scene: Scene, items: tuple[Item, ...]) -> str:
    """The number of what comes of it: a drum's of the batch that all are of, or of a batch that is named."""
    names = [parse_lot(item.lot_id) for item in items]
    batches = {name.lot for name in names}
    if len({name.gtin for name in names}) > 1:
        answers.fault("lot", "one_product")
    batch = answers.code("batch", 20, required=len(batches) > 1) or next(iter(batches))
    serial = answers.code("serial", 20, required=batch in batches)
    if batch in batches and not serial:
        return ""
    try:
        joined = str(make_lot(names[0].gtin, batch, serial or None))
    except RefusedError:
        answers.fault("serial" if serial else "batch", "number")
        return ""
    if joined in {item.lot_id for item in items} or read_lots_by_id(scene.session, {joined}):
        answers.fault("serial" if serial else "batch", "unit_known", got=serial or batch)
    return joined


def _read_pieces(answers: Answers, scene: Scene, item: Item) -> dict[str, Quantity | None]:
    drum = parse_lot(item.lot_id)
    pieces: dict[str, Quantity | None] = {}
    total = Decimal(0)
    for place in range(1, MAX_PIECES + 1):
        number, length = f"serial_{place}", f"length_{place}"
        serial = answers.code(number, 20, required=False)
        value = answers.amount(length, required=bool(serial))
        if value is None:
            continue
        if not serial:
            answers.fault(number, "missing")
            continue
        try:
            piece = str(make_lot(drum.gtin, drum.lot, serial))
        except RefusedError:
            answers.fault(number, "number")
            continue
        if piece in pieces or piece == item.lot_id:
            answers.fault(number, "twice", got=serial)
        pieces[piece] = Quantity(value, METRE)
        total += value
    if not pieces:
        answers.fault("serial_1", "missing")
    for known in read_lots_by_id(scene.session, pieces):
        answers.fault("serial_1", "unit_known", got=parse_lot(known).serial)
    if item.left is not None and total > item.left.value:
        answers.fault("length_1", "more_than_left", left=item.left.value, got=total)
    return pieces
