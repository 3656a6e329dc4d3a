"""Forms of makers: a batch with its drums, made from other lots or of none on record, and their own inspection."""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from api.desk.answers import Answers
from api.desk.events import write_event
from api.desk.scene import Sayings, Scene, amounts_of, cut, read_amounts, read_chosen
from keys.errors import RefusedError
from labs.reports.recheck import CONDUCTOR_RESISTANCE
from labs.standards.pack import StandardsPack
from trace.epcis.events import Quantity
from trace.epcis.identifiers import LotId, make_lot
from trace.production.register import read_lots_by_id
from trace.quantities import METRE

MAX_DRUMS = 200
FAMILY = "cable"
RESULTS = ("none", "passed", "failed")
"""Of the maker's own inspection: not yet, passed, failed."""
_SERIAL = re.compile(r"(.*?)([0-9]{1,9})")
_LINE = re.compile(r"(\S+)[\s,;:，；：]+([0-9]{1,9}(?:\.[0-9]{1,3})?)")


def read_register(answers: Answers, scene: Scene) -> Sayings:
    """A batch comes into being with all its metres, is inspected if it was, and is cut into drums."""
    return _read_made(answers, scene, ())


def read_make(answers: Answers, scene: Scene) -> Sayings:
    """The same, out of lots that are used up for it, each as far as is said."""
    items = read_chosen(answers, scene)
    return _read_made(answers, scene, read_amounts(answers, items, "used").items())


def _read_made(answers: Answers, scene: Scene, used: Collection[tuple[str, Quantity | None]]) -> Sayings:
    """`used` are the lots that it is made from; of none, it is made."""
    at, place = answers.moment("at"), answers.text("place", 120, required=False)
    batch = _read_batch(answers, scene)
    drums = _read_drums(answers, batch)
    product = _read_product(answers, scene.pack)
    result = answers.choice("inspected", RESULTS)
    answers.check()
    total = Quantity(sum((length for length in drums.values()), Decimal(0)), METRE)
    whole = {str(batch): total}
    master = {"ilmd": {"suzheng:product": product}}
    kind, sides = ("lot.transformed", (dict(used), whole)) if used else ("lot.commissioned", (whole, None))
    event = write_event(kind, at, sides[0], outputs=sides[1], place=place, members=master)
    said: Sayings = [(kind, event)]
    if result != "none":
        said.append(("lot.inspected", _inspected(at, whole, result, place)))
    for units in cut([*drums.items()]):
        outputs: dict[str, Quantity | None] = {str(unit): Quantity(length, METRE) for unit, length in units}
        taken = Quantity(sum((length for _, length in units), Decimal(0)), METRE)
        event = write_event("lot.split", at, {str(batch): taken}, outputs=outputs, place=place)
        said.append(("lot.split", event))
    return said


def read_inspect(answers: Answers, scene: Scene) -> Sayings:
    """The maker's own result on lots."""
    items = read_chosen(answers, scene)
    at, place = answers.moment("at"), answers.text("place", 120, required=False)
    result = answers.choice("inspected", RESULTS[1:])
    answers.check()
    return [("lot.inspected", _inspected(at, amounts_of(some), result, place)) for some in cut(items)]


def attribute_choices(pack: StandardsPack) -> Mapping[str, tuple[str, ...]]:
    """What the standards pack tells conductors apart by, with the values that it has limits for."""
    values: dict[str, set[str]] = {}
    for limit in pack:
        if (limit.family, limit.parameter) == (FAMILY, CONDUCTOR_RESISTANCE):
            for name, value in limit.conditions.items():
                values.setdefault(name, set()).add(value)
    return {name: tuple(sorted(found, key=_by_size)) for name, found in sorted(values.items())}


def standard_choices(pack: StandardsPack) -> tuple[str, ...]:
    """Standards with their edition, as products name them."""
    return tuple(sorted({limit.designation for limit in pack if limit.family == FAMILY}))


def _by_size(value: str) -> tuple[Decimal, str]:
    return (Decimal(value), "") if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", value) else (Decimal(0), value)


def _inspected(at: Any, amounts: Any, result: str, place: str) -> dict[str, Any]:
    event = write_event("lot.inspected", at, amounts, place=place, members={"suzheng:passed": result == "passed"})
    return event if result == "passed" else {**event, "disposition": "non_conformant"}


def _read_batch(answers: Answers, scene: Scene) -> LotId:
    gtin, lot = answers.code("gtin", 14), answers.code("batch", 20)
    stand_in = LotId("0" * 14, "x")
    if not gtin or not lot:
        return stand_in
    try:
        batch = make_lot(gtin, lot)
    except RefusedError as error:
        at_gtin = error.facts.get("where") == "AI 01"
        answers.fault("gtin" if at_gtin else "batch", "gtin" if at_gtin else "number")
        return stand_in
    if read_lots_by_id(scene.session, {str(batch)}):
        answers.fault("batch", "batch_known", got=lot)
    return batch


def _read_drums(answers: Answers, batch: LotId) -> dict[LotId, Decimal]:
    """A pattern (first number, how many, how long each), or a line for each drum where there are any."""
    lines = answers.lines("lines")
    if lines:
        pairs = [_read_line(answers, line) for line in lines]
    else:
        length, count = answers.amount("metres"), answers.count("count", MAX_DRUMS)
        pairs = [(serial, length or Decimal(1)) for serial in _count_up(answers, count)]
    field = "lines" if lines else "first"
    if len(pairs) > MAX_DRUMS:
        answers.fault(field, "too_many", most=MAX_DRUMS, got=len(pairs))
    drums: dict[LotId, Decimal] = {}
    for serial, length in pairs:
        try:
            unit = make_lot(batch.gtin, batch.lot, serial) if batch.lot != "x" else LotId(batch.gtin, "x", serial)
        except RefusedError:
            answers.fault(field, "number")
            continue
        if unit in drums:
            answers.fault(field, "twice", got=serial)
        drums[unit] = length
    return drums


def _read_line(answers: Answers, line: str) -> tuple[str, Decimal]:
    match = _LINE.fullmatch(line)
    if match is None or Decimal(match[2]) <= 0:
        answers.fault("lines", "line", got=line[:40])
        return "x", Decimal(1)
    return match[1], Decimal(match[2])


def _count_up(answers: Answers, count: int) -> list[str]:
    """D001, D002, …: the last digits count up and keep their width."""
    first = answers.code("first", 20)
    match = _SERIAL.fullmatch(first)
    if match is None:
        if first:
            answers.fault("first", "serial", got=first)
        return []
    head, digits = match[1], match[2]
    return [f"{head}{int(digits) + step:0{len(digits)}}" for step in range(count)]


def _read_product(answers: Answers, pack: StandardsPack) -> dict[str, Any]:
    type_, name_zh = answers.text("type", 80), answers.text("name_zh", 120)
    name_en = answers.text("name_en", 120, required=False)
    standard = answers.choice("standard", standard_choices(pack))
    choices = attribute_choices(pack)
    attributes = {name: answers.choice(f"attribute.{name}", values) for name, values in choices.items()}
    for name in ("cores", "voltage", "insulation", "conductor_shape"):
        value = answers.text(f"attribute.{name}", 40, required=False)
        attributes |= {name: value} if value else {}
    told = [limit for limit in pack if (limit.family, limit.parameter) == (FAMILY, CONDUCTOR_RESISTANCE)]
    if not any(_fits(limit.conditions, attributes) for limit in told):
        answers.fault("attribute.nominal_area_mm2", "no_limit")
    called = {"zh": name_zh} | ({"en": name_en} if name_en else {})
    return {"family": FAMILY, "type": type_, "name": called, "standard": standard, "attributes": attributes}


def _fits(conditions: Mapping[str, str], attributes: Mapping[str, str]) -> bool:
    return all(attributes.get(name) == value for name, value in conditions.items())
